"""How a PDF is to be sealed: what is asked for, before any document is looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from eseal.documents.artwork import Artwork
from eseal.documents.pdf.examination.hazards import STRICT, ContentPolicy
from eseal.documents.pdf.placing.options import (
    At,
    AtKeyword,
    Placing,
    SealBox,
    VisibleSeal,
)
from eseal.errors import InvalidInputError
from eseal.excerpts import excerpt

CONTENTS_BYTES: Final = 12 * 1024
"""Room for the CMS: 1.5 KB of signature and statement with the longest purpose aside, 4 KB of
certificates, 3 KB of receipt at 10**9 leaves with a few witnesses, and 4 KB to spare. It
cannot grow once the digest is taken."""
MAX_PARTIES: Final = 31
"""So many seals a verifier reads in one document beside the first."""
PLACE_MM: Final = (45.0, 45.0)
"""Size of a place where nothing else is said: the largest round seal, and some air."""
_MAX_TEXT_CHARS: Final = 500
"""Names and reasons shown to people."""
_MAX_LABEL_CHARS: Final = 60


@dataclass(frozen=True, slots=True)
class Beside:
    """Near where the document names the party, at the words that ask for a seal if there are any.

    Attributes:
        words: what asks for a seal in a document.
    """

    words: tuple[str, ...] = ("盖章", "蓋章", "(Seal)", "Seal:", "Stempel", "印")


PartySpot = At | AtKeyword | Beside | None
"""Where a party's place stands; ``None`` for one whose seal will not show."""


@dataclass(frozen=True, slots=True)
class PartyPlace:
    """A place that the first seal makes for a further party.

    Attributes:
        label: who is to seal there, as it is shown and found again; names the field, too.
        spot: where its middle stands; ``None`` for a party whose seal will not show.
        size: width and height, millimetres.
        caption: the label as art, drawn at the place, or ``None``.
    """

    label: str
    spot: PartySpot = None
    size: tuple[float, float] = PLACE_MM
    caption: Artwork | None = None


@dataclass(frozen=True, slots=True)
class SealingMode:
    """What the one who seals decides beside the place of the seal.

    Attributes:
        flatten: seal a flattened copy instead of the document itself.
        lock: whether this is the last of several seals and closes the document.
        parties: places to make for those who seal later; only of the first seal.
        content: what the document may hold nevertheless.
    """

    flatten: bool = False
    lock: bool = False
    parties: tuple[PartyPlace, ...] = ()
    content: ContentPolicy = STRICT

    def check(self, own_field: str) -> None:
        """Check what can be checked without the document.

        Raises:
            InvalidInputError: it contradicts itself, or a label cannot be used.
        """
        if self.parties and self.lock:
            raise InvalidInputError(
                "expected either places for further parties or a lock, got both", field="lock"
            )
        labels = [party.label for party in self.parties]
        names = [own_field, *labels]
        if len(labels) > MAX_PARTIES or len(set(names)) != len(names):
            raise InvalidInputError(
                f"parties: expected at most {MAX_PARTIES} places with different labels, got "
                f"{', '.join(label[:_MAX_LABEL_CHARS] for label in labels[:5])}",
                field="parties",
            )
        for label in labels:
            if not label.strip() or len(label) > _MAX_LABEL_CHARS or not label.isprintable():
                raise InvalidInputError(
                    f"parties: expected a label of 1 to {_MAX_LABEL_CHARS} printable characters, "
                    f"got {excerpt(label, _MAX_LABEL_CHARS)}",
                    field="parties",
                )


PLAIN: Final = SealingMode()
"""One seal, nothing to follow."""


@dataclass(frozen=True, slots=True)
class PdfSealOptions:
    """How a PDF is sealed.

    Attributes:
        field_name: name of the signature field to make; no such field may exist yet. Not used
            where the seal goes into a field that is there.
        signer_name: the company, for viewers to show.
        sealed_at: the claimed time; the only clock that enters the file.
        visible: what shows, and where; ``None`` for an invisible seal; a box alone for text.
        reason: the purpose, for viewers to show, or ``None``.
        contents_bytes: room for the CMS; more where it is to hold a time-stamp.
        mode: alone or with others, as it is or flattened.
        alternative: what the seal is, for those who hear the document instead of seeing it.
        own_names: names by which a document may call the company, beside ``signer_name``.
        verify_at: address where the document can be verified, or ``None``.
    """

    field_name: str
    signer_name: str
    sealed_at: datetime
    visible: VisibleSeal | SealBox | None = None
    reason: str | None = None
    contents_bytes: int = CONTENTS_BYTES
    mode: SealingMode = PLAIN
    alternative: str | None = None
    own_names: tuple[str, ...] = field(default=())
    verify_at: str | None = None

    @property
    def asked(self) -> VisibleSeal | None:
        """What shows, and where."""
        if isinstance(self.visible, SealBox):
            return VisibleSeal(Placing(spot=self.visible))
        return self.visible

    def check(self) -> None:
        """Check what can be checked without the document.

        Raises:
            InvalidInputError: something cannot be used.
        """
        if not self.field_name or "." in self.field_name:
            raise InvalidInputError(
                f"field name: expected a name without a dot, got {excerpt(self.field_name, 64)}"
            )
        for text in (self.field_name, self.signer_name, self.reason or ""):
            if len(text) > _MAX_TEXT_CHARS or not text.isprintable():
                raise InvalidInputError(
                    f"expected at most {_MAX_TEXT_CHARS} printable characters, "
                    f"got {excerpt(text, 64)}"
                )
        self.mode.check(self.field_name)
        if self.sealed_at.tzinfo is None:
            raise InvalidInputError("sealed_at: expected a time with its zone")
