"""The facts that a leaderboard's operator gives about the site."""

from dataclasses import dataclass

PAPER = "https://arxiv.org/abs/2106.07916"
"""The paper that the benchmark grew from."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """The facts of one site, from its operator's file."""

    operator: str = ""
    """Name of the person or institution."""
    contact: str = ""
    """An e-mail address, or the address of a page."""
    privacy: str = ""
    """What is stored about visitors and submitters, in plain text."""
    paper: str = PAPER
    code: str = ""
    docs: str = ""

    @property
    def contact_link(self) -> str:
        """The contact as something that a browser opens, or an empty text."""
        return f"mailto:{self.contact}" if "@" in self.contact else self.contact

    @property
    def ask_for_a_token(self) -> str:
        """Whom to ask for a token."""
        if not self.contact:
            return "Ask the operator of this leaderboard for a token."
        who = f"{self.operator} ({self.contact})" if self.operator else self.contact
        return f"Ask {who} for a token."
