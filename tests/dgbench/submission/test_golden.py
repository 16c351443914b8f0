"""Bundles of every version of the manifest stay readable, and their cards never change."""

import subprocess
import sys
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", ["v1", "v1-probabilities"])
def test_an_old_bundle_keeps_its_card(name):
    """If it differs, scores have moved: that belongs under Changed numbers in the changelog."""
    from dgbench.submission.format.bundle import read_bundle
    from dgbench.submission.scoring.score import score

    card = score(read_bundle(GOLDEN / f"{name}.dgsub"))
    assert card.canonical + b"\n" == (GOLDEN / f"{name}.json").read_bytes()


def test_scoring_does_not_import_pandas():
    """Importing it takes longer than everything else that scoring does."""
    bundle = next(GOLDEN.glob("*.dgsub"))
    source = (
        "import sys\n"
        "from pathlib import Path\n"
        "from dgbench.submission.format.bundle import read_bundle\n"
        "from dgbench.submission.scoring.evidence import evidence_of\n"
        "from dgbench.submission.scoring.score import score\n"
        "bundle = read_bundle(Path(sys.argv[1]).read_bytes())\n"
        "score(bundle), evidence_of(bundle)\n"
        "print('pandas' in sys.modules)\n"
    )
    command = [sys.executable, "-c", source, str(bundle)]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "False\n"
