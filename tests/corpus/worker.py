"""Measures one document after the other; answers one line of JSON with another.

The command line names a folder for an instance. A question has ``pdf`` (a path), ``flatten`` and
``keep`` (where the sealed file is to be put); an answer the members of ``measure.Measured``.
"""

from __future__ import annotations

import json
import sys
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
from PIL import ImageChops

from eseal.documents.pdf import SealingMode
from eseal.errors import ESealError, InvalidInputError
from eseal.verify import Report
from tests import readers
from tests.fuzz import bed
from tests.fuzz.active import active_content
from tests.unhinted import unhinted

READER = "PDFium"
"""Pixels are compared as it shows them, before and after."""

COMBO = 1 << 17
"""ISO 32000-1 table 230: a choice that PDFium shows with a button."""

BUTTON = 15
"""Points from the right of a field: a button of 13, and the border."""


def measure(made: bed.Bed, data: bytes, keep: Path | None, *, flatten: bool) -> dict[str, Any]:
    """What becomes of a document."""
    found = _opened(data)
    started = time.perf_counter()
    try:
        sealed = bed.seal(made.service, data)
        found["outcome"] = "sealed"
    except InvalidInputError as error:
        found |= _refused(error)
        sealed = _flattened(made, data, found) if flatten else None
    except ESealError as error:
        return found | _refused(error) | {"outcome": "failed"}
    found["seal_ms"] = round(1000 * (time.perf_counter() - started), 1)
    if sealed is None:
        return found
    if keep is not None:
        keep.write_bytes(sealed)
    started = time.perf_counter()
    report = made.judge.report(sealed)
    found["verify_ms"] = round(1000 * (time.perf_counter() - started), 1)
    found["verdict"] = report.finding.value if isinstance(report, Report) else report
    found["looks"] = _compared(data, sealed)
    return found


def _compared(data: bytes, sealed: bytes) -> str:
    """What looks different; text may no longer be fitted to a grid, and buttons of lists may go."""
    if readers.shown(READER, data).error:
        return "not shown before"
    looks = readers.differences(READER, data, sealed, looks=True)
    if looks:
        data = unhinted(data)
        looks = readers.differences(READER, data, sealed, looks=True)
    if not looks:
        return "equal"
    pairs = zip(
        readers.shown(READER, data).pages, readers.shown(READER, sealed).pages, strict=False
    )
    for number, (before, after) in enumerate(pairs):
        difference = ImageChops.difference(before.image, after.image)
        for box in _buttons(data, number):
            difference.paste((0, 0, 0), box)
        if difference.getbbox() is not None:
            return looks[0]
    return "equal but for buttons"


def _buttons(data: bytes, number: int) -> list[tuple[int, int, int, int]]:
    """Where PDFium draws buttons that open the lists of fields, in pixels of a page."""
    found = []
    with pikepdf.open(BytesIO(data), suppress_warnings=True) as pdf:
        page = pdf.pages[number]
        left, top = float(page.cropbox[0]), float(page.cropbox[3])
        for item in page.obj.get("/Annots", ()):
            field = item if "/FT" in item else item.get("/Parent", item)
            if field.get("/FT") == pikepdf.Name.Ch and int(field.get("/Ff", 0)) & COMBO:
                x1, y1, x2, y2 = (float(corner) for corner in item.Rect)
                right, lower, upper = max(x1, x2) - left, top - min(y1, y2), top - max(y1, y2)
                found.append((int(right - BUTTON), int(upper), int(right) + 1, int(lower) + 1))
    return found


def _opened(data: bytes) -> dict[str, Any]:
    """What qpdf says of it."""
    try:
        with pikepdf.open(BytesIO(data), suppress_warnings=True) as pdf:
            pages, encrypted = len(pdf.pages), pdf.is_encrypted
            signed = any(_is_signature(each) for each in pdf.objects) or "/Perms" in pdf.Root
    except pikepdf.PasswordError:
        return {"opens": "password"}
    except (pikepdf.PdfError, ValueError, RecursionError) as error:
        return {"opens": f"broken: {error}"[:120]}
    return {
        "opens": "yes",
        "pages": pages,
        "encrypted": encrypted,
        "signed": signed,
        "active": ", ".join(active_content(data)),
    }


def _is_signature(each: pikepdf.Object) -> bool:
    return isinstance(each, pikepdf.Dictionary) and "/ByteRange" in each and "/Contents" in each


def _refused(error: ESealError) -> dict[str, Any]:
    return {
        "outcome": "refused",
        "code": error.code,
        "reasons": ", ".join(getattr(error, "reasons", ())),
        "message": str(error)[:300],
    }


def _flattened(made: bed.Bed, data: bytes, found: dict[str, Any]) -> bytes | None:
    """The document flattened, as the refusal advises."""
    try:
        sealed = bed.seal(made.service, data, mode=SealingMode(flatten=True))
    except ESealError as error:
        found["message"] += f" | flattened: {error}"[:300]
        return None
    found["outcome"] = "flattened"
    return sealed


def main(folder: Path) -> None:
    """Answer until there are no more questions."""
    with bed.opened(folder, shapes="none") as made:
        for line in sys.stdin:
            question = json.loads(line)
            keep = question["keep"] and Path(question["keep"])
            data = Path(question["pdf"]).read_bytes()
            answer = measure(made, data, keep, flatten=question["flatten"])
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
    readers.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
