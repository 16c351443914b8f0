"""The packages under examples/ work once installed, and the notebook runs to its end."""

import json
from pathlib import Path

import pytest

from tests.stranger import Stranger

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture
def stranger(tmp_path):
    return Stranger(tmp_path)


def test_a_method_is_listed_once_its_package_is_installed(stranger):
    before = stranger.run("dgbench methods show focal")
    assert before.returncode == 2
    assert "No installed package registers the method 'focal'" in before.stderr
    done = stranger.run(f"pip install {EXAMPLES / 'dgbench-focal'} && dgbench methods --json")
    assert done.returncode == 0, done.stderr
    (card,) = (card for card in json.loads(done.stdout) if card["name"] == "focal")
    assert card["owner"] == "dgbench-focal"
    assert "1708.02002" in card["reference"]
    assert card["problem"] == ""
    gone = stranger.run("pip uninstall --yes dgbench-focal && dgbench methods --json")
    assert "focal" not in gone.stdout


def test_a_benchmark_with_a_new_pattern_is_made_once_its_package_is_installed(stranger):
    done = stranger.run(
        f"pip install {EXAMPLES / 'dgbench-tally'}\n"
        "dgbench preview mnist-tally\n"
        "dgbench generate mnist-tally --jobs 1\n"
        "dgbench verify-data data/mnist-tally@1 --jobs 1"
    )
    assert done.returncode == 0, done.stderr
    assert "(official)" in done.stdout


@pytest.mark.slow
def test_both_pass_their_own_tests_and_work_together(stranger):
    places = [str(EXAMPLES / name) for name in ("dgbench-focal", "dgbench-tally")]
    done = stranger.run(
        f"pip install {' '.join(places)}\n"
        + "".join(f"pytest -q -p no:cacheprovider {place}/tests\n" for place in places)
        + "dgbench train focal mnist-tally --set focus=1 --steps 8 --threads 1"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "only.tally" in done.stdout


@pytest.mark.slow
def test_the_notebook_goes_from_data_to_a_picture(tmp_path):
    import nbclient
    import nbformat

    notebook = nbformat.read(EXAMPLES / "from-data-to-picture.ipynb", as_version=4)
    nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not [output for output in outputs if output["output_type"] == "error"]


def test_the_notebook_is_stored_without_outputs():
    stored = json.loads((EXAMPLES / "from-data-to-picture.ipynb").read_text(encoding="utf-8"))
    code = [cell for cell in stored["cells"] if cell["cell_type"] == "code"]
    assert code
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
