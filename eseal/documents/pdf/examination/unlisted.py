"""Objects that stand in the file but cannot be reached, until an update makes them reachable.

The hide-and-replace attack (Mainka, Mladenov, Rohlmann: Shadow Attacks, NDSS 2021) puts a second
set of pages into the file before it is sealed; the update after it is only a new table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.pdf.page_tree import PageTree
from eseal.documents.pdf.structure import Structure, kind
from eseal.documents.pdf.syntax import REGULAR, SPACE

_TYPE: Final = re.compile(rb"/Type" + SPACE + rb"*/(Catalog|Pages|Page)(?!" + REGULAR + rb")")
_TREE: Final = frozenset({"Catalog", "Pages", "Page"})


def find_unlisted(structure: Structure) -> Iterator[Hazard]:
    """Objects no revision's table lists, and tables that point into other objects."""
    if structure.cut is not None:
        return
    listed, data = structure.listed, structure.data
    standing = {entry.offset for entry in structure.entries}
    if standing <= listed and standing.issuperset(structure.offsets.values()):
        return
    exact = {_skip(data, offset) for offset in listed}
    for entry in structure.entries:
        if entry.offset not in exact:
            yield Hazard(HazardCode.UNLISTED_OBJECT, f"object {entry.number}")
    for number, offset in structure.offsets.items():
        if _skip(data, offset) not in standing and structure.get(number) is not None:
            yield Hazard(HazardCode.UNLISTED_OBJECT, f"object {number}, inside another")


def find_unreachable(structure: Structure, tree: PageTree) -> Iterator[Hazard]:
    """Live catalogs and pages that the document does not show."""
    found = sum(times * len(_TYPE.findall(shape)) for shape, times in structure.shapes.items())
    shown = {page.number for page in tree.pages} | tree.nodes | {structure.root.number}
    if found == len(shown) and not structure.has_escapes:
        return
    for number, value in structure.naming(_TREE):
        if number not in shown and isinstance(value, dict) and kind(value) in _TREE:
            yield Hazard(HazardCode.UNREACHABLE_PAGE, f"object {number}")


def _skip(data: bytes, offset: int) -> int:
    """The offset of the first character behind white space: tables often point before it."""
    end = min(len(data), offset + 64)
    while offset < end and data[offset] in b"\x00\t\n\x0c\r ":
        offset += 1
    return offset
