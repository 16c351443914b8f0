"""Keep, rank and show submissions."""
