"""Numbers that both rules and words name."""

RETAINED = 0.95
"""ID retention below which a row is marked: the method gave up a part of the task."""
MARK = "*"
"""Marks an ID retention below that."""
RANKED_SEEDS = 3
"""Fewer seeds give no rank."""
FULL_SEEDS = 5
"""Fewer seeds make a provisional entry."""
FOUND = 0.5
"""HPS from which a method is said to find what is hidden."""
EPSILON = 0.01
"""By how much less accuracy on held-out digits the rule `constrained-id` accepts."""
