"""Partners are the same however many devices share a batch."""


def test_partners_go_round_the_whole_batch(batch):
    import torch

    from baselines.partners import partners

    images = batch(labels=torch.arange(8))
    following = partners(images, lambda values: values).labels.tolist()
    at, visited = 0, []
    for _ in range(8):
        visited.append(at)
        at = following[at]
    assert at == 0
    assert sorted(visited) == list(range(8))


def test_half_of_a_batch_finds_the_partners_that_the_whole_finds(batch):
    from dataclasses import replace

    import torch

    from baselines.partners import partners

    whole = batch(labels=torch.arange(8))
    everyone = partners(whole, lambda values: values)
    for rank in range(2):
        mine = slice(rank, None, 2)
        half = replace(
            whole, images=whole.images[mine], labels=whole.labels[mine], index=whole.index[mine]
        )
        of_whole = {
            2: whole.images.flatten(1),
            torch.float32: whole.uniform("partner")[:, 0],
            torch.int64: whole.labels,
        }
        found = partners(
            half, lambda values, of=of_whole: of[2] if values.ndim == 2 else of[values.dtype]
        )
        assert torch.equal(found.labels, everyone.labels[mine])
        assert torch.equal(found.images, everyone.images[mine])
        assert torch.equal(found.images, whole.images[found.labels])
