"""The outcome of a training: predictions, counts and probes, as the record keeps them."""

from pathlib import Path

import torch
from lightning.pytorch import LightningModule

from dgbench.api import Method
from dgbench.results.folder import PREDICTIONS
from dgbench.results.predictions import write_predictions
from dgbench.results.record import DomainCounts, ProbeCounts, RunRecord
from dgbench.training.evaluation import SplitEvaluation, evaluate
from dgbench.training.plan import Plan
from dgbench.training.probes import probe


class Evaluator:
    """Evaluates the trained modules of one plan on everything that the plan asks for."""

    def __init__(self, plan: Plan, device: torch.device) -> None:
        self._plan, self._device = plan, device

    def evaluate(self, module: LightningModule, record: RunRecord, folder: Path) -> RunRecord:
        """Write the predictions on the test domains, if asked for, and add all counts."""
        benchmark, is_tested = self._plan.benchmark, not self._plan.request.development_only
        # The order is part of the result of a method that draws random numbers at test time.
        names = benchmark.test_names if is_tested else []
        tests = [evaluate(module, benchmark, name) for name in names]
        digest = self._write(tests, folder) if is_tested else None
        development = self._development(module)
        probes = self._probes(module, record.seed)
        validation = evaluate(module, benchmark, "validation").counts
        return record.model_copy(
            update={
                "validation": validation,
                "development": development,
                "domains": {test.predictions.domain: test.counts for test in tests},
                "predictions_digest": digest,
                "probes": probes,
                "probe_problem": self._plan.probe_problem,
            }
        )

    def _write(self, tests: list[SplitEvaluation], folder: Path) -> str:
        """Write the predictions and return their digest."""
        predictions = [test.predictions for test in tests]
        if not self._plan.request.with_probabilities:
            predictions = [table._replace(probabilities=None) for table in predictions]
        return write_predictions(folder / PREDICTIONS, predictions)

    def _development(self, module: LightningModule) -> dict[str, DomainCounts]:
        request = self._plan.request
        if not (request.with_development or request.development_only):
            return {}
        benchmark = self._plan.benchmark
        return {
            name: evaluate(module, benchmark, f"dev.{name}").counts for name in benchmark.test_names
        }

    def _probes(self, module: LightningModule, seed: int) -> dict[str, ProbeCounts]:
        if not (self._plan.can_probe and isinstance(module, Method)):
            return {}
        untrained = self._plan.new_module(seed).to(self._device)
        assert isinstance(untrained, Method)  # noqa: S101  (the same class)
        return probe(module, untrained, self._plan.benchmark)
