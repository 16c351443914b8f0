"""Accuracy on the development domains in the course of a training."""

from lightning.pytorch import LightningModule

from dgbench.benchmarks import open_benchmark
from dgbench.training.evaluation import accuracy
from dgbench.training.plan import Request


class DevelopmentCurves:
    """Measures a module on held-out training digits in the states of the test domains.

    It keeps no image and opens the benchmark anew each time, so that a method that searches
    everything within its reach during training finds no test image.
    """

    def __init__(self, request: Request) -> None:
        self._request = request

    def __call__(self, module: LightningModule) -> dict[str, float]:
        """The accuracy of a module on every development domain."""
        request = self._request
        benchmark = open_benchmark(
            request.benchmark, given=request.sources, seed=request.generator_seed
        )
        names = [f"dev.{name}" for name in benchmark.test_names]
        return {name: accuracy(module, benchmark, name) for name in names}
