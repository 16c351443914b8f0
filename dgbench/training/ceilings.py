"""Reference values: an oracle for each pattern alone, and ERM on all of them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from data_gen.foundation.errors import DGBenchError
from data_gen.foundation.files import write_whole
from data_gen.spec import Spec
from data_gen.spec_files import companion_name
from dgbench.metrics.scale import has_room
from dgbench.metrics.trusted import trusted
from dgbench.references import SUFFIX, Oracle, Reference, check_above_chance
from dgbench.results.record import RunRecord
from dgbench.training.plan import Plan, Request

Run = Callable[[Plan], Sequence[RunRecord]]
"""Runs all seeds of a plan."""


def measure(request: Request, seeds: Sequence[int], *, run: Run) -> Reference:
    """Train everything that the reference values of a benchmark need."""
    plan = Plan(request)
    spec = plan.benchmark.spec
    oracles = {
        name: _oracle(Plan(replace(request, train_domain=f"train.only.{name}")), name, run=run)
        for name in (spec.entries if spec.hidden else ())
    }
    records = run(plan)
    reference = Reference(
        benchmark=spec.id,
        spec_digest=spec.digest,
        sources={name: source.digest for name, source in plan.benchmark.sources.items()},
        generator_seed=plan.benchmark.seed,
        backbone=request.backbone,
        steps=plan.steps,
        batch_size=plan.batch_size,
        seeds=tuple(seeds),
        oracles=oracles,
        erm={test.name: _accuracies(records, test.name) for test in spec.test_domains},
        command=f"dgbench ceilings {spec.id} --seeds {','.join(map(str, seeds))} "
        f"--backbone {request.backbone} --steps {plan.steps} --batch-size {plan.batch_size}",
    )
    check_above_chance(reference, spec)
    return reference


def _oracle(plan: Plan, pattern: str, *, run: Run) -> Oracle:
    """Train where one pattern alone is kept, and measure how well it can be read."""
    spec = plan.benchmark.spec
    records = run(plan)
    probes = [record.probes[pattern] for record in records if pattern in record.probes]
    if plan.can_probe and len(probes) < len(records):
        without = next(record for record in records if pattern not in record.probes)
        folder = plan.folder(without.seed)
        raise DGBenchError(
            f"The run in {str(folder)!r} has no probes. `dgbench evaluate {folder}` adds them; "
            "then give this command again."
        )
    return Oracle(
        only=_accuracies(records, canonical(spec, f"only.{pattern}")),
        solo={name: _accuracies(records, name) for name in spec.solo_domains(pattern)},
        probe=tuple(counts.correct / counts.n for counts in probes) or None,
        untrained_probe=tuple(counts.correct_untrained / counts.n for counts in probes) or None,
    )


def canonical(spec: Spec, name: str) -> str:
    """The name under which a domain's predictions are kept."""
    domain = spec.domain(name)
    return next(test.name for test in spec.test_domains if test.domain == domain)


def trusted_by_erm(reference: Reference, spec: Spec) -> dict[str, float]:
    """ERM's T of each pattern that has one, from the mean accuracy over seeds."""
    chance = 1 / len(spec.classes)
    values = {
        name: trusted(
            fmean(reference.erm[canonical(spec, f"only.{name}")]), chance=chance, ceiling=ceiling
        )
        for name, ceiling in reference.ceilings.items()
    }
    return {name: value for name, value in values.items() if value is not None}


def unlearnable(reference: Reference, spec: Spec) -> list[str]:
    """A sentence for each pattern that has no F and no T, since its oracle is hardly above chance.

    The lowest ceiling decides, among those with the other patterns at random and missing.
    """
    chance = 1 / len(spec.classes)
    sentences = []
    for name, ceiling in reference.ceilings.items() if spec.hidden else ():
        by_domain = {f"only.{name}": ceiling, **reference.solo_ceilings[name]}
        domain = min(by_domain, key=by_domain.__getitem__)
        if not has_room(by_domain[domain], chance=chance):
            sentences.append(
                f"The oracle of {name!r} is right on {by_domain[domain]:.1%} of the images of "
                f"{domain!r}, by chance {chance:.1%}: this pattern has no F and no T. Train with "
                "more --steps."
            )
    return sentences


def hidden_problem(reference: Reference, spec: Spec) -> str | None:
    """A sentence if `hidden` is not what ERM misses, though all patterns predict equally well.

    None if there is nothing to say. With unequal predictivity, a benchmark may score patterns that
    ERM finds in part.
    """
    if len({entry.rho for entry in spec.patterns}) > 1 or not spec.hidden:
        return None
    trust = trusted_by_erm(reference, spec)
    if not trust:
        return "No pattern alone can be learnt, so that none is hidden by another."
    dominant = max(trust, key=trust.__getitem__)
    others = {name for name in spec.entries if name != dominant}
    if others == set(spec.hidden):
        return None
    return (
        f"ERM trusts {dominant!r} most, so that {sorted(others)} are hidden; the spec says "
        f"{sorted(spec.hidden)}."
    )


def save(reference: Reference, benchmark: str, output: Path | None) -> Path:
    """Write the reference values to `output`, beside a spec file, or into the working folder."""
    name = companion_name(reference.benchmark, SUFFIX)
    given = Path(benchmark)
    folder = given.parent if given.suffix in (".yaml", ".yml") else Path()
    target = output or folder / name
    write_whole(target, (reference.model_dump_json(indent=1) + "\n").encode())
    return target


def _accuracies(records: Sequence[RunRecord], domain: str) -> tuple[float, ...]:
    return tuple(record.domains[domain].correct / record.domains[domain].n for record in records)
