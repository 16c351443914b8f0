"""Leases of processes elsewhere."""

import json

from dgbench.results.lease import LEASE


def write_lease(folder, **changes):
    """The lease of a process in another container, unless `changes` say otherwise."""
    folder.mkdir(parents=True, exist_ok=True)
    holder = {"host": "another", "pid": 7, "place": "another", "created": 0.0, "token": "t"}
    (folder / LEASE).write_text(json.dumps(holder | changes))
