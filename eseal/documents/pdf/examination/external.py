"""Content that lies outside the file, or that changes between screen and paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.pdf.structure import Structure, dictionaries, kind
from eseal.documents.pdf.syntax import Stream

_FILE: Final = re.compile(rb"/F[\x00\t\n\f\r ]*(?:[(<]|\d+[\x00\t\n\f\r ]+\d)")
_NAMES: Final = frozenset({"Ref", "OPI", "Alternates"})


def find(structure: Structure) -> Iterator[Hazard]:
    """Streams kept in other files, pages drawn from other documents, alternate images."""
    if structure.mentions({"F"}) and _FILE.search(structure.text):
        for number, value in structure.naming(["F"]):
            if isinstance(value, Stream) and structure.resolve(value.entries.get("F")):
                yield Hazard(HazardCode.EXTERNAL_CONTENT, f"object {number}")
    for number, value in structure.naming(_NAMES):
        for entries in dictionaries(value):
            if kind(entries, "Subtype") == "Form" and ("Ref" in entries or "OPI" in entries):
                yield Hazard(HazardCode.EXTERNAL_CONTENT, f"object {number}")
            elif kind(entries, "Subtype") == "Image":
                if "OPI" in entries:
                    yield Hazard(HazardCode.EXTERNAL_CONTENT, f"object {number}")
                if "Alternates" in entries:
                    yield Hazard(HazardCode.ALTERNATE_IMAGE, f"object {number}")
