"""From checked predictions to a score card."""
