"""What no page draws, and is in the document all the same: its streams must be whole, too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from pikepdf import Array, Dictionary, Object, Stream

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.meaning.desk import Desk
from eseal.documents.pdf.meaning.streams import DamagedStreamError
from eseal.documents.pdf.meaning.values import DIRECT, Key

_TWICE: Final = re.compile(r"object (\d+) (\d+).*duplicated key (/\S*)")
_ELSEWHERE: Final = {"/XRef", "/ObjStm"}
"""Streams of the file's structure, which is made anew."""


def leftovers(desk: Desk) -> None:
    """Decode the streams no page draws, and tell of dictionaries with a key twice.

    What leads nowhere is not written into the new file, and does not count.
    """
    broken: dict[Key, tuple[HazardCode, str]] = {}
    for item in desk.pdf.objects:
        if not isinstance(item, Stream) or item.objgen in desk.streams.seen:
            continue
        if str(item.get("/Type", "")) in _ELSEWHERE:
            continue
        try:
            desk.streams.decoded(item)
        except DamagedStreamError as error:
            broken[item.objgen] = HazardCode.DAMAGED_STREAM, str(error)
    desk.streams.warned()
    for warning in desk.streams.warnings:
        found = _TWICE.search(warning)
        if found:
            key = int(found[1]), int(found[2])
            broken[key] = HazardCode.KEY_TWICE, found[3]
    if broken:
        reached = set(_reached(desk.pdf.trailer))
        for key, (code, what) in broken.items():
            if key in reached:
                desk.report(code, f"object {key[0]}: {what}")


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
