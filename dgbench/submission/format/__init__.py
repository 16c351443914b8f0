"""The format of a bundle, and a reader that does not trust it."""
