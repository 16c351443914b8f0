"""Batches depend on seed and step only: not on what came before, nor on the number of devices."""

import numpy as np
import pytest
import torch

from data_gen.foundation.errors import UsageError
from dgbench.api import UndeclaredError
from dgbench.benchmarks import open_benchmark
from dgbench.training.data import Batches, as_floats, training_set

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def loaded(benchmark):
    return benchmark.load("train")


def make(benchmark, loaded, *uses, **changes):
    data = training_set(benchmark, loaded, uses=frozenset(uses), device=CPU)
    return Batches(data, **{"steps": 6, "batch_size": 48, "seed": 3, **changes})


def test_images_are_bytes_over_255(benchmark, loaded):
    batch = make(benchmark, loaded).batch(2)
    expected = loaded.images[batch.index.numpy()].transpose(0, 3, 1, 2) / 255
    assert batch.images.shape == (48, 3, 28, 28)
    np.testing.assert_allclose(batch.images.numpy(), expected, atol=1e-7)
    assert batch.labels.tolist() == loaded.labels[batch.index.numpy()].tolist()
    assert as_floats(torch.full((1, 1, 1, 3), 255, dtype=torch.uint8)).max() == 1


def test_every_epoch_shows_every_image_once(benchmark, loaded):
    n = len(loaded.labels)
    batches = make(benchmark, loaded, batch_size=1000)
    rows = np.concatenate([batches.rows(step) for step in range(3 * n // 1000)])
    first, second = rows[:n], rows[n : 2 * n]
    assert sorted(first) == sorted(second) == list(range(n))
    assert first.tolist() != second.tolist()


def test_a_step_does_not_depend_on_those_before(benchmark, loaded):
    walked = [batch.index.tolist() for batch in make(benchmark, loaded)]
    jumped = make(benchmark, loaded).batch(4).index.tolist()
    assert walked[4] == jumped
    resumed = make(benchmark, loaded)
    resumed.load_state_dict({"next": 4})
    assert [batch.index.tolist() for batch in resumed] == walked[4:]


def test_another_seed_gives_another_order(benchmark, loaded):
    assert (
        make(benchmark, loaded).rows(0).tolist() != make(benchmark, loaded, seed=4).rows(0).tolist()
    )


@pytest.mark.parametrize("world_size", [2, 3])
def test_shares_make_up_the_batch_in_its_order(benchmark, loaded, world_size):
    whole = make(benchmark, loaded).batch(1)
    shares = [
        make(benchmark, loaded, rank=rank, world_size=world_size).batch(1)
        for rank in range(world_size)
    ]
    together = torch.stack([share.index for share in shares], dim=1).flatten()
    assert together.tolist() == whole.index.tolist()
    drawn = torch.stack([share.uniform("flip", 2) for share in shares], dim=1).flatten(0, 1)
    assert torch.equal(drawn, whole.uniform("flip", 2))


def test_a_batch_that_cannot_be_shared_is_refused(benchmark, loaded):
    with pytest.raises(UsageError, match="cannot be shared evenly by 5 devices"):
        make(benchmark, loaded, world_size=5)


def test_random_numbers_are_uniform_and_independent(benchmark, loaded):
    batch = make(benchmark, loaded, batch_size=4000).batch(0)
    drawn = batch.uniform("noise", 4)
    assert drawn.min() >= 0
    assert drawn.max() < 1
    counts = torch.histc(drawn, bins=16, min=0, max=1) / drawn.numel()
    assert (counts - 1 / 16).abs().max() < 0.01
    correlation = np.corrcoef(torch.cat([drawn, batch.uniform("other", 2)], dim=1).T)
    assert np.abs(correlation - np.eye(6)).max() < 0.06
    later = make(benchmark, loaded, batch_size=4000).batch(1)
    assert not torch.equal(later.uniform("noise", 4), drawn)


@pytest.mark.parametrize("extra", ["environments", "pattern_labels", "unlabelled"])
def test_undeclared_columns_are_absent(benchmark, loaded, extra):
    with pytest.raises(UndeclaredError, match="does not declare it"):
        getattr(make(benchmark, loaded).batch(0), extra)


def test_declared_columns_are_present(benchmark, loaded):
    batch = make(benchmark, loaded, "pattern_labels", "unlabelled_ood").batch(0)
    rows = batch.index.numpy()
    assert batch.pattern_labels["color"].tolist() == loaded.values["color"][rows].tolist()
    assert batch.unlabelled.shape == batch.images.shape
    share = make(benchmark, loaded, "unlabelled_ood", rank=1, world_size=2).batch(0)
    assert torch.equal(share.unlabelled, batch.unlabelled[1::2])


def test_environments_have_equal_shares():
    rotated = open_benchmark("rotated-mnist", given=["mnist-5k"])
    loaded = rotated.load("train")
    batches = make(rotated, loaded, "environments", batch_size=30)
    n = len(rotated.spec.training_environments)
    for step in (0, 1, 70):
        counts = np.bincount(batches.batch(step).environments.numpy(), minlength=n)
        assert counts.tolist() == [30 // n] * n


def test_a_stream_from_disk_gives_the_same_batches(benchmark, loaded, tmp_path):
    path = tmp_path / "images.npy"
    mapped = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=loaded.images.shape)
    streamed = benchmark.load("train", into=mapped)
    assert streamed.record == loaded.record
    data = training_set(benchmark, streamed, uses=frozenset(), device=CPU, stored=mapped)
    batches = Batches(data, steps=6, batch_size=48, seed=3)
    assert torch.equal(batches.batch(5).images, make(benchmark, loaded).batch(5).images)


def test_pairs_are_for_plain_modules(benchmark, loaded):
    images, labels = next(iter(make(benchmark, loaded, as_pairs=True)))
    batch = make(benchmark, loaded).batch(0)
    assert torch.equal(images, batch.images)
    assert torch.equal(labels, batch.labels)
