"""`dgbench verify`: train a submission's method again and test its claim."""

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.cli.options import Json, Quiet, Sources
from leaderboard.cli.opening import Database, opened

if TYPE_CHECKING:
    from data_gen.foundation.progress import Progress
    from dgbench.verification.record import Commitment, VerificationRecord
    from dgbench.verification.verify import Verification
    from leaderboard.client.verifier_gateway import VerifierGateway

_SUFFIX = ".dgsub"
_RECORD_SUFFIX = ".json"
_GIB = 2**30
_LONGEST_NAME = 100


def verify(
    submission: Annotated[
        str,
        typer.Argument(
            metavar="SUBMISSION",
            help="A FILE.dgsub, an id of a leaderboard, or a signed record (FILE.json) to hand in.",
        ),
    ],
    level: Annotated[
        Literal["replay", "fresh-seed"],
        typer.Option(help="replay: one declared seed. fresh-seed: new data and new seeds."),
    ] = "replay",
    method: Annotated[
        str | None,
        typer.Option(metavar="path.py:Class", help="The method's file, if it is not installed."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The seed to replay. Default: drawn by the nonce.")
    ] = None,
    runs: Annotated[int, typer.Option(min=3, max=100, help="Trainings on fresh seeds.")] = 3,
    source: Sources = None,
    accelerator: Annotated[
        str | None, typer.Option(help="cpu, gpu or mps. Default: as the submission was made.")
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="CPU threads. Default: as the submission was made.")
    ] = None,
    time_limit: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", help="Time limit of each training.")
    ] = 3600,
    memory: Annotated[
        float, typer.Option(min=1, metavar="GIB", help="Memory limit of each training.")
    ] = 8,
    key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Your Ed25519 key. Default: made on first use."),
    ] = None,
    name: Annotated[str, typer.Option(help="Your name, for the record.")] = "",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Keep the signed record here."),
    ] = None,
    database: Database = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="URL", help="A leaderboard elsewhere.")
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="DGBENCH_TOKEN",
            help="A token of that leaderboard that may verify. Without one nothing is sent to it.",
        ),
    ] = None,
    allow_http: Annotated[
        bool, typer.Option("--allow-http", help="Send the token without encryption.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train a submission's method again in a sandbox, and test whether its claim holds."""
    from dgbench.verification.limits import Limits
    from dgbench.verification.retrain import Machine
    from dgbench.verification.signatures import load_key, sign
    from dgbench.verification.verify import Request, Verification

    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise UsageError(f"--name has at most {_LONGEST_NAME} printable characters.")
    if submission.endswith(_RECORD_SUFFIX):
        with _gateway(submission, database, to, token, allow_http=allow_http) as gateway:
            _hand_in(Path(submission), gateway)
        return
    limits = Limits(
        wall_seconds=time_limit,
        memory=int(memory * _GIB),
        address_space=int(memory * _GIB) + 8 * _GIB,
    )
    machine = Machine(
        limits=limits, sources=tuple(source or ()), accelerator=accelerator, threads=threads
    )
    request = Request(
        level=level, method=method, seed=seed, n_runs=runs, machine=machine, verifier=name
    )
    own_key = load_key(key)
    with _gateway(submission, database, to, token, allow_http=allow_http) as reached:
        verification = Verification(_data(submission, reached), request)
        # A server gives anyone the bundle, and only a verifier the seeds and a place for a record.
        gateway = None if to is not None and not token else reached
        commitment = _commitment(verification, gateway)
        with _progress(quiet=quiet or as_json) as progress:
            record = sign(verification.run(commitment, progress), own_key)
        _keep(record, output)
        if gateway is not None:
            _post(record, gateway, output, to=to, database=database)
    if as_json:
        typer.echo(json.dumps(record.model_dump(mode="json"), indent=1))
    elif not quiet:
        _show(record, _outcome(gateway, to))
    if not record.passed:
        raise DGBenchError(f"The claim is not confirmed ({record.verdict}). {record.summary}")


@contextmanager
def _gateway(
    submission: str, database: str | None, to: str | None, token: str | None, *, allow_http: bool
) -> Iterator["VerifierGateway | None"]:
    """Open the leaderboard that the options name, or none for a file alone."""
    from leaderboard.client.http_client import Client
    from leaderboard.client.verifier_gateway import ServerGateway, StoreGateway

    if to is not None and database is not None:
        raise UsageError("--db names a store here, --to a server elsewhere; give one of them.")
    if to is not None:
        with Client(to, token, allows_plain_http=allow_http) as client:
            yield ServerGateway(client)
    elif database is None and _is_file(submission):
        yield None
    else:
        with opened(database) as service:
            yield StoreGateway(service)


def _is_file(submission: str) -> bool:
    return submission.endswith(_SUFFIX) or Path(submission).is_file()


def _data(submission: str, gateway: "VerifierGateway | None") -> bytes:
    from dgbench.submission.format.bundle import read_file

    if gateway is None or _is_file(submission):
        return read_file(Path(submission))
    return gateway.bundle(submission)


def _commitment(verification: "Verification", gateway: "VerifierGateway | None") -> "Commitment":
    """Commit to the nonce from which the seeds follow.

    A leaderboard reveals its nonce once, so this comes after everything that can be refused.
    """
    from dgbench.verification.commitment import commitment_of, new_nonce
    from dgbench.verification.record import Commitment

    nonce = new_nonce() if gateway is None else gateway.nonce(verification.claim.bundle.id)
    return Commitment(
        nonce=nonce,
        commitment=commitment_of(nonce),
        drawn_by="verifier" if gateway is None else "store",
    )


def _keep(record: "VerificationRecord", output: Path | None) -> None:
    from data_gen.foundation.files import write_whole

    if output is not None:
        write_whole(output, record.canonical + b"\n")


def _post(
    record: "VerificationRecord",
    gateway: "VerifierGateway",
    kept: Path | None,
    *,
    to: str | None,
    database: str | None,
) -> None:
    """Hand a record in, and keep it in a file if that fails."""
    try:
        gateway.record(record)
    except DGBenchError as error:
        place = kept or Path(f"{record.submission_id}.{record.level}{_RECORD_SUFFIX}")
        _keep(record, place)
        raise DGBenchError(
            f"{error} The signed record is kept as {str(place)!r}; hand it in later with "
            f"`dgbench verify {place}{_there(to, database)}`."
        ) from error


def _there(to: str | None, database: str | None) -> str:
    """Repeat the options that name the leaderboard."""
    named = {"--to": to, "--db": database}
    return "".join(f" {option} {shlex.quote(place)}" for option, place in named.items() if place)


def _hand_in(file: Path, gateway: "VerifierGateway | None") -> None:
    """Hand in a record from a file."""
    from pydantic import ValidationError

    from dgbench.verification.record import VerificationRecord
    from dgbench.verification.signatures import check_signature

    try:
        text = file.read_bytes()
        record = VerificationRecord.model_validate_json(text)
    except OSError as error:
        raise DGBenchError(f"Cannot read {str(file)!r}: {error.strerror}.") from error
    except ValidationError as error:
        raise DGBenchError(
            f"{str(file)!r} is not a verification record. `dgbench verify -o FILE` writes one."
        ) from error
    check_signature(record)
    if gateway is not None:
        gateway.record(record)
    done = "signed" if gateway is None else "handed in, signed"
    typer.echo(
        f"{record.submission_id}: {record.level}, {record.verdict}; {done} by {record.public_key}."
    )


@contextmanager
def _progress(*, quiet: bool) -> Iterator["Progress"]:
    """Show what is being trained and for how long, on a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    is_shown = console.is_terminal and not quiet
    with console.status("Checking") if is_shown else nullcontext() as status:

        def show(seconds: float, training: str = "") -> None:
            if status is not None:
                status.update(f"Training, {training}: {seconds:.0f} s")

        yield show


def _outcome(gateway: "VerifierGateway | None", to: str | None) -> str:
    """Say what became of the record."""
    if gateway is not None:
        return ", recorded."
    if to is None:
        return "."
    return f". Nothing was sent to {to}: that takes a token of a verifier, in DGBENCH_TOKEN."


def _show(record: "VerificationRecord", outcome: str) -> None:
    from leaderboard.cli.records import print_record

    print_record(record)
    typer.echo(f"Signed by {record.public_key}{outcome}")
