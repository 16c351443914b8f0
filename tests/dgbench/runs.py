"""Short runs, and what they leave in their folders."""

import csv

import torch

from dgbench.training.plan import Plan
from dgbench.training.runner import Runner
from dgbench.training.weights import FINAL


def run(request, seed=0):
    return Runner(Plan(request)).run(seed)


def weights_of(request, seed=0):
    return torch.load(Plan(request).folder(seed) / FINAL, weights_only=True)["state_dict"]


def assert_same_weights(weights, other):
    assert weights.keys() == other.keys()
    for name in weights:
        assert torch.equal(weights[name], other[name]), name


def rows_of(request, seed=0):
    with (Plan(request).folder(seed) / "log.csv").open(newline="") as stream:
        return [(row["step"], row["name"], row["value"]) for row in csv.DictReader(stream)]
