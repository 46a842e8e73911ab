"""Text of a page under a picture or a form that is drawn later (hide variant, NDSS 2021).

Such a picture is an object of its own: a few bytes behind the file take it away, and what lies
under it comes to light. Most pages draw nothing of the kind, or nothing behind their first word;
the others are shown. What a page paints over its own text by itself can be taken away only with
the page's whole content.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.pdf.page_tree import PageTree
from eseal.documents.pdf.structure import Structure, kind
from eseal.documents.pdf.syntax import SPACE, Ref, Stream

if TYPE_CHECKING:
    from eseal.documents.viewer import Viewer

NAMES: Final = frozenset({"XObject", "Pattern", "Shading"})
"""What can be drawn and is an object of its own."""
_MAX_SECONDS: Final = 60.0
"""For all pages that must be shown; most take a hundredth of one, some a tenth."""
_MAX_CONTENT: Final = 1 << 20
"""Bytes, decoded: a page with more is shown."""
_BYTES_A_STEP: Final = 512
"""Unpacked and looked through in the time of a step."""
_CONTENTS: Final = re.compile(
    rb"/Contents" + SPACE + rb"*+(\d{1,10})" + SPACE + rb"++(\d{1,5})" + SPACE + rb"++R"
)
_END: Final = re.compile(SPACE + rb"*endstream")


def find(structure: Structure, tree: PageTree, viewer: Viewer) -> Iterator[Hazard]:
    """Pages on which letters are covered.

    Raises:
        UnsupportedDocumentError: the document cannot be shown.
    """
    doubtful = _Doubtful(structure)
    pages = [
        (index, doubtful.patterned(page)) for index, page in enumerate(tree.pages) if doubtful(page)
    ]
    if pages:
        from eseal.documents.viewer.covers import covered_by_pictures

        covered = viewer.ask(covered_by_pictures, structure.data, pages=pages, seconds=_MAX_SECONDS)
        for page in map(int, covered):
            yield Hazard(HazardCode.COVERED_TEXT, f"page {page + 1}", page)


class _Doubtful:
    """Whether a page may draw an object of its own over text."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._only_pictures: dict[int, bool] = {}
        self._has_only_pictures = not structure.mentions({"Form", "Pattern", "Shading", "PS"})

    def __call__(self, page: Ref) -> bool:
        if self._has_only_pictures:  # then what a page's contents say is enough
            return self._has_late_picture(self._contents(page))
        entries = self._structure.dictionary(page)
        resources = self._structure.inherited(entries, "Resources")
        judged = self._judged(resources)
        return self._has_late_picture(entries.get("Contents")) if judged is None else judged

    def _contents(self, page: Ref) -> Any:
        head = self._structure.heads.get(page.number, b"")
        found = _CONTENTS.findall(head)
        if len(found) == head.count(b"/Contents") == 1 and not self._structure.has_escapes:
            return Ref(int(found[0][0]), int(found[0][1]))
        return self._structure.dictionary(page).get("Contents")

    def patterned(self, page: Ref) -> bool:
        """Whether it may fill something with a pattern (section 8.7)."""
        resources = self._structure.inherited(self._structure.dictionary(page), "Resources")
        return bool(self._structure.entry(resources, "Pattern"))

    def _judged(self, resources: Any) -> bool | None:
        """Whether resources alone say it; ``None`` if they are pictures, which may come first."""
        structure = self._structure
        if any(structure.entry(resources, key) for key in ("Pattern", "Shading")):
            return True
        drawn = structure.dictionary(structure.entry(resources, "XObject"))
        if not drawn:
            return False
        if id(drawn) not in self._only_pictures:  # pages share them
            self._only_pictures[id(drawn)] = all(
                kind(structure.dictionary(each), "Subtype") == "Image" for each in drawn.values()
            )
        # A form may hold text, and what lies on it.
        return None if self._only_pictures[id(drawn)] else True

    def _has_late_picture(self, contents: Any) -> bool:
        """Whether ``Do`` may follow ``BT`` (sections 8.8 and 9.4.1): in a string, as it may be."""
        parts: list[bytes] = []
        value = self._structure.resolve(contents)
        for each in value if isinstance(value, list) else [value]:
            content = self._decoded(self._structure.resolve(each))
            if content is None:
                return True
            parts.append(content)
            self._structure.effort.spend(len(content) // _BYTES_A_STEP)
        whole = b"\n".join(parts)
        return -1 < whole.find(b"BT") < whole.rfind(b"Do")

    def _decoded(self, stream: Any) -> bytes | None:
        """The data of a stream that every reader decodes alike; ``None`` for others."""
        if not isinstance(stream, Stream):
            return b"" if stream is None else None
        length = self._structure.resolve(stream.entries.get("Length"))
        if type(length) is not int or length < 0 or stream.entries.keys() & {"DecodeParms", "F"}:
            return None
        end = stream.start + length
        if not _END.match(self._structure.data, end):
            return None
        data = self._structure.data[stream.start : end]
        filters = self._structure.resolve(stream.entries.get("Filter"))
        if filters is None:
            return data
        return _inflated(data) if filters in ("FlateDecode", ["FlateDecode"]) else None


def _inflated(data: bytes) -> bytes | None:
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(data, _MAX_CONTENT)
    except zlib.error:
        return None
    return content if unpacking.eof else None
