"""Embedded files (ISO 32000-1 section 7.11.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.pdf.structure import Structure, dictionaries, kind
from eseal.documents.pdf.syntax import Ref

_PDFA_PART: Final = re.compile(rb"pdfaid:part\s*(?:=\s*[\"']|>)\s*(?:3|4)\s*[\"'<]")
"""What an archive file with attachments says of itself (ISO 19005-3 section 6.6.4, 19005-4)."""


def find(structure: Structure) -> Iterator[Hazard]:
    """Files attached anywhere, but for those that PDF/A-3 declares as associated files."""
    if not structure.mentions({"EF", "EmbeddedFile", "FileAttachment"}):
        return
    declared = _declared(structure)
    for number, value in structure.naming(["EF", "FileAttachment"]):
        if number in declared:
            continue
        for entries in dictionaries(value):
            if structure.dictionary(entries.get("EF")) or (
                kind(entries, "Subtype") == "FileAttachment"
            ):
                yield Hazard(HazardCode.EMBEDDED_FILE, f"object {number}")


def _declared(structure: Structure) -> frozenset[int]:
    """File specifications that the catalog of a PDF/A-3 or A-4 lists with their relationship."""
    listed = [
        item
        for item in structure.array(structure.catalog.get("AF"))
        if isinstance(item, Ref) and kind(structure.dictionary(item), "AFRelationship")
    ]
    metadata = structure.catalog.get("Metadata")
    if not listed or not isinstance(metadata, Ref):
        return frozenset()
    if _PDFA_PART.search(structure.decoded(metadata.number)) is None:
        return frozenset()
    return frozenset(item.number for item in listed)
