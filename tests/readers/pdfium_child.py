"""What PDFium shows of a file; answers one line of JSON on standard input with another.

A question has ``pdf``, ``folder``, ``dpi`` and ``pages``; pictures go into the folder as PPM.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as c


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Draw and tell.

    Raises:
        pypdfium2.PdfiumError: it cannot open the file.
    """
    document = pypdfium2.PdfDocument(question["pdf"])
    try:
        document.init_forms()
        texts, fields, marks = [], [], []
        for number in range(min(len(document), question["pages"])):
            page = document[number]
            bitmap = page.render(scale=question["dpi"] / 72, may_draw_forms=True)
            picture = bitmap.to_pil().convert("RGB")
            picture.save(Path(question["folder"], f"{number + 1}.ppm"))
            texts.append(page.get_textpage().get_text_bounded())
            _annotations(document, page, number, fields, marks)
        return {
            "count": len(document),
            "texts": texts,
            "attachments": _attachments(document),
            "fields": fields,
            "marks": marks,
        }
    finally:
        document.close()


def _attachments(document: pypdfium2.PdfDocument) -> list[tuple[str, str]]:
    found = []
    for number in range(document.count_attachments()):
        attachment = document.get_attachment(number)
        try:
            digest = hashlib.sha256(bytes(attachment.get_data())).hexdigest()
        except pypdfium2.PdfiumError:
            digest = "cannot be saved"
        found.append((attachment.get_name(), digest))
    return found


def _annotations(document, page, number: int, fields: list, marks: list) -> None:
    form = document.formenv
    for place in range(c.FPDFPage_GetAnnotCount(page)):
        mark = c.FPDFPage_GetAnnot(page, place)
        rect = c.FS_RECTF()
        c.FPDFAnnot_GetRect(mark, rect)
        corners = [round(side, 2) for side in (rect.left, rect.bottom, rect.right, rect.top)]
        kind, flags = c.FPDFAnnot_GetSubtype(mark), c.FPDFAnnot_GetFlags(mark)
        widget = kind == c.FPDF_ANNOT_WIDGET and form is not None
        if not widget:
            marks.append(f"{number} {kind} {flags} {corners} {_key(mark, b'Contents')}")
        elif c.FPDFAnnot_GetFormFieldType(form, mark) != c.FPDF_FORMFIELD_SIGNATURE:
            name = _wide(c.FPDFAnnot_GetFormFieldName, form, mark)
            value = _wide(c.FPDFAnnot_GetFormFieldValue, form, mark)
            state = c.FPDFAnnot_IsChecked(form, mark)
            fields.append((name, f"{value} {state} {_key(mark, b'AS')} {flags} {corners}"))
        c.FPDFPage_CloseAnnot(mark)


def _key(mark, key: bytes) -> str:
    return _wide(c.FPDFAnnot_GetStringValue, mark, key)


def _wide(call, *arguments) -> str:
    """A text that the library writes in UTF-16, ended by a zero."""
    length = call(*arguments, None, 0)
    if length <= 2:
        return ""
    room = ctypes.create_string_buffer(length)
    call(*arguments, ctypes.cast(room, ctypes.POINTER(c.FPDF_WCHAR)), length)
    return room.raw[: length - 2].decode("utf-16-le", errors="replace")


def main() -> None:
    """Answer until there are no more questions."""
    for line in sys.stdin:
        try:
            told = answer(json.loads(line))
        except (pypdfium2.PdfiumError, OSError, ValueError, MemoryError) as error:
            told = {"error": f"pdfium: {error}"}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
