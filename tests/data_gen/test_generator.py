"""Rendered images: pairing, disjoint glyphs, leakage, independence of everything but the keys."""

import random
import re
from math import sqrt

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_gen.build import build
from data_gen.domain import Domain
from data_gen.foundation.errors import UsageError
from data_gen.generator import Generator
from data_gen.measure import DriftError, Tally, check_part
from data_gen.sources import load_sources
from data_gen.spec_files import find_spec, spec_from
from data_gen.splits import Part
from tests.data_gen.specs import GREY, document, palette, spec_documents


@pytest.fixture(scope="module")
def sources():
    return load_sources(["mnist-5k"])


def rendered(generator, name):
    chunks = [chunk for _, chunk in generator.chunks(generator.split(name))]
    columns = {p: np.concatenate([c.values[p] for c in chunks]) for p in chunks[0].values}
    return (
        np.concatenate([chunk.images for chunk in chunks]),
        np.concatenate([chunk.labels for chunk in chunks]),
        columns,
        np.concatenate([chunk.source_index for chunk in chunks]),
    )


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(raw=spec_documents(), data=st.data())
def test_chunks_order_and_the_callers_random_state_change_nothing(sources, raw, data):
    spec = spec_from(raw, where="test")
    generator = Generator(spec, sources)
    name = data.draw(st.sampled_from(list(generator.splits)))
    split = generator.splits[name]
    whole = [chunk for _, chunk in generator.chunks(split, size=10_000)]
    np.random.seed(data.draw(st.integers(0, 9)))
    random.seed(1)
    other = Generator(spec, sources)
    pieces = [chunk for _, chunk in other.chunks(split, size=data.draw(st.integers(50, 900)))]
    assert np.array_equal(
        np.concatenate([c.images for c in whole]), np.concatenate([c.images for c in pieces])
    )
    assert np.array_equal(
        np.concatenate([c.labels for c in whole]), np.concatenate([c.labels for c in pieces])
    )


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(raw=spec_documents())
def test_random_specs_pass_the_generators_own_checks_and_pair_their_digits(sources, raw):
    """Realised correlations, states, no leakage: in every split of a random benchmark."""
    spec = spec_from(raw, where="test")
    generator = Generator(spec, sources)
    parents = {name: entry.parent for name, entry in spec.entries.items()}
    shown = {}
    for name, split in generator.splits.items():
        tally = Tally(len(spec.classes))
        indices = []
        for _, chunk in generator.chunks(split):
            tally.add(chunk.labels, chunk.values, parents)
            indices.append(chunk.source_index)
        check_part(spec, name, split.parts[0], tally)
        shown[name] = np.concatenate(indices)
    tests = [shown[test.name].tolist() for test in spec.test_domains]
    assert all(indices == tests[0] for indices in tests)


def test_no_glyph_is_in_two_of_train_validation_unlabelled_and_test(sources):
    generator = Generator(find_spec("mnist-color-5k"), sources)
    train, test = sources["mnist-5k"].train, sources["mnist-5k"].test
    names = ("train", "validation", "unlabelled_ood", "id")
    seen: set[bytes] = set()
    total = 0
    for name in names:
        pool = test if name == "id" else train
        index = rendered(generator, name)[3]
        seen |= {pool.images[i].tobytes() for i in index}
        total += len(index)
    assert len(seen) == total == 5000


def test_second_glyphs_come_from_the_digits_of_their_own_split(sources):
    raw = document(grid={"rows": 2, "columns": 1})
    raw["patterns"][1] = {
        "name": "twin",
        "kind": "second_glyph",
        "rho": 1.0,
        "block": 1,
        "look": {"source": "mnist-5k"},
    }
    generator = Generator(spec_from(raw, where="test"), sources)
    pools = {"train": {}, "test": {}}
    for pool in pools:
        glyphs = getattr(sources["mnist-5k"], pool).images
        pools[pool] = {glyph.tobytes(): index for index, glyph in enumerate(glyphs)}
    lower = {}
    for name in ("train", "validation", "unlabelled_ood", "id", "up.twin"):
        images, _, _, own = rendered(generator, name)
        class_of_glyph = pools["test" if name in ("id", "up.twin") else "train"]
        assert images.shape[1:] == (56, 28, 3)
        second = [
            class_of_glyph[np.ascontiguousarray(image[28:, :, 0]).tobytes()] for image in images
        ]
        lower[name] = (set(second), set(own.tolist()))
    for name, (second, own) in lower.items():
        assert second <= own, name


