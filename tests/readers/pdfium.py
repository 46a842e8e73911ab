"""PDFium, as Chrome uses it: a Python process of its own that keeps the library loaded."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.readers.children import Child
from tests.readers.drawn import DPI, PAGES, Told

NAME = "PDFium"
_CHILD = Child([sys.executable, Path(__file__).with_name("pdfium_child.py")])


def read(pdf: Path, drawn: Path) -> Told:
    """Draw the pages into a folder, and tell the rest.

    Raises:
        ReaderError: it cannot open the file.
    """
    question = {"pdf": str(pdf), "folder": str(drawn), "dpi": DPI, "pages": PAGES}
    return Told.of(_CHILD.ask(question))


def close() -> None:
    """Stop the process."""
    _CHILD.close()
