"""The domains in which a pattern is scored, and the ceiling that holds on each."""

from collections.abc import Iterable

from data_gen.spec import Spec
from data_gen.spec_files import find_spec
from dgbench.metrics.scale import has_room
from dgbench.references import Oracle, Reference

Ceilings = dict[str, float]
"""The accuracy that counts as 1, by canonical domain."""


def evaluated(spec: Spec, names: Iterable[str]) -> tuple[str, ...]:
    """List the canonical names of those domains that the benchmark tests.

    Example:
        >>> from data_gen.spec_files import find_spec
        >>> evaluated(find_spec("mnist-color@1"), ["only.shape", "up.shape"])
        ('up.color', 'only.color')
    """
    canonical = {test.domain: test.name for test in spec.test_domains}
    domains = [spec.domain(name) for name in names]
    return tuple(canonical[domain] for domain in domains if domain in canonical)


def headline_domains(spec: Spec) -> dict[str, tuple[str, ...]]:
    """List for each hidden pattern the domains that decide its part of the score that ranks.

    Example:
        >>> from data_gen.spec_files import find_spec
        >>> headline_domains(find_spec("mnist-color@1"))
        {'shape': ('mp.color.mean', 'mp.color.neutral', 'mp.color.absent')}
    """
    return {name: spec.solo_domains(name) for name in spec.hidden}


def solo_ceilings(spec: Spec, reference: Reference) -> dict[str, Ceilings | None]:
    """Return for each pattern that is tested alone the ceilings on its domains `solo.<p>.<r>`.

    A pattern has None, and no score, where a ceiling leaves no room above chance. Reference values
    of the first version lack these ceilings: there the one on `only.<p>` stands in.

    Example:
        >>> solo_ceilings(*_example())
        {'shape': {'mp.color.mean': 0.8, 'mp.color.neutral': 0.9, 'mp.color.absent': 0.9}}
    """
    by_pattern = {
        name: {
            domain: reference.solo_ceilings[name].get(domain, reference.ceilings[name])
            for domain in spec.solo_domains(name)
        }
        for name in spec.entries
    }
    return {
        name: _learnable(name, ceilings, spec, reference)
        for name, ceilings in by_pattern.items()
        if ceilings
    }


def has_stand_ins(spec: Spec, reference: Reference) -> bool:
    """Tell whether the ceilings on `only.<p>` stand in for those of patterns alone.

    Example:
        >>> has_stand_ins(*_example())
        True
    """
    return any(
        domain not in reference.solo_ceilings[name]
        for name in spec.entries
        for domain in spec.solo_domains(name)
    )


def _learnable(
    pattern: str, ceilings: Ceilings, spec: Spec, reference: Reference
) -> Ceilings | None:
    """Return the ceilings if all of a pattern's leave room above chance."""
    chance = 1 / len(spec.classes)
    every = [reference.ceilings[pattern], *ceilings.values()]
    return ceilings if all(has_room(ceiling, chance=chance) for ceiling in every) else None


def _example() -> tuple[Spec, Reference]:
    """Make reference values that lack two ceilings, for the examples above."""
    spec = find_spec("mnist-color@1")
    reference = Reference(
        benchmark=spec.id,
        spec_digest=spec.digest,
        sources={},
        generator_seed=0,
        backbone="small-cnn",
        steps=1,
        batch_size=1,
        seeds=(0,),
        oracles={
            "shape": Oracle(only=(0.9,), solo={"mp.color.mean": (0.8,)}),
            "color": Oracle(only=(1.0,)),
        },
        erm={},
        command="",
    )
    return spec, reference
