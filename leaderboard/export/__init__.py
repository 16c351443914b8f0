"""Rows of the leaderboard as files: for scripts, spreadsheets, papers and file hosts."""
