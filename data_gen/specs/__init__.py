"""The benchmarks, each of them a YAML file."""
