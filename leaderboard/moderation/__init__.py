"""Changes that people make to submissions: states, flags, verifications, verifier keys."""
