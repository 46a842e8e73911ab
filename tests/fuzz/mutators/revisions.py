"""Increments behind a sealed PDF: what a forger appends, grammatically."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from tests.fuzz.bed import Sealed
from tests.fuzz.law import Mutant
from tests.fuzz.mutators import Pool, mutator
from tests.fuzz.mutators.plain import around
from tests.fuzz.pdf_parts import STYLES, Anatomy, anatomy, changed, increment, listed
from tests.odd.pdf import form, stream

FORGED = b"0 g 20 170 160 12 re f 1 0 0 rg 10 20 150 120 re f"
"""What the forger wants to be seen: hard to overlook."""

Objects = dict[int, bytes]


def forged_contents(random: Random, seen: Anatomy) -> Objects:
    """A page shows something else."""
    return {random.choice(seen.contents): stream(FORGED)}


def forged_page(random: Random, seen: Anatomy) -> Objects:
    """A page takes its contents from elsewhere."""
    page = random.choice(seen.pages)
    body = changed(seen.bodies[page], b"Contents", b"%d 0 R" % seen.size)
    return {page: body, seen.size: stream(FORGED)}


def forged_box(random: Random, seen: Anatomy) -> Objects:
    page = random.choice(seen.pages)
    key = random.choice((b"MediaBox", b"CropBox", b"Rotate", b"UserUnit"))
    value = {b"Rotate": b"90", b"UserUnit": b"2"}.get(key, b"[0 0 150 150]")
    return {page: changed(seen.bodies[page], key, value)}


def forged_annotation(random: Random, seen: Anatomy) -> Objects:
    """Something lies over the page."""
    page = random.choice(seen.pages)
    kind = random.choice((b"Stamp", b"Square /IC [1 0 0]", b"FreeText /Contents (9)", b"Link",
                          b"Widget /FT /Tx /T (x) /V (9)", b"Popup", b"Redact"))  # fmt: skip
    look = b"/AP << /N %d 0 R >>" % (seen.size + 1) if random.random() < 0.7 else b""
    mark = b"<< /Type /Annot /Subtype /%b /Rect [20 40 150 150] /F 4 %b >>" % (kind, look)
    return {
        page: annotated(random, seen.bodies[page], seen.size),
        seen.size: mark,
        seen.size + 1: form(b"1 0 0 rg 0 0 200 200 re f", box=b"0 0 130 110"),
    }


def annotated(random: Random, page: bytes, number: int) -> bytes:
    """A page with one more annotation, on top of the others or below them."""
    item = b"%d 0 R" % number
    body = listed(page, b"Annots", item, last=random.random() < 0.7)
    return changed(page, b"Annots", b"[%b]" % item) if body == page else body


def forged_look(random: Random, seen: Anatomy) -> Objects:
    """A field, or the impression of the seal, looks different."""
    return {random.choice(seen.looks): form(b"1 0 0 rg 0 0 200 200 re f", box=b"0 0 100 100")}


def forged_value(random: Random, seen: Anatomy) -> Objects:
    field = random.choice(seen.fields)
    key = random.choice((b"V", b"AS", b"T", b"Ff", b"F", b"Rect", b"AP"))
    value = {b"V": b"(999)", b"AS": b"/Off", b"T": b"(other)", b"Ff": b"1", b"F": b"2",
             b"Rect": b"[0 0 300 300]", b"AP": b"<< >>"}[key]  # fmt: skip
    return {field: changed(seen.bodies[field], key, value)}


def forged_catalog(random: Random, seen: Anatomy) -> Objects:
    """The catalog says something new."""
    body, new = seen.bodies[seen.root], seen.size
    entry, more = random.choice((
        (b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>", {}),
        (b"/Collection << /View /H /D (x) >>", {}),
        (b"/OCProperties << /OCGs [] /D << >> >>", {}),
        (b"/Names << /EmbeddedFiles << /Names [(x) %d 0 R] >> >>" % new,
         {new: b"<< /Type /Filespec /F (x) /EF << /F %d 0 R >> >>" % (new + 1),
          new + 1: stream(b"other terms", b"/Type /EmbeddedFile")}),
        (b"/Metadata %d 0 R" % new, {new: stream(b"<x/>", b"/Type /Metadata /Subtype /XML")}),
        (b"/DSS << /Certs [%d 0 R] >>" % new, {new: stream(b"0\x03\x02\x01\x01")}),
        (b"/AcroForm << /Fields [] /NeedAppearances true >>", {}),
        (b"/PageLabels << /Nums [0 << /P (x) >>] >>", {}),
        (b"/Version /1.3", {}),
        (b"/Extensions << >>", {}),
        (b"/Perms << >>", {}),
    ))  # fmt: skip
    key = entry[1:].split(b" ", 1)[0]
    inside = body.replace(b"/" + key, b"/Old" + key)
    return {seen.root: inside.replace(b"<<", b"<< " + entry, 1)} | more


def forged_tree(random: Random, seen: Anatomy) -> Objects:
    """Another page tree under a new catalog entry, or no pages but one."""
    new = seen.size
    root = changed(seen.bodies[seen.root], b"Pages", b"%d 0 R" % new)
    page = random.choice((b"%d 0 R" % random.choice(seen.pages), b"%d 0 R" % (new + 1)))
    return {
        seen.root: root,
        new: b"<< /Type /Pages /Kids [%b] /Count 1 >>" % page,
        new + 1: b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 300 300] /Contents %d 0 R >>"
        % (new, new + 2),
        new + 2: stream(FORGED),
    }


def harmless(random: Random, seen: Anatomy) -> Objects:
    """Nothing that shows: an unused object, or one written again."""
    if random.random() < 0.5:
        return {seen.size: random.choice((b"null", b"<< >>", b"(x)", stream(FORGED)))}
    number = random.choice(tuple(seen.bodies))
    return {number: seen.bodies[number]}


FORGERIES: dict[str, Callable[[Random, Anatomy], Objects]] = {
    "contents": forged_contents,
    "page": forged_page,
    "box": forged_box,
    "annotation": forged_annotation,
    "look": forged_look,
    "value": forged_value,
    "catalog": forged_catalog,
    "tree": forged_tree,
    "harmless": harmless,
}
RANGE = re.compile(rb"/ByteRange ?\[ ?(\d+) (\d+) (\d+) (\d+)\s*\]")
"""What a signature covers: from, length, from, length."""

NEEDS = {"contents": "contents", "look": "looks", "value": "fields"}
"""What a document must have for a forgery; all need pages."""

TAILS = (
    b"",
    b"\n",
    b"\r\n",
    b"\n" * 1010,
    b"\x00" * 1010,
    b"\n%" + b"x" * 1010,
    b"\n" * 1025,
    b"\n00000000004 0 obj\n",
    b"\n%%EOF\n",
)
"""Ends of a file behind which some readers give up the table and search instead."""


def forgery(random: Random, data: bytes) -> Objects | None:
    """Some objects that a forger wants to be seen; ``None`` if the document cannot have them."""
    seen = anatomy(data)
    fitting = [name for name in FORGERIES if not (attr := NEEDS.get(name)) or getattr(seen, attr)]
    if not seen.pages:
        return None
    return FORGERIES[random.choice(fitting)](random, seen)


@mutator("revision", "pdf", weight=30)
def revision(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """One increment, or several."""
    data = sealed.data
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        objects = forgery(random, data)
        if objects is None:
            return None
        data = increment(data, objects, style=random.choice(STYLES), tail=random.choice(TAILS))
    return around(sealed, data)


@mutator("revision-undone", "pdf", weight=20)
def undone(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """An increment, and one that takes it back: who searches finds the first."""
    objects = forgery(random, sealed.data)
    if objects is None:
        return None
    seen = anatomy(sealed.data)
    data = increment(sealed.data, objects, style=random.choice(STYLES))
    back = {number: seen.bodies[number] for number in objects if number in seen.bodies}
    new = [number for number in objects if number not in seen.bodies]
    data = increment(data, back, style=random.choice(STYLES), free=new, tail=random.choice(TAILS))
    return around(sealed, data)


@mutator("revision-skipped", "pdf", weight=12)
def skipped(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """Objects lie in the file, but no table names them; or the next table passes them over."""
    objects = forgery(random, sealed.data)
    if objects is None:
        return None
    loose = b"".join(b"%d 0 obj\n%b\nendobj\n" % pair for pair in objects.items())
    if random.random() < 0.5:
        return around(sealed, sealed.data + loose + random.choice(TAILS))
    seen = anatomy(sealed.data)
    data = increment(
        sealed.data + loose,
        {},
        offsets={},
        previous=seen.start,
        style=random.choice(("table", "stream")),
        tail=random.choice(TAILS),
    )
    return around(sealed, data)


@mutator("revision-freed", "pdf", weight=4)
def freed(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """Objects stand for nothing any more."""
    seen = anatomy(sealed.data)
    if not seen.bodies:
        return None
    gone = random.choice(tuple(seen.bodies))
    return around(sealed, increment(sealed.data, {}, free=[gone], style=random.choice(STYLES[:2])))


@mutator("revision-in-gap", "pdf", weight=4)
def before_the_tail(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """Objects right behind the sealed revision, before what the service added itself."""
    ends = [at for at in range(len(sealed.data)) if sealed.data.startswith(b"%%EOF", at)]
    objects = forgery(random, sealed.data)
    if objects is None or not ends:
        return None
    at = random.choice(ends) + 6
    loose = b"".join(b"%d 0 obj\n%b\nendobj\n" % pair for pair in objects.items())
    return around(sealed, sealed.data[:at] + loose + sealed.data[at:])


@mutator("tail-of-another", "pdf", weight=4)
def tail_of_another(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """What the service appended to one file stands behind another."""
    other = random.choice([each for each in pool if each.kind == "pdf"]).data
    mine, theirs = (_revisions(data) for data in (sealed.data, other))
    return around(sealed, sealed.data[: random.choice(mine)] + other[random.choice(theirs) :])


@mutator("back-to-a-revision", "pdf", weight=4)
def back(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    """The file as it was after an earlier revision: no accusation while a seal is in it."""
    end = random.choice(_revisions(sealed.data))
    first = min((int(m[3]) + int(m[4]) for m in RANGE.finditer(sealed.data)), default=0)
    return around(sealed, sealed.data[:end], unsigned=0 < first <= end)


def _revisions(data: bytes) -> list[int]:
    """Where revisions end."""
    parts = data.split(b"%%EOF\n")
    ends, at = [], 0
    for part in parts[:-1]:
        at += len(part) + 6
        ends.append(at)
    return ends or [len(data)]
