"""A family has benchmarks that differ along one axis. All else is refused in a sentence."""

import colorsys

import pytest
import yaml

from data_gen.foundation.errors import DGBenchError, UsageError
from data_gen.registry import registered_files
from data_gen.spec_files import find_spec
from dgbench.cli.names import member_names
from dgbench.lists import documents
from dgbench.lists.family import FAMILIES_GROUP, families, find_family, specs_of

SHIPPED = {
    "color-predictivity": ("falls", "mnist-color@1"),
    "color-availability": ("falls", "mnist-color@1"),
    "tint-availability": ("rises", "mnist-color-swap@1"),
}


def written(folder, **changes):
    """The path of a family in a file, which has some keys changed."""
    document = {
        "name": "mine",
        "summary": "How many counter-examples?",
        "axis": {"pattern": "color", "strength": "rho", "title": "predictivity"},
        "trend": "falls",
        "members": [
            {"level": 0.95, "benchmark": "mnist-color-rho950@1"},
            {"level": 1, "benchmark": "mnist-color@1"},
        ],
        **changes,
    }
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(document))
    return str(path)


def members(*levels_and_names):
    return [{"level": level, "benchmark": name} for level, name in levels_and_names]


PALETTE = {"pattern": "color", "strength": "saturation", "title": "saturation"}
BAD = [
    ({"members": members((1, "mnist-color@1"))}, "has one member, mnist-color@1. A curve needs"),
    (
        {"members": members((1, "mnist-color@1"), (0.95, "mnist-color-rho950@1"))},
        "the level 0.95 of mnist-color-rho950@1 comes after 1. List the members from the lowest",
    ),
    (
        {"members": members((0.95, "mnist-color-rho950@1"), (0.95, "mnist-color@1"))},
        "the level 0.95 of mnist-color@1 comes after 0.95",
    ),
    (
        {"members": members((0.95, "mnist-colour@1"), (1, "mnist-color@1"))},
        "no benchmark is called 'mnist-colour@1'. Did you mean 'mnist-color@1'",
    ),
    (
        {"members": members((0.95, "mnist-color-rho950"), (1, "mnist-color@1"))},
        "the member 'mnist-color-rho950' has no version, so what it means would change",
    ),
    (
        {"members": members((0.95, "mnist-color@1"), (1, "mnist-color@1"))},
        "the member 'mnist-color@1' is there twice",
    ),
    (
        {"members": members((0.5, "colored-mnist@1"), (1, "mnist-color@1"))},
        "colored-mnist@1 has no hidden pattern",
    ),
    (
        {"members": members((0.9, "mnist-color-weak@1"), (1, "mnist-color@1"))},
        r"mnist-color@1 differs from mnist-color-weak@1 in patterns.shape.rho \(1.0, 0.9\)",
    ),
    (
        {"members": members((0.95, "mnist-color-5k@1"), (1, "mnist-color@1"))},
        r"differs from mnist-color-5k@1 in budget.steps \(3000, \d+\)",
    ),
    (
        {"members": members((0.9, "mnist-color-rho950@1"), (1, "mnist-color@1"))},
        "mnist-color-rho950@1 has rho 0.95 of color, not 0.9. Write that level",
    ),
    (
        {"axis": {"pattern": "colour", "strength": "rho", "title": "rho"}},
        "has no pattern 'colour'. Its patterns are shape, color",
    ),
    (
        {"axis": {"pattern": "color", "strength": "look.palette", "title": "palette"}},
        "'look.palette' is not a number of the pattern 'color'. A strength is 'saturation', ",
    ),
    (
        {"axis": {"pattern": "color", "strength": "look.noise", "title": "noise"}},
        r"mnist-color@1 differs from mnist-color-rho950@1 in patterns.color.rho \(1.0, 0.95\)",
    ),
    (
        {"axis": {"pattern": "shape", "strength": "saturation", "title": "saturation"}},
        "mnist-color-rho950@1: the pattern 'shape' has no palette",
    ),
    (
        {"axis": PALETTE, "members": members((0.1, "mnist-color-sat20@1"), (1, "mnist-color@1"))},
        r"mnist-color-sat20@1 has the colour \[255, 217, 217\] .* By its level it would be "
        r"\[255, 236, 236\], which is \[255, 64, 64\] of the last member at 10.0%",
    ),
    (
        {"axis": PALETTE, "members": members((0.1, "mnist-color-swap@1"), (1, "mnist-color@1"))},
        "differs from mnist-color-swap@1 in hidden",
    ),
    ({"trend": "sinks"}, "mine.yaml: trend: Input should be 'rises' or 'falls', got 'sinks'"),
    ({"levels": [1, 2]}, "mine.yaml: levels: unknown key"),
]


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_family_differs_in_its_axis_alone(name):
    family = find_family(name)
    assert (family.trend, SHIPPED[name][1] in family.benchmarks) == (SHIPPED[name][0], True)
    assert list(specs_of(family)) == list(family.benchmarks)


def test_the_shipped_families_are_listed():
    assert list(families()) == sorted(SHIPPED)


@pytest.mark.parametrize(
    ("name", "vivid", "brightness"),
    [("color-availability", 0.75, 1.0), ("tint-availability", 1.0, 0.92)],
)
def test_the_palettes_have_the_hues_and_the_saturation_of_their_level(name, vivid, brightness):
    """The eleven hues are evenly spaced, but for the rounding to whole channels."""
    family = find_family(name)
    for level, spec in zip(family.levels, specs_of(family).values(), strict=True):
        look = spec.entries["color"].look
        expected = [
            [
                round(255 * channel)
                for channel in colorsys.hsv_to_rgb(hue / 11, level * vivid, brightness)
            ]
            for hue in range(11)
        ]
        assert [list(color) for color in (*look.palette, look.neutral)] == expected


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_something_else_is_refused_in_a_sentence(tmp_path, changes, message):
    with pytest.raises(UsageError, match=message):
        find_family(written(tmp_path, **changes))


def test_a_sweep_takes_the_members_of_families_and_suites_once():
    names = member_names(families=["color-predictivity,color-availability"], suites=["core"])
    assert names[:5] == find_family("color-predictivity").benchmarks
    assert names.count("mnist-color@1") == 1
    assert len(names) == 5 + 5 + 5


def test_extra_domains_and_texts_may_differ():
    pale, vivid = find_spec("mnist-color-sat05@1"), find_spec("mnist-color@1")
    assert set(vivid.domains) < set(pale.domains)
    assert pale.about != vivid.about


def test_two_families_of_one_name_are_refused(tmp_path, monkeypatch):
    """A stranger's package names a family like one that is shipped."""
    shipped = list(registered_files(FAMILIES_GROUP, "families"))
    another = tmp_path / "another.yaml"
    another.write_text(shipped[0].read_text())
    monkeypatch.setattr(documents, "registered_files", lambda *_: [*shipped, another])
    with pytest.raises(DGBenchError, match="'color-availability' is registered twice"):
        families()


def test_an_unknown_family_is_refused_with_the_nearest_name():
    with pytest.raises(UsageError, match=r"No family is called .* Did you mean 'color-predict"):
        find_family("colour-predictivity")
