"""`dgbench leaderboard key`: choose the verifiers whose records count."""

import json
from typing import Annotated

import typer

from dgbench.cli.options import Json
from leaderboard.cli.opening import Database, opened, opened_or_made

app = typer.Typer(help="Trust verifiers' keys, list them, take trust away.", no_args_is_help=True)

Key = Annotated[
    str, typer.Argument(metavar="KEY", help="A public key, as `dgbench verify` prints it.")
]


@app.command("trust")
def trust(
    key: Key,
    name: Annotated[str, typer.Option(help="The owner's name, which is public.")],
    database: Database = None,
) -> None:
    """Accept the records that a key signs."""
    from leaderboard.records import OPERATOR

    with opened_or_made(database) as service:
        service.trust_key(key, name, OPERATOR)
    typer.echo(f"{key}: trusted.")


@app.command("distrust")
def distrust(key: Key, database: Database = None) -> None:
    """Stop accepting records that a key signs."""
    from leaderboard.records import OPERATOR

    with opened(database) as service:
        service.distrust_key(key, OPERATOR)
    typer.echo(f"{key}: no longer trusted.")


@app.command("list")
def list_keys(database: Database = None, as_json: Json = False) -> None:
    """List the trusted keys."""
    with opened(database) as service:
        keys = service.trusted_keys()
    if as_json:
        from dataclasses import asdict

        typer.echo(json.dumps([asdict(key) for key in keys], indent=1))
        return
    if not keys:
        typer.echo("No key is trusted. `dgbench leaderboard key trust KEY --name N` names one.")
    for key in keys:
        typer.echo(f"{key.public_key}  {key.name}  since {key.at}")
