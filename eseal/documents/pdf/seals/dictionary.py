"""The signature dictionary of a seal (ISO 32000-1 section 12.8.1, ETSI EN 319 142-1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from eseal.documents.pdf.file.values import Name
from eseal.documents.pdf.seals.fields import text_of, text_string

SUBFILTER: Final = "ETSI.CAdES.detached"
NO_CHANGES: Final = 1
"""ISO 32000-1 table 254: the seal allows nothing but what validates it."""
FILL_FORMS: Final = 2
"""The seal allows that further parties fill the places made for them."""
_FREE_TEXT: Final = ("ContactInfo", "Location", "M", "Name", "Reason")


@dataclass(frozen=True, slots=True)
class Said:
    """What a signature dictionary tells those who look at it.

    Attributes:
        name: the company.
        sealed_at: the claimed time.
        reason: the purpose, or ``None``.
        location: where to verify, or ``None``.
        contact: the same as an address, or ``None``.
    """

    name: str
    sealed_at: datetime
    reason: str | None = None
    location: str | None = None
    contact: str | None = None

    def entries(self) -> dict[str, Any]:
        """As entries of the dictionary."""
        texts = {
            "Name": self.name,
            "Reason": self.reason,
            "Location": self.location,
            "ContactInfo": self.contact,
        }
        said: dict[str, Any] = {
            key: text_string(text) for key, text in texts.items() if text is not None
        }
        said["M"] = self.sealed_at.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ").encode("ascii")
        return said


def seal_entries(said: dict[str, Any], reference: dict[str, Any] | None) -> dict[str, Any]:
    """A seal's signature dictionary without its CMS.

    Args:
        said: the texts, as :meth:`Said.entries` or :func:`said_in` returns them.
        reference: the signature reference (ISO 32000-1 table 253), or ``None``.
    """
    entries = {
        "Type": Name("Sig"),
        "Filter": Name("Adobe.PPKLite"),
        "SubFilter": Name(SUBFILTER),
    } | said
    return entries if reference is None else entries | {"Reference": [reference]}


def said_in(entries: dict[str, Any]) -> dict[str, Any]:
    """What is free to be said in a signature dictionary: texts, as we spell them."""
    return {key: entries[key] for key in _FREE_TEXT if _is_spelt_as_ours(entries.get(key))}


def _is_spelt_as_ours(value: object) -> bool:
    return isinstance(value, bytes) and text_string(text_of(value)) == value


def certification(level: int) -> dict[str, Any]:
    """The reference by which the first seal certifies (ISO 32000-1 section 12.8.2.2)."""
    return _reference("DocMDP", {"P": level})


def lock(names: Iterable[str]) -> dict[str, Any]:
    """The reference by which the last seal closes the fields there are (section 12.8.2.4).

    They are named one by one: a time-stamp's field that comes later is none of them.
    """
    fields = [text_string(name) for name in names]
    return _reference("FieldMDP", {"Action": Name("Include"), "Fields": fields})


def level_of(entries: dict[str, Any]) -> int | None:
    """The level at which a signature certifies; ``None`` if it does not, as we write it."""
    for level in (NO_CHANGES, FILL_FORMS):
        if entries.get("Reference") == [certification(level)]:
            return level
    return None


def locks(entries: dict[str, Any]) -> bool:
    """Whether a signature closes the document for further parties."""
    references = entries.get("Reference")
    return isinstance(references, list) and any(
        isinstance(each, dict) and each.get("TransformMethod") == Name("FieldMDP")
        for each in references
    )


def _reference(method: str, parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "Type": Name("SigRef"),
        "TransformMethod": Name(method),
        "TransformParams": {"Type": Name("TransformParams"), "V": Name("1.2")} | parameters,
    }
