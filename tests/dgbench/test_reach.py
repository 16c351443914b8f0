"""During training a method finds no test image, however hard it looks."""

import gc

import numpy as np
import pytest
import torch

from data_gen.generator import Generator
from data_gen.sources import Source
from data_gen.splits import Split
from dgbench.benchmarks import Benchmark
from dgbench.training.plan import Plan
from dgbench.training.runner import Runner

FORBIDDEN = (Benchmark, Generator, Source, Split)


def everything_reachable(start):
    """All objects that attributes, items and closures lead to, modules and classes aside.

    Through a module anything can be reached, the generator too: what is given must not hold it.
    """
    reached, todo = {}, [start]
    while todo:
        thing = todo.pop()
        if id(thing) in reached or isinstance(thing, type(gc) | type):
            continue
        reached[id(thing)] = thing
        if callable(thing) and hasattr(thing, "__closure__"):
            todo += [cell.cell_contents for cell in thing.__closure__ or () if _is_filled(cell)]
        elif isinstance(thing, dict):
            todo += [*thing.keys(), *thing.values()]
        elif isinstance(thing, list | tuple | set | frozenset):
            todo += thing
        elif hasattr(thing, "gi_frame") and thing.gi_frame is not None:
            todo += thing.gi_frame.f_locals.values()
        else:
            todo += [getattr(thing, "__self__", None), getattr(thing, "__wrapped__", None)]
            todo += vars(thing).values() if hasattr(thing, "__dict__") else ()
            slots = getattr(type(thing), "__slots__", ())
            todo += [
                getattr(thing, s, None) for s in ([slots] if isinstance(slots, str) else slots)
            ]
    return reached.values()


def _is_filled(cell):
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def images_in(things):
    """Every array or tensor among them that could hold images, as bytes a row."""
    for thing in things:
        if isinstance(thing, torch.Tensor) and thing.ndim >= 3 and not thing.is_meta:
            yield thing.detach().cpu().numpy()
        elif isinstance(thing, np.ndarray) and thing.ndim >= 3:
            yield thing


SEARCHER = """
def loss(self, batch):
    if batch.step == 3:
        import tests.dgbench.test_reach as here
        here.SEEN.append(list(here.everything_reachable([self, batch, self.trainer])))
    return {"cross_entropy": F.cross_entropy(self(batch.images), batch.labels)}
"""
SEEN: list = []


@pytest.mark.parametrize("stream", [False, True])
def test_a_method_that_searches_finds_training_images_only(
    request_for, method_file, benchmark, stream
):
    SEEN.clear()
    request = request_for(method=method_file(SEARCHER), eval_every=2, stream=stream)
    Runner(Plan(request)).run(0)
    (things,) = SEEN
    assert not [thing for thing in things if isinstance(thing, FORBIDDEN)]
    arrays = list(images_in(things))
    n_train = benchmark.size("train")
    assert any(len(array) == n_train for array in arrays), "the search itself must work"
    test_images = {row.tobytes() for row in benchmark.load("id").images}
    held_out = {row.tobytes() for row in benchmark.load("validation").images}
    for array in arrays:
        if array.dtype == np.uint8:
            assert not {row.tobytes() for row in array} & (test_images | held_out)
    sizes = {len(array) for array in arrays}
    assert benchmark.size("id") not in sizes


def test_the_search_finds_a_badly_hidden_object(benchmark):
    class Holder:
        def __init__(self):
            self.inner = [{"deep": lambda: benchmark}]

    assert any(thing is benchmark for thing in everything_reachable(Holder()))


def test_undeclared_columns_are_not_even_in_memory(request_for, method_file, benchmark):
    SEEN.clear()
    Runner(Plan(request_for(method=method_file(SEARCHER)))).run(0)
    colors = benchmark.load("train").values["shape"]
    labels = benchmark.load("train").labels
    shown = benchmark.load("unlabelled_ood").values["color"]
    arrays = [
        thing.numpy() if isinstance(thing, torch.Tensor) else thing
        for thing in SEEN[0]
        if isinstance(thing, torch.Tensor | np.ndarray)
        and not getattr(thing, "is_meta", False)
        and not getattr(thing, "requires_grad", False)
    ]
    assert (colors == labels).all()
    assert not any(a.shape == shown.shape and (a == shown).all() for a in arrays)
