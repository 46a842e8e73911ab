"""``eseal apply --preview``: what a sealed PDF would look like, before a use is spent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from eseal.cli.frame.files import check_free, read_limited, write_whole
from eseal.cli.frame.output import printable
from eseal.errors import InvalidInputError
from eseal.words.translation import translated

if TYPE_CHECKING:
    from eseal.model.seal import Seal
    from eseal.service.sealing.orders import DocumentOrder
    from eseal.service.service import Service
    from eseal.words import Words

WIDTH: Final = 1000
"""Pixels: a page of A4 at 120 dots per inch."""
MAX_PAGES: Final = 50
"""Pictures written at once."""


def show_preview(  # noqa: PLR0913  # what the command line says
    service: Service,
    seal: Seal,
    files: list[Path],
    order: DocumentOrder,
    out: Path,
    *,
    force: bool,
    words: Words,
) -> None:
    """Write a picture of each page: ``FILE.png``, or ``FILE-1.png`` and so on.

    Raises:
        InvalidInputError: there is more than one file, the picture is no PNG by its name, or the
            file cannot be sealed in this way.
    """
    if len(files) != 1:
        raise InvalidInputError("--preview: expected one PDF, got several files")
    if out.suffix.lower() != ".png":
        raise InvalidInputError(f"--preview: expected a name that ends in .png, got {out.name!r}")
    data = read_limited(files[0], service.context.settings.max_upload_bytes)
    shown = service.sealing.preview(seal.id, data, order, width=WIDTH, most=MAX_PAGES)
    names = [out] if len(shown.pages) == 1 else _numbered(out, len(shown.pages))
    for name in names:
        check_free(name, force=force)
    for name, page in zip(names, shown.pages, strict=True):
        write_whole(name, page, force=force)
    for note in shown.notes:
        told = translated(note, "notes", words)
        typer.echo(printable(f"{words('report.applied.note')}: {told}"))
    pictures = " … ".join(map(str, dict.fromkeys((names[0], names[-1]))))
    line = words("report.applied.preview", file=files[0], count=len(names), pictures=pictures)
    typer.echo(printable(line))


def _numbered(out: Path, count: int) -> list[Path]:
    return [out.with_name(f"{out.stem}-{number}{out.suffix}") for number in range(1, count + 1)]
