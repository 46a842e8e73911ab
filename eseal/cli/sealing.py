"""``eseal apply``: sealed copies of files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eseal.cli.files import check_free, read_limited, write_whole
from eseal.cli.framework import REFUSED, AsJson, actor, state_of
from eseal.cli.manners import Flatten, Lock, MoreToCome, Parties, manner_of
from eseal.cli.output import print_json, printable
from eseal.errors import ConflictError, ESealError

if TYPE_CHECKING:
    from eseal.documents.pdf import Manner, SealBox
    from eseal.model.seal import Seal
    from eseal.service.service import Service

PDF_SUFFIX = ".sealed.pdf"
SIGNATURE_SUFFIX = ".p7s"
VISIBLE_MM = (20.0, 20.0, 60.0, 25.0)
"""Where a visible seal stands on the last page: left, bottom, width, height."""


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
        visible: SealBox | None,
        manner: Manner | None = None,
        force: bool,
    ) -> None:
        self._service = service
        self._seal = seal
        self._out = out
        self._purpose = purpose
        self._visible = visible
        self._manner = manner
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
                manner=self._manner,
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
    visible: Annotated[
        bool, typer.Option("--visible", help="Show the seal on the last page of a PDF.")
    ] = False,
    flatten: Flatten = False,
    more_to_come: MoreToCome = False,
    lock: Lock = False,
    parties: Parties = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace existing results.")] = False,
    as_json: AsJson = False,
) -> None:
    """Seal files: NAME.sealed.pdf for a PDF, FILE.p7s for any other.

    A result per file; a bad one does not stop the others. Exit code 1 if any failed.
    """
    from eseal.documents.pdf import SealBox

    box = SealBox(-1, *VISIBLE_MM) if visible else None
    with state_of(ctx).service() as service:
        found = service.directory.seal(seal)
        manner = manner_of(flatten=flatten, more_to_come=more_to_come, lock=lock, parties=parties)
        applier = Applier(
            service, found, out=out, purpose=purpose, visible=box, manner=manner, force=force
        )
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
