"""Techniques with which outsiders once got a green verdict for another content, by number."""

from __future__ import annotations

from random import Random

from tests.fuzz.bed import Sealed
from tests.fuzz.law import Mutant
from tests.fuzz.mutators import Pool, mutator
from tests.fuzz.mutators.plain import around
from tests.fuzz.mutators.revisions import FORGED, TAILS, annotated
from tests.fuzz.pdf_parts import STYLES, anatomy, changed, increment, listed, places
from tests.odd.pdf import form, stream

RUN = 33
"""A space as the length byte of RunLengthDecode: so many bytes behind it are taken as they are."""

ROW = 4000
"""Longer than what the stream with a predictor holds: one row, one byte of difference."""


def _two_faced(old: bytes, new: bytes, number: int) -> tuple[bytes, bytes]:
    """An object stream that holds ``old`` as it lies there and ``new`` as RunLengthDecode."""
    head = (b"%d 0" % number).ljust(RUN)
    rest = new.ljust(38)
    parts = [b" " + head, b"%" + rest[:38]]
    for at in range(38, len(rest), 128):
        part = rest[at : at + 128].ljust(128)
        parts.append(b"\x7f" + part)
    data = b"".join(parts) + b"\x80\n" + old
    return b"/N 1 /First %d /F /RunLengthDecode" % RUN, data


def _predicted(old: bytes, new: bytes, number: int) -> tuple[bytes, bytes]:
    """The same by ``/DP``: whoever heeds it drops the first byte of the row."""
    head = b"\x00" + (b"%d 0" % number).ljust(RUN)
    body = head[:RUN] + b"%" + new + b"\n" + old
    data = body.ljust(ROW + 1)
    import zlib

    entries = b"/N 1 /First %d /Filter /FlateDecode /DP << /Predictor 12 /Columns %d >>"
    return entries % (RUN, ROW), zlib.compress(data)


@mutator("technique-1-object-stream", "pdf", weight=6)
def object_stream(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """An object stream that is read in two ways: abbreviated keys count for some readers."""
    seen = anatomy(sealed.data)
    if not seen.pages:
        return None
    page, new = random.choice(seen.pages), seen.size
    old = seen.bodies[page].replace(b"\n", b" ")
    forged = changed(old, b"Contents", b"%d 0 R" % (new + 1))
    entries, data = random.choice((_two_faced, _predicted))(old, forged, page)
    out = bytearray(sealed.data)
    offsets = {new: len(out)}
    out += b"%d 0 obj\n<< /Type /ObjStm %b /Length %d >>\nstream\n%b\nendstream\nendobj\n" % (
        new, entries, len(data), data,
    )  # fmt: skip
    offsets[new + 1] = len(out)
    out += b"%d 0 obj\n%b\nendobj\n" % (new + 1, stream(FORGED))
    start, table = len(out), new + 2
    rows = {number: b"\x01%b\x00\x00" % at.to_bytes(4, "big") for number, at in offsets.items()}
    rows[page] = b"\x02%b\x00\x00" % new.to_bytes(4, "big")
    rows[table] = b"\x01%b\x00\x00" % start.to_bytes(4, "big")
    index = b" ".join(b"%d 1" % number for number in sorted(rows))
    content = b"".join(rows[number] for number in sorted(rows))
    out += (
        b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 4 2] /Index [%b] /Root %d 0 R /Prev %d "
        b"/Length %d >>\nstream\n%b\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
        % (table, table + 1, index, seen.root, seen.start, len(content), content, start)
    )
    return around(sealed, bytes(out))