def test_the_same_image_keeps_its_nuisance_in_every_domain(sources):
    """A grating's phase, drawn without the domain: the same where value and rendering are."""
    raw = document()
    raw["patterns"][1] = {"name": "texture", "kind": "texture", "rho": 1.0}
    raw["domains"] = ["id", "up.texture", "only.texture"]
    generator = Generator(spec_from(raw, where="test"), sources)
    images, _, values, _ = rendered(generator, "id")
    others, _, other_values, _ = rendered(generator, "up.texture")
    same = values["texture"] == other_values["texture"]
    assert 0 < same.sum() < len(same)
    assert np.array_equal(images[same], others[same])
    assert not (images[~same] == others[~same]).all(axis=(1, 2, 3)).any()


def test_adding_a_pattern_moves_no_other_patterns_pixels_or_values(sources):
    raw = document()
    raw["patterns"][1]["rho"] = 0.7
    raw["patterns"][1]["look"]["noise"] = 0.3
    fewer = Generator(spec_from(raw, where="test"), sources)
    patch = {"name": "patch", "kind": "frame", "rho": 0.6, "look": {"styles": 10, "thickness": 1}}
    raw["patterns"] = [*raw["patterns"], patch]
    more = Generator(spec_from(raw, where="test"), sources)
    for name in ("train", "id", "up.color", "mp.color.mean"):
        images, labels, values, _ = rendered(fewer, name)
        wider, same_labels, same_values, _ = rendered(more, name)
        assert np.array_equal(labels, same_labels)
        assert np.array_equal(values["color"], same_values["color"])
        assert np.array_equal(images[:, 1:-1, 1:-1], wider[:, 1:-1, 1:-1])


def test_another_seed_gives_other_splits_and_other_images(sources):
    spec = find_spec("mnist-color-5k")
    ours, theirs = Generator(spec, sources), Generator(spec, sources, seed=1)
    assert rendered(ours, "validation")[3].tolist() != rendered(theirs, "validation")[3].tolist()
    assert not np.array_equal(rendered(ours, "up.color")[0], rendered(theirs, "up.color")[0])


def test_multiplying_draws_each_training_glyph_anew_and_leaves_the_rest(sources):
    spec = find_spec("mnist-color-5k")
    once, thrice = Generator(spec, sources), Generator(spec, sources, multiply=3)
    assert len(thrice.splits["train"]) == 3 * len(once.splits["train"])
    images, _, _, index = rendered(thrice, "train")
    n = len(once.splits["train"])
    assert np.array_equal(images[:n], rendered(once, "train")[0])
    assert np.array_equal(index[:n], index[n : 2 * n])
    assert not np.array_equal(images[:n], images[n : 2 * n])
    assert np.array_equal(rendered(once, "id")[0], rendered(thrice, "id")[0])


def test_shuffled_blocks_are_the_same_blocks_in_other_places(sources):
    raw = document(grid={"rows": 2, "columns": 2})
    raw["patterns"][1]["kind"] = "background_color"
    raw["patterns"][1]["block"] = 3
    ordered = Generator(spec_from(raw, where="test"), sources)
    raw["grid"] = {**raw["grid"], "shuffled": True}
    shuffled = Generator(spec_from(raw, where="test"), sources)

    def blocks(images):
        cut = images.reshape(-1, 2, 28, 2, 28, 3).transpose(0, 1, 3, 2, 4, 5)
        return [[block.tobytes() for block in image] for image in cut.reshape(len(images), 4, -1)]

    in_order, other = (blocks(rendered(generator, "id")[0]) for generator in (ordered, shuffled))
    pairs = list(zip(in_order, other, strict=True))
    assert all(sorted(a) == sorted(b) for a, b in pairs)
    places = np.bincount([b.index(a[0]) for a, b in pairs], minlength=4)
    assert np.abs(places - 250).max() < 6 * sqrt(250)


