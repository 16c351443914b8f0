"""The families, each of them a YAML file."""
