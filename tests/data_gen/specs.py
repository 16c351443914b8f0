"""Specs for tests: one plain one to vary, and random ones."""

from typing import Any

from hypothesis import strategies as st

RED, GREEN, BLUE, GREY = [255, 0, 0], [0, 255, 0], [0, 0, 255], [90, 90, 90]


def palette(k: int) -> list[list[int]]:
    """K colours far apart."""
    return [[255 * (i & 1), 255 * (i >> 1 & 1), 60 * (i >> 2) + 60] for i in range(k)]


def document(**changes: Any) -> dict[str, Any]:
    """A valid spec of coloured digits, with some fields changed."""
    return {
        "name": "test-set",
        "version": 1,
        "summary": "Coloured digits.",
        "source": "mnist-5k",
        "classes": [str(digit) for digit in range(10)],
        "patterns": [
            {"name": "shape", "kind": "shape", "rho": 1.0, "renderings": ["mean", "neutral"]},
            {
                "name": "color",
                "kind": "foreground_color",
                "rho": 1.0,
                "look": {"palette": palette(10), "neutral": GREY},
            },
        ],
        "hidden": ["shape"],
        "domains": ["id", "up.*", "only.*", "mp.*", "conflict", "none"],
        "budget": {"steps": 10, "batch_size": 8},
        **changes,
    }


def looks(k: int) -> list[tuple[str, dict[str, Any]]]:
    """Every built-in kind but the shape's own, with a look of k values."""
    places = [[i % 5 * 5, i // 5 * 20] for i in range(k)]
    patch = {"places": places, "neutral": [12, 12]}
    return [
        ("foreground_color", {"palette": palette(k), "neutral": GREY, "noise": 0.3}),
        ("background_color", {"palette": palette(k), "neutral": GREY}),
        ("background_color", {"palette": palette(k), "neutral": GREY, "region": "left"}),
        ("background_color", {"palette": palette(k), "neutral": GREY, "region": "right"}),
        ("patch_color", {"palette": palette(k), "neutral": GREY, "corner": "bottom-right"}),
        ("patch_position", patch),
        ("texture", {"orientations": k}),
        ("stroke_thickness", {"quarters": [q for q in range(-2, 10) if q][:k]}),
        (
            "glyph_position",
            {"offsets": [[i - 5, 2] for i in range(k)], "neutral": [0, -6]},
        ),
        ("glyph_scale", {"sixteenths": list(range(5, 5 + k)), "neutral": 22}),
        ("frame", {"styles": k}),
        (
            "xor",
            {
                "n_values": k,
                "first": {"kind": "frame", "look": {"styles": k}},
                "second": {"kind": "patch_position", "look": patch},
            },
        ),
    ]


@st.composite
def spec_documents(draw: st.DrawFn) -> dict[str, Any]:
    """Random valid specs: number of classes, kinds, predictivities, parents."""
    k = draw(st.integers(2, 10))
    target = {digit: digit % k for digit in range(10)}
    rho = st.floats(1 / k + 1e-9, 1) | st.just(1.0)
    kinds = draw(st.lists(st.sampled_from(looks(k)), min_size=1, max_size=3))
    patterns: list[dict[str, Any]] = [
        {"name": "shape", "kind": "shape", "rho": draw(rho), "renderings": ["mean", "neutral"]}
    ]
    for index, (kind, look) in enumerate(kinds[: k - 1]):
        parent = draw(st.sampled_from(["class", *(entry["name"] for entry in patterns)]))
        patterns.append(
            {"name": f"p{index}", "kind": kind, "rho": draw(rho), "parent": parent, "look": look}
        )
    return document(
        classes=[str(value) for value in range(k)],
        target=target,
        patterns=patterns,
        hidden=[draw(st.sampled_from([entry["name"] for entry in patterns]))],
        domains=["id", "up.*", "only.*", "cp.*", "mp.*", "conflict", "none"],
        seed=draw(st.integers(0, 2**31)),
    )
