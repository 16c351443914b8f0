"""A method's source digest changes with every file of its own package that it imports."""

import hashlib
import sys
import sysconfig
from pathlib import Path

import pytest

import baselines
from dgbench.source_digest import source_digest

FILES = {
    "lab/__init__.py": '"""A package."""\n',
    "lab/method.py": "import torch\nfrom dgbench.api import Batch\nfrom lab.losses import loss\n",
    "lab/losses.py": "from .parts.norms import length\n",
    "lab/parts/__init__.py": "SCALE = 2\n",
    "lab/parts/norms.py": "def length(x):\n    return x\n",
    "lab/other.py": "from lab import losses\n",
    "lab/alone.py": "import math\nimport torch\n",
    "torch.py": "raise RuntimeError('beside the package, not in it')\n",
}
BASELINES = Path(baselines.__file__).parent
REACHED = ("lab/method.py", "lab/losses.py", "lab/parts/__init__.py", "lab/parts/norms.py")


@pytest.fixture
def site(tmp_path):
    """A folder with a package in it, as it would be installed."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def sha256(data):
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("changed", [name for name in FILES if name != "lab/method.py"])
def test_editing_a_helper_changes_the_digest_and_editing_another_file_does_not(site, changed):
    before = source_digest(site / "lab/method.py", module="lab.method")
    with (site / changed).open("a") as stream:
        stream.write("# edited\n")
    after = source_digest(site / "lab/method.py", module="lab.method")
    assert (after != before) == (changed in REACHED)


def test_the_digest_is_that_of_the_output_of_sha256sum(site):
    listing = "".join(f"{sha256((site / name).read_bytes())}  {name}\n" for name in REACHED)
    assert source_digest(site / "lab/method.py", module="lab.method") == sha256(listing.encode())


def test_a_file_that_imports_nothing_of_its_own_has_its_own_digest(site):
    alone = site / "lab/alone.py"
    assert source_digest(alone, module="lab.alone") == sha256(alone.read_bytes())


@pytest.mark.parametrize("name", ["method", "other", "alone"])
def test_a_local_file_has_the_digest_of_its_installed_copy(site, name):
    file = site / f"lab/{name}.py"
    assert source_digest(file) == source_digest(file, module=f"lab.{name}")


def test_a_package_without_init_files_is_known_by_the_module_name(site):
    (site / "lab/__init__.py").unlink()
    file = site / "lab/method.py"
    assert source_digest(file, module="lab.method") != sha256(file.read_bytes())


@pytest.mark.parametrize(
    "line",
    [
        "import helper",
        "from helper import f",
        "from helper import *",
        "def late():\n    import helper",
    ],
)
def test_a_local_file_owns_the_files_beside_it(tmp_path, line):
    mine, helper = tmp_path / "mine.py", tmp_path / "helper.py"
    mine.write_text(f"import math\n{line}\n")
    helper.write_text("import mine  # they import each other\n")
    before = source_digest(mine)
    assert before != sha256(mine.read_bytes())
    helper.write_text("import mine\nchanged = True\n")
    assert source_digest(mine) != before


def test_an_installed_module_owns_no_neighbouring_file(tmp_path, monkeypatch):
    mine = tmp_path / "mine.py"
    mine.write_text("import neighbour\n")
    (tmp_path / "neighbour.py").write_text("")
    assert source_digest(mine, module="mine") == sha256(mine.read_bytes())
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    assert source_digest(mine) == sha256(mine.read_bytes())


def test_a_file_that_cannot_be_parsed_still_has_a_digest(tmp_path):
    broken = tmp_path / "broken.py"
    broken.write_text("class A(\n")
    assert source_digest(broken) == sha256(broken.read_bytes())


def test_baselines_that_share_a_helper_are_covered_and_nothing_is_imported():
    from dgbench.registry import installed_method

    before = set(sys.modules)
    for name, is_single in (("erm", True), ("rsc", True), ("mixup", False), ("supcon", False)):
        method = installed_method(name)
        content = (BASELINES / f"{name}.py").read_bytes()
        assert (method.source_digest == sha256(content)) == is_single
    assert not {name for name in set(sys.modules) - before if name.startswith("baselines.")}
