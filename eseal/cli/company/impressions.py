"""``eseal seal show`` and ``eseal seal impression``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eseal.cli.company.disclosing import record_access
from eseal.cli.company.seals import SealName
from eseal.cli.frame.command import AsJson, actor, state_of
from eseal.cli.frame.files import check_free, read_limited, write_whole
from eseal.cli.frame.output import print_fields, print_json
from eseal.cli.frame.views import impression_view

if TYPE_CHECKING:
    from eseal.documents.impressions.templates.choice import Choice

FORMS = ("svg", "png", "pdf")
MAX_FILE_BYTES = 5 << 20
"""No upload may be larger; the readers have limits of their own."""
_OUTLINES = ("round", "oval", "square")


def show(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    seal: SealName,
    out: Annotated[
        Path | None,
        typer.Option("--out", dir_okay=False, help="Where the art goes: .svg, .png or .pdf."),
    ] = None,
    dpi: Annotated[int | None, typer.Option("--dpi", help="Of a .png; 600 if not given.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a seal's impression, or write it to a file in its true size."""
    form = None if out is None else _form(out)
    if dpi is not None and form != "png":
        raise typer.BadParameter("--dpi: expected together with --out FILE.png")
    if out is not None:
        check_free(out, force=force)
    with record_access(ctx) as access:
        found, impression = access.impression(seal)
    fields = impression_view(found, impression)
    if out is not None and form is not None:
        write_whole(out, impression.render(form, dpi=dpi), force=force)
        fields["file"] = str(out)
    _print(fields, as_json)


def impression(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    seal: SealName,
    file: Annotated[
        Path | None,
        typer.Option("--file", exists=True, dir_okay=False, help="An image to use: PNG or SVG."),
    ] = None,
    width: Annotated[
        float | None,
        typer.Option("--width", help="Millimetres; of an image without its white margin."),
    ] = None,
    height: Annotated[float | None, typer.Option("--height", help="Millimetres.")] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="A template by name, e.g. contract-42.")
    ] = None,
    shape: Annotated[
        str | None, typer.Option("--shape", help=f"One of {', '.join(_OUTLINES)}.")
    ] = None,
    color: Annotated[
        str | None, typer.Option("--color", "--colour", help="#rrggbb, or red, blue, black, ….")
    ] = None,
    star: Annotated[
        bool | None, typer.Option("--star/--no-star", help="Whether there is a star.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Instead of the company's name.")
    ] = None,
    second_name: Annotated[
        str | None, typer.Option("--second-name", help="A second line of the name.")
    ] = None,
    line: Annotated[
        list[str] | None,
        typer.Option("--line", help="Below the middle, instead of purpose and label; repeatable."),
    ] = None,
    no_lines: Annotated[bool, typer.Option("--no-lines", help="Nothing below the middle.")] = False,
    code: Annotated[
        str | None, typer.Option("--code", help="Seal code, instead of the physical seal's.")
    ] = None,
    usual: Annotated[
        bool, typer.Option("--usual", help="The usual template of its type again.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Choose a seal's impression: an image of it, or what its template shows."""
    from eseal.documents.impressions.templates.choice import Choice

    choice = Choice(
        profile=profile,
        outline=_outline(shape),
        width=width,
        height=height,
        colour=color,
        star=star,
        name=name,
        second_name=second_name,
        lines=() if no_lines else (tuple(line) if line else None),
        code=code,
    )
    _check(file, width, choice, usual=usual)
    with state_of(ctx).service() as service:
        found = service.directory.seal(seal)
        if file is not None and width is not None:
            data = read_limited(file, MAX_FILE_BYTES)
            made = service.impressions.upload(found.id, data, width=width, actor=actor())
        else:
            made = service.impressions.choose(found.id, choice, actor=actor())
    _print(impression_view(found, made), as_json)


def _check(file: Path | None, width: float | None, choice: Choice, *, usual: bool) -> None:
    """Raise unless exactly one thing was asked for.

    Raises:
        typer.BadParameter: nothing, or several things that exclude one another.
    """
    from eseal.documents.impressions.templates.choice import Choice

    if file is not None:
        if width is None:
            raise typer.BadParameter("--file: expected --width MILLIMETRES with it")
        if usual or choice != Choice(width=width):
            raise typer.BadParameter("--file: expected no other option with it but --width")
    elif usual and choice != Choice():
        raise typer.BadParameter("--usual: expected no other option with it")
    elif not usual and choice == Choice():
        raise typer.BadParameter("expected --file, --usual or something about the template")


def _form(out: Path) -> str:
    form = out.suffix.lower().removeprefix(".")
    if form not in FORMS:
        raise typer.BadParameter(f"--out: expected a name that ends in .svg, .png or .pdf: {out}")
    return form


def _outline(shape: str | None) -> Any:
    from eseal.documents.impressions import Outline

    if shape is None:
        return None
    if shape not in _OUTLINES:
        raise typer.BadParameter(f"--shape: expected one of {', '.join(_OUTLINES)}, got {shape!r}")
    return Outline(shape)


def _print(fields: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(fields)
    else:
        print_fields(fields)
