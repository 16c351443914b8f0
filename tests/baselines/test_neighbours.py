"""Neighbours of the method of counter-examples: each formula, and what learns from what."""

from math import exp, log

import pytest
import torch
import torch.nn.functional as F

from baselines.d_bat import DBAT, agreement
from baselines.divdis import DivDis, distance_from_prior, mutual_information
from baselines.eada import EADA, divergence_from_uniform
from baselines.erm import ERM
from baselines.feature_sieve import FeatureSieve
from baselines.l2gp import L2GP, gradient_cosine
from baselines.rich_features import RichFeatures
from dgbench.api import UsageError


def some_probabilities(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.softmax(2 * torch.randn(*shape, generator=generator), dim=-1)


def has_gradient(module):
    return any(weights.grad is not None and weights.grad.any() for weights in module.parameters())


def test_agreement_is_minus_the_logarithm_of_exactly_one_vote():
    first, second = some_probabilities(5, 3), some_probabilities(5, 3, seed=1)
    total = 0.0
    for p, q in zip(first.tolist(), second.tolist(), strict=True):
        favourite = max(range(3), key=p.__getitem__)
        total -= log(p[favourite] * (1 - q[favourite]) + q[favourite] * (1 - p[favourite]))
    assert float(agreement(first, second)) == pytest.approx(total / 5, rel=1e-5)


def test_d_bat_starts_afresh_and_keeps_the_first_network(task, batch, train):
    extras = {"unlabelled_ood": torch.rand(8, 3, 10, 10)}
    batches = [batch(step=step, extras=extras) for step in range(task.steps)]
    method = DBAT(task, DBAT.Config(weight=0.0))
    fresh = {name: value.clone() for name, value in method.other_network.state_dict().items()}
    twin = ERM(task)
    twin.load_state_dict({k: v for k, v in method.state_dict().items() if "other" not in k})
    train(twin, batches[: method.first_steps], learning_rate=0.1)
    train(method, batches, learning_rate=0.1)
    for name, value in method.other_network.state_dict().items():
        assert torch.equal(value, twin.network.state_dict()[name])
        assert not torch.equal(method.network.state_dict()[name], fresh[name])
    assert not any(weights.requires_grad for weights in method.other_network.parameters())


def test_d_bat_disagrees_only_once_the_first_network_is_trained(task, batch):
    extras = {"unlabelled_ood": torch.rand(8, 3, 10, 10)}
    method = DBAT(task)
    assert set(method.loss(batch(step=4, extras=extras))) == {"cross_entropy"}
    losses = method.loss(batch(step=5, extras=extras))
    losses["agreement"].backward()
    assert has_gradient(method.network)
    assert not has_gradient(method.other_network)


def information_by_hand(first, second):
    """The mutual information of two predictions of the same images, class by class."""
    n, k = first.shape
    total = 0.0
    for a in range(k):
        for b in range(k):
            joint = sum(float(first[i, a]) * float(second[i, b]) for i in range(n)) / n
            apart = float(first[:, a].mean()) * float(second[:, b].mean())
            total += joint * log(joint / apart)
    return total


def test_mutual_information_is_the_mean_over_pairs_of_heads():
    heads = some_probabilities(3, 6, 4)
    pairs = [information_by_hand(heads[i], heads[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    assert float(mutual_information(heads)) == pytest.approx(sum(pairs) / 3, rel=1e-3)
    certain = torch.eye(4).expand(2, 4, 4)
    assert float(mutual_information(certain)) == pytest.approx(log(4), rel=1e-5)
    assert float(mutual_information(heads[:1])) == 0


def test_the_distance_from_the_prior_is_a_divergence():
    heads, prior = some_probabilities(2, 6, 4), some_probabilities(4)
    by_head = []
    for head in heads:
        mean = [float(value) for value in head.mean(dim=0)]
        expected = [float(value) for value in prior]
        by_head.append(sum(m * log(m / e) for m, e in zip(mean, expected, strict=True)))
    assert float(distance_from_prior(heads, prior)) == pytest.approx(sum(by_head) / 2, rel=1e-4)
    assert float(distance_from_prior(prior.expand(2, 6, 4), prior)) == pytest.approx(0, abs=1e-6)


def test_the_prior_counts_the_labels_so_far(task, batch):
    method, made = DivDis(task), batch(extras={"unlabelled_ood": torch.rand(8, 3, 10, 10)})
    method.loss(made)
    expected = [1 + made.labels.tolist().count(label) for label in range(3)]
    assert method.label_counts.tolist() == expected


def test_divdis_predicts_with_the_mean_of_its_heads_or_with_one(task, batch):
    method, images = DivDis(task).eval(), batch().images
    features = method.features(images)
    by_head = [F.softmax(head(features), dim=1) for head in method.heads]
    assert torch.allclose(method(images).exp(), (by_head[0] + by_head[1]) / 2, atol=1e-6)
    chosen = DivDis(task, DivDis.Config(head_index=1))
    assert torch.equal(chosen(images), chosen.heads[1](chosen.features(images)))
    with pytest.raises(UsageError, match="head_index is 2, but there are 2 heads"):
        DivDis.Config(head_index=2)


def test_forgetting_makes_the_auxiliary_prediction_uniform_by_the_first_maps_alone(task, batch):
    method = FeatureSieve(task, FeatureSieve.Config(period=1, weight=1.0))
    losses = method.loss(batch())
    maps = method.network[0](batch().images)
    logits = method.auxiliary(maps).tolist()
    slow = [sum(log(sum(map(exp, row))) - value for value in row) / 3 for row in logits]
    assert losses["forgetting"].item() == pytest.approx(sum(slow) / 8, rel=1e-5)
    losses["forgetting"].backward()
    assert has_gradient(method.network[0])
    assert not any(map(has_gradient, (method.network[3], method.head, method.auxiliary)))


def test_the_auxiliary_head_learns_without_changing_the_maps(task, batch):
    method = FeatureSieve(task, FeatureSieve.Config(period=3))
    losses = method.loss(batch(step=0))
    assert set(losses) == {"cross_entropy", "auxiliary"}
    assert "forgetting" in method.loss(batch(step=2))
    losses["auxiliary"].backward()
    assert has_gradient(method.auxiliary)
    assert not any(map(has_gradient, (method.network, method.head)))


def test_the_divergence_from_uniform_is_that_of_the_definition():
    probabilities = some_probabilities(5, 3)
    divergences = [sum(log(1 / 3 / p) / 3 for p in row) for row in probabilities.tolist()]
    divergence = divergence_from_uniform(probabilities.log())
    assert float(divergence) == pytest.approx(sum(divergences) / 5, rel=1e-4)
    assert float(divergence_from_uniform(torch.zeros(2, 4))) == pytest.approx(0, abs=1e-6)


def test_the_divergence_has_a_gradient_where_a_classifier_is_certain():
    certain = torch.tensor([[60.0, 0.0, 0.0]], requires_grad=True)
    divergence_from_uniform(certain).backward()
    assert certain.grad is not None
    assert float(certain.grad.norm()) > 0.1


@pytest.mark.parametrize(
    ("term", "learner"),
    [("biased", "biased"), ("recognised", "generator"), ("cross_entropy", "network")],
)
def test_each_part_of_eada_learns_from_its_own_term(task, batch, term, learner):
    method = EADA(task)
    losses = method.loss(batch())
    losses[term].backward()
    parts = ("biased", "generator", "network")
    assert [part for part in parts if has_gradient(getattr(method, part))] == [learner]


def test_eada_keeps_the_size_of_images_within_their_range(task, batch):
    generator, images = EADA(task).generator, batch().images[:, :, :9, :7]
    assert torch.equal(generator(images), images)
    torch.nn.init.normal_(generator.last.weight)
    changed = generator(images).detach()
    assert not torch.allclose(changed, images)
    assert changed.shape == (8, 3, 9, 7)
    assert 0 <= float(changed.min()) <= float(changed.max()) <= 1


def test_the_cosine_is_that_of_the_gradients_of_the_head():
    torch.manual_seed(0)
    features, labels = torch.rand(7, 4), torch.randint(3, (7,))
    weights = torch.randn(3, 4, requires_grad=True)
    gradients = [
        torch.autograd.grad(F.cross_entropy(z @ weights.T, y), weights)[0].flatten()
        for z, y in ((features[:3], labels[:3]), (features[3:], labels[3:]))
    ]
    expected = gradients[0] @ gradients[1] / (gradients[0].norm() * gradients[1].norm())
    errors = F.softmax(features @ weights.T, dim=1) - F.one_hot(labels, 3)
    assert float(gradient_cosine(features, errors).detach()) == pytest.approx(
        float(expected), rel=1e-4
    )


def test_the_first_head_of_l2gp_predicts_and_gets_nothing_of_the_penalty(task, batch):
    method = L2GP(task)
    method.loss(batch())["transfer"].backward()
    assert has_gradient(method.network)
    assert has_gradient(method.second_head)
    assert not has_gradient(method.head)
    images = batch().images
    assert torch.equal(method(images), method.head(method.network(images)))


def test_the_networks_of_rich_features_learn_as_they_would_alone(task, batch, train):
    method = RichFeatures(task, RichFeatures.Config(n_networks=2))
    twin = ERM(task)
    twin.network.load_state_dict(method.networks[1].state_dict())
    twin.head.load_state_dict(method.heads[1].state_dict())
    batches = [batch(step=step) for step in range(3)]
    train(method, batches, learning_rate=0.1)
    train(twin, batches, learning_rate=0.1)
    for name, value in twin.network.state_dict().items():
        assert torch.allclose(method.networks[1].state_dict()[name], value, atol=1e-6)
    images = batch().images
    parts = [network(images) for network in method.networks]
    assert torch.equal(method.features(images), torch.cat(parts, dim=1))
