"""What others may write behind a seal; they know our writer as well as we do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from eseal.documents.artwork import Artwork
from eseal.documents.pdf import (
    At,
    Automatic,
    InField,
    PartyPlace,
    PdfSealOptions,
    Placing,
    QrCode,
    SealingMode,
    VisibleSeal,
)
from eseal.documents.pdf.file.objects import Draft
from eseal.documents.pdf.file.revision import Revision
from eseal.documents.pdf.file.values import Ref, Stream
from eseal.documents.pdf.file.writing import Signature, Written, packed, write_increment
from eseal.documents.pdf.longterm import prepare_time_stamp, with_validation_data
from eseal.documents.pdf.seals.fields import SignatureField, signature_fields
from tests.artwork import ring
from tests.unit.documents.pdf.authority import SIGNER, TRUSTED, carrying
from tests.unit.documents.pdf.workshop import DER, sealed

SIGNED = carrying(SIGNER)
"""A signature that signs nothing, with its signer's certificate."""
OPTIONS = PdfSealOptions("Seal1", "Trial Company Ltd", datetime(2026, 11, 22, 16, 45, tzinfo=UTC))
PARTIES = (
    PartyPlace("Buyer", At(0, 20, 20)),
    PartyPlace("Agent"),
    PartyPlace("Bank", At(0, 120, 20)),
)


def with_places(pdf: bytes, parties: tuple[PartyPlace, ...] = PARTIES) -> bytes:
    """The document with a first seal that makes places for others."""
    return sealed(pdf, replace(OPTIONS, mode=SealingMode(parties=parties)), SIGNED)


def party(pdf: bytes, label: str, art: Artwork | None = None, *, lock: bool = False) -> bytes:
    """The document with a further seal in the place of this label."""
    spot = Automatic() if label == "" else InField(label)
    visible = VisibleSeal(Placing(spot, qr=QrCode.OFF), art or ring(30))
    asked = replace(
        OPTIONS, signer_name=f"{label} Ltd", visible=visible, mode=SealingMode(lock=lock)
    )
    return sealed(pdf, asked)


def der(content: bytes) -> bytes:
    """A SEQUENCE."""
    size = len(content)
    if size < 0x80:
        return b"\x30" + bytes([size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return b"\x30" + bytes([0x80 + len(length)]) + length + content


def validated(pdf: bytes, *, number: int = 0) -> bytes:
    """The document with validation data of its signer's issuer."""
    return with_validation_data(
        pdf,
        certificates=[SIGNER, TRUSTED.der],
        ocsps=[TRUSTED.answer(number)],
        crls=[TRUSTED.revoked(number)],
    )


def stamped(pdf: bytes) -> bytes:
    """The document with a time-stamp of nobody."""
    return prepare_time_stamp(pdf).embed(DER)


def last(pdf: bytes) -> Revision:
    """The last revision of a file whose sections are all in the form of sections."""
    revision = Revision.first(pdf)
    while revision.end < len(pdf):
        revision = revision.following()
    return revision


def joined(before: bytes, written: Written, cms: bytes = DER) -> bytes:
    """The file with a section, its signature filled."""
    data = before + b"".join(written.pieces)
    if written.gap is None:
        return data
    start = written.gap[0] + 1
    return data[:start] + cms.hex().encode() + data[start + 2 * len(cms) :]


def forged(pdf: bytes, change: Callable[[Draft], object]) -> bytes:
    """The file with a section in canonical form that holds a change."""
    revision = last(pdf)
    draft = Draft(revision)
    change(draft)
    return joined(pdf, write_increment(revision, draft.changed))


def field_of(objects: Draft | Revision, name: str) -> SignatureField:
    """A signature field by its name."""
    return next(field for field in signature_fields(objects) if field.name == name)


class Parts:
    """The objects of a section, to be changed before it is written anew.

    Attributes:
        objects: values by number.
        before: the file without the section.
    """

    def __init__(self, pdf: bytes, start: int) -> None:
        self.before, after = last(pdf[:start]), last(pdf)
        self.objects = {number: after.load(number) for number in after.sections[-1].objects}

    def number(self, test: Callable[[Any], bool]) -> int:
        """The number of the only object of a kind."""
        (found,) = [number for number, value in self.objects.items() if test(value)]
        return found

    @property
    def signature(self) -> dict[str, Any]:
        """The signature dictionary."""
        return self.objects[self.number(lambda value: "ByteRange" in _entries(value))]

    @property
    def field(self) -> dict[str, Any]:
        """The signature field."""
        return self.objects[self.number(lambda value: "FT" in _entries(value))]

    @property
    def look(self) -> Stream:
        """What the field shows."""
        return self.objects[at(self.field["AP"]["N"])]

    @property
    def art(self) -> Stream:
        """The impression in it."""
        return self.objects[at(self.look.entries["Resources"]["XObject"]["Art0"])]

    @property
    def store(self) -> dict[str, Any]:
        """The document security store."""
        return self.objects[self.number(lambda value: _entries(value).get("Type") == "DSS")]

    @property
    def free(self) -> int:
        """A number that no object has."""
        return max(self.before.size, *(number + 1 for number in self.objects))

    def replace(self, old: object, new: object) -> None:
        """Put another value in the place of an object."""
        number = next(number for number, value in self.objects.items() if value is old)
        self.objects[number] = new

    def draw(self, content: bytes, old: Stream) -> None:
        """Give a look or an impression other operators."""
        made = packed({}, content)
        self.replace(old, Stream(old.entries | made.entries, made.data))

    def load(self, reference: object) -> Any:
        """The value of an object that this section changes, or of the file before."""
        number = at(reference)
        if number not in self.objects:
            self.objects[number] = self.before.load(number)
        return self.objects[number]


def rebuilt(pdf: bytes, start: int, change: Callable[[Parts], object]) -> bytes:
    """The file with its last section changed and written anew, as we would write it.

    Args:
        pdf: the file.
        start: offset of its last section.
        change: what is done to the section's parts.
    """
    parts = Parts(pdf, start)
    change(parts)
    objects = {
        number: _promised(value) if "ByteRange" in _entries(value) else value
        for number, value in parts.objects.items()
    }
    return joined(pdf[:start], write_increment(parts.before, objects))


def _promised(entries: dict[str, Any]) -> Signature:
    rest = {key: each for key, each in entries.items() if key not in {"ByteRange", "Contents"}}
    return Signature(rest, len(entries["Contents"]))


def _entries(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def at(reference: object) -> int:
    """The number a reference leads to."""
    assert isinstance(reference, Ref)
    return reference.number
