"""Sealing many files: in order, several at once, carrying on after a bad one or an interruption."""

from __future__ import annotations

import errno
import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from eseal.cli.frame.command import actor
from eseal.cli.frame.files import SIGNATURE_SUFFIX, check_free, read_limited, write_whole
from eseal.cli.frame.refusals import reasons_of
from eseal.cli.sealing.journal import Begun
from eseal.errors import ConflictError, ESealError, NotFoundError, UnsupportedDocumentError
from eseal.model.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eseal.cli.sealing.journal import Journal
    from eseal.model.seal import Seal
    from eseal.service.sealing.delivery import Pending
    from eseal.service.sealing.orders import DocumentOrder
    from eseal.service.service import Service

FOR_PDFS = (
    *("--auto", "--at", "--keyword", "--field", "--visible", "--cross-page"),
    *("--flatten", "--party", "--lock"),
)
"""Options that say where a seal shows, and in which mode: for a PDF alone."""
GROUP_FILES = 32
"""Files noted in the journal at once, and handed in for one commit."""
GROUP_BYTES = 32 << 20
"""The same in bytes: what is held in memory stays bounded however many files there are."""
WRITERS = 4
"""Results written at the same time: each waits for the disk."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one file.

    Attributes:
        file: the file that was to be sealed.
        sealed: the sealed copy or signature that was written, or ``None``.
        use_id: the recorded use, or ``None`` if none was recorded.
        code: the error's code, or ``None`` if all went well.
        message: what went wrong, or ``""``.
        reasons: codes of what the document was refused for.
        earlier: whether an earlier run had sealed it.
        notes: what to know of the choices that were made, in words.
    """

    file: Path
    sealed: Path | None
    use_id: str | None
    code: str | None = None
    message: str = ""
    reasons: tuple[str, ...] = ()
    earlier: bool = False
    notes: tuple[str, ...] = ()

    @classmethod
    def failed(cls, file: Path, error: ESealError | OSError, use_id: str | None = None) -> Self:
        """What became of a file that could not be sealed; of its use, if one was recorded."""
        if isinstance(error, OSError) and not isinstance(error, ESealError):
            return cls(file, None, use_id, "os_error", error.strerror or str(error))
        return cls(file, None, use_id, error.code, str(error), reasons_of(error))

    def view(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "file": str(self.file),
            "id": self.use_id,
            "sealed": None if self.sealed is None else str(self.sealed),
            "earlier": self.earlier,
            "notes": list(self.notes),
            "error": None if self.code is None else {"code": self.code, "message": self.message},
        }


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that was read and waits to be sealed."""

    file: Path
    data: bytes
    target: Path
    begun: Begun


class Applier:
    """Seals files in the order given; what fails with one does not stop the others.

    Files are read and prepared one after the other and recorded in groups; their results are
    written by a few threads meanwhile.
    """

    def __init__(  # noqa: PLR0913  # what the command line says
        self,
        service: Service,
        seal: Seal,
        journal: Journal,
        *,
        order: DocumentOrder,
        out: Path | None,
        force: bool,
    ) -> None:
        self._service = service
        self._seal = seal
        self._journal = journal
        self._order = order
        self._out = out
        self._force = force
        self._claimed: set[Path] = set()
        self._delivered: list[str] = []

    def run(self, files: Iterable[Path]) -> Iterator[Applied]:
        """What becomes of each file, in order. Never raises on account of one."""
        waiting: deque[list[Applied | Future[Applied]]] = deque()
        with ThreadPoolExecutor(WRITERS, thread_name_prefix="eseal-write") as writers:
            try:
                for group in self._groups(files):
                    waiting.append(self._begin(group, writers))
                    if len(waiting) > 1:  # one group is written while the next is prepared
                        yield from self._settled(waiting.popleft())
                while waiting:
                    yield from self._settled(waiting.popleft())
            finally:
                for pending in chain.from_iterable(waiting):  # cut off: what was handed in is done
                    if isinstance(pending, Future):
                        pending.result()
                self._tell_delivered()

    def _settled(self, group: list[Applied | Future[Applied]]) -> Iterator[Applied]:
        for one in group:
            yield one.result() if isinstance(one, Future) else one
        self._tell_delivered()

    def _tell_delivered(self) -> None:
        told, self._delivered = self._delivered, []
        if told:
            self._service.sealing.delivered(*told)

    def _groups(self, files: Iterable[Path]) -> Iterator[list[Applied | _Read]]:
        """Files that were read, or what became of them already, in bounded groups."""
        group: list[Applied | _Read] = []
        size = 0
        for file in files:
            one = self._read(file)
            group.append(one)
            size += len(one.data) if isinstance(one, _Read) else 0
            if len(group) >= GROUP_FILES or size >= GROUP_BYTES:
                yield group
                group, size = [], 0
        if group:
            yield group

    def _read(self, file: Path) -> Applied | _Read:
        use_id: str | None = None
        try:
            if file.is_dir():
                told = f"expected a file, got a folder: name the files in it, such as {file}/*"
                raise IsADirectoryError(errno.EISDIR, told)
            data = read_limited(file, self._service.context.settings.max_upload_bytes)
            target = self._claim(file, is_pdf=self._is_pdf(file, data))
            digest = hashlib.sha256(data).hexdigest()
            begun = self._journal.find(target)
            if begun is not None and begun.digest == digest and self._on_record(begun.use):
                use_id = begun.use
                self._fetch(target, use_id)
                return Applied(file, target, use_id, earlier=True)
            check_free(target, force=self._force)
        except (ESealError, OSError) as error:
            return Applied.failed(file, error, use_id)
        return _Read(file, data, target, Begun(str(target.absolute()), digest, new_id()))

    def _begin(
        self, group: list[Applied | _Read], writers: ThreadPoolExecutor
    ) -> list[Applied | Future[Applied]]:
        """Hand a group in; its results are written when they are on record."""
        self._journal.begin(one.begun for one in group if isinstance(one, _Read))
        return [self._submit(one, writers) if isinstance(one, _Read) else one for one in group]

    def _submit(self, one: _Read, writers: ThreadPoolExecutor) -> Applied | Future[Applied]:
        try:
            pending = self._service.sealing.submit_document(
                self._seal.id,
                one.data,
                self._order,
                filename=one.file.name,
                actor=actor(),
                use_id=one.begun.use,
            )
        except (ESealError, OSError) as error:
            return Applied.failed(one.file, error)
        return writers.submit(self._write, one.file, one.target, pending)

    def _write(self, file: Path, target: Path, pending: Pending) -> Applied:
        use_id: str | None = None
        try:
            sealed = pending.result()
            use_id = sealed.use.id
            write_whole(target, sealed.data, force=self._force)
        except (ESealError, OSError) as error:
            return Applied.failed(file, error, use_id)
        self._delivered.append(use_id)
        return Applied(file, target, use_id, notes=pending.notes)

    def _is_pdf(self, file: Path, data: bytes) -> bool:
        """Whether the seal goes into the file.

        Raises:
            UnsupportedDocumentError: it does not, and what was asked for is for PDFs.
        """
        from eseal.documents.media import is_pdf
        from eseal.documents.pdf import SealingMode

        if is_pdf(data) or file.suffix.lower() == ".pdf":
            return True
        if self._order.visible is not None or self._order.mode not in {None, SealingMode()}:
            raise UnsupportedDocumentError(
                f"expected a PDF, got another kind of file: {', '.join(FOR_PDFS)} are for PDFs. "
                f"Without them its seal is written beside it, as {file.name}{SIGNATURE_SUFFIX}"
            )
        return False

    def _claim(self, file: Path, *, is_pdf: bool) -> Path:
        """Where the result goes; looked at before the seal is used, not after.

        Raises:
            ConflictError: another file's result goes there in this run.
        """
        from eseal.documents.media import sealed_pdf_name

        directory = file.parent if self._out is None else self._out
        name = sealed_pdf_name(file.stem) if is_pdf else file.name + SIGNATURE_SUFFIX
        target = directory / name
        if target in self._claimed:
            raise ConflictError(f"{target} is where another of these files went")
        self._claimed.add(target)
        return target

    def _on_record(self, use_id: str) -> bool:
        try:
            self._service.records.use(use_id)
        except NotFoundError:
            return False
        return True

    def _fetch(self, target: Path, use_id: str) -> None:
        """See that the result of a use that is on record lies where it belongs.

        Raises:
            ConflictError: something else lies there.
            NotFoundError: it is not kept any more.
        """
        signature = self._service.records.use(use_id).use.signature
        if target.exists():
            there = target.read_bytes()
            if signature in there or signature.hex().encode() in there:
                return
            check_free(target, force=self._force)
        try:
            sealed = self._service.sealing.document(use_id)
        except NotFoundError:
            raise NotFoundError(
                f"it was sealed earlier as use {use_id}, and the sealed copy is not kept any more; "
                "to seal it once more, give --force"
            ) from None
        write_whole(target, sealed.data, force=self._force)
        self._delivered.append(use_id)
