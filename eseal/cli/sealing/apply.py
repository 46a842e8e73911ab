"""``eseal apply``: sealed copies of files."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eseal.cli.frame.command import INTERRUPTED, REFUSED, AsJson, actor, state_of
from eseal.cli.frame.files import check_free, read_limited, write_whole
from eseal.cli.frame.output import note, print_json, printable
from eseal.cli.frame.refusals import refusal
from eseal.cli.sealing import placements as place
from eseal.cli.sealing.anchor_due import anchor_is_due
from eseal.cli.sealing.batch import FOR_PDFS
from eseal.cli.sealing.party_options import Flatten, Lock, Parties, mode_of
from eseal.cli.sealing.preview import show_preview
from eseal.errors import InvalidInputError, TooLargeError
from eseal.excerpts import excerpt
from eseal.model.level import Level
from eseal.words.translation import translated

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from eseal.cli.sealing.batch import Applied
    from eseal.model.seal import Seal
    from eseal.service.sealing.orders import DocumentOrder
    from eseal.service.service import Service
    from eseal.words import Words

CONTAINER_SUFFIXES = (".asice", ".sce")
"""ETSI EN 319 162-1 section 4.4.1."""
JOURNALS = "batches"
"""Folder in the data directory for what was begun."""
_OF_ONE_RUN = {"files", "seal", "out", "container", "preview", "as_json"}
"""Parameters that do not make two batches different, or not as they are written."""


def apply(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE")],
    seal: Annotated[str, typer.Option("--seal", help="The seal's id or handle.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", file_okay=False, help="Directory for the results; default: beside."),
    ] = None,
    container: Annotated[
        Path | None,
        typer.Option(
            "--container",
            metavar="OUT.asice",
            dir_okay=False,
            help="Seal the files as one: an ASiC-E container. One FILE that is a container "
            "already gets one more seal.",
        ),
    ] = None,
    purpose: Annotated[
        str | None, typer.Option("--purpose", help="What for; goes into the signed statement.")
    ] = None,
    visible: place.Visible = False,
    at: place.AtPoint = None,
    keyword: place.Keyword = None,
    occurrence: place.Which = None,
    field: place.Field = None,
    auto: place.Auto = False,
    pages: place.Pages = None,
    qr: place.Qr = None,
    qr_inside: place.QrInside = False,
    cross_page: place.CrossPages = None,
    cross_edge: place.CrossEdge = None,
    cross_height: place.CrossHeight = None,
    cross_first: place.CrossFirst = None,
    cross_group: place.CrossGroup = None,
    double_sided: place.DoubleSided = False,
    flatten: Flatten = False,
    parties: Parties = None,
    lock: Lock = False,
    preview: Annotated[
        Path | None,
        typer.Option(
            "--preview",
            metavar="FILE.png",
            dir_okay=False,
            help="Show what one PDF would look like, page by page, and seal nothing.",
        ),
    ] = None,
    level: Annotated[
        Level | None,
        typer.Option("--level", help="Of the signature; default: ESEAL_SIGNATURE_LEVEL."),
    ] = None,
    anchored: Annotated[
        bool,
        typer.Option(
            "--anchored", help="Wait for the ledger, and put the proof of that into the results."
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace existing results.")] = False,
    as_json: AsJson = False,
) -> None:
    """Seal files: NAME.sealed.pdf for a PDF, FILE.p7s for any other, or all in one container.

    A result per file; a bad one does not stop the others. Exit code 1 if any failed. After an
    interruption the same command goes on where it was: nothing is sealed twice.
    """
    from eseal.service.sealing.orders import DocumentOrder

    placing = place.placing_of(
        place.spot_of(
            visible=visible,
            at=at,
            keyword=keyword,
            occurrence=occurrence,
            field=field,
            auto=auto,
        ),
        place.cross_page_of(
            pages=cross_page,
            edge=cross_edge,
            height=cross_height,
            first=cross_first,
            group=cross_group,
            double_sided=double_sided,
        ),
        pages=pages,
        qr=qr,
        qr_inside=qr_inside,
    )
    mode = mode_of(flatten=flatten, lock=lock, parties=parties)
    if container is not None:
        alone = placing is None and out is None and preview is None and mode == mode_of()
        _check_container(container, alone=alone)
    words = None if as_json else state_of(ctx).words
    with state_of(ctx).service() as service:
        found = service.directory.seal(seal)
        order = DocumentOrder(
            purpose=purpose, level=level, visible=placing, mode=mode, anchored=anchored
        )
        if preview is not None:
            told = state_of(ctx).words
            show_preview(service, found, files, order, preview, force=force, words=told)
        elif container is not None:
            _apply_container(service, found, files, container, order, force=force, words=words)
        else:
            alike = _alike(ctx, found, out)
            _apply_each(service, found, files, out, order, alike, force=force, words=words)


def _alike(ctx: typer.Context, seal: Seal, out: Path | None) -> dict[str, object]:
    """What makes two runs alike: the options as they were written.

    Their names outlast a version, what is made of them need not: an upgrade in the middle of a
    batch finds what was begun. Options that were not given do not count, so a new one adds nothing.
    """
    unsaid = {each.name: each.default for each in ctx.command.params}
    given = {
        name: value
        for name, value in ctx.params.items()
        if name not in _OF_ONE_RUN and value != () and value != unsaid[name]
    }
    return given | {"seal": seal.id, "out": None if out is None else str(out.absolute())}


def _apply_each(  # noqa: PLR0913, PLR0917  # what the command line says
    service: Service,
    seal: Seal,
    files: list[Path],
    out: Path | None,
    order: DocumentOrder,
    alike: dict[str, object],
    *,
    force: bool,
    words: Words | None,
) -> None:
    """Seal files, and tell of each in words, or of all as JSON where there are none."""
    from eseal.cli.sealing.batch import Applier
    from eseal.cli.sealing.journal import Journal

    results: list[Applied] = []
    with Journal(service.context.settings.data_dir / JOURNALS, alike) as journal:
        applier = Applier(service, seal, journal, order=order, out=out, force=force)
        try:
            with _shown(len(files), words) as show:
                for result in applier.run(files):
                    results.append(result)
                    show(result)
        except KeyboardInterrupt:
            typer.echo(
                f"interrupted: {len(results)} of {len(files)} files are done; to go on with the "
                "rest, run the same command again",
                err=True,
            )
            if words is None:
                print_json([result.view() for result in results])
            raise typer.Exit(INTERRUPTED) from None
        failed = any(result.code for result in results)
        if force or not failed:
            journal.finish()
    if words is None:
        print_json([result.view() for result in results])
    elif any(result.code is None for result in results):
        _tell_anchor(service, words)
    if failed:
        raise typer.Exit(REFUSED)


def _check_container(container: Path, *, alone: bool) -> None:
    """Refuse what does not go with a container, and a name that hides what it is.

    Args:
        container: where it is to be written.
        alone: whether nothing was asked for that is of single files.

    Raises:
        InvalidInputError: either.
    """
    if not alone:
        raise InvalidInputError(
            f"--container: expected none of --out, --preview, {', '.join(FOR_PDFS)} beside it: "
            "nothing shows in the files, which go in as they are"
        )
    if container.suffix.lower() not in CONTAINER_SUFFIXES:
        raise InvalidInputError(
            f"--container: expected a name that ends in {' or '.join(CONTAINER_SUFFIXES)}, by "
            "which other programs know a sealed container (ASiC-E), got "
            f"{excerpt(container.name)}"
        )


def _tell_anchor(service: Service, words: Words) -> None:
    """Say that what was sealed is not on the ledger yet, if nobody here will see to that."""
    if anchor_is_due(service):
        note(words("report.notes.anchor_due"), words)


def _apply_container(  # noqa: PLR0913  # what the command line says
    service: Service,
    seal: Seal,
    files: list[Path],
    container: Path,
    order: DocumentOrder,
    *,
    force: bool,
    words: Words | None,
) -> None:
    """Seal files as one, and tell of it in words, or as JSON where there are none."""
    check_free(container, force=force)
    limit = service.context.settings.max_upload_bytes
    contents: list[tuple[str, bytes]] = []
    room = limit
    for file in files:
        data = read_limited(file, limit)
        room -= len(data)
        if room < 0:
            raise TooLargeError(f"container: expected at most {limit} bytes in all, got more")
        contents.append((file.name, data))
    sealed = service.containers.seal(
        seal.id,
        contents,
        actor=actor(),
        purpose=order.purpose,
        level=order.level,
        anchored=order.anchored,
    )
    write_whole(container, sealed.data, force=force)
    service.sealing.delivered(sealed.use.id)
    if words is None:
        names = [str(file) for file in files]
        print_json({"files": names, "id": sealed.use.id, "sealed": str(container)})
        return
    use = words("report.applied.use", id=sealed.use.id)
    kind = words("report.applied.container", count=len(files))
    done = words("report.applied.sealed")
    typer.echo(printable(f"{done} {kind} -> {container} ({use})"))
    _tell_anchor(service, words)


def _shown(count: int, words: Words | None) -> AbstractContextManager[Callable[[Applied], None]]:
    """How results are told: not yet, as plain lines, or under a bar on a terminal."""
    from eseal.cli.frame.output import console

    if words is None:
        return nullcontext(lambda _: None)
    out = console()
    if count > 1 and out.is_terminal:
        from eseal.cli.sealing.progress import Bar

        return Bar(out, count, lambda result: _lines(result, words))
    return nullcontext(lambda result: typer.echo(_lines(result, words)))


def _lines(result: Applied, words: Words) -> str:
    if result.code is None:
        done = words("report.applied.earlier" if result.earlier else "report.applied.sealed")
        use = words("report.applied.use", id=result.use_id)
        line = f"{done} {result.file} -> {result.sealed} ({use})"
        notes = (translated(each, "notes", words) for each in result.notes)
        told = (f"{words('report.applied.note')}: {each}" for each in notes)
        return "\n  ".join(map(printable, (line, *told)))
    kept = f" ({words('report.applied.kept', id=result.use_id)})" if result.use_id else ""
    first, *more = refusal(words, result.code, result.message, result.reasons)
    lines = (f"{words('report.applied.failed')} {result.file}: {first}{kept}", *more)
    return "\n  ".join(map(printable, lines))
