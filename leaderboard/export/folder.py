"""The whole leaderboard as a folder that any file host can serve, and that outlives its server."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from data_gen.foundation.documents import canonical_json
from data_gen.foundation.files import write_whole
from leaderboard.export.page import page
from leaderboard.export.tables import FORMATS
from leaderboard.records import Group, Query
from leaderboard.service import Service


def export(service: Service, folder: Path) -> list[Path]:
    """Write everything that is public, in bytes that are the same on every database."""
    written = []
    for name, data in files(service):
        write_whole(folder / name, data)
        written.append(folder / name)
    return written


def files(service: Service) -> Iterator[tuple[str, bytes]]:
    """Relative names and contents, in a fixed order."""
    groups = [(group, service.rows(query_of(group))) for group in service.benchmarks()]
    status = service.status()
    about = f"{status.n_submissions} submissions"
    if status.last_submitted_at:
        about += f", the last one at {status.last_submitted_at[:16].replace('T', ' ')} UTC"
    yield "index.html", page(groups, about=f"{about}. Audit log: {status.audit_digest}.")
    for group, rows in groups:
        for form in FORMATS.values():
            yield f"{name_of(group)}{form.suffix}", form.write(rows)
    for identifier in service.identifiers():
        yield f"submissions/{identifier}.json", _document(service, identifier)
    log = "".join(
        f"{canonical_json(asdict(event), ensure_ascii=False)}\n" for event in service.events()
    )
    yield "audit.jsonl", log.encode()


def query_of(group: Group) -> Query:
    """The query for a group's rows."""
    return Query(benchmark=group.benchmark, uses=group.uses, selection=group.selection)


def name_of(group: Group) -> str:
    """A file's name without its suffix."""
    return ".".join((group.benchmark, *group.uses, group.selection))


def _document(service: Service, identifier: str) -> bytes:
    fields = asdict(service.submission(identifier))
    return (canonical_json(fields, ensure_ascii=False) + "\n").encode()
