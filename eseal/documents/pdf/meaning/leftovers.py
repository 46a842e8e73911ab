"""What no page draws, and is in the document all the same: its streams must be whole, too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from pikepdf import Array, Dictionary, Object, Stream

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.meaning.desk.desk import Desk
from eseal.documents.pdf.meaning.desk.streams import DamagedStreamError
from eseal.documents.pdf.meaning.desk.values import DIRECT, Key

_TWICE: Final = re.compile(r"object (\d+) (\d+).*duplicated key (/\S*)")
_ELSEWHERE: Final = {"/XRef", "/ObjStm"}
"""Streams of the file's structure, which is made anew."""
_KEPT: Final = {"/EmbeddedFile", "/Metadata"}
"""Streams whose data somebody may read elsewhere."""


def leftovers(desk: Desk) -> None:
    """Decode the streams no page draws, and tell of dictionaries with a key twice.

    What leads nowhere is not written into the new file, and does not count. Of what no reader can
    decode nothing is left, but for files, which are not the document's own.
    """
    damaged = [*_damaged(desk)]
    desk.streams.warned()
    twice = [found for found in map(_TWICE.search, desk.streams.warnings) if found]
    if not damaged and not twice:
        return
    reached = set(_reached(desk.pdf.trailer))
    for found in twice:
        if (int(found[1]), int(found[2])) in reached:
            desk.report(HazardCode.KEY_TWICE, f"object {found[1]}: {found[3]}")
    for item, what in damaged:
        if item.objgen not in reached:
            continue
        where = f"object {item.objgen[0]}: {what}"
        if str(item.get("/Type", "")) in _KEPT:
            desk.report(HazardCode.DAMAGED_STREAM, where)
        else:
            desk.settle(HazardCode.DAMAGED_STREAM, where)
            desk.streams.pack(item, b"")


def _damaged(desk: Desk) -> Iterator[tuple[Stream, str]]:
    """Streams that no page draws, and nobody can decode; with the reason."""
    for item in desk.pdf.objects:
        if not isinstance(item, Stream) or item.objgen in desk.streams.seen:
            continue
        if str(item.get("/Type", "")) in _ELSEWHERE:
            continue
        try:
            desk.streams.decoded(item)
        except DamagedStreamError as error:
            yield item, str(error)


def _reached(trailer: Any) -> Iterator[Key]:
    """The objects a document leads to."""
    waiting = [value for key, value in trailer.items() if key in {"/Root", "/Info"}]
    seen = set[Key]()
    while waiting:
        item = waiting.pop()
        if not isinstance(item, Object):
            continue
        key = item.objgen
        if key in seen:
            continue
        if key != DIRECT:
            seen.add(key)
            yield key
        if isinstance(item, Array):
            waiting.extend(item)
        elif isinstance(item, Dictionary | Stream):
            waiting += item.values() if isinstance(item, Dictionary) else item.stream_dict.values()
