"""The pages of the site: their paths, their titles, what they are about, and where they are listed.

The server's start page, its site map and the navigation are made from this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

NavigationPlace = Literal["main", "account", "foot", "hidden"]
"""Where a page is listed: in the head, for those who have signed in, in the foot, or nowhere."""

SITE = "dgbench"
SENTENCE = "Which learning algorithms find the patterns that a stronger, easier pattern hides?"
"""What the site is about, in a sentence."""


@dataclass(frozen=True, kw_only=True)
class PageFacts:
    """A page, as the server and the navigation know it."""

    path: str
    """Its path below the site's address. The first page has none."""
    title: str
    description: str
    """For search engines and for links in messages."""
    place: NavigationPlace = "main"
    takes: tuple[str, ...] = ()
    """Address parameters of its own, beside benchmark, track and selection."""
    icon: str = ""


PAGES: Mapping[str, PageFacts] = {
    "overview": PageFacts(
        path="",
        title="Overview",
        description="All methods on all benchmarks of the suite: how much each finds of the "
        "patterns that an easier pattern hides, with tiers and an overall score.",
        takes=("suite", "by", "reversed"),
    ),
    "leaderboard": PageFacts(
        path="board",
        title="Board",
        description="Methods ranked by how much they find of the patterns that an easier pattern "
        "hides, recomputed from submitted predictions, with intervals and tiers.",
        takes=(
            "q",
            "checked",
            "standing",
            "paradigm",
            "params",
            "training",
            "retained",
            "since",
            "as_of",
            "sort",
            "reversed",
            "page",
            "columns",
        ),
    ),
    "families": PageFacts(
        path="families",
        title="Families",
        description="How strong may an easy pattern be before each method goes blind? Curves, "
        "thresholds and areas along one strength of one pattern.",
        takes=("family",),
    ),
    "compare": PageFacts(
        path="compare",
        title="Compare",
        description="Two to six methods on the same test images: paired differences with their "
        "verdict, domain by domain, and the images on which they differ.",
        takes=("id", "with", "domain", "class", "right"),
    ),
    "cost": PageFacts(
        path="cost",
        title="Cost",
        description="The score of each method against its training time, size and energy.",
        takes=("cost",),
    ),
    "timeline": PageFacts(
        path="timeline",
        title="Timeline",
        description="When the best score of each benchmark improved, and by which method.",
        takes=("time",),
    ),
    "benchmarks": PageFacts(
        path="benchmarks",
        title="Benchmarks",
        description="What each benchmark asks, which pattern it hides, how hard it is, and what "
        "its images look like in every test domain.",
        takes=("name",),
    ),
    "rules": PageFacts(
        path="rules",
        title="Rules",
        description="What the numbers mean, how methods are ranked and checked, and what the "
        "leaderboard cannot tell.",
    ),
    "submit": PageFacts(
        path="submit",
        title="Submit",
        description="Train on five seeds, bundle the predictions, and submit a method.",
    ),
    "mine": PageFacts(
        path="mine",
        title="My submissions",
        description="Your submissions and tokens.",
        place="account",
    ),
    "moderation": PageFacts(
        path="moderation",
        title="Moderation",
        description="Open flags, and what moderators do about them.",
        place="account",
    ),
    "status": PageFacts(
        path="status",
        title="Status",
        description="The state of the store: submissions, backups, versions and the audit log.",
        place="foot",
    ),
    "submission": PageFacts(
        path="submission",
        title="Submission",
        description="One submission: its scores, its mistakes, the submitter's declarations, and "
        "how far it was checked.",
        place="hidden",
        takes=("id", "part", "domain", "class"),
    ),
    "method": PageFacts(
        path="method",
        title="Method",
        description="One method on all benchmarks.",
        place="hidden",
        takes=("name",),
    ),
}
"""All pages by name, in the order of the navigation. The first one is the front page."""
