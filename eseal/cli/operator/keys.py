"""``eseal keys``: the key-encryption key, and the log's."""

from __future__ import annotations

import typer

from eseal.cli.frame.command import AsJson, Command, quiet, state_of
from eseal.cli.frame.output import console, print_fields, print_json

app = typer.Typer(
    help="The key-encryption key, and the log's.", no_args_is_help=True, rich_markup_mode=None
)


@app.command(name="rotate-kek", cls=Command)
def rotate_kek(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Change the key-encryption key while services run; run it again if it was cut off."""
    from eseal.service.setup.bootstrap import rotate_key

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


@app.command(name="new-log-key", cls=Command)
def new_log_key(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Make the key that is to follow the log's, or show the one that waits.

    It signs once the administrator says so on the ledger (eseal ledger succeed) and the services
    are started again. Anchor before: what the old key signed beyond the newest head on the ledger
    then counts no more, and is signed again.
    """
    from eseal.service.setup.key_rollover import new_log_key as make

    quiet()
    made = make(state_of(ctx).settings())
    fields = {"log": made.log_id.hex(), "public_key": made.public_key.hex()}
    if as_json:
        print_json(fields)
        return
    print_fields(fields)
    console().print(
        "\nstop the services, run eseal anchor, then have the administrator run: "
        f"eseal ledger succeed {made.log_id.hex()} {made.public_key.hex()}\n"
        "and start the services again",
        soft_wrap=True,
    )
