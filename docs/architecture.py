"""Draw the rooms of the house and what they import, from the code: docs/images/architecture.svg.

    python docs/architecture.py [--check]

A room is a folder, or a file directly in one of the packages. It stands one floor above the highest
room that it imports. An arrow that follows from others is left out: where A imports B and B imports
C, the arrow from A to C is not drawn. With --check nothing is written, and the exit code is 1 where
the picture is not that of the code.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise, product
from pathlib import Path
from statistics import fmean as mean
from typing import NamedTuple

import grimp

PICTURE = Path(__file__).parent / "images" / "architecture.svg"
BUILDINGS = ("baselines", "dgbench", "leaderboard", "data_gen")
"""The packages, from left to right where their rooms share a floor."""
WHOLE = {"data_gen", "baselines"}
"""Packages that are drawn as one room."""
FLOOR, HEIGHT, LETTER, GAP, MARGIN = 56, 28, 7.4, 26, 24
"""Distance of floors, height of a room, width of a letter, gap between rooms, margin, in pixels."""
STYLE = """
  text { font: 13px system-ui, sans-serif; text-anchor: middle; fill: #1b1f24 }
  text.key { text-anchor: start }
  rect { stroke-width: 1.2 } path { fill: none; stroke: #6b7480; stroke-width: 1.3 }
  marker path { fill: #6b7480; stroke: none }
  .baselines { fill: #f7dfc8; stroke: #c8742c } .dgbench { fill: #d5e6f5; stroke: #2f77b4 }
  .leaderboard { fill: #d8efe2; stroke: #2a8f62 } .data_gen { fill: #ece0f4; stroke: #8250a8 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e8ecf1 } path { stroke: #929ca8 } marker path { fill: #929ca8 }
    .baselines { fill: #4e3115 } .dgbench { fill: #163a59 }
    .leaderboard { fill: #12442e } .data_gen { fill: #3d2352 }
  }"""

Arrows = Mapping[str, frozenset[str]]
"""The rooms that each room imports."""


class Point(NamedTuple):
    """A place on the drawing, in pixels from its upper left corner."""

    x: float
    y: float


class Node(NamedTuple):
    """A room, or the place where an arrow passes a floor on its way down."""

    name: str
    floor: int
    is_room: bool = True

    @property
    def building(self) -> int:
        """The position of its package among the buildings."""
        return BUILDINGS.index(self.name.split(".")[0])

    @property
    def width(self) -> float:
        """The room that it takes on its floor."""
        return LETTER * len(label(self.name)) + 22 if self.is_room else 6


def main() -> int:
    """Draw the picture, or compare it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    picture = drawing(direct_arrows(imports()))
    if not parser.parse_args().check:
        PICTURE.write_text(picture, encoding="utf-8")
        return 0
    is_current = PICTURE.is_file() and PICTURE.read_text(encoding="utf-8") == picture
    if not is_current:
        sys.stderr.write("The picture shows another house. Run: python docs/architecture.py\n")
    return 0 if is_current else 1


def room_of(module: str) -> str:
    """The room in which a module lies."""
    package, *inner = module.split(".")
    return package if package in WHOLE or not inner else f"{package}.{inner[0]}"


def label(room: str) -> str:
    """The name of a room within its building."""
    return room.partition(".")[2] or room


def imports() -> Arrows:
    """Read from the code which rooms each room imports."""
    graph = grimp.build_graph(*BUILDINGS, exclude_type_checking_imports=True, cache_dir=None)
    arrows: dict[str, set[str]] = {}
    for module in graph.modules:
        room = room_of(module)
        imported = map(room_of, graph.find_modules_directly_imported_by(module))
        arrows.setdefault(room, set()).update(name for name in imported if name != room)
    bare = {name for name in BUILDINGS if name not in WHOLE}
    return {room: frozenset(arrows[room] - bare) for room in sorted(arrows) if room not in bare}


def direct_arrows(arrows: Arrows) -> Arrows:
    """Leave out every arrow that follows from others."""
    return {
        room: frozenset(
            name
            for name in imported
            if not any(name in reached(arrows, other) for other in imported if other != name)
        )
        for room, imported in arrows.items()
    }


def reached(arrows: Arrows, room: str) -> set[str]:
    """The rooms that a room imports, by way of others too."""
    rooms: set[str] = set()
    waiting = [room]
    while waiting:
        new = arrows[waiting.pop()] - rooms
        rooms |= new
        waiting += new
    return rooms


def floors(arrows: Arrows) -> dict[str, int]:
    """Find the floor of each room.

    Raises:
        ValueError: Rooms import each other in a circle.
    """
    if circle := [room for room in arrows if room in reached(arrows, room)]:
        raise ValueError(f"These rooms import each other in a circle: {', '.join(circle)}.")
    floor: dict[str, int] = {}
    for room in sorted(arrows, key=lambda name: len(reached(arrows, name))):
        floor[room] = 1 + max((floor[name] for name in arrows[room]), default=-1)
    return floor


def paths_down(arrows: Arrows, floor: Mapping[str, int]) -> list[list[Node]]:
    """For each arrow its rooms and the places between them, one on each floor."""
    return [
        [
            Node(upper, floor[upper]),
            *(Node(upper, n, is_room=False) for n in range(floor[upper] - 1, floor[lower], -1)),
            Node(lower, floor[lower]),
        ]
        for upper, imported in arrows.items()
        for lower in sorted(imported)
    ]


def ordered(paths: Sequence[Sequence[Node]], rooms: Sequence[Node]) -> list[list[Node]]:
    """The nodes of each floor, from left to right, so that few arrows cross."""
    links = sorted({link for path in paths for link in pairwise(path)})
    nodes = sorted({*rooms, *(node for path in paths for node in path)})
    levels = [
        [node for node in nodes if node.floor == n] for n in range(1 + max(n.floor for n in nodes))
    ]
    best, fewest = levels, sys.maxsize
    for sweep in range(24):
        upwards = sweep % 2 == 0
        for level in levels if upwards else reversed(levels):
            place = {node: n / max(len(row), 1) for row in levels for n, node in enumerate(row)}
            level.sort(key=lambda node: (node.building, pull(node, links, place, upwards=upwards)))
        if (crossings := count_crossings(levels, links)) < fewest:
            best, fewest = [list(level) for level in levels], crossings
    return best


def pull(
    node: Node, links: Sequence[tuple[Node, Node]], place: Mapping[Node, float], *, upwards: bool
) -> float:
    """The mean place of a node's neighbours on the floor below or above, or its own without any."""
    neighbours = [
        place[lower if upwards else upper]
        for upper, lower in links
        if node == (upper if upwards else lower)
    ]
    return mean(neighbours) if neighbours else place[node]


def count_crossings(levels: Sequence[Sequence[Node]], links: Sequence[tuple[Node, Node]]) -> int:
    """Count the crossings of arrows between neighbouring floors."""
    place = {node: n for level in levels for n, node in enumerate(level)}
    return sum(
        (place[a] - place[c]) * (place[b] - place[d]) < 0
        for (a, b), (c, d) in product(links, links)
        if a.floor == c.floor
    )


def placed(levels: Sequence[Sequence[Node]], paths: Sequence[Sequence[Node]]) -> dict[Node, Point]:
    """The middle of each node: near its neighbours, in its order, apart from the others."""
    x = {
        node: sum(other.width + GAP for other in level[:n])
        for level in levels
        for n, node in enumerate(level)
    }
    neighbours: dict[Node, list[Node]] = {node: [] for node in x}
    for upper, lower in sorted({link for path in paths for link in pairwise(path)}):
        neighbours[upper].append(lower)
        neighbours[lower].append(upper)
    for sweep in range(60):
        for level in levels if sweep % 2 else reversed(levels):
            wishes = [
                mean(x[other] for other in neighbours[node]) if neighbours[node] else x[node]
                for node in level
            ]
            x |= zip(level, apart(wishes, [node.width for node in level]), strict=True)
    left = min(x[node] - node.width / 2 for node in x) - MARGIN
    top = len(levels) - 1
    return {
        node: Point(x[node] - left, MARGIN + FLOOR * (top - node.floor) + HEIGHT / 2) for node in x
    }


def apart(wishes: Sequence[float], widths: Sequence[float]) -> list[float]:
    """The places nearest to some wishes, in their order and without touching each other.

    Neighbours whose wishes clash move as a block to the mean of their wishes.
    """
    offsets = [0.0]
    for left, right in pairwise(widths):
        offsets.append(offsets[-1] + (left + right) / 2 + GAP)
    blocks: list[list[float]] = []
    for wish, offset in zip(wishes, offsets, strict=True):
        blocks.append([wish - offset])
        while len(blocks) > 1 and mean(blocks[-2]) > mean(blocks[-1]):
            last = blocks.pop()
            blocks[-1] += last
    starts = [mean(block) for block in blocks for _ in block]
    return [start + offset for start, offset in zip(starts, offsets, strict=True)]


def drawing(arrows: Arrows) -> str:
    """The picture as SVG, light or dark as the page around it."""
    floor = floors(arrows)
    rooms = [Node(room, n) for room, n in floor.items()]
    paths = paths_down(arrows, floor)
    points = placed(ordered(paths, rooms), paths)
    width = max(points[node].x + node.width / 2 for node in points) + MARGIN
    height = max(point.y for point in points.values()) + HEIGHT / 2 + MARGIN
    parts = [
        *(arrow(path, points) for path in paths),
        *(box(room, points[room]) for room in rooms),
        *legend(),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'role="img" aria-label="The rooms of dgbench and what they import">\n'
        f"<style>{STYLE}\n</style>\n"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def legend() -> list[str]:
    """The colours of the packages, one below the other in the upper left corner."""
    return [
        f'<rect class="{name}" x="{MARGIN}" y="{MARGIN + 24 * n}" width="16" height="16" rx="3"/>'
        f'<text class="key" x="{MARGIN + 24}" y="{MARGIN + 24 * n + 13}">{name}</text>'
        for n, name in enumerate(("leaderboard", "dgbench", "baselines", "data_gen"))
    ]


def arrow(path: Sequence[Node], points: Mapping[Node, Point]) -> str:
    """A curve from a room down to one that it imports."""
    half = HEIGHT / 2
    stops = [points[node] for node in path]
    command = f"M{stops[0].x:.0f} {stops[0].y + half:.0f}"
    for start, end in pairwise(stops):
        middle = (start.y + end.y) / 2
        reach = end.y - half if end is stops[-1] else end.y
        command += f"C{start.x:.0f} {middle:.0f} {end.x:.0f} {middle:.0f} {end.x:.0f} {reach:.0f}"
    return f'<path d="{command}" marker-end="url(#tip)"/>'


def box(room: Node, middle: Point) -> str:
    """A room with its name."""
    x, y = middle.x - room.width / 2, middle.y - HEIGHT / 2
    return (
        f'<rect class="{room.name.split(".")[0]}" x="{x:.0f}" y="{y:.0f}" '
        f'width="{room.width:.0f}" height="{HEIGHT}" rx="5"/>'
        f'<text x="{middle.x:.0f}" y="{middle.y + 4.5:.0f}">{escape(label(room.name))}</text>'
    )


if __name__ == "__main__":
    sys.exit(main())
