"""The leaderboard as files: harmless, complete, and the same on every database."""

import csv
import io
import json
import shutil
import subprocess

import pytest

from leaderboard.records import OPERATOR, Query
from tests.leaderboard.synthetic import bundle

HOSTILE = [
    "=HYPERLINK(\"http://evil.example\")", "+1+1", "-2+3", "@SUM(A1)", "\ttab",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a & b_c % $ # { } ~ ^ \\",
    "\\input{/etc/passwd}", "a } closed, a { opened", "\"quoted\", 'and' | piped",
]  # fmt: skip


def fill(service):
    for n, name in enumerate(HOSTILE):
        service.receive(
            bundle(
                f"m{n}",
                display_name=name,
                authors=[name, "B. Author"],
                level=0.2 + 0.07 * n,
                paper_url="https://example.org/a_b",
                model_card=name,
            ),
            OPERATOR,
        )
    service.receive(bundle("few", seeds=1), OPERATOR)
    service.receive(bundle("else", benchmark="mnist-ladder@1", uses=["environments"]), OPERATOR)
    gone = service.receive(bundle("gone"), OPERATOR)
    service.withdraw(gone.submission_id, OPERATOR, "Wrong.")
    return service


@pytest.fixture
def rows(new_store):
    from leaderboard.service import Service
    from tests.leaderboard.synthetic import Clock, score

    service = fill(Service(new_store("sqlite"), score=score, now=Clock()))
    yield service.rows(Query(benchmark="mnist-color@1"))
    service.close()


def formats():
    from leaderboard.export.tables import FORMATS

    return FORMATS


def test_json_holds_every_field(rows):
    document = json.loads(formats()["json"].write(rows))
    assert [row["display_name"] for row in document] == [row.display_name for row in rows]
    assert document[0]["trusted"] == dict(rows[0].trusted)
    assert document[0]["found"] == dict(rows[0].found)


def test_csv_cells_run_in_no_spreadsheet(rows):
    lines = list(csv.DictReader(io.StringIO(formats()["csv"].write(rows).decode())))
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        assert line["display_name"].lstrip("'") == row.display_name.replace("\t", " ")
        assert all(not cell.startswith(("=", "+", "@", "\t")) for cell in line.values())
        assert not line["display_name"].startswith("-")
        assert float(line["hps"]) == pytest.approx(row.hps, rel=5e-6)
    assert lines[-1]["rank"] == ""


def test_parquet_has_types_and_values(rows):
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(formats()["parquet"].write(rows)))
    assert str(table.schema.field("rank").type) == "int64"
    assert table["display_name"].to_pylist() == [row.display_name for row in rows]
    assert table["found.shape"].to_pylist() == [row.found["shape"] for row in rows]
    assert table["trusted.color"].to_pylist() == [row.trusted["color"] for row in rows]
    empty = pq.read_table(io.BytesIO(formats()["parquet"].write(())))
    assert empty.num_rows == 0


def test_files_name_the_paper_or_have_a_gap(rows):
    from dataclasses import replace

    from dgbench.results.facts import Paper

    paper = Paper(title="A title", authors=("Ada Author", "Bob Builder"), year=2021)
    named = replace(rows[0], paper=paper)
    first, second = csv.DictReader(io.StringIO(formats()["csv"].write([named, rows[1]]).decode()))
    shown = [first[name] for name in ("paper_title", "paper_authors", "paper_year")]
    assert shown == ["A title", "Ada Author; Bob Builder", "2021"]
    assert (second["paper_title"], second["paper_year"]) == ("", "")


def test_bibtex_parses(rows):
    import bibtexparser

    library = bibtexparser.parse_string(formats()["bib"].write(rows).decode())
    assert not library.failed_blocks
    assert len(library.entries_dict) == len(rows)
    urls = [entry["url"] for entry in library.entries if "url" in entry.fields_dict]
    assert set(urls) == {"https://example.org/a_b"}


