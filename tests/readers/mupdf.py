"""MuPDF, by a script that its program ``mutool`` runs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tests.readers.children import ReaderError, run
from tests.readers.drawn import DPI, PAGES, Told

NAME = "MuPDF"
SCRIPT = Path(__file__).with_suffix(".js")


def read(pdf: Path, drawn: Path) -> Told:
    """Draw the pages into a folder, and tell the rest.

    Raises:
        ReaderError: it cannot open the file.
    """
    out = run(["mutool", "run", SCRIPT, pdf, drawn, str(DPI), str(PAGES)])
    lines = out.decode(errors="replace").splitlines()
    try:
        told = json.loads(lines[-1])
    except (IndexError, ValueError) as error:
        raise ReaderError(f"mutool: {lines[-1:]}") from error
    return Told(
        told["count"],
        tuple(told["texts"]),
        tuple((name, _digest(file)) for name, file in told["attachments"]),
        tuple((name, value) for name, value in told["fields"]),
        tuple(told["marks"]),
    )


def _digest(file: str) -> str:
    return hashlib.sha256(Path(file).read_bytes()).hexdigest() if file else "cannot be saved"
