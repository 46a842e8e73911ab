"""Sealing a set of files as one: ASiC-E containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.documents import asic
from eseal.errors import InvalidFormatError, InvalidInputError, TooLargeError
from eseal.excerpts import excerpt
from eseal.model.actor import Actor, Capability
from eseal.model.ids import new_id
from eseal.model.statement import check_purpose, format_time
from eseal.service.archive.documents import Unfinished
from eseal.service.people.permissions import permit
from eseal.service.sealing.applying import draft_of
from eseal.service.sealing.orders import DigestOrder
from eseal.verify.locating.containers import strange_signatures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eseal.model.level import Level
    from eseal.service.instance.context import Context
    from eseal.service.record.sequencer import Idempotency
    from eseal.service.sealing.delivery import Delivery, SealedDocument
    from eseal.service.sealing.levels import Levels


class Containers:
    """Seals containers. Safe to call from several threads."""

    def __init__(self, context: Context, delivery: Delivery, levels: Levels) -> None:
        self._context = context
        self._levels = levels
        self._delivery = delivery

    def seal(  # noqa: PLR0913  # what a use is made of
        self,
        seal_id: str,
        files: Sequence[tuple[str, bytes]],
        *,
        actor: Actor,
        purpose: str | None = None,
        level: Level | None = None,
        idempotency: Idempotency | None = None,
        anchored: bool = False,
    ) -> SealedDocument:
        """Seal files as one. One file that is a container already gets one more seal.

        The use's digest is that of the container's manifest, its media type the container's.

        Args:
            seal_id: the seal.
            files: names and contents, in the order they are to have.
            actor: who asks.
            purpose: what for, or ``None``.
            level: of the seal signature, or ``None`` for the one set.
            idempotency: the request's key, or ``None``.
            anchored: whether to wait for the ledger, and put the proof of that inside.

        Raises:
            AnchorDueError: the ledger was to be waited for, and takes too long; fetch it later.
            NotFoundError: there is no such seal.
            SealNotActiveError: the seal cannot be used now.
            InvalidInputError: names or contents cannot be used, or the container was altered;
                nothing is recorded.
            TooLargeError: the files are too many, or too large in all.
        """
        permit(actor, Capability.USE_SEALS)
        self._check(files)
        if purpose is not None:
            check_purpose(purpose)
        original = None
        if len(files) == 1 and asic.is_container(files[0][1]):
            original = files[0][1], asic.MEDIA_TYPE
            prepared = asic.prepare_again(_read(files[0][1]))
        else:
            prepared = asic.prepare(files)
        asked = DigestOrder(prepared.digest, asic.MEDIA_TYPE, purpose, level)
        (order,) = self._levels.settle(seal_id, [asked])
        now = format_time(self._context.now())
        draft = draft_of(new_id(), seal_id, order, actor, now)
        sealed = Unfinished((prepared.container.encode(),), asic.MEDIA_TYPE)
        return self._delivery.submit(
            draft, sealed, original=original, idempotency=idempotency, anchored=anchored
        ).result()

    def _check(self, files: Sequence[tuple[str, bytes]]) -> None:
        settings = self._context.settings
        if len(files) > settings.max_batch_files:
            raise TooLargeError(
                f"container: expected at most {settings.max_batch_files} files, got {len(files)}",
                field="file",
            )
        total = sum(len(content) for _, content in files)
        if total > settings.max_upload_bytes:
            raise TooLargeError(
                f"container: expected at most {settings.max_upload_bytes} bytes in all, "
                f"got {total}",
                field="file",
            )
        for name, content in files:
            if not content:
                raise InvalidInputError(
                    f"container: expected content, got an empty file {excerpt(name)}", field="file"
                )


def _read(data: bytes) -> asic.Container:
    """A container that is to get a further seal.

    Raises:
        InvalidFormatError: it is not as a service of this kind wrote it, and what to do instead.
    """
    try:
        container = asic.read(data)
        _check_seals(container)
    except InvalidFormatError as error:
        raise InvalidFormatError(
            f"{error}. It was changed, or another program made it: seal the container as it came "
            "from its first party; or seal this one as any file, with the seal beside it",
            field="file",
        ) from None
    return container


def _check_seals(container: asic.Container) -> None:
    """Refuse what another seal would not make green.

    Raises:
        InvalidFormatError: a signature in it is no seal over its files; names it.
    """
    strange = strange_signatures(container)
    if strange:
        raise InvalidFormatError(
            f"container: expected seals over its files alone, got {', '.join(strange)}"
        )
