"""Scores, intervals and ranks from the raw counts of runs: pure functions that never import torch.

Import from the modules, since most callers need one of them and some are slow to import.

- `found`, `trusted`, `encoded`, `dominant`, `reliance`, `shapley`, `calibration`: one formula each,
  on plain numbers.
- `scale`, `ceilings`: from chance to a ceiling, and which ceiling holds where.
- `against_references`, `scores`: all scores of one run, from its raw counts.
- `headline`, `score_names`: which score ranks on a benchmark, and what such scores are called.
- `contributions`: what each seed and image adds to the score that ranks.
- `intervals`, `caution`: confidence intervals and differences of means.
- `ranking`, `gram`, `replicates`: verdicts on two entries, tiers of many, intervals of ranks.
"""
