"""The server's log: one line a request and one an event, as text or JSON, without secrets.

A line has a time, a level, the name of what happened and its facts. Lines that belong to one
request have its id. Names of people, addresses of visitors and query strings are left out.
"""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal, TextIO

from typing_extensions import override

LogLevel = Literal["debug", "info", "warning", "error"]
Form = Literal["text", "json"]
Fact = str | int | float | bool | None

LOGGER = logging.getLogger("leaderboard")
REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered."""
_PLAIN = re.compile(r"[\w./:@+*-]+", re.ASCII)


def event(name: str, *, level: int = logging.INFO, **facts: Fact) -> None:
    """Log that something happened."""
    LOGGER.log(level, name, extra={"facts": facts})


def facts_of(record: logging.LogRecord) -> dict[str, Fact]:
    """Return the facts of a line, with the request that it belongs to."""
    facts: dict[str, Fact] = getattr(record, "facts", {})
    request = REQUEST_ID.get()
    return facts if request is None else {**facts, "request": request}


def configure(level: LogLevel, form: Form, *, stream: TextIO | None = None) -> None:
    """Write the lines from a level on, by default to stderr, and those of the HTTP server too."""
    handler = logging.StreamHandler(stream)
    handler.setLevel(level.upper())
    handler.setFormatter(_Json() if form == "json" else _Text())
    for logger in (LOGGER, logging.getLogger("uvicorn")):
        # Metrics count what is too detailed to be written.
        logger.setLevel(logging.DEBUG if logger is LOGGER else logging.WARNING)
        logger.handlers, logger.propagate = [handler], False


class _Json(logging.Formatter):
    """Writes a line as a JSON object."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        members: dict[str, Fact] = {
            "at": _time(record),
            "level": record.levelname.lower(),
            "event": _name(record),
            **facts_of(record),
        }
        if record.exc_info:
            members["traceback"] = self.formatException(record.exc_info)
        return json.dumps(members, ensure_ascii=False)


class _Text(logging.Formatter):
    """Writes a line for people, with the traceback of a defect below it."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        facts = [f"{key}={_plain(value)}" for key, value in facts_of(record).items()]
        line = " ".join([_time(record), record.levelname, _name(record), *facts])
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _name(record: logging.LogRecord) -> str:
    """Return the message in one line, whatever a driver or a stranger wrote into it."""
    return " ".join(record.getMessage().split())


def _plain(value: Fact) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)
