"""The built-in patterns, one file a family, registered like anybody's by entry point."""
