"""Manifests and texts that are refused, each with its code."""

import pickle

from tests.dgbench.submission.spoiling import (
    with_field,
    with_manifest,
    with_members,
    with_paper,
    with_text,
)


def _deep(depth):
    return with_text(lambda text: text[:-1] + ', "x": ' + "[" * depth + "]" * depth + "}")


def _seeds(*numbers):
    return with_field("seeds", [{"seed": n, "cost": None} for n in numbers])


def _probed(**counts):
    seeds = [{"seed": n, "cost": None, "probes": {"shape": counts}} for n in range(3)]
    return with_field("seeds", seeds)


PICKLE = pickle.dumps({"pred": [1, 2, 3]})

MANIFESTS = [
    ("an empty manifest", "E_JSON_SYNTAX", lambda: with_members(manifest_json=b"")),
    ("a pickle as manifest", "E_JSON_ENCODING", lambda: with_members(manifest_json=PICKLE)),
    ("a byte order mark", "E_JSON_ENCODING", lambda: with_text(lambda text: "\ufeff" + text)),
    ("not UTF-8", "E_JSON_ENCODING", lambda: with_members(manifest_json=b'{"a": "\xff"}')),
    ("half a manifest", "E_JSON_SYNTAX", lambda: with_text(lambda text: text[:500])),
    ("two documents", "E_JSON_SYNTAX", lambda: with_text(lambda text: text * 2)),
    ("a comment in JSON", "E_JSON_SYNTAX", lambda: with_text(lambda text: "// me\n" + text)),
    ("nested 17 deep", "E_JSON_DEPTH", lambda: _deep(17)),
    ("nested 50,000 deep", "E_JSON_DEPTH", lambda: _deep(50_000)),
    (
        "a JSON key twice",
        "E_JSON_DUPLICATE",
        lambda: with_text(
            lambda text: text.replace('"demonstration"', '"licence": "MIT", "demonstration"')
        ),
    ),
    ("NaN", "E_JSON_NUMBER", lambda: with_text(lambda text: text.replace("0.001", "NaN"))),
    (
        "infinity",
        "E_JSON_NUMBER",
        lambda: with_text(lambda text: text.replace("0.001", "-Infinity")),
    ),
    (
        "infinity in digits",
        "E_JSON_NUMBER",
        lambda: with_text(lambda text: text.replace("0.001", "1e999")),
    ),
    (
        "a number of 5,000 digits",
        "E_JSON_NUMBER",
        lambda: with_text(lambda text: text.replace("3000", "9" * 5000)),
    ),
    ("a control character", "E_TEXT", lambda: with_field("display_name", "ERM\u0007")),
    ("a line break in a name", "E_TEXT", lambda: with_field("display_name", "ERM\nrank 1")),
    ("reversed writing", "E_TEXT", lambda: with_field("display_name", "\u202emethod")),
    ("an invisible character", "E_TEXT", lambda: with_field("display_name", "E\u200bRM")),
    ("half a surrogate pair", "E_TEXT", lambda: with_field("display_name", "\ud800")),
    ("letters not composed", "E_TEXT", lambda: with_field("authors", ["Zoe\u0308"])),
    ("a hidden character in a key", "E_TEXT", lambda: with_field("packages/to\u200brch", "2")),
    ("no character", "E_TEXT", lambda: with_field("display_name", "a\ufffe")),
    ("a string of 1,001 letters", "E_TEXT", lambda: with_field("hardware/device", "a" * 1001)),
    ("version 3", "E_SCHEMA_VERSION", lambda: with_field("schema_version", 3)),
    ("version 2 without a paper", "E_SCHEMA", lambda: with_field("schema_version", 2)),
    ("a paper in version 1", "E_SCHEMA", lambda: with_field("paper", {"title": "A title"})),
    ("a yardstick in version 1", "E_SCHEMA", lambda: with_field("method/is_yardstick", True)),
    ("a paradigm in version 1", "E_SCHEMA", lambda: with_field("method/paradigm", "spiking")),
    ("an unknown paradigm", "E_SCHEMA", lambda: with_field("method/paradigm", "magic")),
    ("diverged seeds in version 1", "E_SCHEMA", lambda: with_field("diverged", [8, 9])),
    ("a paper without TLS", "E_URL", lambda: with_paper(url="http://example.org")),
    ("a paper of the future", "E_SCHEMA", lambda: with_paper(year=2500)),
    ("a paper with a hidden character", "E_TEXT", lambda: with_paper(title="A\u200bB")),
    ("a list", "E_SCHEMA", lambda: with_members(manifest_json=b"[]")),
    ("an unknown field", "E_SCHEMA", lambda: with_field("hps", 0.99)),
    ("an unknown field within", "E_SCHEMA", lambda: with_field("method/rank", 1)),
    ("a missing field", "E_SCHEMA", lambda: with_manifest(lambda document: document.pop("method"))),
    ("text for a number", "E_SCHEMA", lambda: with_field("configuration/steps", "3000")),
    ("a fraction of a step", "E_SCHEMA", lambda: with_field("configuration/steps", 0.5)),
    ("no name", "E_SCHEMA", lambda: with_field("display_name", "")),
    ("a long name", "E_SCHEMA", lambda: with_field("display_name", "a" * 101)),
    ("a long description", "E_SCHEMA", lambda: with_field("description", "a" * 501)),
    ("a method's name with a path", "E_SCHEMA", lambda: with_field("method/name", "../erm")),
    ("an unknown use", "E_SCHEMA", lambda: with_field("method/uses", ["test_labels"])),
    (
        "uses out of order",
        "E_SCHEMA",
        lambda: with_field("method/uses", ["test_time", "environments"]),
    ),
    ("an unknown selection", "E_SCHEMA", lambda: with_field("selection/rule", "test-set")),
    ("a fixed choice of fifty", "E_SCHEMA", lambda: with_field("selection/n_trials", 50)),
    ("a negative cost", "E_SCHEMA", lambda: with_field("seeds/0/cost", {"parameters": -1})),
    ("a script as address", "E_URL", lambda: with_field("paper_url", "javascript:alert(1)")),
    ("an address without TLS", "E_URL", lambda: with_field("code_url", "http://example.org")),
    ("an address without host", "E_URL", lambda: with_field("code_url", "https:///x")),
    (
        "an address with a password",
        "E_URL",
        lambda: with_field("code_url", "https://a:b@example.org"),
    ),
    (
        "an address with a quote",
        "E_URL",
        lambda: with_field("code_url", 'https://a.org/"onclick=x'),
    ),
    ("an address with a bad port", "E_URL", lambda: with_field("code_url", "https://a.org:99999/")),
    ("a probe of no images", "E_SCHEMA", lambda: _probed(n=0, correct=0)),
    ("a probe right too often", "E_SCHEMA", lambda: _probed(n=1, correct=2)),
    ("a seed twice", "E_SEEDS", lambda: _seeds(0, 1, 1)),
    ("seeds out of order", "E_SEEDS", lambda: _seeds(2, 1, 0)),
    ("a diverged seed with predictions", "E_SEEDS", lambda: with_field("diverged", [1])),
    ("a diverged seed twice", "E_SEEDS", lambda: with_field("diverged", [8, 8])),
    ("no seed", "E_SCHEMA", lambda: _seeds()),
    ("a seed too large", "E_SCHEMA", lambda: _seeds(0, 1, 65536)),
    (
        "a model card that is not UTF-8",
        "E_MODEL_CARD",
        lambda: with_members(model_card_md=b"\xff\xfe"),
    ),
    ("a model card with an escape", "E_TEXT", lambda: with_members(model_card_md=b"\x1b[2J")),
    ("an environment that is a list", "E_SCHEMA", lambda: with_members(environment_json=b"[1]")),
    (
        "an environment with NaN",
        "E_JSON_NUMBER",
        lambda: with_members(environment_json=b'{"a": NaN}'),
    ),
]
