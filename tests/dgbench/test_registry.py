"""Methods are listed without being imported, and a broken one does not take the others down."""

import json
import os
import subprocess
import sys

import pytest

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.registry import find_method, is_path, method_card, method_cards

POISON = 'raise RuntimeError("imported")\n'


def test_installed_methods_have_a_card():
    cards = {card.name: card for card in method_cards()}
    erm = cards["erm"]
    assert erm.summary == "Cross-entropy and nothing else."
    assert erm.reference.startswith("Vapnik 1998")
    assert erm.about.startswith("The measure of all other methods")
    assert erm.uses == ()
    assert not erm.problem


def test_an_unknown_method_gets_the_nearest_name():
    with pytest.raises(UsageError, match=r"registers the method 'ermm'\. Did you mean 'erm'"):
        find_method("ermm")


def test_reading_a_card_runs_nothing(tmp_path):
    path = tmp_path / "poisoned.py"
    path.write_text(
        POISON + 'class A:\n    """Sum of it.\n\n    Reference: B 2020,\n    C.\n    """\n'
        "    uses: ClassVar = frozenset({'environments', 'unlabelled_ood'})\n"
    )
    card = method_card(f"{path}:A")
    assert (card.summary, card.reference) == ("Sum of it.", "B 2020, C.")
    assert card.uses == ("environments", "unlabelled_ood")


@pytest.mark.parametrize(
    ("body", "name", "problem"),
    [
        ("class A: pass", "B", "has no 'B'"),
        (POISON, "A", "failed with RuntimeError: imported. Repair the file"),
        ("class A: pass", "A", "is not a Lightning module"),
        ("A = 3", "A", "is not a Lightning module"),
        ("class A(", "A", "failed with SyntaxError"),
    ],
)
def test_a_broken_file_is_named(tmp_path, body, name, problem):
    path = tmp_path / "broken.py"
    path.write_text(body + "\n")
    with pytest.raises(DGBenchError, match=problem) as caught:
        find_method(f"{path}:{name}")
    assert "broken.py" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "problem"), [("no.py:A", "There is no file 'no.py'"), ("no.py", "path.py:Class")]
)
def test_a_path_without_a_method_is_a_usage_error(name, problem):
    assert is_path(name)
    with pytest.raises(UsageError, match=problem):
        find_method(name)


def test_the_class_name_becomes_the_method_name(tmp_path):
    path = tmp_path / "mine.py"
    for cls, name in (
        ("SpectralDecoupling", "spectral-decoupling"),
        ("ERM", "erm"),
        ("L2D", "l2-d"),
    ):
        path.write_text(
            f"from lightning.pytorch import LightningModule\nclass {cls}(LightningModule): pass\n"
        )
        method = find_method(f"{path}:{cls}")
        assert method.name == name
        assert len(method.source_digest) == 64


@pytest.fixture
def plug_ins(tmp_path):
    """A folder that looks like two installed packages, one of them broken in three ways."""
    site = tmp_path / "site"
    for package, points in (
        ("dgbench-echo", "missing = echo.gone:A\npoison = poison:A\nnowhere = no_such_top:A\n"),
        ("dgbench-fine", "fine = fine:Fine\n"),
    ):
        folder = site / f"{package.replace('-', '_')}-1.0.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text(f"[dgbench.methods]\n{points}")
    (site / "echo").mkdir()
    (site / "echo" / "__init__.py").write_text(POISON)
    (site / "poison.py").write_text(POISON + 'class A:\n    """Looks well."""\n')
    (site / "fine.py").write_text(
        "from dgbench.api import LossMethod\nclass Fine(LossMethod):\n"
        '    """All is well."""\n    def loss(self, batch): return {}\n'
    )
    return site


def run(site, code):
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_listing_imports_no_plug_in_and_names_the_broken(plug_ins):
    cards = run(
        plug_ins,
        "import json, sys\nfrom dgbench.registry import method_cards\n"
        "cards = {c.name: c.problem or c.summary for c in method_cards()}\n"
        "assert not {'torch', 'echo', 'poison', 'fine'} & set(sys.modules)\n"
        "print(json.dumps(cards))",
    )
    assert cards["fine"] == "All is well."
    assert cards["poison"] == "Looks well."
    assert "repair or uninstall dgbench-echo" in cards["missing"]
    assert "repair or uninstall dgbench-echo" in cards["nowhere"]
    assert cards["erm"] == "Cross-entropy and nothing else."


def test_using_a_broken_plug_in_names_its_package(plug_ins):
    message = run(
        plug_ins,
        "import json\nfrom dgbench.registry import find_method\nfound = []\n"
        "for name in ('poison', 'fine'):\n"
        "    try:\n        found.append(find_method(name).version)\n"
        "    except Exception as error:\n        found.append(str(error))\n"
        "print(json.dumps(found))",
    )
    assert message[0].startswith("dgbench-echo registers the method 'poison' as 'poison:A', but")
    assert message[1] == "1.0"
