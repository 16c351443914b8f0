"""Gateways through which a verifier gets submissions and hands in records."""

from typing import TYPE_CHECKING, Protocol

from typing_extensions import override

from dgbench.verification.record import VerificationRecord
from leaderboard.records import OPERATOR

if TYPE_CHECKING:
    from leaderboard.client.http_client import Client
    from leaderboard.service import Service


class VerifierGateway(Protocol):
    """The part of a leaderboard that `dgbench verify` uses."""

    def bundle(self, identifier: str) -> bytes:
        """Return a submission's bundle as it was received."""

    def nonce(self, identifier: str) -> str:
        """Return a nonce whose digest was published before."""

    def record(self, record: VerificationRecord) -> None:
        """Hand in a signed record."""


class StoreGateway(VerifierGateway):
    """A store on this machine, for its operator."""

    def __init__(self, service: "Service") -> None:
        self._service = service

    @override
    def bundle(self, identifier: str) -> bytes:
        return self._service.bundle(identifier)

    @override
    def nonce(self, identifier: str) -> str:
        return self._service.reveal_nonce(identifier, OPERATOR)

    @override
    def record(self, record: VerificationRecord) -> None:
        # Whoever may write the store's files decides whom it trusts; the audit log tells.
        self._service.trust_key(record.public_key, record.verifier or OPERATOR.name, OPERATOR)
        self._service.record_verification(record, OPERATOR)


class ServerGateway(VerifierGateway):
    """A server, for the holder of a token that may verify."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    @override
    def bundle(self, identifier: str) -> bytes:
        return self._client.bundle(identifier)

    @override
    def nonce(self, identifier: str) -> str:
        return self._client.reveal_nonce(identifier)

    @override
    def record(self, record: VerificationRecord) -> None:
        self._client.record_verification(record)
