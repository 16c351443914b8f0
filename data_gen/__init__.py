"""Turn a benchmark's spec and a seed into images, factor tables and a data set card."""
