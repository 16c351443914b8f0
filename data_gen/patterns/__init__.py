"""The built-in patterns, one file for each family, registered by entry point like any other."""
