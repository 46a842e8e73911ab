"""What a value in a PDF leads to, and of what kind it is."""

from __future__ import annotations

import re
from typing import Any, Final

from eseal.documents.pdf.structure import Structure
from eseal.documents.pdf.syntax import BLANK, Ref, Stream

_REFERENCE: Final = re.compile(rb"(\d{1,10})" + BLANK + rb"(\d{1,5})" + BLANK + rb"R")


def references(text: bytes) -> set[Ref]:
    """What a text refers to."""
    return {Ref(int(number), int(generation)) for number, generation in _REFERENCE.findall(text)}


def reached(structure: Structure, value: Any) -> set[int]:
    """Numbers of the objects a value leads to."""
    seen: set[int] = set()
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Ref):
            if item.number in seen:
                continue
            seen.add(item.number)
            item = structure.resolve(item)
        if isinstance(item, Stream):
            item = item.entries
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return seen


def info_of(structure: Structure) -> Ref | None:
    """The reference to the document information, if there is one."""
    trailer = structure.reader.trailer
    if "/Info" not in trailer:
        return None
    reference = trailer.raw_get("/Info")
    number = getattr(reference, "idnum", None)
    return None if number is None else Ref(number, reference.generation)


def anything_goes(item: Any) -> bool:
    """Fits all."""
    del item
    return True


def no_streams(item: Any) -> bool:
    """Fits what cannot be drawn."""
    return not isinstance(item, Stream)


def holds_validation_data(item: Any) -> bool:
    """Anything but a stream with a type: pages, forms, fonts and images have one."""
    return not (isinstance(item, Stream) and (item.entries.keys() & {"Type", "Subtype"}))
