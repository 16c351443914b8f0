"""The puzzle: tiles move as told, and the orders are easy to tell apart."""

import pytest


def test_tiles_are_laid_as_by_a_plain_loop():
    import torch

    from baselines.jigsaw import rearranged

    images = torch.rand(2, 3, 10, 14).to(memory_format=torch.channels_last)
    order = torch.stack([torch.randperm(9), torch.randperm(9)])
    expected = images.clone()
    for b in range(2):
        for place, tile in enumerate(order[b].tolist()):
            # Tiles are 3 by 4; one row below and one column on either side are left over.
            y, x = 3 * (place // 3), 1 + 4 * (place % 3)
            v, u = 3 * (tile // 3), 1 + 4 * (tile % 3)
            expected[b, :, y : y + 3, x : x + 4] = images[b, :, v : v + 3, u : u + 4]
    before = images.clone()
    assert torch.equal(rearranged(images, order), expected)
    assert torch.equal(images, before)


def test_any_two_orders_have_one_tile_in_common_at_most():
    from baselines.jigsaw import tile_orders

    orders = tile_orders().tolist()
    assert orders[0] == list(range(9))
    assert len(orders) == 72
    for i, order in enumerate(orders):
        assert sorted(order) == list(range(9))
        for other in orders[:i]:
            assert sum(a == b for a, b in zip(order, other, strict=True)) <= 1


def test_both_heads_classify_the_same_image(task, batch, seen):
    import torch

    from baselines.jigsaw import Jigsaw, rearranged

    module = Jigsaw(task, Jigsaw.Config(weight=0.5, whole=0.4, n_orders=5))
    images = batch(n=60, index=torch.arange(60))
    shown = seen(module)
    losses = module.loss(images)
    z = module.network(shown[0])
    classes, orders = module.head(z).log_softmax(1), module.puzzle_head(z).log_softmax(1)
    expected, counts = [0.0, 0.0], [0] * 6
    for i in range(60):
        image = images.images[i : i + 1]
        (order,) = [
            k
            for k in range(6)
            if torch.equal(rearranged(image, module.orders[k : k + 1])[0], shown[0][i])
        ]
        counts[order] += 1
        expected[0] -= classes[i, images.labels[i]].item() / 60
        expected[1] -= 0.5 * orders[i, order].item() / 60
    measured = [losses["cross_entropy"].item(), losses["puzzle"].item()]
    assert measured == pytest.approx(expected, rel=1e-4)
    assert min(counts) > 0
    # 40% stay, and a sixth of the others.
    assert counts[0] / 60 == pytest.approx(0.5, abs=0.15)


def test_whole_images_without_the_puzzle_are_erm(task, batch):
    import torch.nn.functional as F

    from baselines.jigsaw import Jigsaw

    module, images = Jigsaw(task, Jigsaw.Config(weight=0.0, whole=1.0)), batch()
    losses = module.loss(images)
    assert losses["puzzle"] == 0
    assert losses["cross_entropy"] == F.cross_entropy(module(images.images), images.labels)
