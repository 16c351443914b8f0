"""From run folders to a bundle."""
