"""The leaderboard's commands, which import their heavy parts only when they run."""
