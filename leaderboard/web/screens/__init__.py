"""The pages, one in each file, which draw the service's answers."""
