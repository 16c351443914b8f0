"""What a bundle is, and how it is read without trusting it."""