@mutator("technique-2-tail", "pdf", weight=6)
def tail(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """Contents replaced and put back, then bytes behind the end: MuPDF repairs, and shows them."""
    seen = anatomy(sealed.data)
    if not seen.contents:
        return None
    number = random.choice(seen.contents)
    data = increment(sealed.data, {number: stream(FORGED)})
    if random.random() < 0.5:
        return around(sealed, increment(data, {number: seen.bodies[number]}, tail=_tail(random)))
    # Put back by pointing to where the object always was.
    first = next((each.start for each in places(sealed.data) if each.number == number), None)
    if first is None:
        return None
    back = increment(data, {}, offsets={number: first}, tail=_tail(random))
    return around(sealed, back)


def _tail(random: Random) -> bytes:
    count = random.choice((900, 1000, 1005, 1010, 1015, 1024, 1100))
    return random.choice((
        b"\n" * count,
        b"\x00" * count,
        b"\n%" + b"-" * count,
        b" " * count,
        b"\n00000000004 0 obj\n",
        b"\n00000000004 0 obj\n<< >>\nendobj\n",
        *TAILS,
    ))  # fmt: skip


@mutator("technique-3-empty-field", "pdf", weight=6)
def empty_field(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """One more empty signature field, with a box over the text."""
    seen = anatomy(sealed.data)
    if not seen.pages:
        return None
    page, new = random.choice(seen.pages), seen.size
    field = (
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Other%d) /F %d /Rect [%b] /P %d 0 R %b >>"
    )
    box = random.choice((b"20 100 180 180", b"20 100 180 180", b"0 0 0 0", b"10 10 390 290"))
    look = random.choice((b"", b"", b"/MK << /BG [1 0 0] >>", b"/AP << /N %d 0 R >>" % (new + 1)))
    objects = {
        page: annotated(random, seen.bodies[page], new),
        new: field % (new, random.choice((4, 132)), box, page, look),
        new + 1: form(b"", box=b"0 0 1 1"),
    }
    if not look.startswith(b"/AP"):
        del objects[new + 1]
    form_body = seen.bodies[seen.form]
    objects[seen.form] = listed(form_body, b"Fields", b"%d 0 R" % new, last=random.random() < 0.7)
    return around(sealed, increment(sealed.data, objects, style=random.choice(STYLES[:2])))


@mutator("technique-4-named-object", "pdf", weight=6, carriers=("names", "info", "fields"))
def named_object(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """Contents that the original also names as certificate, metadata, information, fields."""
    seen = anatomy(sealed.data)
    if not seen.contents:
        return None
    number = random.choice(seen.contents)
    old = seen.bodies[number]
    new = stream(FORGED)
    if random.random() < 0.5:
        # Of equal length, as if it were the same thing written again.
        room = max(0, len(old) - len(new))
        new = stream(FORGED + b" " * room)
    root = changed(seen.bodies[seen.root], b"Odd", b"1")
    extra = random.choice(({}, {seen.root: root}, {seen.root: seen.bodies[seen.root]}))
    style = random.choice(STYLES[:2])
    return around(sealed, increment(sealed.data, {number: new} | extra, style=style))


@mutator("technique-5-length", "pdf", weight=6, carriers=("linearized",))
def length(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """The file gets the length that its linearization dictionary foretold."""
    at = sealed.data.find(b"/L ", 0, 2048)
    if at < 0 or b"/Linearized" not in sealed.data[:2048]:
        return None
    wanted = int(sealed.data[at + 3 : at + 15].split(b"/")[0].split()[0])
    room = wanted - len(sealed.data)
    if room < 0:
        return None
    if room < 200 or random.random() < 0.3:
        return around(sealed, sealed.data + random.choice((b"\n", b"\x00", b" ", b"%")) * room)
    # A revision with an object that nobody looks at, as large as it takes.
    number, data, size = anatomy(sealed.data).size, sealed.data, max(1, room - 200)
    for _ in range(4):
        data = increment(sealed.data, {number: stream(b"0" * size)})
        size += wanted - len(data)
    return around(sealed, data)


@mutator("technique-6-searched", "pdf", weight=6, carriers=("no-object", "page-metadata"))
def searched(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """A reference to nothing makes a reader search the file: it takes what lies last."""
    seen = anatomy(sealed.data)
    if not seen.contents:
        return None
    number = random.choice(seen.contents)
    data = increment(sealed.data, {number: stream(FORGED)}, style=random.choice(STYLES[:2]))
    first = [each.start for each in places(sealed.data) if each.number == number]
    if not first or random.random() < 0.5:
        return around(sealed, increment(data, {number: seen.bodies[number]}))
    return around(sealed, increment(data, {}, offsets={number: first[-1]}))


@mutator("technique-7-unmatched", "pdf", weight=4)
def unmatched(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """Objects spelled so that a simple walk does not match them."""
    seen = anatomy(sealed.data)
    if not seen.contents:
        return None
    number = random.choice(seen.contents)
    spaced = stream(FORGED).replace(b">>\nstream\n", random.choice((
        b">>\nstream \n", b">>stream\n", b">>%x\nstream\r\n", b">>\n\nstream\n",
    )))  # fmt: skip
    nested = b"<< /Odd %b " % (b"(" * 5 + b"x" + b")" * 5)
    body = spaced.replace(b"<<", nested, 1) if random.random() < 0.5 else spaced
    data = increment(sealed.data, {number: body}, style=random.choice(STYLES[:2]))
    if random.random() < 0.5:
        data = data.replace(b"\n%d 0 obj\n" % number, b"\n%d  0\tobj " % number)
    return around(sealed, data)
