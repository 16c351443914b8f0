"""Scoring: turns checked predictions into a score card."""
