"""Packing: turns run folders into a bundle."""
