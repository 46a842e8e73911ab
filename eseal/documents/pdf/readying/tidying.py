"""What is put in order in a document before it is examined and written anew.

Nothing that shows is changed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pikepdf

from eseal.documents.pdf.examination.graph import MAX_PARENTS
from eseal.documents.pdf.file.scanner import CATALOG_KEYS
from eseal.documents.pdf.opening.effort import Effort
from eseal.documents.pdf.opening.opening import guarded
from eseal.errors import UnsupportedDocumentError

_CATALOG: Final = frozenset(f"/{key}" for key in CATALOG_KEYS - {"DSS"}) | {"/AA", "/Collection"}
"""Entries of the catalog that stay; of the last two the examination has to say what it thinks."""
_NAME_TREES: Final = frozenset({"/Dests", "/EmbeddedFiles", "/JavaScript", "/Renditions"})
"""Of the name dictionary (table 32). Templates are pages that a program brings to light."""
_PRINT: Final = 1 << 2
_HIDDEN: Final = 0b100011
"""Table 165: Invisible, Hidden, NoView."""
_NEVER_DRAWN: Final = frozenset({"/Link", "/Popup"})
_TYPING: Final = frozenset({"/K", "/F"})
"""Table 199: actions of a field at each key that is typed, and before its value is shown."""
_ANNOTATION_STEPS: Final = 10
_FIELD_STEPS: Final = 5
"""pikepdf takes a microsecond or two for each look at an entry."""


def tidy(pdf: pikepdf.Pdf) -> None:
    """Put a document in order.

    Args:
        pdf: the document, as :mod:`~eseal.documents.pdf.opening` opened it.

    Raises:
        TooLargeError: its pages share too many annotations.
        UnsupportedDocumentError: it is broken.
    """
    with guarded(UnsupportedDocumentError, "the PDF is broken"):
        root = pdf.Root
        for key in root.keys() - _CATALOG:
            del root[key]
        if isinstance(root.get("/AA"), pikepdf.Dictionary) and not root.AA.keys():
            del root["/AA"]
        if isinstance(root.get("/Names"), pikepdf.Dictionary):
            for key in root.Names.keys() - _NAME_TREES:
                del root.Names[key]
        effort = Effort(0)
        for annotation in _annotations(pdf, effort):
            _make_printed(annotation)
            _forget_typing(annotation, effort)


def _annotations(pdf: pikepdf.Pdf, effort: Effort) -> Iterator[Any]:
    for page in pdf.pages:
        listed = page.obj.get("/Annots")
        for annotation in listed if isinstance(listed, pikepdf.Array) else ():
            effort.spend(_ANNOTATION_STEPS)
            if isinstance(annotation, pikepdf.Dictionary):
                yield annotation


def _make_printed(annotation: Any) -> None:
    """What shows on the screen shows on paper, too."""
    flags = annotation.get("/F", 0)
    if (
        "/AP" in annotation
        and annotation.get("/Subtype") not in _NEVER_DRAWN
        and isinstance(flags, int)
        and not flags & _HIDDEN
    ):
        annotation["/F"] = flags | _PRINT


def _forget_typing(widget: Any, effort: Effort) -> None:
    """Nobody types into a sealed form any more: what checks and formats each key is not needed.

    What calculates or validates (``C``, ``V``) is left, and refused: it works on other fields.
    """
    field = widget
    for _ in range(MAX_PARENTS):
        effort.spend(_FIELD_STEPS)
        actions = field.get("/AA")
        if isinstance(actions, pikepdf.Dictionary) and "/FT" in field:
            for key in actions.keys() & _TYPING:
                del actions[key]
            if not actions.keys():
                del field["/AA"]
        field = field.get("/Parent")
        if not isinstance(field, pikepdf.Dictionary):
            break
