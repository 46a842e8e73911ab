"""Four readers of PDFs that people use, and what each shows of a file.

Poppler (Evince, Okular), MuPDF, PDFium (Chrome, Edge) and pdf.js (Firefox): engines that share no
code. One engine is compared with itself before and after (``differences``), which must be the same
to the pixel; two engines with one another only coarsely (``disagreements``).
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from itertools import combinations
from pathlib import Path
from types import ModuleType

from PIL import Image

from tests.readers import mupdf, pdfium, pdfjs, poppler
from tests.readers.children import ReaderError, folder
from tests.readers.seen import Page, Seen, across_readers, same_reader

__all__ = ["READERS", "Page", "Seen", "changes", "close", "differences", "disagreements", "shown"]

_MODULES: dict[str, ModuleType] = {
    module.NAME: module for module in (poppler, mupdf, pdfium, pdfjs)
}
READERS = tuple(_MODULES)

KEPT = 2000
"""So many sights are remembered, of some 20 KB each: all that a run compares with, in every
reader."""

_SAMPLE = Path(__file__).parents[1] / "data" / "pdf" / "fpdf2.pdf"
_seen: OrderedDict[tuple[str, bytes], Seen] = OrderedDict()
_there: set[str] = set()
"""Readers that have shown a file which every reader shows."""


def shown(reader: str, pdf: bytes) -> Seen:
    """What a reader of ``READERS`` shows of a file; remembered by its digest.

    Raises:
        RuntimeError: the reader is not there. It would show the same error of every file, and so
            find every two of them alike.
    """
    if reader not in _there:
        told = _look(_MODULES[reader], _SAMPLE.read_bytes()).error
        if told:
            raise RuntimeError(f"{reader} cannot be asked (scripts/test installs it): {told}")
        _there.add(reader)
    key = reader, hashlib.sha256(pdf).digest()
    if key in _seen:
        _seen.move_to_end(key)
        return _seen[key]
    _seen[key] = _look(_MODULES[reader], pdf)
    if len(_seen) > KEPT:
        _seen.popitem(last=False)
    return _seen[key]


def _look(module: ModuleType, pdf: bytes) -> Seen:
    with folder() as made:
        file = Path(made, "file.pdf")
        file.write_bytes(pdf)
        drawn = Path(made, "drawn")
        drawn.mkdir()
        try:
            told = module.read(file, drawn)
            pages = tuple(
                Page.of(_picture(drawn, number), text) for number, text in enumerate(told.texts, 1)
            )
        except (ReaderError, OSError, Image.DecompressionBombError) as error:
            return Seen(module.NAME, error=str(error).replace(made, "…"))
    marks = tuple(told.marks)
    return Seen(module.NAME, "", told.count, pages, told.attachments, told.fields, marks)


def _picture(drawn: Path, number: int) -> Image.Image:
    file = next(drawn.glob(f"{number}.p*"), None)
    if file is None:
        raise ReaderError(f"page {number} was not drawn")
    with Image.open(file) as picture:
        picture.load()
        return picture


def differences(
    reader: str, before: bytes, after: bytes, *, level: int = 0, looks: bool = False
) -> list[str]:
    """What one reader shows otherwise in the second of two files, in words; empty if nothing.

    ``level`` says how far a sample may be off (of 255), ``looks`` that nothing but pixels counts.
    """
    return same_reader(shown(reader, before), shown(reader, after), level=level, looks=looks)


def changes(reader: str, before: bytes, after: bytes) -> list[str]:
    """What one reader shows grossly otherwise in the second of two files, in words."""
    return across_readers(shown(reader, before), shown(reader, after))


def disagreements(pdf: bytes) -> list[str]:
    """What any two readers show grossly otherwise in one file, in words; empty if nothing."""
    sights = [shown(reader, pdf) for reader in READERS]
    return [words for pair in combinations(sights, 2) for words in across_readers(*pair)]


def close() -> None:
    """Stop the processes that were kept."""
    pdfium.close()
    pdfjs.close()
