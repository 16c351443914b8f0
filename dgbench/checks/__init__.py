"""A conformance suite for methods: does a method do what the harness relies on?

In the spirit of scikit-learn's `check_estimator`: a flat list of small checks that anybody can run
on their own method, from the command line or from a test.
"""

from dgbench.checks.errors import ConformanceError
from dgbench.checks.suite import Outcome, assert_conforms, check_method

__all__ = ["ConformanceError", "Outcome", "assert_conforms", "check_method"]
