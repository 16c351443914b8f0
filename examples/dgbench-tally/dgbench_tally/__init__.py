"""The pattern tally and the benchmark mnist-tally for dgbench."""
