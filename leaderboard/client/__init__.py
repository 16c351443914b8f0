"""Clients of a leaderboard: a server elsewhere, or a store on this machine."""
