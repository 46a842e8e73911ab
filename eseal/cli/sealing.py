"""``eseal apply``: sealed copies of files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eseal.cli import placements as place
from eseal.cli.files import check_free, read_limited, write_whole
from eseal.cli.framework import REFUSED, AsJson, actor, state_of
from eseal.cli.output import print_json, printable
from eseal.errors import ConflictError, ESealError

if TYPE_CHECKING:
    from eseal.documents.pdf import Placing
    from eseal.model.seal import Seal
    from eseal.service.service import Service

PDF_SUFFIX = ".sealed.pdf"
SIGNATURE_SUFFIX = ".p7s"


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one file.

    Attributes:
        file: the file that was to be sealed.
        sealed: the sealed copy or signature that was written, or ``None``.
        use_id: the recorded use, or ``None`` if none was recorded.
        code: the error's code, or ``None`` if all went well.
        message: what went wrong, or ``""``.
    """

    file: Path
    sealed: Path | None
    use_id: str | None
    code: str | None = None
    message: str = ""

    def view(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "file": str(self.file),
            "id": self.use_id,
            "sealed": None if self.sealed is None else str(self.sealed),
            "error": None if self.code is None else {"code": self.code, "message": self.message},
        }


class Applier:
    """Seals files in the order given; what fails with one does not stop the others."""

    def __init__(  # noqa: PLR0913  # what the command line says
        self,
        service: Service,
        seal: Seal,
        *,
        out: Path | None,
        purpose: str | None,
        visible: Placing | None,
        force: bool,
    ) -> None:
        self._service = service
        self._seal = seal
        self._out = out
        self._purpose = purpose
        self._visible = visible
        self._force = force
        self._claimed: set[Path] = set()

    def apply(self, file: Path) -> Applied:
        """Seal one file. Never raises on account of it."""
        use_id: str | None = None
        try:
            data = read_limited(file, self._service.context.settings.max_upload_bytes)
            target = self._claim(file, data)
            sealed = self._service.sealing.seal_document(
                self._seal.id,
                data,
                filename=file.name,
                actor=actor(),
                purpose=self._purpose,
                visible=self._visible,
            )
            use_id = sealed.use.id
            write_whole(target, sealed.data, force=self._force)
            self._service.sealing.delivered(use_id)
        except ESealError as error:
            return Applied(file, None, use_id, error.code, str(error))
        except OSError as error:
            return Applied(file, None, use_id, "os_error", error.strerror or str(error))
        return Applied(file, target, use_id)

    def _claim(self, file: Path, data: bytes) -> Path:
        """Where the result goes; looked at before the seal is used, not after.

        Raises:
            ConflictError: another file stands there, or goes there in this run.
        """
        from eseal.documents.media import is_pdf

        directory = file.parent if self._out is None else self._out
        pdf = is_pdf(data) or file.suffix.lower() == ".pdf"
        target = directory / (file.stem + PDF_SUFFIX if pdf else file.name + SIGNATURE_SUFFIX)
        if target in self._claimed:
            raise ConflictError(f"{target} is where another of these files went")
        check_free(target, force=self._force)
        self._claimed.add(target)
        return target


def apply(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE")],
    seal: Annotated[str, typer.Option("--seal", help="The seal's id or handle.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", file_okay=False, help="Directory for the results; default: beside."),
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
    force: Annotated[bool, typer.Option("--force", help="Replace existing results.")] = False,
    as_json: AsJson = False,
) -> None:
    """Seal files: NAME.sealed.pdf for a PDF, FILE.p7s for any other.

    A result per file; a bad one does not stop the others. Exit code 1 if any failed.
    """
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
    with state_of(ctx).service() as service:
        found = service.directory.seal(seal)
        applier = Applier(service, found, out=out, purpose=purpose, visible=placing, force=force)
        results = []
        for file in files:
            results.append(applier.apply(file))
            if not as_json:
                typer.echo(_line(results[-1]))
    if as_json:
        print_json([result.view() for result in results])
    if any(result.code for result in results):
        raise typer.Exit(REFUSED)


def _line(result: Applied) -> str:
    if result.code is None:
        return printable(f"sealed {result.file} -> {result.sealed} (use {result.use_id})")
    kept = f" (the use {result.use_id} is on record)" if result.use_id else ""
    return printable(f"failed {result.file}: {result.message}{kept}")
