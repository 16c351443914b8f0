"""The suites, each of them a YAML file."""
