"""The method focal for dgbench."""
