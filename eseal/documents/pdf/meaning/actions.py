"""Where links and outlines lead (ISO 32000-1 section 12.6): to a page, to the web, or nowhere.

Programs, and what sends or changes something, are refused by the examination.
"""

from __future__ import annotations

import re
from typing import Any, Final

from pikepdf import Dictionary, Name, String

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.meaning.desk.desk import Desk
from eseal.documents.pdf.meaning.desk.values import Key, key_of, name

_ELSEWHERE: Final = {"GoToR", "GoToE"}
"""Actions that open another document."""
_WEB: Final = re.compile(rb"(?i)(?:https?|ftp|mailto|tel):|www\.")
"""What a reader hands to a browser or a mail program. All else opens files, or runs something."""
_MAX_ITEMS: Final = 100_000


def of_annotation(desk: Desk, item: Any, what: str) -> None:
    """Leave one target to an annotation, where one may lead."""
    if "/PA" in item:
        del item["/PA"]  # what an action was before it led to the web (section 14.10.5.2)
    _one_target(desk, item, what)


def of_outlines(desk: Desk) -> None:
    """The same of outlines (section 12.3.3)."""
    outlines = desk.pdf.Root.get("/Outlines")
    waiting, seen = [outlines], set[Key]()
    while waiting and len(seen) < _MAX_ITEMS:
        item = waiting.pop()
        key = key_of(item)
        if not isinstance(item, Dictionary) or key in seen:
            continue
        seen.add(key)
        _one_target(desk, item, "an entry of its outline")
        waiting += [item.get("/Next"), item.get("/First")]


def _one_target(desk: Desk, item: Any, what: str) -> None:
    if "/A" not in item:
        return
    action = item.get("/A")
    if not isinstance(action, Dictionary) or not _leads(action):
        desk.settle(HazardCode.OTHER_FILE_ACTION, f"{what} leads out of the document")
        del item["/A"]
    elif "/Dest" in item:
        del item["/Dest"]


def _leads(action: Any) -> bool:
    """Whether every reader takes an action for the same, and it leads to no file."""
    kind = action.get("/S")
    if not isinstance(kind, Name) or name(kind) in _ELSEWHERE:
        return False
    address = action.get("/URI")
    return name(kind) != "URI" or (
        isinstance(address, String) and _WEB.match(bytes(address)) is not None
    )
