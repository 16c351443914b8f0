"""Train a method on a benchmark, evaluate it, and leave a record."""
