"""Methods with an augmentation prior: what they change, and what they leave as it was."""

import math

import pytest


def moments(maps):
    return maps.mean(dim=(2, 3)), maps.var(dim=(2, 3)).sqrt()


def test_mixstyle_takes_over_statistics_and_keeps_the_content():
    import torch

    from baselines.mixstyle import mix_styles

    maps = torch.randn(4, 2, 5, 5, generator=torch.Generator().manual_seed(0)) * 3 + 1
    partners, own = torch.tensor([1, 2, 3, 0]), torch.full((4, 1, 1, 1), 0.25)
    mixed = mix_styles(maps, partners, own)
    mean, spread = moments(maps)
    new_mean, new_spread = moments(mixed)
    assert torch.allclose(new_mean, 0.25 * mean + 0.75 * mean[partners], atol=1e-4)
    assert torch.allclose(new_spread, 0.25 * spread + 0.75 * spread[partners], atol=1e-4)
    content = (maps - mean[..., None, None]) / spread[..., None, None]
    again = (mixed - new_mean[..., None, None]) / new_spread[..., None, None]
    assert torch.allclose(content, again, atol=1e-4)


def test_mixstyle_mixes_in_training_only(task, batch):
    import torch

    from baselines.mixstyle import MixStyle

    module, images = MixStyle(task, MixStyle.Config(probability=1.0)), batch().images
    module.train()
    torch.manual_seed(0)
    assert not torch.allclose(module(images), module(images))
    module.eval()
    assert torch.equal(module(images), module(images))
    plain = MixStyle(task, MixStyle.Config(probability=0.0)).train()
    assert torch.equal(plain(images), plain(images))


def test_randconv_keeps_the_size_and_the_scale():
    import torch

    from baselines.randconv import filtered

    torch.manual_seed(0)
    images = torch.randn(64, 3, 16, 16)
    for size in (1, 3, 5, 7):
        spread = torch.stack([filtered(images, size).std() for _ in range(30)]).square().mean()
        assert filtered(images, size).shape == images.shape
        assert 0.6 < spread < 1.2


def test_divergences_are_their_formulas_and_zero_for_equal_predictions():
    import torch

    from baselines.augmix import jensen_shannon
    from baselines.randconv import divergence

    logits = torch.randn(3, 2, 4, generator=torch.Generator().manual_seed(0))
    logs = torch.log_softmax(logits, dim=2)
    p = logs.exp().tolist()
    expected = 0.0
    for image in range(2):
        mixture = [sum(p[v][image][k] for v in range(3)) / 3 for k in range(4)]
        for view in range(3):
            expected += sum(
                q * math.log(q / m) for q, m in zip(p[view][image], mixture, strict=True)
            )
    expected /= 6
    for function in (divergence, jensen_shannon):
        assert function(logs).item() == pytest.approx(expected, rel=1e-4)
        assert function(logs[:1].expand(3, 2, 4)).item() == pytest.approx(0, abs=1e-6)


def test_augmix_without_motion_is_the_image(batch):
    import torch

    from baselines.augmix import move

    images = batch().images
    still = torch.eye(3).expand(len(images), 3, 3)
    assert torch.allclose(move(images, still), images, atol=1e-5)


def test_augmix_keeps_the_hue_of_a_glyph_of_one_color(task, batch):
    """Only place changes: every pixel of the mixture is a multiple of the one colour."""
    import torch

    from baselines.augmix import AugMix

    module = AugMix(task)
    shown = []
    module.network.register_forward_pre_hook(lambda _, inputs: shown.append(inputs[0]))
    color = torch.tensor([0.9, 0.3, 0.1])[:, None, None]
    ink = torch.zeros(8, 1, 10, 10)
    ink[:, :, 3:7, 4:6] = 1.0
    module.loss(batch(images=ink * color))
    for mixture in shown[1:]:
        amount = mixture[:, :1] / 0.9
        assert torch.allclose(mixture, amount * color, atol=1e-5)
        assert not torch.allclose(mixture, ink * color)


def test_augmixs_motions_are_products_of_the_drawn_operations():
    import torch

    from baselines.augmix import chain_motion

    # A shear and then a shift, both of full strength: the third draw is beyond the depth.
    draws = torch.tensor([[[0.3, 1.0, 0.9], [0.7, 1.0, 0.1], [0.0, 1.0, 0.9]]])
    motion = chain_motion(draws, torch.tensor([2]), 10.0)[0]
    shear = torch.tensor([[1, 0.3, 0], [0, 1, 0], [0, 0, 1]])
    shift = torch.tensor([[1, 0, -2 / 3], [0, 1, 0], [0, 0, 1]])
    assert torch.allclose(motion, shift @ shear, atol=1e-6)


def test_sagnet_mixes_style_and_swaps_content():
    import torch

    from baselines.sagnet import with_mixed_style, with_other_content

    features = torch.randn(6, 40, generator=torch.Generator().manual_seed(0)) * 2 + 3
    torch.manual_seed(1)
    mixed = with_mixed_style(features)
    content = torch.nn.functional.layer_norm(features, (40,))
    assert torch.allclose(torch.nn.functional.layer_norm(mixed, (40,)), content, atol=1e-3)
    assert not torch.allclose(mixed.mean(dim=1), features.mean(dim=1))
    leaf = features.clone().requires_grad_()
    swapped = with_other_content(leaf)
    assert torch.allclose(swapped.mean(dim=1), features.mean(dim=1), atol=1e-4)
    assert torch.allclose(swapped.var(dim=1), features.var(dim=1), rtol=1e-3)


def test_sagnets_adversary_reaches_the_network_and_not_the_style_head(task, batch, train):
    """With a content loss of no gradient left, the style head moves by its own loss alone."""
    import torch

    from baselines.sagnet import SagNet

    weights = {}
    for weight in (0.0, 1.0):
        torch.manual_seed(0)
        module = SagNet(task, SagNet.Config(weight=weight))
        train(module, [batch()])
        weights[weight] = {name: value.clone() for name, value in module.state_dict().items()}
    same = {name: torch.equal(weights[0.0][name], weights[1.0][name]) for name in weights[0.0]}
    assert all(value for name, value in same.items() if name.startswith(("head", "style_head")))
    assert not all(value for name, value in same.items() if name.startswith("network"))
