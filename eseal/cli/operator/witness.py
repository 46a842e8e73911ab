"""``eseal witness``: cosign other parties' logs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eseal.cli.frame.command import AsJson, Command, quiet
from eseal.cli.frame.output import print_fields, print_json, print_rows

app = typer.Typer(
    help="Cosign the checkpoints of logs (C2SP tlog-witness).",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Directory = Annotated[Path, typer.Option("--dir", file_okay=False, help="Where the witness lives.")]
DEFAULT_PORT = 8100


@app.command(cls=Command)
def init(
    directory: Directory,
    name: Annotated[
        str, typer.Option("--name", help="Its name, such as witness.example.org/w1; final.")
    ],
    as_json: AsJson = False,
) -> None:
    """Make a witness: a directory with a key of its own. Prints its verifier key."""
    from eseal.witness.witness import Witness

    fields = {"name": name, "vkey": str(Witness.create(directory, name))}
    if as_json:
        print_json(fields)
    else:
        print_fields(fields)


@app.command("add-log", cls=Command)
def add_log(
    directory: Directory,
    origin: Annotated[str, typer.Argument(metavar="ORIGIN", help="The log's name.")],
    vkey: Annotated[
        str,
        typer.Argument(metavar="VKEY", help="Its key; eseal monitor --json shows it (log_key)."),
    ],
) -> None:
    """Cosign this log from now on, also while the witness serves."""
    from eseal.log.vkey import KeyType, parse_vkey
    from eseal.witness.witness import Witness

    Witness(directory).add_log(origin, parse_vkey(vkey, KeyType.NOTE))


@app.command(cls=Command)
def show(directory: Directory, as_json: AsJson = False) -> None:
    """The witness's verifier key, its logs, and the size it cosigned last of each."""
    from eseal.witness.witness import Witness

    witness = Witness(directory)
    rows = []
    for origin in witness.logs():
        last = witness.cosigned(origin)
        rows.append({"origin": origin, "size": 0 if last is None else last.checkpoint.size})
    if as_json:
        print_json({"name": witness.key.name, "vkey": str(witness.key), "logs": rows})
        return
    print_fields({"name": witness.key.name, "vkey": witness.key})
    print_rows(rows, ("origin", "size"), empty="no logs yet; add one: eseal witness add-log")


@app.command(cls=Command)
def serve(
    directory: Directory,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port to listen on.")
    ] = DEFAULT_PORT,
) -> None:
    """Answer POST /add-checkpoint until SIGTERM or SIGINT."""
    from eseal.witness.witness import Witness
    from eseal_api.servers.witness import serve as run

    quiet()
    run(Witness(directory), host, port)
