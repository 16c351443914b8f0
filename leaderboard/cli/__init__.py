"""The leaderboard's commands; nothing is imported here that `dgbench --help` would wait for."""
