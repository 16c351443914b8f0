"""What the raw counts of a run mean: pure functions, never importing torch."""
