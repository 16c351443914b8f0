"""`dgbench leaderboard token`: let people submit, moderate and verify."""

import json
from typing import Annotated

import typer

from dgbench.cli.options import Json
from leaderboard.cli.opening import Database, name_of, opened, opened_or_made

app = typer.Typer(help="Issue, list and revoke tokens.", no_args_is_help=True)


@app.command("issue")
def issue(
    name: Annotated[str, typer.Argument(help="Name of the person it is for, which is public.")],
    roles: Annotated[
        list[str] | None,
        typer.Option("--role", help="submitter, moderator or verifier. May be repeated."),
    ] = None,
    days: Annotated[float, typer.Option(min=0, help="Days until it expires. 0: never.")] = 365,
    quota: Annotated[
        int | None, typer.Option(min=0, help="Bundles a day. Default: 50. 0: no limit.")
    ] = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Make a token. It is shown once."""
    from leaderboard.access.tokens import DEFAULT_QUOTA
    from leaderboard.records import OPERATOR

    with opened_or_made(database) as service:
        token = service.issue_token(
            name,
            roles or ["submitter"],
            OPERATOR,
            days=days or None,
            daily_quota=DEFAULT_QUOTA if quota is None else quota or None,
        )
    if as_json:
        typer.echo(json.dumps({"id": token.info.id, "token": token.secret}))
        return
    typer.echo(token.secret)
    expires = token.info.expires_at or "never"
    typer.echo(
        f"For {token.info.name} ({', '.join(token.info.roles)}), id {token.info.id}, expires "
        f"{expires}, in the store {name_of(database)}. It is not kept and cannot be shown again.",
        err=True,
    )


@app.command("list")
def list_tokens(database: Database = None, as_json: Json = False) -> None:
    """List the tokens, without their secrets."""
    from leaderboard.records import OPERATOR

    with opened(database) as service:
        tokens = service.tokens(OPERATOR)
    if as_json:
        from dataclasses import asdict

        typer.echo(json.dumps([asdict(info) for info in tokens], indent=1))
        return
    if not tokens:
        typer.echo("There is no token. `dgbench leaderboard token issue NAME` makes one.")
    for info in tokens:
        state = f"revoked {info.revoked_at}" if info.revoked_at else f"until {info.expires_at}"
        typer.echo(f"{info.id}  {info.name}  {', '.join(info.roles)}  {state}")


@app.command("revoke")
def revoke(
    token: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="A token's id, as `dgbench leaderboard token list` shows it."
        ),
    ],
    database: Database = None,
) -> None:
    """Revoke a token, which then no longer works."""
    from leaderboard.records import OPERATOR

    with opened(database) as service:
        info = service.revoke_token(token, OPERATOR)
    typer.echo(f"{info.id}: revoked.")
