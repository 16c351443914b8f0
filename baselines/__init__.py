"""Reference methods, each of them a file, registered by entry point like any other."""
