"""Maps from codes to letters that fonts of fields bring along (ISO 32000-1 section 9.10.3).

A map says what is copied, whatever is drawn: of a field that draws 900 it can say 100. A simple
font names its letters by itself, too: a document without the maps of such fonts tells what these
names say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any, Final

from pikepdf import Array, Dictionary, Object, Pdf, Stream

_SIMPLE: Final = frozenset({"/Type1", "/MMType1", "/TrueType"})
_MAP: Final = "/ToUnicode"


def without_maps(pdf: Pdf, pages: Iterable[int], spend: Callable[[int], None]) -> bytes | None:
    """A copy without the maps of simple fonts in looks; ``None`` if there are none.

    Args:
        pdf: the document, which stays as it is.
        pages: from 0, those whose looks are meant.
        spend: is told of each step.
    """
    mapped = [(font, font[_MAP]) for font in _mapped(pdf, pages, spend)]
    if not mapped:
        return None
    for font, _ in mapped:
        if _MAP in font:
            del font[_MAP]
    out = BytesIO()
    try:
        pdf.save(out, encryption=False, fix_metadata_version=False, compress_streams=False)
    finally:
        for font, held in mapped:
            font[_MAP] = held
    return out.getvalue()


def _mapped(pdf: Pdf, pages: Iterable[int], spend: Callable[[int], None]) -> Iterator[Any]:
    """Simple fonts with a map, in looks and in what these draw."""
    waiting = [
        _entry(_entry(annotation, "/AP"), "/N")
        for index in pages
        for annotation in _items(_entry(pdf.pages[index].obj, "/Annots"))
    ]
    seen = set[tuple[int, int]]()
    while waiting:
        drawn = waiting.pop()
        spend(1)
        if not isinstance(drawn, Stream) or drawn.objgen in seen:
            continue
        seen.add(drawn.objgen)
        resources = _entry(drawn, "/Resources")
        waiting += _items(_entry(resources, "/XObject"))
        for font in _items(_entry(resources, "/Font")):
            spend(1)
            if str(_entry(font, "/Subtype")) in _SIMPLE and isinstance(_entry(font, _MAP), Stream):
                yield font


def _entry(holder: Any, key: str) -> Any:
    return holder.get(key) if isinstance(holder, Dictionary | Stream) else None


def _items(holder: Any) -> list[Object]:
    if isinstance(holder, Array):
        return [*holder]
    return [each for _, each in holder.items()] if isinstance(holder, Dictionary) else []
