"""What the pages say about columns, tracks, marks and levels: one wording everywhere."""

from collections.abc import Mapping

from leaderboard.records import Standing, Verification

RETAINED = 0.95
"""ID retention below which a row is marked."""

SELECTIONS: Mapping[str, str] = {
    "fixed": "Published defaults, nothing was tuned on this benchmark.",
    "id-val": "Chosen by accuracy on validation data like the training data.",
    "constrained-id": "Chosen among settings that keep the accuracy in the training domain.",
    "leave-one-pattern-out": "Chosen on patterns other than the ones that are scored.",
    "oracle": "Chosen on the test domains: an upper bound, not a fair comparison.",
}

USES: Mapping[str, str] = {
    "environments": "knows which training environment an image comes from",
    "pattern_labels": "sees the value of each pattern, not only the class",
    "augmentation_prior": "was told which changes of the image do not matter",
    "unlabelled_ood": "sees unlabelled images without the correlations",
    "balanced_validation": "sees labelled images without the correlations",
    "pretrained": "starts from weights learnt on other data",
    "test_time": "adapts on the test images",
}

LEVELS: Mapping[Verification, str] = {
    "received": "The numbers were computed here from the submitted predictions.",
    "package": "Reproducible: the package, its version, its licence and `check-method` are given.",
    "replayed": "A verifier trained a declared seed again and got the same predictions.",
    "fresh-seed": "A verifier retrained on new data and seeds, and the claim held.",
    "failed": "A verifier could not reproduce the claim; the evidence shows both numbers.",
}
LEVEL_NAMES: Mapping[Verification, str] = {
    "received": "re-scored",
    "package": "package",
    "replayed": "replayed",
    "fresh-seed": "fresh seeds",
    "failed": "failed",
}

STANDINGS: Mapping[Standing, str] = {
    "full": "Five seeds or more: ranked.",
    "provisional": "Three or four seeds: ranked, but its interval is wide.",
    "unranked": "Fewer than three seeds, or a demonstration: shown, not ranked.",
}

EMPTY = """
The leaderboard is empty. It fills in one of two ways.

**Import the reference results** that come with dgbench's source, every method at its defaults on
five seeds:
"""
IMPORT_COMMANDS = """\
dgbench bundle baselines/results/reference/mnist-color@1 --each -o bundles
dgbench leaderboard import bundles"""
SUBMIT_COMMANDS = """\
dgbench train my-method mnist-color --seeds 0-4
dgbench bundle runs -o my.dgsub
dgbench validate my.dgsub
dgbench submit my.dgsub"""


def track(uses: tuple[str, ...]) -> str:
    """The name of a track: what its methods use beyond labelled training images."""
    return " + ".join(name.replace("_", " ") for name in uses) if uses else "nothing extra"


def uses_of(name: str) -> tuple[str, ...] | None:
    """What the methods of a named track use; None where it is no track's name."""
    if name == track(()):
        return ()
    uses = tuple(part.replace(" ", "_") for part in name.split(" + "))
    return uses if track(uses) == name and set(uses) <= set(USES) else None


def track_help(uses: tuple[str, ...]) -> str:
    """What a method of a track is told, as a sentence."""
    if not uses:
        return "Methods of this track see the training images and their classes, nothing else."
    told = "; it ".join(USES.get(name, name.replace("_", " ")) for name in uses)
    return f"A method of this track {told}."
