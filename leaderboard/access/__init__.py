"""Tokens, the roles that they carry, and who may issue them."""
