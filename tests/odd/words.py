"""Type 1 programs with a word in their PostScript that readers take in different ways."""

from __future__ import annotations

from collections.abc import Iterator

from fontTools.misc.eexec import decrypt, encrypt

from tests.odd.fonts import DIGITS, ROMAN, WIN, simple
from tests.odd.pdf import Odd
from tests.odd.type1 import EEXEC, type1

WORDS = (b"(", b"{", b"<", b"%", b"/", b"(\\")
CLEAR = (b"/FontMatrix", b"/Encoding", b"currentdict")
SECRET = (b"dup /Private", b"/BlueValues", b"2 index", b"/CharStrings")
BEGIN, END = b"eexec\n", b"\n" + b"0" * 64
FIRST = b"%!PS-AdobeFont-1.0"


def reworded(before: bytes, after: bytes, program: bytes | None = None) -> bytes:
    """A program of ten digits in which one thing is written otherwise."""
    clear, rest = (program or type1(DIGITS)).split(BEGIN, 1)
    secret, tail = rest.split(END, 1)
    text, _ = decrypt(secret, EEXEC)
    written, _ = encrypt(text.replace(before, after, 1), EEXEC)
    return clear.replace(before, after, 1) + BEGIN + written + END + tail


def words() -> Iterator[Odd]:
    made = {
        "first-line": reworded(FIRST, b"%!PS-AdobeFnt-1.0"),
        "first-word": reworded(FIRST, b"%!"),
    }
    for place in (*CLEAR, *SECRET):
        for word in WORDS:
            what = f"{word.decode()} before {place.decode()}"
            made[what] = reworded(place, word + b" " + place)
    made["code-beyond"] = reworded(
        b"readonly def\n/FontBBox", b"dup 503 /two put\nreadonly def\n/FontBBox"
    )
    made["matrix-in-comment"] = reworded(
        b"/FontMatrix", b"%/FontMatrix [0.002 0 0 0.001 0 0] readonly def\n/Fontmatrix"
    )
    made["end-that-is-none"] = reworded(b" ND\n/zero", b" NDend\n/zero")
    made["end-of-more"] = reworded(b" ND\n/zero", b" ND end.\n/zero")
    for name, program in made.items():
        entries = {"subtype": b"/Type1", "key": b"/FontFile"}
        yield Odd("words", name, simple(program, flags=ROMAN, encoding=WIN, **entries))
