"""What a seal shows in a PDF: its impression, and the code that leads to the page of the use."""

from __future__ import annotations

from typing import Protocol

from eseal.documents.artwork import Artwork
from eseal.documents.pdf import Placing, QrCode, SealBox, VisibleSeal

USE_PATH = "/u/"
"""Where the page of a use is, behind the service's public address. Short, for the code's sake."""


class ArtworkSource(Protocol):
    """Where the impressions of seals come from."""

    def artwork(self, seal_id: str) -> Artwork:
        """The impression of a seal."""
        ...


def use_url(public_url: str, use_id: str) -> str:
    """The address of the page of a use: its random id, and nothing about anybody."""
    return f"{public_url.rstrip('/')}{USE_PATH}{use_id}"


def visible_seal(
    asked: Placing | SealBox,
    *,
    seal_id: str,
    use_id: str,
    source: ArtworkSource,
    public_url: str | None,
) -> VisibleSeal:
    """What shows of one use.

    Args:
        asked: where.
        seal_id: whose impression.
        use_id: the id the use will have.
        source: where the impression comes from.
        public_url: where the world reaches the service, or ``None``.
    """
    placing = Placing(spot=asked, qr=QrCode.AUTOMATIC) if isinstance(asked, SealBox) else asked
    return VisibleSeal(
        placing,
        artwork=source.artwork(seal_id),
        qr_url=None if public_url is None else use_url(public_url, use_id),
    )
