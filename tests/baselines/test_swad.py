"""SWAD against the paper's algorithm, with all weights kept."""

import random

import pytest


def valley(losses, *, n_converged, n_tolerated, tolerance):
    """First and last window of the valley: the paper's Algorithm 1, told from the whole history.

    As in the authors' code, a valley that has not begun is the last window that might be its first,
    and windows above the limit at the very end do not count.
    """
    for step in range(n_converged - 1, len(losses)):
        recent = losses[step - n_converged + 1 : step + 1]
        if recent[0] == min(recent):
            first, begun = step - n_converged + 1, step
            limit = (1 + tolerance) * sum(recent) / n_converged
            break
    else:
        return losses.index(min(losses)), len(losses) - 1
    last = begun
    for step in range(begun + 1, len(losses)):
        if losses[step] <= limit:
            last = step
        elif step - last == n_tolerated:
            break
    return first, last


def windows_in(places):
    """The windows that a sequence of places lets in."""
    chosen, waiting = [], []
    for step, place in enumerate(places):
        waiting.append(step)
        if place != "outside":
            chosen = waiting if place == "first" else chosen + waiting
            waiting = []
    return chosen


@pytest.mark.parametrize("n_converged", [1, 2, 3])
def test_the_valley_is_that_of_the_paper(n_converged):
    import torch

    from baselines.swad import SWAD, LossValley

    draws = random.Random(n_converged)
    lengths = set()
    for _ in range(300):
        settings = {
            "n_converged": n_converged,
            "n_tolerated": draws.randint(1, 4),
            "tolerance": draws.choice([0.1, 0.5]),
        }
        # Eighths are exact, so that ties are ties.
        losses = [draws.randint(1, 24) / 8 for _ in range(draws.randint(1, 15))]
        detector = LossValley(SWAD.Config(**settings))
        first, last = valley(losses, **settings)
        chosen = windows_in([detector.place(torch.tensor(loss)) for loss in losses])
        assert chosen == list(range(first, last + 1))
        lengths.add(len(losses) - len(chosen))
    assert len(lengths) > 5


def run(task, batch, train, *, n, parts=None, **settings):
    """A module after n steps in windows of two, and its weights and loss after each step."""
    from dataclasses import replace

    from lightning.pytorch.callbacks import LambdaCallback

    from baselines.swad import SWAD

    history = []

    def keep(_trainer, pl_module, outputs, *_):
        state = {name: weight.detach().clone() for name, weight in pl_module.named_parameters()}
        history.append((float(outputs["loss"]), state))

    config = SWAD.Config(n_windows=n // 2, **settings)
    module = SWAD(replace(task, steps=n), config)
    batches = [batch(step=step) for step in range(n)]
    for start, stop in parts or [(0, n)]:
        fresh = SWAD(module.task, config)
        fresh.load_state_dict(module.state_dict())
        module = train(
            fresh,
            batches[start:stop],
            learning_rate=0.3,
            callbacks=[LambdaCallback(on_train_batch_end=keep)],
        )
    return module, history


def test_evaluation_uses_the_mean_of_the_weights_in_the_valley(task, batch, train):
    import torch
    from torch.func import functional_call

    settings = {"n_converged": 2, "n_tolerated": 2, "tolerance": 0.02}
    module, history = run(task, batch, train, n=31, **settings)
    losses = [(history[2 * i][0] + history[2 * i + 1][0]) / 2 for i in range(15)]
    first, last = valley(losses, **settings)
    assert 0 < last - first < 13, "the test is to see a beginning and an end"
    chosen = [state for _, state in history[2 * first : 2 * last + 2]]
    mean = {name: torch.stack([s[name] for s in chosen]).mean(0) for name in chosen[0]}
    images = batch().images
    module.train()
    expected = functional_call(module, mean, (images,))
    latest = module(images)
    module.eval()
    torch.testing.assert_close(module(images), expected)
    assert not torch.allclose(latest, expected, atol=1e-3)
    features = functional_call(
        module.network, {n[8:]: w for n, w in mean.items() if n[0] == "n"}, (images,)
    )
    torch.testing.assert_close(module.features(images), features)


def test_a_run_that_was_stopped_within_a_window_resumes_identically(task, batch, train):
    import torch

    def weights(parts):
        torch.manual_seed(0)
        return run(task, batch, train, n=12, parts=parts, n_converged=2)[0].state_dict()

    whole, parted = weights([(0, 12)]), weights([(0, 5), (5, 12)])
    assert int(whole["n_average"]) > 2
    assert all(torch.equal(whole[name], parted[name]) for name in whole)


def test_before_the_first_window_ends_the_latest_weights_are_used(task, batch, train):
    import torch

    module, _ = run(task, batch, train, n=12, parts=[(0, 1)])
    images = batch().images
    assert torch.equal(module.eval()(images), module.train()(images))
