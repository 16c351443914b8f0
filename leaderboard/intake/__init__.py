"""How a bundle gets in: previewed, scored, kept."""
