"""Bundles whose predictions were rewritten row by row, and a slow way to count what is right.

Changed bytes seldom get past the checks of the file itself; rewritten rows do.
"""

import io
import json
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.dgbench.submission.making import BENCHMARK, SEEDS, good_manifest, predictions
from tests.dgbench.submission.spoiling import MANIFEST, PREDICTIONS, parquet, zipped


def rewritten(chance):
    """A bundle with other predictions, its rows in any order, and often something wrong."""
    from dgbench.submission.answer_key.answers import answers_of
    from dgbench.submission.format.alignment import predictions_digest, table_of

    draws = np.random.default_rng(chance.getrandbits(64))
    pred = predictions()[0].copy()
    places = draws.integers(0, pred.size, draws.integers(0, pred.size))
    pred.flat[places] = draws.integers(0, 10, len(places))
    columns = table_of(pred, None, SEEDS, answers_of(BENCHMARK))
    names = np.array(columns.domains)
    rows = {
        "seed": columns.seed.copy(),
        "domain": names[columns.domain],
        "image_id": columns.image_id.copy(),
        "pred": columns.pred.copy(),
    }
    for _ in range(chance.choice((0, 0, 1, 2))):
        chance.choice(_WRONGS)(rows, draws)
    if chance.random() < 0.8:
        order = draws.permutation(len(rows["pred"]))
        rows = {name: values[order] for name, values in rows.items()}
    manifest = good_manifest()
    manifest["predictions"]["digest"] = predictions_digest(pred, None)
    content = parquet(pa.table(rows), row_group_size=chance.choice((1000, 5000, 30_000)))
    return zipped([(MANIFEST, json.dumps(manifest).encode()), (PREDICTIONS, content)])


def counted(data):
    """Right predictions by domain, a count a seed, from the rows as they stand in the file."""
    from dgbench.submission.answer_key.answers import answers_of

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        rows = pq.read_table(io.BytesIO(archive.read(PREDICTIONS))).to_pydict()
    answers = answers_of(BENCHMARK)
    labels = {}
    for name in answers.domains:
        part = answers.within(name)
        pairs = zip(answers.image_id[part].tolist(), answers.labels[part].tolist(), strict=True)
        labels |= {(name, image): label for image, label in pairs}
    n_right = {(name, seed): 0 for name in answers.domains for seed in sorted(set(rows["seed"]))}
    for seed, name, image, pred in zip(
        *(rows[column] for column in ("seed", "domain", "image_id", "pred")), strict=True
    ):
        n_right[name, seed] += pred == labels[name, image]
    counts = {name: [] for name in answers.domains}
    for (name, _), count in n_right.items():
        counts[name].append(count)
    return counts


def _one_less(rows, draws):
    row = draws.integers(len(rows["pred"]))
    rows.update({name: np.delete(values, row) for name, values in rows.items()})


def _one_twice(rows, draws):
    """A row in the place of another."""
    here, there = draws.integers(len(rows["pred"]), size=2)
    for values in rows.values():
        values[here] = values[there]


def _exchanged(rows, draws):
    """Two rows exchange one cell each."""
    here, there = draws.integers(len(rows["pred"]), size=2)
    values = rows[draws.choice(["pred", "pred", "seed", "domain"])]
    values[[here, there]] = values[[there, here]]


def _strange(rows, draws):
    """A number that is as likely to be wrong as right."""
    values = rows[draws.choice(["seed", "image_id", "pred"])]
    values[draws.integers(len(values))] = draws.integers(0, 256)


def _renamed(rows, draws):
    domains = np.unique(rows["domain"])
    rows["domain"][draws.integers(len(rows["domain"]))] = draws.choice(domains)


_WRONGS = (_one_less, _one_twice, _exchanged, _strange, _renamed)
