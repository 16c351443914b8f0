"""The versions for development fit what the project asks for, and bind nobody else."""

import re
import runpy
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements-dev.lock"
SCRIPT = runpy.run_path(str(ROOT / ".ci" / "lock.py"), run_name="lock")


def pinned():
    """The locked version of each package."""
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def requirements():
    """Everything that the project asks for, with every extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    return [Requirement(text) for texts in (project["dependencies"], *extras) for text in texts]


@pytest.mark.parametrize("requirement", requirements(), ids=str)
def test_every_requirement_is_locked_to_a_version_that_fits(requirement):
    """If one is not: make lock."""
    name = requirement.name.lower()
    if name == "dgbench" or SCRIPT["is_by_machine"](name):
        assert name not in pinned()
    else:
        assert requirement.specifier.contains(pinned()[name]), f"{name} {pinned()[name]}"


def test_the_lock_holds_names_and_versions_and_nothing_else():
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert pins == sorted(pins, key=lambda pin: pin.partition("==")[0])
    assert all(re.fullmatch(r"[a-z0-9.-]+==[0-9][a-z0-9.]*", pin) for pin in pins)
    assert "://" not in LOCK.read_text(encoding="utf-8")


def test_builds_for_one_machine_are_not_locked():
    resolved = [
        {"metadata": {"name": name, "version": version}}
        for name, version in [
            ("torch", "2.11.0+cpu"),
            ("nvidia-cublas", "13.1"),
            ("torchmetrics", "1.9.0"),
            ("Typing_Extensions", "4.16"),
            ("dgbench", "0.1.0"),
        ]
    ]
    assert SCRIPT["pins"](resolved) == ["torchmetrics==1.9.0", "typing-extensions==4.16"]
