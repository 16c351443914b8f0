"""Isolation: a bundle is scored in a separate process, where a hostile one can do no harm."""
