"""`dgbench bundle`, `validate` and `digests`: make and check submissions."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data_gen.foundation.errors import UsageError
from dgbench.cli.options import Json, RunFolders
from dgbench.results.selection import Selection

if TYPE_CHECKING:
    from dgbench.submission.pack.packing import Packed


def bundle(
    runs: RunFolders,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE.dgsub", help="Where to write it.")
    ],
    per_configuration: Annotated[
        bool, typer.Option("--each", help="A bundle for each configuration, in the folder -o.")
    ] = False,
    name: Annotated[str, typer.Option(help="The name to show. Default: the method's.")] = "",
    author: Annotated[list[str] | None, typer.Option(help="An author (can be repeated).")] = None,
    description: Annotated[str, typer.Option(help="One or two sentences of plain text.")] = "",
    paper: Annotated[str | None, typer.Option(metavar="URL", help="Address of the paper.")] = None,
    code: Annotated[str | None, typer.Option(metavar="URL", help="Address of the code.")] = None,
    licence: Annotated[str, typer.Option(help="Licence of the code, such as MIT.")] = "",
    card: Annotated[
        Path | None, typer.Option(metavar="FILE.md", help="A model card, in Markdown.")
    ] = None,
    selection: Annotated[
        Selection, typer.Option(help="How the hyper-parameters were chosen.")
    ] = "fixed",
    trials: Annotated[int, typer.Option(min=1, help="Number of configurations tried.")] = 1,
    demonstration: Annotated[
        bool, typer.Option("--demonstration", help="List the entry, but never rank it.")
    ] = False,
    probabilities: Annotated[
        bool, typer.Option(help="Include probabilities if the runs have them.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Bundle the runs of one configuration into a submission."""
    from dgbench.submission.pack.packing import Details, configurations, pack, pack_runs

    details = Details(
        display_name=name,
        authors=tuple(author or ()),
        description=description,
        paper_url=paper,
        code_url=code,
        licence=licence,
        selection=selection,
        n_trials=trials,
        demonstration=demonstration,
        model_card=_read(card),
    )
    for place in runs:
        if not place.is_dir():
            raise UsageError(f"{str(place)!r} is not a folder. Name the folder that holds runs.")
    if not per_configuration:
        _tell(pack(runs, output, details=details, with_probabilities=probabilities), as_json)
        return
    for runs_of_one in configurations(runs):
        packed = pack_runs(
            runs_of_one,
            output / runs_of_one.file_name,
            details=details,
            with_probabilities=probabilities,
        )
        _tell(packed, as_json)


def validate(
    file: Annotated[Path, typer.Argument(metavar="FILE.dgsub", help="A bundle.")],
    as_json: Json = False,
) -> None:
    """Check a bundle as the leaderboard does, and show the scores that it would show."""
    from dgbench.standings.versions import newer_version
    from dgbench.submission.format.rejection import RejectedError
    from dgbench.submission.isolated.scorer import score_in_child

    try:
        scored = score_in_child(file)
    except RejectedError as error:
        if not as_json:
            raise
        document = {"accepted": False, "rejection": error.rejection.model_dump(mode="json")}
        typer.echo(json.dumps(document, indent=1))
        raise typer.Exit(1) from error
    if as_json:
        card = json.loads(scored.card.canonical)
        document = {"accepted": True, "newer_version": newer_version(scored.card.benchmark)}
        typer.echo(json.dumps({**document, "card": card}, indent=1))
        return
    from dgbench.cli.cards import print_card

    print_card(scored.card)


def digests(
    name: Annotated[str, typer.Argument(metavar="BENCHMARK", help="Name of a benchmark.")],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FILE", help="NAME.digests.json, or NAME@2.digests.json."
        ),
    ],
    source: Annotated[
        list[str] | None, typer.Option(metavar="S", help="Where the sources are.")
    ] = None,
) -> None:
    """Compute the digests of a benchmark's official data, which submissions are checked against.

    The file belongs beside the benchmark's spec.
    """
    from data_gen.foundation.files import write_whole
    from dgbench.benchmarks import open_benchmark
    from dgbench.submission.answer_key.published import measure

    published = measure(open_benchmark(name, given=source or ()))
    write_whole(output, (published.model_dump_json(indent=1) + "\n").encode())
    typer.echo(f"{output}: {len(published.splits)} splits of {published.benchmark}")


def _tell(packed: "Packed", as_json: bool) -> None:
    from dgbench.submission.pack.packing import summary_line

    summary = summary_line(packed.bundle)
    if as_json:
        document = {"file": str(packed.path), **summary, "warnings": list(packed.warnings)}
        typer.echo(json.dumps(document))
        return
    seeds = ", ".join(map(str, packed.bundle.seeds))
    typer.echo(f"{packed.path}: {summary['method']} on {summary['benchmark']}, seed(s) {seeds}")
    for warning in packed.warnings:
        typer.echo(f"  {typer.style('Note:', fg='yellow')} {warning}", err=True)


def _read(card: Path | None) -> str:
    if card is None:
        return ""
    try:
        return card.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"Cannot read the model card {str(card)!r}: {error}.") from error