def test_development_domains_show_validation_digits_only(sources):
    generator = Generator(find_spec("mnist-color-5k"), sources)
    _, labels, values, index = rendered(generator, "dev.up.color")
    assert index.tolist() == rendered(generator, "validation")[3].tolist()
    assert (values["shape"] == labels).all()
    assert abs((values["color"] == labels).mean() - 0.1) < 6 * sqrt(0.09 / 400)


def test_an_alias_is_its_canonical_split(sources):
    generator = Generator(find_spec("mnist-color-5k"), sources)
    assert generator.split("only.shape") is generator.split("up.color")
    with pytest.raises(UsageError, match=r"no split 'up.colour'. Did you mean 'up.color'\?"):
        generator.split("up.colour")


def test_environments_have_their_own_correlations_and_share_no_training_digit(sources):
    spec = find_spec("colored-mnist").model_copy(update={"source": "mnist-5k"})
    generator = Generator(spec, sources)
    split = generator.splits["train"]
    first, second = (set(part.images.tolist()) for part in split.parts)
    assert not first & second
    assert abs(len(first) - len(second)) <= 1
    for part, chunk in generator.chunks(split, size=5000):
        expected = {"e90": 0.9, "e80": 0.8}[part.domain.environment]
        agrees = (chunk.values["color"] == chunk.labels).mean()
        assert abs(agrees - expected) < 6 * sqrt(expected * (1 - expected) / len(chunk.labels))
        assert chunk.environment == part.domain.environment
    flipped = rendered(generator, "env.e10")
    assert (flipped[2]["color"] == flipped[1]).mean() < 0.2
    assert abs((flipped[2]["shape"] == flipped[1]).mean() - 0.75) < 0.1


def test_a_source_without_the_right_classes_or_size_is_refused(sources):
    source = sources["mnist-5k"]
    raw = document(classes=["a", "b"])
    raw["patterns"][1] = {"name": "color", "kind": "frame", "rho": 1.0, "look": {"styles": 2}}
    two_classes = spec_from(raw, where="test")
    with pytest.raises(UsageError, match="needs glyphs of the classes 0 to 1"):
        Generator(two_classes, sources)
    small = spec_from(document(grid={"block": 20}), where="test")
    with pytest.raises(UsageError, match="blocks of 20x20 pixels; the glyphs of 'mnist-5k' are"):
        Generator(small, {"mnist-5k": source})


BROKEN = {
    "kept": ("id", lambda _, v: np.where(np.arange(len(v)) % 9 == 0, (v + 1) % 10, v)),
    "uncorrelated": ("up.color", lambda labels, v: np.where(np.arange(len(v)) < 300, labels, v)),
    "leak": ("up.color", lambda labels, _: (labels + 3) % 10),
    "conflicting": ("cp.color", lambda labels, v: np.where(np.arange(len(v)) == 7, labels, v)),
}


def two_patches(*, domains):
    """Two squares in the same corner, of which the second lies on the first."""
    raw = document(domains=["id", *domains])
    patch = {"palette": palette(10), "neutral": GREY}
    for name in ("below", "above"):
        raw["patterns"].append({"name": name, "kind": "patch_color", "rho": 1.0, "look": patch})
    return spec_from(raw, where="test")


