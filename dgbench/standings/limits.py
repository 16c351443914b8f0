"""Numbers that both rules and words name."""

RETAINED = 0.95
"""ID retention below which an entry gave up the task: it is marked, and not ranked."""
MARK = "*"
"""Marks an ID retention below that."""
RANKED_SEEDS = 3
"""Fewer seeds give no rank."""
FULL_SEEDS = 5
"""Fewer seeds make a provisional entry."""
UNSTABLE_MARK = "~"
"""Marks the tier of an entry that scatters too much to be the best of one."""
FOUND = 0.5
"""HPS from which a method is said to find what is hidden."""
EPSILON = 0.01
"""By how much less accuracy on held-out digits the rule `constrained-id` accepts."""
