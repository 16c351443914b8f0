"""The commands that pages print: each carries this site's address and runs on any machine."""

import shlex

import streamlit as st

from dgbench.submission.format.manifest import Manifest

METHOD = "my-method"
IMPORTING = "dgbench leaderboard import --reference"
"""How an operator fills an empty store of this machine."""


def show(commands: str) -> None:
    """Draw commands, with a button that copies them."""
    st.code(commands, language=None, wrap_lines=True)


def submitting(site: str, benchmark: str) -> str:
    """Write the way from a new method to a row of this leaderboard."""
    return "\n".join(
        [
            f"dgbench new-method {METHOD} && pip install --editable {METHOD}",
            f"dgbench train {METHOD} {benchmark} --seeds 0-4 --out runs",
            f"dgbench bundle runs -o {METHOD}.dgsub",
            f"dgbench validate {METHOD}.dgsub",
            f"dgbench submit {METHOD}.dgsub --to {site}",
        ]
    )


def verifying(site: str, identifier: str) -> str:
    """Write how anybody trains a submission again and tests its claim, without a token."""
    return f"dgbench verify {identifier} --to {site} --level replay"


def scoring(site: str, identifier: str) -> str:
    """Write how anybody gets the bundle of a submission and scores it again."""
    name = f"{identifier[:8]}.dgsub"
    bundle = f"{site}/api/v1/submissions/{identifier}/bundle"
    return f"curl -fsS -o {name} {bundle}\ndgbench validate {name}"


def making(benchmark: str) -> str:
    """Write how anybody makes a benchmark's data and a picture of them."""
    return f"dgbench generate {benchmark}\ndgbench preview {benchmark}"


def picturing(benchmark: str) -> str:
    """Write how the owner of a benchmark's images draws a picture of them."""
    return f"dgbench preview {benchmark} -o samples.png"


def training(manifest: Manifest) -> str:
    """Write the command that trains the same again, quoted for a shell."""
    configuration = manifest.configuration
    settings = "".join(
        f" --set {shlex.quote(f'{name}={value}')}"
        for name, value in configuration.hyper_parameters.items()
        if not isinstance(value, list | dict)
    )
    seeds = ",".join(str(facts.seed) for facts in manifest.seeds)
    return (
        f"dgbench train {manifest.method.name} {manifest.benchmark.name}{settings} "
        f"--backbone {shlex.quote(configuration.backbone)} --steps {configuration.steps} "
        f"--batch-size {configuration.batch_size} "
        f"--precision {shlex.quote(configuration.precision)} --seeds {seeds}"
    )
