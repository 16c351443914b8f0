"""A spec says what is wrong in one sentence, and every field is part of its identity."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

from data_gen.foundation.documents import canonical_json, digest_of
from data_gen.foundation.errors import UsageError
from data_gen.spec import Spec
from data_gen.spec_files import (
    companion_name,
    companion_of,
    find_spec,
    newest,
    parse_spec,
    registered,
    spec_from,
    successor_of,
)
from tests.data_gen.specs import document, palette, spec_documents

THE_ISSUES_BENCHMARKS = {
    "mnist-color@1",
    "mnist-color-5k@1",
    "mnist-color-swap@1",
    "mnist-color-weak@1",
    "mnist-color-rho900@1",
    "mnist-color-sat05@1",
    "mnist-color-sat10@1",
    "mnist-color-sat20@1",
    "mnist-color-sat35@1",
    "mnist-color-sat60@1",
    "mnist-color-tint05@1",
    "mnist-color-tint20@1",
    "mnist-color-tint30@1",
    "mnist-color-tint50@1",
    "mnist-color-tint75@1",
    "mnist-color-rho950@1",
    "mnist-color-rho980@1",
    "mnist-color-rho995@1",
    "mnist-color-dev@1",
    "mnist-color-swap-dev@1",
    "mnist-ladder-dev@1",
    "mnist-ladder@1",
    "mnist-ladder@2",
    "mnist-fashion-dominoes@1",
    "mnist-collage@1",
    "mnist-collage@2",
    "mnist-collage-shuffled@1",
    "mnist-collage-shuffled@2",
    "mnist-position@1",
    "mnist-texture@1",
    "fashion-color@1",
    "colored-mnist@1",
    "rotated-mnist@1",
}


def entry(index, **changes):
    """The test spec with one pattern changed."""
    raw = document()
    raw["patterns"][index] = {**raw["patterns"][index], **changes}
    return raw


def color_look(**changes):
    return entry(1, look={"palette": palette(10), "neutral": [90, 90, 90], **changes})


BAD = [
    (document(colour=1), r"colour: unknown key"),
    (document(sumary="x"), r"sumary: unknown key. Did you mean 'summary'\?"),
    (entry(1, rhoo=1), r"patterns.1.rhoo: unknown key. Did you mean 'rho'\?"),
    (document(name="Test Set"), r"name: String should match pattern"),
    (entry(1, rho=0.05), r"'color': rho is 0.05, expected between 1/K = 0.1"),
    (entry(1, rho=1.5), r"patterns.1.rho: Input should be less than or equal to 1, got 1.5"),
    (entry(1, kind="colour"), r"No installed package registers the pattern kind 'colour'"),
    (entry(1, kind="forground_color"), r"Did you mean 'foreground_color'\?"),
    (entry(1, parent="shpe"), r"'color': no pattern is called 'shpe'. Did you mean 'shape'\?"),
    (entry(1, parent="color"), r"circle: color -> color"),
    (entry(0, parent="color"), r"its parent is the class"),
    (entry(1, name="shape"), r"two patterns are called 'shape'"),
    (entry(1, name="label"), r"'label' is taken by a column"),
    (entry(1, name="a-b"), r"patterns.1.name: String should match pattern"),
    (entry(1, block=1), r"'color' is on block 1, the grid has 1"),
    (entry(0, renderings=["mean", "absent"]), r"'color' shows only on its glyph"),
    (entry(1, kind="shape", look={}), r"exactly one pattern must be of kind 'shape', found 2"),
    (color_look(palette=palette(9)), r"'color' has 9 values, the benchmark has 10 classes"),
    (color_look(size=3), r"foreground_color: look.size: unknown key"),
    (color_look(noise=-1), r"look.noise: Input should be greater than or equal to 0, got -1"),
    (color_look(neutral=palette(10)[3]), r"neutral colour .* is also in the palette"),
    (color_look(palette=[[0, 0, 0]] * 10), r"two colours of the palette are the same"),
    (document(hidden=["colour"]), r"hidden: no pattern is called 'colour'"),
    (document(hidden=["shape", "color"]), r"one pattern must be left as the dominant one"),
    (document(hidden=[]), r"either hidden patterns or environments"),
    (document(domains=["up.color"]), r"'id' is missing"),
    (document(domains=["id", "up.colour"]), r"'up.colour' names no domain"),
    (document(domains=["id", "mp.shape.absent"]), r"'mp.shape.absent' names no domain"),
    (document(domains=["id", "solo.color.absent"]), r"'shape' is never 'absent'"),
    (document(target=dict.fromkeys(range(10), 0)), r"target must reach every class"),
    (document(environments=[{"name": "a"}]), r"either hidden patterns or environments"),
    (
        document(hidden=[], domains=["env.*"], environments=[{"name": "a"}, {"name": "b"}]),
        r"some environments must be held out",
    ),
    (
        document(
            hidden=[],
            domains=["env.*"],
            environments=[{"name": "a", "held_out": True, "rho": {"x": 1}}, {"name": "b"}],
        ),
        r"environment 'a': no pattern is called 'x'",
    ),
    (
        document(
            hidden=[],
            domains=["env.*"],
            environments=[
                {"name": "a", "held_out": True, "look": {"shape": {"turn": 3}}},
                {"name": "b"},
            ],
        ),
        r"environment 'a': look: turn: unknown key",
    ),
    ([1, 2], r"expected a mapping"),
]


@pytest.mark.parametrize(("raw", "message"), BAD, ids=[message for _, message in BAD])
def test_a_mistake_is_named_in_one_line(raw, message):
    with pytest.raises(UsageError, match=message) as caught:
        spec_from(raw, where="my.yaml")
    assert str(caught.value).startswith("my.yaml:")
    assert "\n" not in str(caught.value)


def test_an_unknown_parent_further_up_the_line_is_named():
    raw = entry(1, parent="frame")
    raw["patterns"].append(
        {"name": "frame", "kind": "frame", "rho": 1.0, "parent": "shpe", "look": {"styles": 10}}
    )
    with pytest.raises(UsageError, match="'frame': no pattern is called 'shpe'"):
        spec_from(raw, where="test")


def test_a_circle_of_parents_is_named():
    raw = entry(1, parent="frame")
    look = {"styles": 10}
    raw["patterns"].append(
        {"name": "frame", "kind": "frame", "rho": 1.0, "parent": "color", "look": look}
    )
    with pytest.raises(UsageError, match="circle: color -> frame -> color"):
        spec_from(raw, where="my.yaml")


def test_more_patterns_than_classes_cannot_all_conflict():
    raw = document(classes=["a", "b"], target={i: i % 2 for i in range(10)})
    raw["patterns"][1]["look"] = {"palette": palette(2), "neutral": [90, 90, 90]}
    look = {"styles": 2}
    raw["patterns"].append({"name": "frame", "kind": "frame", "rho": 1.0, "look": look})
    with pytest.raises(UsageError, match="conflict needs a class a pattern"):
        spec_from(raw, where="my.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: [", "line 2 is not valid YAML"),
        ("name: a\nname: b\n", "line 1 is not valid YAML: the key 'name' is here twice"),
        ("name: !!python/object/apply:os.system [ls]", "is not valid YAML"),
        ("", "expected a mapping"),
    ],
)
def test_a_file_that_is_not_yaml_is_refused(text, message):
    with pytest.raises(UsageError, match=message):
        parse_spec(text, where="my.yaml")


def test_all_expected_benchmarks_are_registered_and_valid():
    assert set(registered()) >= THE_ISSUES_BENCHMARKS
    for name in registered():
        assert find_spec(name).id == name


def test_mnist_color_has_the_required_domains():
    spec = find_spec("mnist-color")
    assert list(spec.listed_names) == [
        "id",
        "mp.color.mean",
        "mp.color.neutral",
        "mp.color.absent",
        "up.color",
        "only.color",
        "only.shape",
        "conflict",
        "none",
    ]
    assert spec.listed_aliases == {"only.shape": "up.color"}


def test_solo_domains_have_their_names_though_a_spec_lists_them_under_others():
    spec = find_spec("mnist-color")
    assert spec.aliases == spec.listed_aliases | {
        f"solo.shape.{rendering}": f"mp.color.{rendering}"
        for rendering in ("mean", "neutral", "absent")
    }
    assert spec.solo_domains("shape") == ("mp.color.mean", "mp.color.neutral", "mp.color.absent")
    assert spec.solo_domains("color") == ()
    assert find_spec("mnist-ladder@1").solo_domains("shape") == ()
    assert find_spec("colored-mnist@1").solo_domains("shape") == ()


def test_a_spec_whose_other_patterns_share_no_rendering_is_refused():
    raw = entry(1, renderings=["absent"])
    look = {"styles": 10}
    frame = {"name": "frame", "kind": "frame", "rho": 1.0, "look": look, "renderings": ["neutral"]}
    raw["patterns"].append(frame)
    raw["domains"] = ["id", "solo.*"]
    with pytest.raises(UsageError, match=r"^my.yaml: 'solo.shape.\*' stands for no domain"):
        spec_from(raw, where="my.yaml")
    raw["domains"] = ["id", "solo.color.*"]
    assert spec_from(raw, where="my.yaml").solo_domains("color") == ("solo.color.neutral",)


def test_the_ladder_has_its_whole_factorial_once():
    spec = find_spec("mnist-ladder@1")
    bits = [name for name in spec.listed_names if name.startswith("f.")]
    assert len(bits) == 64
    canonical = [test for test in spec.test_domains if test.name.startswith("f.")]
    assert len(canonical) == 64 - 14
    assert all(test.is_small for test in canonical)
    assert spec.aliases["f.111111"] == "id"


GROWN = ("mnist-ladder", "mnist-collage", "mnist-collage-shuffled")


@pytest.mark.parametrize("name", GROWN)
def test_version_2_adds_every_solo_domain_on_all_test_digits(name):
    first, second = find_spec(f"{name}@1"), find_spec(f"{name}@2")
    added = {test.name for test in second.test_domains} - {t.name for t in first.test_domains}
    assert added == {
        domain for pattern in second.entries for domain in second.solo_domains(pattern)
    }
    assert not any(test.is_small for test in second.test_domains if test.name in added)
    unchanged = {"about": "", "version": 1, "domains": ()}
    assert second.model_copy(update=unchanged) == first.model_copy(update=unchanged)


@pytest.mark.parametrize("name", GROWN)
def test_lists_show_the_newest_version_and_the_older_one_names_it(name):
    assert f"{name}@2" in newest()
    assert f"{name}@1" not in newest()
    assert successor_of(f"{name}@1") == f"{name}@2"
    assert successor_of(f"{name}@2") is None


def test_unregistered_benchmarks_have_no_successor():
    assert successor_of("mnist-color@1") is None
    assert successor_of("mnist-ladder@3") is None
    assert successor_of("mine@1") is None


def test_each_version_has_files_of_its_own_beside_its_spec(tmp_path):
    beside = tmp_path / "mine.yaml"
    first, second = find_spec("mnist-ladder@1"), find_spec("mnist-ladder@2")
    (tmp_path / "mnist-ladder.txt").write_text("one")
    assert companion_of(second, ".txt", beside=beside) == ("mnist-ladder.txt", "one")
    (tmp_path / "mnist-ladder@2.txt").write_text("two")
    assert companion_of(second, ".txt", beside=beside) == ("mnist-ladder@2.txt", "two")
    assert companion_of(first, ".txt", beside=beside) == ("mnist-ladder.txt", "one")
    assert companion_of(first, ".json", beside=beside) is None


def test_a_bare_name_means_the_newest_version():
    assert find_spec("mnist-ladder").id == "mnist-ladder@2"
    assert find_spec("mnist-color").id == "mnist-color@1"
    with pytest.raises(UsageError, match=r"Did you mean 'mnist-color'\?"):
        find_spec("mnist-colour")


def test_names_of_specs_and_files_agree():
    folder = Path("data_gen/specs")
    for file in folder.glob("*.yaml"):
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        identity = f"{document['name']}@{document['version']}"
        assert file.name == companion_name(identity, ".yaml")


def changed(value):
    """Another value of the same type."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return value * 0.9 + 0.001
        case str():
            return value + "x"
    raise TypeError(type(value))