def test_latex_escapes_commands(rows):
    text = formats()["tex"].write(rows).decode()
    assert r"\textbackslash{}input\textbraceleft{}/etc/passwd\textbraceright{}" in text
    assert r"a \& b\_c \% \$ \# \textbraceleft{} \textbraceright{} \textasciitilde{}" in text


@pytest.mark.slow
def test_latex_compiles(rows, tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed.")
    table = formats()["tex"].write(rows).decode()
    bib = formats()["bib"].write(rows).decode()
    (tmp_path / "refs.bib").write_text(bib)
    keys = ",".join(line[6:-1] for line in bib.splitlines() if line.startswith("@misc{"))
    (tmp_path / "paper.tex").write_text(
        r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{booktabs}\begin{document}"
        f"\n{table}\nSee \\cite{{{keys}}}.\n\\bibliographystyle{{plain}}\\bibliography{{refs}}"
        r"\end{document}"
    )
    commands = (["pdflatex", "-interaction=nonstopmode", "paper"], ["bibtex", "paper"])
    for command in (*commands, commands[0]):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]


def test_the_page_holds_no_script_and_loads_nothing(service):
    from leaderboard.export.folder import files

    page = dict(files(fill(service)))["index.html"].decode()
    assert "<script" not in page
    assert "<img" not in page
    assert "http://evil" not in page.replace("&quot;", "").replace("HYPERLINK(http://evil", "")
    assert "default-src 'none'" in page
    assert "src=" not in page.replace("&lt;img src=x", "")
    for name in ("mnist-color@1", "mnist-ladder@1", "environments", "not ranked"):
        assert name in page


def test_the_page_shows_the_ranks_of_the_service(service):
    import re

    from leaderboard.export.folder import files

    page = dict(files(fill(service)))["index.html"].decode()
    table = page.split("</table>")[0]
    ranks = re.findall(r"<tr><td class=\"number\">([^<]+)</td>", table)
    rows = service.rows(Query(benchmark="mnist-color@1"))
    assert ranks == [str(row.rank) if row.rank else "-" for row in rows]


def test_an_empty_leaderboard_has_a_page_too(service):
    from leaderboard.export.folder import files

    assert "No entries yet" in dict(files(service))["index.html"].decode()


def test_the_export_is_the_same_on_both_databases_and_after_a_restore(new_store, tmp_path):
    from leaderboard.export.folder import export, files
    from leaderboard.service import Service
    from leaderboard.store.backup import backup, restore
    from leaderboard.store.database import Store
    from tests.leaderboard.synthetic import Clock, score

    stores = {kind: new_store(kind) for kind in ("sqlite", "postgresql")}
    # Nonces are random, and the audit log publishes their digests: one store fills the other.
    first = fill(Service(stores["sqlite"], score=score, now=Clock()))
    expected = dict(files(first))
    backup(stores["sqlite"], tmp_path / "first.zip")
    restore(stores["postgresql"], tmp_path / "first.zip")
    second = Service(stores["postgresql"], score=score, now=Clock())
    assert dict(files(second)) == expected
    backup(stores["postgresql"], tmp_path / "second.zip")
    assert (tmp_path / "second.zip").read_bytes() == (tmp_path / "first.zip").read_bytes()
    wiped = Store.open(str(tmp_path / "anew"))
    restore(wiped, tmp_path / "second.zip")
    third = Service(wiped, score=score, now=Clock())
    written = export(third, tmp_path / "out")
    assert {str(p.relative_to(tmp_path / "out")): p.read_bytes() for p in written} == expected
    # What came from a backup goes on as the original does.
    for service in (first, second, third):
        service._now = Clock("2026-02-01T00:00:00.000000Z")
        service.receive(bundle("next", level=0.55), OPERATOR)
    rows = [service.rows(Query(benchmark="mnist-color@1")) for service in (first, second, third)]
    assert rows[0] == rows[1] == rows[2]
    for service in (first, second, third):
        service.close()
