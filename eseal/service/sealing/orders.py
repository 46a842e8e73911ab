"""What is asked for when a seal is applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from eseal.documents.pdf import Placing, SealBox, SealingMode
    from eseal.model.level import Level


class DigestOrder(NamedTuple):
    """A document known by its digest alone. A tuple, because it is made by the thousand.

    Attributes:
        digest: SHA-256, 32 bytes.
        media_type: IANA media type.
        purpose: what the seal is used for, or ``None``.
        level: of the seal signature, or ``None`` for the one set (``ESEAL_SIGNATURE_LEVEL``).
    """

    digest: bytes
    media_type: str = "application/octet-stream"
    purpose: str | None = None
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class DocumentOrder:
    """How a document is to be sealed.

    Attributes:
        purpose: what the seal is used for, or ``None``.
        level: of the seal signature, or ``None`` for the one set (``ESEAL_SIGNATURE_LEVEL``).
        visible: where a PDF shows the seal; ``None`` for an invisible one.
        mode: in which mode a PDF is sealed: alone or with others; ``None``: alone.
        anchored: whether to wait for the ledger, and put the proof of that inside.
    """

    purpose: str | None = None
    level: Level | None = None
    visible: Placing | SealBox | None = None
    mode: SealingMode | None = None
    anchored: bool = False
