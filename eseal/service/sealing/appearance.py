"""What a seal shows in a PDF: its impression, and the code that leads to the page of the use."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol
from urllib.parse import urlsplit

from eseal.documents.artwork import Artwork
from eseal.documents.impressions.drawing.fonts import Fonts
from eseal.documents.impressions.templates.caption import place_mark, with_words
from eseal.documents.pdf import Placing, QrCode, SealBox, SealingMode, VisibleSeal
from eseal.documents.qr import qr_artwork

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
    artwork: Artwork,
    *,
    use_id: str,
    public_url: str | None,
    fonts: Fonts,
) -> VisibleSeal:
    """What shows of one use.

    Args:
        asked: where.
        artwork: the impression.
        use_id: the id the use will have.
        public_url: where the world reaches the service, or ``None``.
        fonts: for the words under the code.
    """
    placing = Placing(spot=asked, qr=QrCode.AUTOMATIC) if isinstance(asked, SealBox) else asked
    qr = None
    if public_url is not None and placing.qr is not QrCode.OFF:
        code = qr_artwork(use_url(public_url, use_id))
        qr = with_words(code, urlsplit(public_url).netloc, fonts)
    return VisibleSeal(placing, artwork, qr)


def with_marks(mode: SealingMode, fonts: Fonts) -> SealingMode:
    """The places for further parties with what marks them on the page."""
    parties = tuple(
        party
        if party.spot is None
        else replace(party, caption=place_mark(party.label, party.size, fonts))
        for party in mode.parties
    )
    return replace(mode, parties=parties)
