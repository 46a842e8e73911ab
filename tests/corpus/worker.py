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

from eseal.documents.pdf import Manner
from eseal.errors import ESealError, InvalidInputError
from eseal.verify import Report
from tests import readers
from tests.fuzz import bed
from tests.fuzz.active import active_content

READER = "PDFium"
"""Pixels are compared as it shows them, before and after."""


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
    looks = readers.differences(READER, data, sealed, looks=True)
    unseen = readers.shown(READER, data).error
    found["looks"] = "not shown before" if unseen else (looks[0] if looks else "equal")
    return found


def _opened(data: bytes) -> dict[str, Any]:
    """What qpdf says of it."""
    try:
        with pikepdf.open(BytesIO(data), suppress_warnings=True) as pdf:
            pages, encrypted = len(pdf.pages), pdf.is_encrypted
            signed = any(_is_signature(each) for each in pdf.objects)
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
        sealed = bed.seal(made.service, data, manner=Manner(flatten=True))
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
