"""Reach a leaderboard elsewhere, or a store at hand, from the command line."""
