"""Notes before the first step, about things that would show only at the end."""

from collections.abc import Iterator, Sequence

from data_gen.foundation.errors import DGBenchError
from dgbench.results.folder import RECORD, read_record
from dgbench.training.plan import Plan


def notes(plan: Plan, seeds: Sequence[int]) -> Iterator[str]:
    """Yield a sentence for everything that the runs of these seeds will lack."""
    if plan.probe_problem:
        yield f"The features will not be probed, so that E is missing. {plan.probe_problem}"
    if plan.request.resume:
        edited = [seed for seed in seeds if _was_edited(plan, seed)]
        if edited:
            yield (
                f"There is nothing to go on with for seed(s) {', '.join(map(str, edited))}: what "
                "is there was made with another source of the method. They start anew."
            )


def _was_edited(plan: Plan, seed: int) -> bool:
    """Whether an unfinished run differs from the one that is asked for by its source alone."""
    folder = plan.folder(seed)
    if (folder / RECORD).exists():
        return False
    for run in sorted(folder.parent.parent.glob(f"*/{folder.name}")):
        try:
            record = read_record(run)
        except DGBenchError:
            continue
        renewed = record.configuration.model_copy(update={"method": plan.configuration.method})
        is_same_method = record.configuration.method.name == plan.configuration.method.name
        if record.status != "done" and is_same_method and renewed == plan.configuration:
            return True
    return False
