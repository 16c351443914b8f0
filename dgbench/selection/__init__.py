"""Which trial of a sweep speaks for its method: rules over run records, without test results."""
