"""The data set card: a description with measurements, for people and for the hub."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import yaml

from data_gen.bayes import (
    joint_bayes_accuracy,
    joint_channel,
    mutual_information,
    pattern_bayes_accuracy,
)
from data_gen.formats import Format
from data_gen.generator import Generator
from data_gen.manifest import PICTURE, Manifest
from data_gen.measure import Tally, agreement, information
from data_gen.preview import describe
from data_gen.sources import KNOWN
from data_gen.spec import Spec

Tallies = Mapping[str, Sequence[Tally]]
"""Counts of every part of every split."""


def render_card(generator: Generator, manifest: Manifest, tallies: Tallies) -> str:
    """The card as Markdown with its YAML front matter."""
    spec = generator.spec
    sections = (
        _head(spec, manifest),
        _loading(manifest),
        _patterns(spec),
        _training(generator, tallies),
        _domains(generator, manifest, tallies),
        _other_splits(generator),
        _columns(spec, manifest.layout),
        _provenance(manifest),
    )
    return _front_matter(manifest, generator) + "\n\n".join(sections) + "\n"


def _front_matter(manifest: Manifest, generator: Generator) -> str:
    licences = {
        KNOWN[record.name].licence for record in manifest.sources.values() if record.name in KNOWN
    }
    total = sum(map(len, generator.splits.values()))
    fields: dict[str, object] = {
        "pretty_name": manifest.benchmark,
        "license": sorted(licences) or ["unknown"],
        "task_categories": ["image-classification"],
        "tags": ["domain-generalization", "shortcut-learning", "dgbench"],
        "size_categories": [_size_category(total)],
    }
    if manifest.layout != "npz":
        fields["configs"] = [{"config_name": "default", "data_files": list(_data_files(manifest))}]
    return f"---\n{yaml.safe_dump(fields, sort_keys=False)}---\n\n"


def _data_files(manifest: Manifest) -> Iterator[dict[str, str]]:
    names = {**{name: name for name in manifest.splits}, **manifest.aliases}
    for name, canonical in names.items():
        path = f"data/{canonical}.parquet" if manifest.layout == "parquet" else f"{canonical}/**"
        yield {"split": name, "path": path}


def _size_category(total: int) -> str:
    for top, name in ((10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M")):
        if total < top:
            return name
    return "1M<n<10M"


def _head(spec: Spec, manifest: Manifest) -> str:
    standing = (
        "This is the official data."
        if manifest.official
        else "**Unofficial:** spec, source, seed or size differ from the published ones, so "
        "results on it are for study; the leaderboard refuses them."
    )
    return (
        f"# {spec.id}\n\n{spec.summary}\n\n{spec.about.strip()}\n\n"
        f"![One glyph a class, in every domain]({PICTURE})\n\n"
        f"Made by dgbench {manifest.generator_version} with seed {manifest.seed}. {standing}"
    )


def _loading(manifest: Manifest) -> str:
    code = {
        "parquet": "from datasets import load_dataset  # pip install datasets\n\n"
        'data = load_dataset("PATH/TO/THIS/FOLDER")\n'
        'data["train"][0]["image"], data["train"][0]["label"]',
        "imagefolder": "from torchvision.datasets import ImageFolder\n\n"
        'train = ImageFolder("PATH/TO/THIS/FOLDER/train")',
        "npz": 'import numpy as np\n\ntrain = np.load("PATH/TO/THIS/FOLDER/data/train.npz")\n'
        'train["images"], train["labels"]',
    }[manifest.layout]
    return (
        f"## Loading\n\n```python\n{code}\n```\n\nRows stand in the order of the source; shuffle "
        "them for training. `dgbench verify-data PATH/TO/THIS/FOLDER` makes everything again and "
        "compares."
    )


def _patterns(spec: Spec) -> str:
    heads = ["pattern", "kind", "follows", "predictivity", "Bayes accuracy", "information", "role"]
    rows = []
    for environment in spec.training_environments or (None,):
        for name, entry in spec.within(environment).items():
            channel = joint_channel(spec, [name], environment=environment)
            where = f" in {environment}" if environment else ""
            rows.append(
                [
                    name + where,
                    entry.kind,
                    entry.parent,
                    f"{entry.rho:g}",
                    f"{pattern_bayes_accuracy(spec, name, environment=environment):.4f}",
                    f"{mutual_information(channel):.3f} bits",
                    _role(spec, name),
                ]
            )
    together = ", ".join(
        f"{joint_bayes_accuracy(spec, environment=environment):.4f}"
        + (f" in {environment}" if environment else "")
        for environment in spec.training_environments or (None,)
    )
    return (
        "## Patterns\n\nPredictivity is the probability that a pattern shows its parent's value in "
        "training. Bayes accuracy (of the best classifier that sees this pattern alone) and "
        "information with the class are exact, from the generative model with equally frequent "
        f"classes.\n\n{_table(heads, rows)}\n\nBayes accuracy of all patterns together: {together}."
    )


def _role(spec: Spec, name: str) -> str:
    if not spec.hidden:
        return ""
    return "hidden" if name in spec.hidden else "dominant"


def _training(generator: Generator, tallies: Tallies) -> str:
    spec = generator.spec
    heads = ["pattern", "agrees with the label", "expected", "information", "counter-examples"]
    rows = []
    split = generator.splits["train"]
    for part, tally in zip(split.parts, tallies["train"], strict=True):
        environment = part.domain.environment
        for name in spec.entries:
            table = tally.by_label[name]
            agreed = agreement(table) or 0.0
            rows.append(
                [
                    name + (f" in {environment}" if environment else ""),
                    f"{agreed:.4f}",
                    f"{_expected_agreement(spec, name, environment):.4f}",
                    f"{information(table) or 0.0:.3f} bits",
                    f"{tally.n_images - round(agreed * tally.n_images):,}",
                ]
            )
    return (
        f"## What was made: the {len(split):,} training images\n\nCounted, not computed: the share "
        "of images whose pattern shows the label's value, the information of the table of labels "
        f"and values, and the images that contradict the pattern.\n\n{_table(heads, rows)}"
    )


def _expected_agreement(spec: Spec, name: str, environment: str | None) -> float:
    """P(pattern shows the label's value): the predictivities along its line of parents."""
    entries, k = spec.within(environment), len(spec.classes)
    share, ancestor = 1.0, name
    while ancestor in entries:
        rho = entries[ancestor].rho
        share = share * rho + (1 - share) * (1 - rho) / (k - 1)
        ancestor = entries[ancestor].parent
    return share


def _domains(generator: Generator, manifest: Manifest, tallies: Tallies) -> str:
    spec = generator.spec
    heads = ["split", "also called", "images", "what it does", *spec.entries]
    rows = []
    for name, domain, _ in spec.test_domains:
        also = [alias for alias, canonical in manifest.aliases.items() if canonical == name]
        shares = (agreement(tallies[name][0].by_label[pattern]) for pattern in spec.entries)
        rows.append(
            [
                f"`{name}`",
                ", ".join(f"`{alias}`" for alias in also),
                f"{len(generator.splits[name]):,}",
                describe(spec, domain),
                *("not shown" if share is None else f"{share:.3f}" for share in shares),
            ]
        )
    return (
        "## Test domains\n\nThe same source glyphs in every domain. The last columns count how "
        f"often each pattern shows the label's value (chance is {1 / len(spec.classes):.3f}).\n\n"
        f"{_table(heads, rows)}"
    )


def _other_splits(generator: Generator) -> str:
    notes = {
        "train": "to learn from",
        "validation": "held-out training glyphs with the correlations of training",
        "validation_balanced": "the same glyphs with every pattern but the shape uncorrelated; "
        "only for methods that declare it",
        "unlabelled_ood": "further training glyphs, everything uncorrelated, no labels; only for "
        "methods that declare it",
    }
    rows = [
        [f"`{name}`", f"{len(split):,}", notes[name]]
        for name, split in generator.splits.items()
        if split.role != "test"
    ]
    return (
        "## Other splits\n\nNo glyph is in two of train, validation, unlabelled and test.\n\n"
        f"{_table(['split', 'images', 'what it is for'], rows)}"
    )


def _columns(spec: Spec, layout: Format) -> str:
    image, label = ("images", "labels") if layout == "npz" else ("image", "label")
    nothing = "empty" if layout == "parquet" else "-1"
    rows = [
        [f"`{image}`", "RGB pixels"],
        [
            f"`{label}`",
            f"class, from {spec.classes[0]} to {spec.classes[-1]}; {nothing} where unknown",
        ],
        *(
            [f"`{name}`", f"value that the pattern shows; {nothing} where it is missing"]
            for name in spec.entries
        ),
        *([["`environment`", "name of the environment"]] if spec.environments else []),
        ["`source_index`", "index of the glyph in the source's training or test images"],
    ]
    return f"## Columns\n\n{_table(['column', 'what it holds'], rows)}"


def _provenance(manifest: Manifest) -> str:
    lines = [f"- spec: SHA-256 `{manifest.spec_digest}`"]
    for name, record in manifest.sources.items():
        shown = name if name == record.name else f"{name} (here: {record.name})"
        credit = KNOWN[record.name].credit if record.name in KNOWN else "a folder of IDX files"
        lines.append(f"- source {shown}: SHA-256 `{record.digest}`. {credit}")
    return (
        "## Provenance\n\n"
        + "\n".join(lines)
        + "\n\n`benchmark.json` holds the whole spec and SHA-256 digests of the pixels, labels and "
        "factors of every split. The images are adaptations of the sources, under their licences."
    )


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(heads), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
