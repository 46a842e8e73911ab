"""Poppler, by its programs: ``pdftoppm``, ``pdftotext``, ``pdfdetach``.

They do not tell the values of form fields; fields are compared by their looks.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from tests.readers.children import ReaderError, run
from tests.readers.drawn import DPI, PAGES, Told

NAME = "Poppler"
COUNT = re.compile(rb"^Pages:\s+(\d+)$", re.MULTILINE)


def read(pdf: Path, drawn: Path) -> Told:
    """Draw the pages into a folder, and tell the rest.

    Raises:
        ReaderError: it cannot open the file.
    """
    found = COUNT.search(run(["pdfinfo", pdf]))
    if found is None:
        raise ReaderError("pdfinfo: no number of pages")
    count = int(found[1])
    last = str(min(count, PAGES))
    run(["pdftoppm", "-r", str(DPI), "-l", last, pdf, drawn / "page"])
    for file in drawn.glob("page-*.ppm"):
        number = int(file.stem.rsplit("-", 1)[1])
        file.rename(drawn / f"{number}.ppm")
    text = run(["pdftotext", "-l", last, "-enc", "UTF-8", pdf, "-"]).decode(errors="replace")
    return Told(count, tuple(text.split("\f")[: int(last)]), _attachments(pdf, drawn))


def _attachments(pdf: Path, drawn: Path) -> tuple[tuple[str, str], ...]:
    """Names and digests. A name with a path in it is told, not followed."""
    listed = run(["pdfdetach", "-list", pdf]).decode(errors="replace").splitlines()[1:]
    found = []
    for number, line in enumerate(listed, 1):
        file = drawn / f"attached-{number}"
        try:
            run(["pdfdetach", "-save", str(number), "-o", file, pdf])
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
        except (ReaderError, OSError):
            digest = "cannot be saved"
        found.append((line.partition(": ")[2], digest))
    return tuple(found)
