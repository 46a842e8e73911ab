"""What is put in order in a document before it is examined and written anew.

Nothing that shows is changed here, but for form fields that leave their look to viewers: those
without one get one, the others keep theirs, and the examination sees whether it says what the field
holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pikepdf

from eseal.documents.pdf.effort import Effort
from eseal.documents.pdf.examination.annotations import annotations_of
from eseal.documents.pdf.examination.graph import MAX_PARENTS, Graph
from eseal.documents.pdf.examination.shown_values import leaves_drawing
from eseal.documents.pdf.file.scanner import CATALOG_KEYS
from eseal.documents.pdf.opening import guarded
from eseal.errors import UnsupportedDocumentError

_CATALOG: Final = frozenset(f"/{key}" for key in CATALOG_KEYS - {"DSS"}) | {"/AA", "/Collection"}
"""Entries of the catalog that stay; of the last two the examination has to say what it thinks."""
_NAME_TREES: Final = frozenset({"/Dests", "/EmbeddedFiles", "/JavaScript", "/Renditions"})
"""Of the name dictionary (table 32). Templates are pages that a program brings to light."""
_PRINT: Final = 1 << 2
_HIDDEN: Final = 0b100011
"""Table 165: Invisible, Hidden, NoView."""
_NEVER_DRAWN: Final = frozenset({"/Link", "/Popup"})
_DRAWN_OTHERWISE: Final = 1 << 12 | 1 << 13 | 1 << 24
"""Table 228: several lines, stars, a comb: qpdf draws text in one line, and as it is."""
_TYPING: Final = frozenset({"/K", "/F"})
"""Table 199: actions of a field at each key that is typed, and before its value is shown."""
_ANNOTATION_STEPS: Final = 10
_FIELD_STEPS: Final = 5
"""pikepdf takes a microsecond or two for each look at an entry."""


def tidy(pdf: pikepdf.Pdf) -> None:
    """Put a document in order.

    Args:
        pdf: the document, as :func:`~eseal.documents.pdf.opening.open_document` opened it.

    Raises:
        TooLargeError: its pages share too many annotations.
        UnsupportedDocumentError: it is broken.
    """
    with guarded(UnsupportedDocumentError, "the PDF is broken"):
        root = pdf.Root
        for key in root.keys() - _CATALOG:
            del root[key]
        if isinstance(root.get("/Names"), pikepdf.Dictionary):
            for key in root.Names.keys() - _NAME_TREES:
                del root.Names[key]
        _plant(pdf)
        effort = Effort(0)
        fields = pdf.acroform  # once: it looks through the whole form
        for annotation in _annotations(pdf, effort):
            _make_printed(annotation)
            _forget_typing(annotation, effort)
            field = _without_look(fields, annotation)
            if field is not None:
                _draw(field, annotation)
        form: Any = root.get("/AcroForm")
        if isinstance(form, pikepdf.Dictionary) and form.get("/NeedAppearances", False):
            _settle(pdf, form)


def _plant(pdf: pikepdf.Pdf) -> None:
    """One page tree of one level: its count is right, and nothing else hangs in it."""
    pages = [page.obj for page in pdf.pages]
    root = pdf.Root.Pages
    for key in set(root.keys()):
        del root[key]
    root.Type = pikepdf.Name.Pages
    root.Kids = pikepdf.Array(pages)
    root.Count = len(pages)
    for page in pages:
        page.Parent = root
        page.Type = pikepdf.Name.Page


def _annotations(pdf: pikepdf.Pdf, effort: Effort) -> Iterator[Any]:
    for page in pdf.pages:
        listed = page.obj.get("/Annots")
        for annotation in listed if isinstance(listed, pikepdf.Array) else ():
            effort.spend(_ANNOTATION_STEPS)
            if isinstance(annotation, pikepdf.Dictionary):
                yield annotation


def _settle(pdf: pikepdf.Pdf, form: Any) -> None:
    """Viewers need not draw fields anew whose looks are known to say what they hold, or do not."""
    graph = Graph(pdf)
    entries = graph.dictionary(graph.catalog.get("/AcroForm"))
    if not any(leaves_drawing(graph, entries, each.entries) for each in annotations_of(graph)):
        form["/NeedAppearances"] = False


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


def _without_look(fields: pikepdf.AcroForm, annotation: Any) -> pikepdf.AcroFormField | None:
    """The filled field of text that viewers draw themselves, if the annotation is one."""
    looks = annotation.get("/AP")
    if annotation.get("/Subtype") != "/Widget" or (
        isinstance(looks, pikepdf.Dictionary) and "/N" in looks
    ):
        return None
    field = fields.get_field_for_annotation(pikepdf.Annotation(annotation))
    is_text = field.is_text or field.is_choice
    return field if is_text and field.value_as_string else None


def _draw(field: pikepdf.AcroFormField, widget: Any) -> None:
    """Give a field of text its look, where it can be done as every viewer would."""
    text = field.value_as_string
    options = field.get_inheritable_field_value("/Opt")
    in_other_words = isinstance(options, pikepdf.Array) and any(
        isinstance(each, pikepdf.Array) for each in options
    )
    plain = text.isascii() and text.isprintable() and not in_other_words
    if field.flags & _DRAWN_OTHERWISE or not plain:
        return
    field.generate_appearance(pikepdf.Annotation(widget))
    looks = widget.get("/AP")
    look = looks.get("/N") if isinstance(looks, pikepdf.Dictionary) else None
    if isinstance(look, pikepdf.Stream):
        look.write(_frame(widget, look) + look.read_bytes())


def _frame(widget: Any, look: Any) -> bytes:
    """The ground and the border a field asks for (ISO 32000-1 table 189), which qpdf leaves out."""
    asked = widget.get("/MK")
    box = look.get("/BBox")
    if not isinstance(asked, pikepdf.Dictionary) or not isinstance(box, pikepdf.Array):
        return b""
    left, bottom, right, top = (float(corner) for corner in box)
    ground, border = (_colour(asked.get(key)) for key in ("/BG", "/BC"))
    drawn = ""
    if ground:
        drawn += f"q {ground} {left:g} {bottom:g} {right - left:g} {top - bottom:g} re f Q "
    if border:
        drawn += (
            f"q {border.upper()} 1 w {left + 0.5:g} {bottom + 0.5:g} {right - left - 1:g} "
            f"{top - bottom - 1:g} re S Q "
        )
    return drawn.encode()


def _colour(value: Any) -> str:
    """A colour (one, three or four numbers) as an operator, or nothing."""
    numbers = [f"{float(each):g}" for each in value] if isinstance(value, pikepdf.Array) else []
    operator = {1: "g", 3: "rg", 4: "k"}.get(len(numbers))
    return " ".join([*numbers, operator]) if operator else ""