def leaves(node, path=()):
    if isinstance(node, dict):
        for key, child in node.items():
            yield from leaves(child, (*path, key))
    elif isinstance(node, list | tuple):
        for index, child in enumerate(node):
            yield from leaves(child, (*path, index))
    elif node is not None:
        yield path


def replaced(node, path):
    if not path:
        return changed(node)
    copy = dict(node) if isinstance(node, dict) else list(node)
    copy[path[0]] = replaced(node[path[0]], path[1:])
    return copy


@pytest.mark.parametrize("name", sorted(THE_ISSUES_BENCHMARKS))
def test_every_field_changes_the_digest(name):
    """Fields are changed one by one, without validation: most changes make a spec invalid."""
    spec = find_spec(name)
    raw = spec.model_dump(mode="json")
    digests = {digest_of(canonical_json(raw))}
    assert digests == {spec.digest}
    paths = list(leaves(raw))
    for path in paths:
        digests.add(digest_of(canonical_json(replaced(raw, path))))
    assert len(digests) == len(paths) + 1
    assert {path[0] for path in paths} >= set(Spec.model_fields) - {"target", "environments"} - {
        "hidden",
        "small_domains",
    }


@settings(max_examples=30, deadline=None)
@given(spec_documents())
def test_a_spec_survives_json_and_keeps_its_digest(raw):
    spec = spec_from(raw, where="test")
    again = spec_from(spec.model_dump(mode="json"), where="test")
    assert again == spec
    assert again.digest == spec.digest
