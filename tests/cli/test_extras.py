"""A missing package is answered with its extra, and any other missing module is a defect."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from data_gen.foundation.errors import DGBenchError
from dgbench.cli import extras
from dgbench.cli.extras import extra_of, missing_extras_named

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]


def dgbench(*arguments, without, folder):
    code = (
        f"import sys\nsys.modules[{without!r}] = None\nfrom dgbench.cli.main import run\n"
        "sys.exit(run(sys.argv[1:]))"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "package"),
    [
        (["quickstart"], "torch"),
        (["train", "erm", "mnist-color-5k"], "torch"),
        (["evaluate", "runs"], "torch"),
        (["ceilings", "mnist-color-5k"], "torch"),
        (["sweep", "--methods", "erm", "--benchmarks", "mnist-color-5k"], "torch"),
        (["check-method", "erm"], "torch"),
        (["methods", "show", "erm"], "torch"),
    ],
)
def test_training_names_the_extra_that_it_needs(tmp_path, arguments, package):
    done = dgbench(*arguments, without=package, folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        f"Error: Training needs the package {package!r}. "
        "Install it with: pip install 'dgbench[train]'\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "package"),
    [
        (["leaderboard", "show", "mnist-color-5k", "--db", "store"], "sqlalchemy"),
        (["leaderboard", "token", "issue", "Ada", "--db", "store"], "alembic"),
        (["leaderboard", "serve", "--db", "store"], "streamlit"),
        (["leaderboard", "token", "list", "--db", "store"], "sqlalchemy"),
        (["submit", "a.dgsub", "--db", "store"], "sqlalchemy"),
    ],
)
def test_the_leaderboard_names_the_extra_that_it_needs(tmp_path, arguments, package):
    done = dgbench(*arguments, without=package, folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        f"Error: This needs the package {package!r}. "
        "Install it with: pip install 'dgbench[leaderboard]'\n"
    )


@pytest.mark.parametrize("module", ["dgbench.doctor", "data_gen.sources", "pooch"])
def test_any_other_missing_module_is_a_defect(tmp_path, module):
    done = dgbench("doctor", without=module, folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ModuleNotFoundError: ")
    assert "This is a defect" in done.stderr


def test_a_package_below_the_missing_one_is_not_blamed():
    with pytest.raises(DGBenchError, match="package 'torch'"), missing_extras_named():
        raise ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn")
    with pytest.raises(ModuleNotFoundError), missing_extras_named():
        raise ModuleNotFoundError("No module named 'dgbench.nothing'", name="dgbench.nothing")


@pytest.mark.parametrize("extra", extras.EXTRAS)
def test_every_package_of_an_extra_is_known_by_its_import_name(extra):
    owners = {
        name: " ".join(distributions).lower().replace("_", "-")
        for name, distributions in packages_distributions().items()
    }
    for requirement in PROJECT["optional-dependencies"][extra]:
        distribution = re.match(r"[\w-]+", requirement)[0]
        names = [name for name, owner in owners.items() if distribution in owner.split()]
        assert extra in {extra_of(name) for name in names}, distribution
