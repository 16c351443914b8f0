"""The benchmarks, one YAML file each."""
