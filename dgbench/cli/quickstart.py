"""`dgbench quickstart`: a benchmark, two trained methods and a table in a few minutes."""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dgbench.cli.data import generate
from dgbench.cli.options import Threads
from dgbench.cli.seeds import run_seeds

if TYPE_CHECKING:
    from dgbench.training.plan import Plan

BENCHMARK = "mnist-color-5k"
METHODS: dict[str, dict[str, str]] = {"erm": {}, "prcl": {"weight": "0.04"}}
"""Plain training, which sees only the colour, and a method that finds the shape, with settings.

The budget is a fifth of the usual one. With its default weight the method would not learn the task
itself in that time: it is right on fewer than 95 % of the validation images.
"""


def quickstart(
    context: typer.Context,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where data, runs and pictures go.")
    ] = Path("quickstart"),
    threads: Threads = 1,
) -> None:
    """Make a benchmark from the embedded digits, train two methods and show a leaderboard.

    Nothing is downloaded. A second call continues an interrupted first one. The default is one
    thread, because the network is small, and several threads on a busy machine mostly wait.
    """
    # This import comes first, so that without torch the user is told at once how to install it.
    from dgbench.training.plan import Plan, Request

    start = time.perf_counter()
    _say(1, f"The data: {BENCHMARK}, digits whose colour and shape both give the class away")
    data = out / "data"
    generate(BENCHMARK, out=data)
    _say(2, f"The training: {' and '.join(METHODS)}, one seed each")
    runs = {}
    for method, settings in METHODS.items():
        request = Request(
            method=method,
            benchmark=str(data),
            settings=settings,
            threads=threads,
            out=out / "runs",
            resume=True,
        )
        runs[method] = _train(Plan(request))
    _say(3, "What they found")
    _compare(out, runs.values())
    _say(4, "The leaderboard on this machine, where both are a demonstration: listed, not ranked")
    is_shown = _submit(out, runs, context)
    minutes, seconds = divmod(round(time.perf_counter() - start), 60)
    typer.echo(f"\nDone in {minutes} min {seconds} s. Where to go from here:")
    hints = [
        (str(out / "found.png"), "what was found, as a picture"),
        (str(data / "preview.png"), "what the methods were shown"),
        *([("dgbench leaderboard serve", "the leaderboard, in a browser")] if is_shown else []),
        ("dgbench methods", "what else can be trained"),
        ("dgbench new-method my-idea", "a method of your own"),
    ]
    width = max(len(what) for what, _ in hints)
    for what, why in hints:
        typer.echo(f"  {what:<{width}}  {why}")


def _say(step: int, text: str) -> None:
    typer.echo(typer.style(f"\n{step}. {text}", bold=True))


def _train(plan: "Plan") -> Path:
    """Train one seed, say what it is right on, and return the folder of its configuration."""
    (record,), _ = run_seeds(plan, [0], quiet=False, must_end=True)
    counts = record.domains
    right = {name: counts[name].correct / counts[name].n for name in ("id", "up.color")}
    typer.echo(
        f"{plan.request.method}: right on {right['id']:.0%} of the images as in training, on "
        f"{right['up.color']:.0%} when the colour is drawn at random"
    )
    return plan.folder(0).parent


def _compare(out: Path, runs: Iterable[Path]) -> None:
    from dgbench.report.boards import read_boards
    from dgbench.report.heat_map import save_heat_map
    from dgbench.report.tables import print_boards

    boards = read_boards(list(runs))
    print_boards(boards)
    save_heat_map(boards, out / "found.png")


def _submit(out: Path, runs: Mapping[str, Path], context: typer.Context) -> bool:
    """Bundle each method's run and submit it to the local store.

    Returns False if the leaderboard is not installed. It runs the commands that a user would type.
    """
    from dgbench.doctor import missing_packages

    if missing := missing_packages("leaderboard"):
        typer.echo(
            f"Left out, because {', '.join(missing)} is not installed: "
            "pip install 'dgbench[leaderboard]' and run this again."
        )
        return False
    root = context.find_root().command
    for method in METHODS:
        bundle = str(out / f"{method}.dgsub")
        name = f"{method} (demonstration)"
        note = "One seed on the embedded digits, by dgbench quickstart."
        for command in (
            [
                "bundle",
                str(runs[method]),
                "-o",
                bundle,
                "--demonstration",
                "--name",
                name,
                "--description",
                note,
            ],
            ["submit", bundle],
        ):
            if code := root.main(command, "dgbench", standalone_mode=False):
                raise typer.Exit(code)
    return True
