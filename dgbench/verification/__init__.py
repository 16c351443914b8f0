"""Verification: train a submission's method again, and tell whether its claim holds.

Never imports torch: trainings run in confined processes of their own.
"""