def test_a_pattern_that_another_ones_rendering_hides_is_named(sources):
    hiding = two_patches(domains=["solo.above.*", "solo.below.neutral"])
    with pytest.raises(UsageError, match=r"'below' cannot be seen in 'solo\.below\.neutral'"):
        Generator(hiding, sources)
    generator = Generator(two_patches(domains=["solo.above.*"]), sources)
    loaded, labels, values, _ = rendered(generator, "solo.above.neutral")
    assert (values["above"] == labels).all()
    assert (values["below"] == -1).all()
    assert (values["shape"] == -1).all()
    assert len(np.unique(loaded.reshape(len(loaded), -1), axis=0)) == 10


def test_two_renderings_that_look_alike_are_refused(sources, tmp_path):
    """A neutral place outside the image shows nothing, as if the square were absent."""
    raw = document(domains=["id", "solo.shape.*"])
    look = {"places": [[0, 2 * k] for k in range(10)], "neutral": [90, 0], "side": 2}
    raw["patterns"][1:] = [
        {"name": name, "kind": "patch_position", "rho": 1.0, "look": look} for name in ("p", "q")
    ]
    generator = Generator(spec_from(raw, where="test"), sources)
    alike = "'solo.shape.neutral' and 'solo.shape.absent' show the same pixels"
    with pytest.raises(DriftError, match=re.escape(alike)):
        build(generator, tmp_path / "data")


def test_solo_with_two_patterns_is_the_split_of_the_missing_one(sources):
    generator = Generator(spec_from(document(), where="test"), sources)
    assert generator.split("solo.shape.mean") is generator.split("mp.color.mean")


@pytest.mark.parametrize("name", BROKEN)
def test_data_that_drift_from_their_spec_are_refused(sources, name):
    """Each check of the generator meets a set that breaks it, and the sound set passes."""
    domain, spoil = BROKEN[name]
    spec = spec_from(document(domains=["id", "up.color", "cp.color"]), where="test")
    generator = Generator(spec, sources)
    split = generator.split(domain)
    _, labels, values, _ = rendered(generator, domain)
    parents = {"shape": "class", "color": "class"}
    sound, spoiled = Tally(10), Tally(10)
    sound.add(labels, values, parents)
    spoiled.add(labels, {**values, "color": spoil(labels, values["color"])}, parents)
    check_part(spec, domain, split.parts[0], sound)
    with pytest.raises(DriftError, match="pattern 'color'"):
        check_part(spec, domain, split.parts[0], spoiled)


def test_a_rare_counter_example_is_accepted_and_an_impossible_one_refused():
    """One disagreement in 1,000 images: likely enough at rho 0.9999, impossible at 1."""
    raw = document()
    tally = Tally(10)
    labels = np.arange(1000) % 10
    color = np.where(np.arange(1000) == 7, (labels + 1) % 10, labels)
    parents = {"shape": "class", "color": "class"}
    tally.add(labels, {"shape": labels, "color": color}, parents)
    part = Part(domain=Domain(), images=np.arange(1000))
    raw["patterns"][1]["rho"] = 0.9999
    check_part(spec_from(raw, where="test"), "id", part, tally)
    raw["patterns"][1]["rho"] = 1.0
    with pytest.raises(DriftError, match=r"agrees in a share of 0\.999"):
        check_part(spec_from(raw, where="test"), "id", part, tally)


def test_a_child_that_leaves_its_parent_is_refused(sources):
    raw = document()
    look = {"styles": 10}
    raw["patterns"].append(
        {"name": "frame", "kind": "frame", "rho": 0.9, "parent": "color", "look": look}
    )
    spec = spec_from(raw, where="test")
    generator = Generator(spec, sources)
    _, labels, values, _ = rendered(generator, "id")
    parents = {"shape": "class", "color": "class", "frame": "color"}
    tally = Tally(10)
    tally.add(labels, {**values, "frame": np.zeros_like(labels)}, parents)
    with pytest.raises(DriftError, match=r"pattern 'frame' \(given 'color'\)"):
        check_part(spec, "id", generator.split("id").parts[0], tally)
