"""pdf.js, as Firefox uses it: a Node process of its own that keeps the library loaded."""

from __future__ import annotations

from pathlib import Path

from tests.nodejs import node
from tests.readers.children import Child
from tests.readers.drawn import DPI, PAGES, Told

NAME = "pdf.js"
SCRIPT = Path(__file__).with_name("pdfjs") / "reader.mjs"
HEAP = "--max-old-space-size=1024"
"""V8 reserves address space without using it: its own limit is the one that counts, in MB."""


_CHILD = Child([node(), HEAP, SCRIPT], memory=None)


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
