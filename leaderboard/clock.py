"""Times as the store writes them: UTC, ISO 8601, to the microsecond, so that text sorts as time."""

from datetime import UTC, datetime, timedelta

from data_gen.foundation.errors import UsageError, quoted


def now() -> str:
    """Return the present time."""
    return _text(datetime.now(UTC))


def later(than: str, *, days: float) -> str:
    """Return the time some days later, or earlier if `days` is negative."""
    return _text(datetime.fromisoformat(than) + timedelta(days=days))


def parse(text: str) -> str:
    """Read a time that a person wrote. A date alone means its end, and no zone means UTC."""
    try:
        time = datetime.fromisoformat(text.strip())
        if time.tzinfo is None:
            time = time.replace(tzinfo=UTC)
        if "T" not in text and ":" not in text:
            time += timedelta(days=1) - timedelta(microseconds=1)
        return _text(time.astimezone(UTC))
    except (ValueError, OverflowError) as error:  # the year 0 or 10000 is no datetime
        raise UsageError(
            f"{quoted(text)} is not a date. Write 2026-01-31, or 2026-01-31T12:00:00Z."
        ) from error


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
