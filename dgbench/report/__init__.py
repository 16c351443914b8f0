"""Figures and tables made from run records."""
