"""Text of a page under a picture or a form that is drawn later (hide variant, NDSS 2021).

Whoever prepared it knows what lies under the picture, and takes it off for the next reader. Most
pages draw nothing of the kind, or nothing behind their first word; the others are shown. What a
page paints over its own text by itself is a matter of its content.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, Final

from eseal.documents.pdf.examination.graph import Graph, is_reference, kind
from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.viewer.covers import covered_by_pictures

_MAX_CONTENT: Final = 1 << 20
"""Bytes, decoded: a page with more is shown."""
_BYTES_A_STEP: Final = 512
"""Unpacked and looked through in the time of a step."""
_FLATE: Final = ("/FlateDecode", ["/FlateDecode"])


def find(graph: Graph) -> Iterator[Hazard]:
    """Pages on which letters are covered.

    Raises:
        UnsupportedDocumentError: the document cannot be shown.
    """
    pages = doubtful(graph)
    if pages:
        for page in covered_by_pictures(graph.written, pages=pages):
            yield Hazard(HazardCode.COVERED_TEXT, f"page {page + 1}", page)


def doubtful(graph: Graph) -> list[tuple[int, bool]]:
    """Pages, from 0, that may draw an object of its own over text; and whether with a pattern."""
    found = []
    for index, page in enumerate(graph.pages):
        resources = graph.dictionary(graph.entry(page, "/Resources"))
        patterned = bool(graph.dictionary(resources.get("/Pattern")))
        shaded = bool(graph.dictionary(resources.get("/Shading")))
        if patterned or shaded or _may_cover(graph, page, resources):
            found.append((index, patterned))
    return found


def _may_cover(graph: Graph, page: str, resources: dict[str, Any]) -> bool:
    drawn = graph.dictionary(resources.get("/XObject"))
    if not drawn:
        return False
    if all(kind(graph.dictionary(each), "/Subtype") == "Image" for each in drawn.values()):
        return _has_late_picture(graph, graph.dictionary(page).get("/Contents"))
    return True  # a form may hold text, and what lies on it


def _has_late_picture(graph: Graph, contents: Any) -> bool:
    """Whether ``Do`` may follow ``BT`` (sections 8.8 and 9.4.1): in a string, as it may be."""
    held = graph.resolve(contents)
    parts: list[bytes] = []
    for each in graph.array(held) if isinstance(held, list) else [contents]:
        content = _decoded(graph, each)
        if content is None:
            return True
        parts.append(content)
        graph.effort.spend(len(content) // _BYTES_A_STEP)
    whole = b"\n".join(parts)
    return -1 < whole.find(b"BT") < whole.rfind(b"Do")


def _decoded(graph: Graph, reference: Any) -> bytes | None:
    """The data of a stream that every reader decodes alike; ``None`` for others."""
    stream = graph.stream(reference)
    if stream is None:
        return None if is_reference(reference) and graph.resolve(reference) is not None else b""
    entries = graph.dictionary(reference)
    filters = graph.resolve(entries.get("/Filter"))
    if "/DecodeParms" in entries or "/F" in entries:
        return None
    data = stream.read_raw_bytes()
    if filters is None:
        return data
    return _inflated(data) if filters in _FLATE else None


def _inflated(data: bytes) -> bytes | None:
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(data, _MAX_CONTENT)
    except zlib.error:
        return None
    return content if unpacking.eof else None
