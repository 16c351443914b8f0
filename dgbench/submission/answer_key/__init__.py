"""The answer key: labels, shown values and published digests of every test domain."""
