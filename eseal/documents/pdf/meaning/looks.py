"""Annotations without a look get the one PDFium shows: then it is the same in every reader.

So do all fields of a form that asks readers to draw them anew (ISO 32000-1 section 12.7.2).
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from pikepdf import Array, Dictionary, Pdf, Stream

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.meaning.desk.desk import Desk
from eseal.documents.pdf.meaning.desk.values import (
    DIRECT,
    array,
    box,
    dictionary,
    inherited,
    is_stream,
    key_of,
    name,
    whole,
)
from eseal.documents.viewer.looks import with_looks

_NOT_DRAWN: Final = {"Link", "Popup", "FileAttachment", ""}
_WRITTEN: Final = {"Tx", "Ch"}
"""Kinds of fields that show text."""
_BUTTON: Final = "Btn"
_HIDDEN: Final = 0b100010
_PASSWORD: Final = 1 << 13
_COMBO: Final = 1 << 17
"""Table 230: a choice that PDFium shows with a button, behind its marked contents."""
_MARKED: Final = b"EMC\n"
_OPENS: Final = 15.0
"""Points from the right, for a button of 13 and the border."""


def put_in_order(desk: Desk, pages: list[Any]) -> None:
    """Give every annotation a look."""
    form = dictionary(desk.pdf.Root.get("/AcroForm"))
    redrawn = form.get("/NeedAppearances") is True
    lacking = [
        (index, position, item)
        for index, page in enumerate(pages)
        for position, item in enumerate(_indirect(desk, page))
        if isinstance(item, Dictionary) and lacks(item, redrawn=redrawn)
    ]
    if lacking:
        _lend(desk, lacking)
    if "/NeedAppearances" in form:
        del form["/NeedAppearances"]


def _indirect(desk: Desk, page: Any) -> list[Any]:
    """A page's annotations, each an object of its own."""
    listed = array(page.get("/Annots"))
    if any(key_of(item) == DIRECT and isinstance(item, Dictionary) for item in listed):
        page.Annots = Array(
            [
                desk.pdf.make_indirect(item) if isinstance(item, Dictionary) else item
                for item in listed
            ]
        )
    return array(page.get("/Annots"))


def lacks(item: Any, *, redrawn: bool) -> bool:
    """Whether an annotation has no look, or one that readers are to draw anew.

    Args:
        item: the annotation.
        redrawn: whether its form asks for that (``NeedAppearances``).
    """
    subtype, look = name(item.get("/Subtype")), dictionary(item.get("/AP")).get("/N")
    has_look = is_stream(look) or isinstance(look, Dictionary)
    if subtype != "Widget":
        hidden = (whole(item.get("/F")) or 0) & _HIDDEN
        return not has_look and not hidden and subtype not in _NOT_DRAWN
    kind = name(inherited(item, "/FT"))
    if kind in _WRITTEN:
        stars = (whole(inherited(item, "/Ff")) or 0) & _PASSWORD
        return not stars and (redrawn or not is_stream(look))
    return kind == _BUTTON and (redrawn or not has_look)


def _lend(desk: Desk, lacking: list[tuple[int, int, Any]]) -> None:
    copy = with_looks(desk.saved(), sorted({index for index, _, _ in lacking}))
    with Pdf.open(BytesIO(copy)) as shown:
        for index, position, item in lacking:
            drawn = dictionary(array(shown.pages[index].obj.get("/Annots"))[position])
            look = dictionary(drawn.get("/AP")).get("/N")
            if not isinstance(look, Dictionary | Stream):
                continue
            desk.page = index
            item.AP = Dictionary(N=_lent(desk.pdf, look))
            if name(item.get("/Subtype")) != "Widget":
                desk.settle(HazardCode.UNCLEAR_ANNOTATION, "a note or mark without a look")
            elif (whole(inherited(item, "/Ff")) or 0) & _COMBO and is_stream(look):
                _take_button(desk, index, item)
            desk.touch()
    desk.page = None


def _take_button(desk: Desk, index: int, item: Any) -> None:
    """Leave out the button that opens a list: paper has none."""
    head, marked, _ = item.AP.N.read_bytes().rpartition(_MARKED)
    item.AP.N.write(head + marked)
    left, bottom, right, top = box(item.get("/Rect")) or (0.0, 0.0, 0.0, 0.0)
    opens = max(left, right - _OPENS), bottom, right, top
    desk.buttons.setdefault(index, []).append(opens)


def _lent(pdf: Pdf, look: Any) -> Any:
    """A look, or one for each state, of another document."""
    if is_stream(look):
        return pdf.copy_foreign(look)
    return Dictionary(
        {key: pdf.copy_foreign(each) for key, each in look.items() if is_stream(each)}
    )
