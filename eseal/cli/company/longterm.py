"""``eseal extend`` and ``eseal document``: levels raised or renewed, documents fetched again."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eseal.cli.company.disclosing import record_access
from eseal.cli.frame.command import quiet, state_of
from eseal.cli.frame.files import check_free, read_limited, write_whole
from eseal.cli.frame.output import printable
from eseal.model.level import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eseal.cli.frame.command import State
    from eseal.service.archive.longterm import LongTerm

EXTENDED = ".extended"
"""What stands before the suffix of a file that was raised: the original is kept."""
Force = Annotated[bool, typer.Option("--force", help="Replace an existing file.")]


def extend(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="A sealed PDF, a container (.asice), or a .p7s file.",
        ),
    ],
    to: Annotated[Level, typer.Option("--to", help="The level to reach.")] = Level.B_LTA,
    out: Annotated[
        Path | None,
        typer.Option("--out", dir_okay=False, help="The result; default: NAME.extended.SUFFIX."),
    ] = None,
    tsa: Annotated[
        list[str] | None,
        typer.Option(
            "--tsa", metavar="URL", help="A time-stamp authority; several are tried in turn."
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Raise a seal's level, or renew its archive time-stamp.

    Adds validation data for what is there already, then (b-lta) a new time-stamp over all of it.
    Needs no account: the instance in the data directory, or the URL of an authority.
    """
    quiet()
    state = state_of(ctx)
    target = out or file.with_name(f"{file.stem}{EXTENDED}{file.suffix}")
    check_free(target, force=force)
    data = read_limited(file, state.settings().max_upload_bytes)
    with _long_term(state, tsa or []) as long_term:
        extended = long_term.extend(data, to)
    write_whole(target, extended, force=force)
    typer.echo(printable(f"extended {file} -> {target} ({to})"))


def document(
    ctx: typer.Context,
    use: Annotated[str, typer.Argument(metavar="USE_ID", help="The use's id.")],
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help="Where to write it.")],
    force: Force = False,
) -> None:
    """Fetch the sealed document of a use again, at the level it was ordered at.

    A PDF is kept for ESEAL_DOCUMENT_RETENTION_HOURS until it has been delivered; a signature beside
    a file can be made again at any time.
    """
    check_free(out, force=force)
    with record_access(ctx) as access:
        sealed = access.document(use)
        write_whole(out, sealed.data, force=force)
        access.delivered(use)
    typer.echo(printable(f"fetched {out} (use {use})"))


@contextmanager
def _long_term(state: State, named: list[str]) -> Iterator[LongTerm]:
    """The instance's means where there is an instance, else other people's alone."""
    from eseal.pki.http import Fetcher
    from eseal.service.sealing.levels import long_term_of, long_term_without_instance

    settings = state.settings()
    fetcher = Fetcher(seconds=settings.tsa_timeout)
    try:
        if settings.database_url is None and not (settings.data_dir / "eseal.db").exists():
            wanted = named or settings.tsa_sources
            yield long_term_without_instance(wanted, fetcher, lambda: datetime.now(UTC))
            return
        with state.service() as service:
            yield long_term_of(service.context, service.responders, service.ca, fetcher, named)
    finally:
        fetcher.close()
