"""Specs, one YAML file each."""
