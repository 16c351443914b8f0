"""The method does what dgbench relies on, and what is special about it."""

import torch
import torch.nn.functional as F
from dgbench_focal.method import Focal
from torch import nn

from dgbench.api import Batch, Task
from dgbench.checks import assert_conforms


def test_it_conforms():
    assert_conforms("focal")


def test_without_focus_it_is_cross_entropy():
    task = Task(
        n_classes=3,
        image_shape=(3, 4, 4),
        new_network=nn.Flatten,
        n_features=48,
        n_train=8,
        steps=1,
        batch_size=8,
    )
    method = Focal(task, Focal.Config(focus=0.0))
    images, labels = torch.rand(8, 3, 4, 4), torch.arange(8) % 3
    batch = Batch(images=images, labels=labels, index=labels, step=0, seed=0, extras={})
    torch.testing.assert_close(method.loss(batch)["focal"], F.cross_entropy(method(images), labels))
