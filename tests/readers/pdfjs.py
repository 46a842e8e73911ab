"""pdf.js, as Firefox uses it: a Node process of its own that keeps the library loaded."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.readers.children import Child
from tests.readers.drawn import DPI, PAGES, Told

NAME = "pdf.js"
SCRIPT = Path(__file__).with_name("pdfjs") / "reader.mjs"
HEAP = "--max-old-space-size=1024"
"""V8 reserves address space without using it: its own limit is the one that counts, in MB."""


def _node() -> str:
    """The environment's own Node, which is new enough, else the machine's."""
    own = Path(sys.executable).with_name("node")
    return str(own) if own.is_file() else shutil.which("node") or "node"


_CHILD = Child([_node(), HEAP, SCRIPT], memory=None)


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
