"""Objects that stand in the file but cannot be reached, until an update makes them reachable.

The hide-and-replace attack (Mainka, Mladenov, Rohlmann: Shadow Attacks, NDSS 2021) puts a second
set of pages into the file before it is sealed; the update after it is only a new table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import itemgetter
from typing import Final

from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.pdf.page_tree import PageTree
from eseal.documents.pdf.strays import strays
from eseal.documents.pdf.structure import Structure, kind
from eseal.documents.pdf.syntax import REGULAR

_NAMED: Final = re.compile(rb"/(?:Catalog|Pages?)(?!" + REGULAR + rb")")
_TREE: Final = frozenset({"Catalog", "Pages", "Page"})


def find_unlisted(structure: Structure) -> Iterator[Hazard]:
    """Objects that stand in the file otherwise than its tables say."""
    for what in strays(structure):
        yield Hazard(HazardCode.UNLISTED_OBJECT, what)


def find_unreachable(structure: Structure, tree: PageTree) -> Iterator[Hazard]:
    """Live catalogs and pages that the document does not show."""
    shown = {*map(itemgetter(0), tree.pages), *tree.nodes, structure.root.number}
    if shown.issuperset(structure.having(_NAMED.search)) and not structure.has_escapes:
        return
    for number, value in structure.naming(_TREE):
        if number not in shown and isinstance(value, dict) and kind(value) in _TREE:
            yield Hazard(HazardCode.UNREACHABLE_PAGE, f"object {number}")
