"""Named lists of benchmarks: families along one strength of one pattern, and suites."""
