"""One PDF of 100 MB, in a process of its own: time beside SHA-256, and memory.

``python -m tests.bench.large SIZE`` prints the figures as JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from PIL import Image

from eseal.documents.pdf import PdfSealOptions, prepare
from tests.bench.measure import (
    Row,
    family,
    mebibytes,
    median_seconds,
    memory,
    millis,
    peak_memory,
)

SIZE = 100_000_000
"""Bytes: a contract with scanned annexes."""
PAGES = 10
GRAY = b"/ColorSpace /DeviceGray /BitsPerComponent 8"
ROUNDS = 5
_LOOK_SECONDS = 0.005
CMS = b"\x30" * 4000
"""As long as a seal signature with its chain and receipt."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What came out.

    Attributes:
        file: size in bytes.
        digest: seconds SHA-256 takes.
        prepared: seconds until the digest to sign is there.
        sealed: seconds until the sealed file is written.
        peak: most memory the process had, in bytes, the file included.
        reader: most memory the processes that read the file for it were seen to have, in bytes.
    """

    file: int
    digest: float
    prepared: float
    sealed: float
    peak: int
    reader: int


def row(size: int = SIZE) -> Row:
    """Measure in another process; one line of the table."""
    command = [sys.executable, "-m", "tests.bench.large", str(size)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found = Figures(**json.loads(done.stdout.splitlines()[-1]))
    return Row(
        f"PDF, {found.file / 1e6:,.0f} MB, seal: prepare, embed, write to a file",
        f"{millis(found.sealed)}, until the digest {millis(found.prepared)}; "
        f"peak memory {mebibytes(found.peak)}, the file's {mebibytes(found.file)} included, and "
        f"{mebibytes(found.reader)} in the confined process",
        f"{millis(found.digest)} SHA-256 of the file",
        f"{found.sealed / found.digest:.2f}",
        "≤ 8, memory < 2.5 × file",
    )


def scanned(size: int) -> bytes:
    """A PDF of pages with a JPEG of noise each, a tenth of the size."""
    side = round((size / PAGES) ** 0.5)
    kids = b" ".join(b"%d 0 R" % (3 + 3 * page) for page in range(PAGES))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%b] /Count %d >>" % (kids, PAGES),
    ]
    drawing = b"q 595 0 0 842 0 0 cm /I Do Q"
    for page in range(PAGES):
        out = BytesIO()
        Image.frombytes("L", (side, side), os.urandom(side * side)).save(out, "JPEG", quality=95)
        number = 3 + 3 * page
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /XObject << /I %d 0 R >> >> >>" % (number + 1, number + 2),
            b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawing), drawing),
            b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /Filter /DCTDecode %b "
            b"/Length %d >>\nstream\n%b\nendstream"
            % (side, side, GRAY, len(out.getvalue()), out.getvalue()),
        ]
    parts = [b"%PDF-1.7\n"]
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(sum(map(len, parts)))
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = sum(map(len, parts))
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    parts.append(b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, table))
    parts.append(
        b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    )
    return b"".join(parts)


def _measure(path: Path) -> Figures:
    """In a process that has seen nothing else: its peak is that of reading and sealing."""
    pdf = path.read_bytes()
    options = PdfSealOptions("Seal", "Trial Company Ltd", datetime.now(UTC))

    def seal() -> None:
        prepared = prepare(pdf, options)
        with path.with_suffix(".sealed").open("wb") as sink:
            prepared.write_to(sink, CMS)

    return Figures(
        file=len(pdf),
        digest=median_seconds(lambda: hashlib.sha256(pdf).digest(), ROUNDS),
        prepared=median_seconds(lambda: prepare(pdf, options), ROUNDS),
        sealed=median_seconds(seal, ROUNDS),
        peak=peak_memory(),
        reader=_reader_memory(seal),
    )


def _reader_memory(act: Callable[[], object]) -> int:
    """Looked at every few milliseconds while it is done."""
    with ThreadPoolExecutor(1) as pool:
        doing, most = pool.submit(act), 0
        while not doing.done():
            with suppress(OSError, ValueError):  # one of them has ended meanwhile
                readers = [child for each in family(os.getpid())[1:] for child in family(each)]
                most = max(most, sum(map(memory, readers)))
            time.sleep(_LOOK_SECONDS)
        doing.result()
    return most


def main() -> None:
    """Make the file in one process, measure in another."""
    argument = sys.argv[1]
    if not argument.isdecimal():
        found = _measure(Path(argument))
        values = {name: getattr(found, name) for name in Figures.__slots__}
        sys.stdout.write(json.dumps(values))
        return
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "scanned.pdf"
        path.write_bytes(scanned(int(argument)))
        subprocess.run([sys.executable, "-m", "tests.bench.large", str(path)], check=True)


if __name__ == "__main__":
    main()
