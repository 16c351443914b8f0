"""What people change after a submission came in: states, verifications, verifier keys."""
