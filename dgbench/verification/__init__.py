"""Verification: train a submission's method again, and say whether its claim holds.

Never imports torch: trainings run in confined processes of their own.
"""
