"""Attached files (ISO 32000-1 section 7.11.4): every reader offers the same by the same names."""

from __future__ import annotations

from typing import Any, Final

from pikepdf import Array, Dictionary, Name, String

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.meaning.desk.desk import Desk
from eseal.documents.pdf.meaning.desk.values import (
    DIRECT,
    Key,
    array,
    dictionary,
    is_stream,
    key_of,
)

_OF_SYSTEMS: Final = ("/DOS", "/Mac", "/Unix")
"""Names and files for one system each (table 44), obsolete since PDF 2.0."""
_MAX_NODES: Final = 10_000


def put_in_order(desk: Desk) -> None:
    """One flat list of attached files by name, and one file to each."""
    for given in array(desk.pdf.Root.get("/AF")):
        if isinstance(dictionary(given).get("/EF"), Dictionary):
            _one_file(desk, given)
    names = dictionary(desk.pdf.Root.get("/Names"))
    tree = names.get("/EmbeddedFiles")
    if not isinstance(tree, Dictionary):
        return
    found = _named(desk, tree)
    listed: list[Any] = []
    for name in sorted(found):
        listed += [String(name), found[name]]
        _one_file(desk, found[name])
    names["/EmbeddedFiles"] = Dictionary(Names=Array(listed))


def _named(desk: Desk, tree: Any) -> dict[bytes, Any]:
    """The files a name tree (section 7.9.6) holds; readers disagree which of one name counts."""
    found: dict[bytes, Any] = {}
    waiting, seen = [tree], set[Key]()
    while waiting and len(seen) < _MAX_NODES:
        node = waiting.pop()
        key = key_of(node)
        if not isinstance(node, Dictionary) or (key != DIRECT and key in seen):
            continue
        seen.add(key)
        pairs = array(node.get("/Names"))
        for name, value in zip(pairs[::2], pairs[1::2], strict=False):
            if not isinstance(name, String) or "/EF" not in dictionary(value):
                continue
            if key_of(found.setdefault(bytes(name), value)) != key_of(value):
                desk.report(HazardCode.EMBEDDED_FILE, "two attached files of one name")
        waiting += reversed(array(node.get("/Kids")))
    return found


def _one_file(desk: Desk, given: Any) -> None:
    held = dictionary(given.get("/EF"))
    for holder in (given, held):
        for key in _OF_SYSTEMS:
            if key in holder:
                del holder[key]
    files = [held.get(key) for key in ("/UF", "/F") if is_stream(held.get(key))]
    names = [given.get(key) for key in ("/UF", "/F") if isinstance(given.get(key), String)]
    names = [name for name in names if bytes(name)]
    if not files or not names or len({key_of(file) for file in files}) > 1:
        desk.report(HazardCode.EMBEDDED_FILE, "an attached file without name, or with two contents")
        return
    held.F = held.UF = files[0]
    given.Type = Name.Filespec
    given.UF = names[0]
    if not isinstance(given.get("/F"), String) or not bytes(given.F):
        given.F = names[0]
