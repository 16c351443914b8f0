"""Partners are the same however many devices share a batch."""


def test_partners_go_round_the_whole_batch(batch):
    import torch

    from baselines.partners import partners

    images = batch(labels=torch.arange(8))
    following = partners(images, lambda values: values).labels.tolist()
    position, visited = 0, []
    for _ in range(8):
        visited.append(position)
        position = following[position]
    assert position == 0
    assert sorted(visited) == list(range(8))


def test_half_of_a_batch_has_the_partners_of_the_whole_batch(batch):
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
        partner_batch = partners(
            half,
            lambda values, gathered=of_whole: (
                gathered[2] if values.ndim == 2 else gathered[values.dtype]
            ),
        )
        assert torch.equal(partner_batch.labels, everyone.labels[mine])
        assert torch.equal(partner_batch.images, everyone.images[mine])
        assert torch.equal(partner_batch.images, whole.images[partner_batch.labels])
