"""``eseal keys``: the key-encryption key."""

from __future__ import annotations

import typer

from eseal.cli.framework import AsJson, Command, quiet, state_of
from eseal.cli.output import console, print_json

app = typer.Typer(help="The key-encryption key.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def group() -> None:
    """Keep ``rotate-kek`` a command of its own while it is the only one."""


@app.command(name="rotate-kek", cls=Command)
def rotate_kek(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Change the key-encryption key while services run; run it again if it was cut off."""
    from eseal.service.instance import rotate_key

    quiet()

    def tell(table: str, rows: int) -> None:
        if rows and not as_json:
            console().print(f"{table}: {rows} rows written again")

    done = rotate_key(state_of(ctx).settings(), tell)
    if as_json:
        print_json(
            {
                "fingerprint": done.fingerprint.hex(),
                "rows": done.rows,
                "old_key": None if done.old_key is None else str(done.old_key),
            }
        )
        return
    console().print(f"The key-encryption key is {done.fingerprint.hex()} now.")
    if done.old_key is None:
        console().print(
            "Set ESEAL_KEK to what ESEAL_KEK_NEXT holds, remove ESEAL_KEK_NEXT, and start all "
            "services again."
        )
    else:
        console().print(
            f"The old one lies at {done.old_key}: move it to where older backups are kept, which "
            "it alone opens. Copy the new one to a place apart from this directory."
        )
