"""The line of `dgbench doctor` about this machine's store."""

from collections.abc import Iterator
from pathlib import Path

from data_gen.foundation.errors import DGBenchError
from dgbench.doctor import Finding
from leaderboard.service import Service
from leaderboard.store.database import Store
from leaderboard.store.places import VARIABLE, place_of

WHAT = "leaderboard store"


def look() -> Iterator[Finding]:
    """Report one finding, without creating a store that does not exist yet."""
    try:
        url = place_of().url
        file = url.database if url.get_backend_name() == "sqlite" else None
        if file is not None and not Path(file).is_file():
            yield Finding(WHAT, "absent", f"{file}: the first `dgbench submit` makes it")
            return
        service = Service(Store.open())
        try:
            status = service.status()
        finally:
            service.close()
    except DGBenchError as error:
        advice = f"Set {VARIABLE} to a folder of your own or to a database that answers."
        yield Finding(WHAT, "broken", str(error), advice)
        return
    yield Finding(WHAT, "works", f"{file or url.render_as_string()}: {status.n_rows} entries")
