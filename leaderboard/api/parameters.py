"""Models of the query strings, from which the OpenAPI document is made."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.annotated_handlers import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from data_gen.foundation.documents import Frozen
from dgbench.results.selection import Selection
from leaderboard.records import Query, Sort, Standing, Verification

Format = Literal["json", "csv", "tex", "bib", "parquet"]
NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$"
"""The form of ids and names in paths."""
Identifier = Annotated[str, Field(pattern=NAME_PATTERN)]
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"


class _NoNull:
    """Removes null from a parameter's schema, since a query string leaves the parameter out."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        described = handler(schema)
        choices = [kind for kind in described.pop("anyOf") if kind != {"type": "null"}]
        return described | choices[0]


class Parameters(Frozen):
    """Query parameters. An unknown one is an error."""


class NoParameters(Parameters):
    """No query parameters."""


class LeaderboardParameters(Parameters):
    """The choice of rows, with their order and format."""

    benchmark: Identifier = Field(
        description="The benchmark, `mnist-color@1`; a bare name means its newest version."
    )
    uses: Annotated[str | None, _NoNull()] = Field(
        default=None,
        pattern=r"^[a-z_,]{0,200}$",
        description="The track: what methods use, separated by commas; empty for those that use "
        "nothing. Without it all tracks, each ranked in its own.",
    )
    selection: Selection | Literal["all"] = Field(
        default="fixed", description="How hyper-parameters were chosen."
    )
    search: str = Field(
        default="",
        max_length=200,
        pattern=_PRINTABLE,
        description="Words that name, version, authors or id must contain.",
    )
    verification: Annotated[Verification | None, _NoNull()] = Field(
        default=None, description="How far the numbers were checked."
    )
    standing: Annotated[Standing | None, _NoNull()] = Field(
        default=None, description="Whether it is ranked, or why not."
    )
    as_of: Annotated[str | None, _NoNull()] = Field(
        default=None,
        max_length=40,
        pattern=_PRINTABLE,
        description="A date or time, ISO 8601: the leaderboard as it was then.",
    )
    sort: Sort = Field(default="rank", description="By which column; `rank` is the true order.")
    descending: bool = Field(default=False, description="The other way round.")
    format: Format = Field(default="json", description="How the rows are written.")

    def query(self, benchmark: str) -> Query:
        """Translate into the service's query, for the benchmark's full name."""
        uses = None if self.uses is None else tuple(sorted(filter(None, self.uses.split(","))))
        return Query(
            benchmark=benchmark,
            uses=uses,
            selection=None if self.selection == "all" else self.selection,
            search=self.search,
            verification=self.verification,
            standing=self.standing,
            as_of=self.as_of,
            sort=self.sort,
            descending=self.descending,
        )


class ComparisonParameters(Parameters):
    """The choice of submissions to compare."""

    a: Identifier = Field(description="The id of a submission.")
    b: Identifier = Field(description="The id of another one of the same benchmark.")


class WithdrawalParameters(Parameters):
    """The reason for a withdrawal."""

    reason: str = Field(
        default="", max_length=500, pattern=_PRINTABLE, description="Shown on the tombstone."
    )
