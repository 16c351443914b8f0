"""The error of a request that is not granted."""

from data_gen.foundation.errors import DGBenchError


class RefusedError(DGBenchError):
    """A request that the service does not grant, with the HTTP status that fits."""

    def __init__(
        self, status: int, code: str, detail: str, *, retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.retry_after = retry_after
        """Seconds after which the same request may be granted, if that is known."""
