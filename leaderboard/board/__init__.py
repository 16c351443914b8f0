"""Rows of the leaderboard: making, ranking, querying and comparing them."""
