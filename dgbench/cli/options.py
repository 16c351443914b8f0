"""Options that several commands share, and the functions that read their texts."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from data_gen.foundation.errors import UsageError

MOST_SEED = 65535
"""The largest seed that the predictions of a submission can hold."""
_MOST_SEEDS = 10_000
_PART = re.compile(r"(\d{1,18})(?:-(\d{1,18}))?", re.ASCII)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="S",
        help="A source (mnist, fashion-mnist, mnist-5k) or a folder of IDX files, in place of "
        "the benchmark's own; NAME=S, in place of the source NAME; or a folder with MNIST/raw and "
        "FashionMNIST/raw. May be repeated.",
    ),
]
GeneratorSeed = Annotated[
    int | None,
    typer.Option(min=0, help="Generator seed. Any but the spec's makes unofficial data."),
]
FamilyName = Annotated[
    str | None,
    typer.Option("--family", metavar="NAME", help="Benchmarks along one strength, or FILE.yaml."),
]
SuiteName = Annotated[
    str | None,
    typer.Option("--suite", metavar="NAME", help="Benchmarks with a mean score, or FILE.yaml."),
]
RunFolders = Annotated[list[Path], typer.Argument(metavar="RUNS", help="Folders that hold runs.")]
Out = Annotated[Path, typer.Option(metavar="DIR", help="Where run folders go.")]
Seeds = Annotated[str, typer.Option(metavar="0-4", help="Seeds, as in 0-4 or 0,3,7.")]
Backbone = Annotated[str, typer.Option(help="small-cnn, domainbed-cnn, resnet18 or a plug-in.")]
Steps = Annotated[int | None, typer.Option(min=1, help="Default: the benchmark's budget.")]
BatchSize = Annotated[int | None, typer.Option(min=1, help="Default: the benchmark's budget.")]
DevelopmentOnly = Annotated[
    bool | None,
    typer.Option(
        "--development-only",
        help="Draw no test domain: score the development domains alone. Cannot be submitted.",
    ),
]
CheckpointEvery = Annotated[int, typer.Option(min=1, help="Steps between checkpoints.")]
Probabilities = Annotated[
    bool,
    typer.Option(
        "--probabilities/--no-probabilities",
        help="Keep the probabilities beside the predicted classes.",
    ),
]
Accelerator = Annotated[str, typer.Option(help="auto, cpu, gpu or mps.")]
Threads = Annotated[
    int | None,
    typer.Option(min=1, help="CPU threads of each process. Default: the cores, shared evenly."),
]


def parse_seeds(text: str) -> list[int]:
    """List the seeds in a text such as `0-4`, `0,3,7` or `0-2,7`, without repetition."""
    seeds: list[int] = []
    for part in text.split(","):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise UsageError(f"--seeds {text!r} is not understood. Write 0-4 or 0,3,7.")
        first, last = int(match[1]), int(match[2] or match[1])
        if last > MOST_SEED:
            raise UsageError(
                f"--seeds {text!r} goes beyond {MOST_SEED}, the largest seed that a submission can "
                "hold. Choose smaller ones."
            )
        seeds += range(first, last + 1)
        if len(seeds) > _MOST_SEEDS:
            break
    if not seeds or len(seeds) > _MOST_SEEDS:
        n_named = f"more than {_MOST_SEEDS:,}" if seeds else "no"
        raise UsageError(f"--seeds {text!r} names {n_named} seeds. Write 0-4 or 0,3,7.")
    return list(dict.fromkeys(seeds))


def parse_settings(texts: Sequence[str]) -> dict[str, str]:
    """Map hyper-parameters to their values, from texts such as `weight=0.1`."""
    settings = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise UsageError(f"--set {text!r} is not understood. Write --set name=value.")
        settings[name.strip().replace("-", "_")] = value.strip()
    return settings
