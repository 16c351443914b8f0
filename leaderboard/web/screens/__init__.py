"""The pages, one file each: they ask the service and draw what it answers."""
