"""Rules that choose the trial that speaks for a method, from run records without test results."""
