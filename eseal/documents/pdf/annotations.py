"""The annotations of a PDF (ISO 32000-1 section 12.5), page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from eseal.documents.pdf.page_tree import PageTree
from eseal.documents.pdf.structure import MAX_PARENTS, Structure, kind
from eseal.documents.pdf.syntax import Ref

HIDDEN: Final = 0b100010
"""Table 165: Hidden (2) and NoView (32)."""
_CORNERS: Final = 4
_ANNOTS: Final = b"Annots"
_ESCAPE: Final = b"#"

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in the page's own units."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """An annotation on a page.

    Attributes:
        page: from 0.
        item: the reference in the page's list, or the dictionary itself.
        entries: its dictionary.
        subtype: e.g. ``Link``.
        box: where it stands; empty if it has no rectangle.
    """

    page: int
    item: Any
    entries: dict[str, Any]
    subtype: str
    box: Box

    @property
    def is_hidden(self) -> bool:
        """Whether its flags keep it from the screen."""
        flags = self.entries.get("F")
        return isinstance(flags, int) and bool(flags & HIDDEN)

    @property
    def is_empty(self) -> bool:
        """Whether its rectangle has no area."""
        left, bottom, right, top = self.box
        return right <= left or top <= bottom


def annotations_of(structure: Structure, tree: PageTree) -> Iterator[Annotation]:
    """Every annotation, in the order in which pages draw them."""
    for index, page in enumerate(tree.pages):
        head = structure.heads.get(page.number, b"")
        if _ANNOTS not in head and _ESCAPE not in head:
            continue
        for item in structure.array(structure.dictionary(page).get("Annots")):
            entries = structure.dictionary(item)
            if entries:
                box = rectangle(structure, entries.get("Rect"))
                yield Annotation(index, item, entries, kind(entries, "Subtype"), box)


def rectangle(structure: Structure, value: Any) -> Box:
    """A rectangle (section 7.9.5) with its corners in order; empty if it is none."""
    corners = [structure.resolve(item) for item in structure.array(value)]
    numbers = [float(corner) for corner in corners if type(corner) in {int, float}]
    if len(numbers) != _CORNERS or len(corners) != _CORNERS:
        return 0.0, 0.0, 0.0, 0.0
    x1, y1, x2, y2 = numbers
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def full_name(structure: Structure, field: dict[str, Any]) -> str:
    """The fully qualified name of a field (section 12.7.3.2), as far as it can be shown."""
    parts: list[str] = []
    for _ in range(MAX_PARENTS):
        own = structure.resolve(field.get("T"))
        if isinstance(own, bytes):
            parts.append(text(own))
        parent = field.get("Parent")
        if not isinstance(parent, Ref):
            break
        field = structure.dictionary(parent)
    return ".".join(reversed(parts))


def text(value: bytes) -> str:
    """A text string (section 7.9.2.2): UTF-16 or UTF-8 with its mark, else one byte a character."""
    if value.startswith(b"\xfe\xff"):
        return value[2:].decode("utf-16-be", "replace")
    if value.startswith(b"\xef\xbb\xbf"):
        return value[3:].decode("utf-8", "replace")
    return value.decode("latin-1")
