"""The documentation can be followed to the letter."""

import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent


def blocks(language, page="own-benchmark.md"):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def dgbench(folder, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", "dgbench", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def write_plug_in(folder):
    """The page's package, installed as an installer would leave it."""
    package = folder / "my_suite"
    (package / "specs").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "specs" / "__init__.py").touch()
    (package / "stripe.py").write_text(blocks("python")[0], encoding="utf-8")
    spec = yaml.safe_load(blocks("yaml")[0])
    spec["name"] = "striped-digits"
    spec["patterns"][1] = {"name": "stripe", "kind": "stripe", "rho": 0.9}
    spec["domains"] = ["id", "mp.stripe.*", "up.*", "conflict", "none"]
    text = yaml.safe_dump(spec, sort_keys=False)
    (package / "specs" / "striped-digits.yaml").write_text(text, encoding="utf-8")
    metadata = folder / "my_suite-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: my-suite\nVersion: 1.0\n")
    points = [re.sub(r'project\.entry-points\."(.*?)"', r"\1", block) for block in blocks("toml")]
    (metadata / "entry_points.txt").write_text("\n".join(points).replace('"', ""))


def test_the_pages_benchmark_can_be_generated(tmp_path):
    (tmp_path / "corner-squares.yaml").write_text(blocks("yaml")[0], encoding="utf-8")
    for line in blocks("sh")[0].splitlines():
        done = dgbench(tmp_path, *line.removeprefix("dgbench ").split())
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "data" / "corner-squares" / "README.md").is_file()


def test_the_pages_pattern_works_once_its_package_is_installed(tmp_path):
    write_plug_in(tmp_path)
    listed = dgbench(tmp_path, "benchmarks", "--json")
    assert "striped-digits@1" in listed.stdout, listed.stderr
    done = dgbench(tmp_path, "generate", "striped-digits", "--out", "made")
    assert done.returncode == 0, done.stderr
    assert "(official)" in done.stdout
    checked = dgbench(tmp_path, "verify-data", "made")
    assert checked.returncode == 0, checked.stdout


def test_the_pages_method_conforms_and_trains(tmp_path):
    page = "own-method.md"
    (tmp_path / "consistent.py").write_text(blocks("python", page)[0], encoding="utf-8")
    for line in blocks("sh", page)[0].splitlines():
        arguments = line.removeprefix("dgbench ").split()
        short = ["--steps", "8"] if arguments[0] == "train" else []
        done = dgbench(tmp_path, *arguments, *short)
        assert done.returncode == 0, done.stdout + done.stderr


def test_links_of_the_readme_and_the_docs_lead_somewhere():
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_citation_is_valid():
    done = subprocess.run(
        [Path(sys.executable).with_name("cffconvert"), "--validate"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_tables_match_the_output_of_their_commands():
    """If one is not: python docs/tables.py."""
    command = [sys.executable, "docs/tables.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_stale_table_is_noticed(tmp_path):
    for name in ("tables.py", "stale.md"):
        (tmp_path / "docs").mkdir(exist_ok=True)
        text = (
            (ROOT / "docs" / "tables.py").read_text()
            if name == "tables.py"
            else ("<!-- output of: dgbench --version -->\n\nother\n<!-- end -->\n")
        )
        (tmp_path / "docs" / name).write_text(text)
    (tmp_path / "README.md").touch()
    command = [sys.executable, "docs/tables.py", "--check"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "docs/stale.md has tables of other runs\n")
