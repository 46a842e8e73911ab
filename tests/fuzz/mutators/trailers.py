"""Tables, trailers, byte ranges and the gap of a sealed PDF."""

from __future__ import annotations

import re
from random import Random

from tests.fuzz.bed import Sealed
from tests.fuzz.law import Mutant
from tests.fuzz.mutators import Pool, mutator
from tests.fuzz.mutators.plain import around
from tests.fuzz.mutators.revisions import FORGED, RANGE, TAILS, forgery
from tests.fuzz.pdf_parts import anatomy, increment, places
from tests.odd.pdf import stream

ENTRY = re.compile(rb"(\d{10}) (\d{5}) ([nf])")


@mutator("trailer", "pdf", weight=10)
def trailer(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """A table without objects whose trailer says something else."""
    seen = anatomy(sealed.data)
    if not seen.pages:
        return None
    new = seen.size
    pages = b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (new + 2)
    page = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 200 200] /Contents %d 0 R >>"
    objects = {
        new: b"<< /Type /Catalog /Pages %d 0 R >>" % (new + 1),
        new + 1: pages,
        new + 2: page % (new + 1, new + 3),
        new + 3: stream(FORGED),
    }
    root, extra = random.choice((
        (new, b""),
        (None, b"/Root %d 0 R" % new),
        (None, b"/#52oot %d 0 R" % new),
        (None, b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 >>"),
        (None, b"/XRefStm %d" % random.randrange(len(sealed.data))),
        (None, b"/Size 1"),
        (None, b"/Prev %d" % random.randrange(len(sealed.data))),
        (None, b"/Info %d 0 R" % new),
        (None, b"/ID [<00> <00>]"),
    ))  # fmt: skip
    data = increment(
        sealed.data,
        objects,
        root=root,
        trailer=extra,
        style=random.choice(("table", "stream")),
        previous=random.choice((None, None, 0, len(sealed.data) + 10)),
        tail=random.choice(TAILS),
    )
    return around(sealed, data)


@mutator("startxref", "pdf", weight=6)
def startxref(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    """The last word of the file points elsewhere."""
    tables = [match.start() for match in re.finditer(rb"xref", sealed.data)]
    at = random.choice([*tables, 0, len(sealed.data), random.randrange(len(sealed.data))])
    written = random.choice((b"%d", b"%010d", b"+%d", b"%d.0", b"-%d")) % at
    return around(sealed, sealed.data + b"startxref\n%b\n%%%%EOF\n" % written)


@mutator("table-entry", "pdf", weight=6)
def table_entry(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """An entry of a table, often one that no seal covers, leads elsewhere."""
    entries = list(ENTRY.finditer(sealed.data))
    if not entries:
        return None
    chosen = random.choice(entries[-20:])
    target = random.choice(places(sealed.data)).start
    new = b"%010d %b %b" % (target, chosen[2], random.choice((b"n", chosen[3])))
    return around(sealed, sealed.data[: chosen.start()] + new + sealed.data[chosen.end() :])


@mutator("second-table", "pdf", weight=6)
def second_table(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """A table that gives objects the places of other ones."""
    seen = anatomy(sealed.data)
    if len(seen.contents) < 1:
        return None
    found = places(sealed.data)
    swapped = {random.choice(seen.contents): random.choice(found).start for _ in range(2)}
    style = random.choice(("table", "stream"))
    return around(sealed, increment(sealed.data, {}, offsets=swapped, style=style))


@mutator("gap", "pdf", weight=10)
def gap(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """What no seal covers inside a sealed revision: the string that holds the signature."""
    found = list(RANGE.finditer(sealed.data))
    if not found:
        return None
    start, length, end, _ = map(int, random.choice(found).groups())
    start += length
    inside = sealed.data[start:end]
    zeros = len(inside) - 1 - len(inside[:-1].rstrip(b"0"))
    forged = random.choice((
        b">/Reason(forged)/X<", b"> /V 9 <", b">%\n<", b"> <", b" ", b"\n", b"zz",
        b">>>\nendobj\n4 0 obj\n<< >>\nendobj\n5 0 obj << /X <",
    ))  # fmt: skip
    kind = random.randrange(6)
    if kind == 0 and zeros > len(forged):
        cut = len(inside) - 1 - random.randrange(len(forged), zeros)
        inside = inside[:cut] + forged + inside[cut + len(forged) :]
    elif kind == 1:
        inside = inside.swapcase()
    elif kind == 2 and zeros > 2:  # the padding need not be zeros
        cut = len(inside) - 1 - zeros
        inside = inside[: cut + 2] + random.randbytes(zeros // 2 - 1).hex().encode() + b">"
        inside += b" " * (end - start - len(inside))
    elif kind == 3:
        inside = inside[:1] + inside[1:-1].replace(b"00", b"0 0", 1)[: len(inside) - 2] + b">"
    elif kind == 4:
        at = random.randrange(len(inside))
        inside = inside[:at] + random.choice((b"<", b">", b"0", b"f", b"\x00")) + inside[at + 1 :]
    else:
        inside = b"(" + inside[1:-1] + b")"
    return around(sealed, sealed.data[:start] + inside + sealed.data[end:])


@mutator("byte-range", "pdf", weight=4)
def byte_range(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """The bytes that a signature says it covers."""
    found = list(RANGE.finditer(sealed.data))
    if not found:
        return None
    match = random.choice(found)
    numbers = [int(number) for number in match.groups()]
    which = random.randrange(4)
    numbers[which] = random.choice((
        0, numbers[which] + 1, numbers[which] - 1, len(sealed.data), -1, 2**31, 2**64,
        random.randrange(len(sealed.data)),
    ))  # fmt: skip
    new = b"/ByteRange [%d %d %d %d]" % tuple(numbers)
    new = new.ljust(len(match[0]))[: max(len(match[0]), len(new))]
    return around(sealed, sealed.data[: match.start()] + new + sealed.data[match.end() :])


@mutator("wrapped", "pdf", weight=4)
def wrapped(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """The sealed file stands inside another one, which takes its signature over."""
    objects = forgery(random, sealed.data)
    if objects is None:
        return None
    front = b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n%b\nendobj\n" % pair for pair in objects.items())
    return around(sealed, front + sealed.data)
