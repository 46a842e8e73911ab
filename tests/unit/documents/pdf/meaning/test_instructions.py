"""Instructions of TrueType programs: none can run in what is sealed."""

from __future__ import annotations

import struct
from io import BytesIO

import pikepdf
import pytest

from eseal.documents.pdf.meaning.resources.fonts import instructions, sfnt
from eseal.documents.pdf.readying.flattening import flatten
from eseal.documents.pdf.readying.hidden import hazards_left
from tests.artwork import by_pdfium
from tests.odd import hints
from tests.odd.fonts import ROMAN, WIN, composite, open_type, plain, saved, simple
from tests.odd.pdf import stream
from tests.odd.reach import OF_CFF
from tests.unhinted import programs
from tests.unit.documents.pdf.meaning.made import meaning, refused
from tests.unit.documents.pdf.workshop import sealed

PREP = bytes.fromhex("b101018e")
HINTED = hints.moving(hints.up)
QUIET = hints.moving(lambda _: hints.NOTHING, prep=hints.NOTHING)
"""Instructions that change nothing."""
LATIN = {"flags": ROMAN, "encoding": WIN}


def opened(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(data))


def drawn(program: bytes) -> bytes:
    """An amount as PDFium draws it, small."""
    return by_pdfium(simple(program, **LATIN, show=hints.SMALL), 0, 100).tobytes()


@pytest.mark.parametrize(
    "program",
    [
        HINTED,
        hints.moving(hints.up, prep=hints.NOTHING),
        hints.moving(hints.aside, prep=hints.NATIVE),
        hints.moving(hints.guarded(hints.if_size(64))),
        hints.moving(hints.up, stack=0),
        hints.marked("one"),
    ],
)
def test_nothing_runs(program):
    assert drawn(program) != drawn(plain()) == drawn(sfnt.without_instructions(program))


def test_what_is_left_of_a_program():
    font = hints.hinted({"one": lambda _: hints.NOTHING}, prep=hints.NOTHING, fpgm=hints.NOTHING)
    for tag in ("cvt ", "hdmx", "VDMX", "LTSH", "kern", "EBDT", "fvar", "Silf"):
        font[tag] = hints.newTable("none")
        font[tag].data = b"1234"
    still = sfnt.without_instructions(saved(font))
    before, after = sfnt.read(saved(font)), sfnt.read(still)
    assert after[b"prep"] == (int.from_bytes(PREP, "big"), PREP)
    gone = {b"fpgm", b"cvt ", b"hdmx", b"VDMX", b"LTSH", b"kern", b"EBDT", b"fvar", b"Silf"}
    assert before.keys() - after.keys() == gone
    assert all(after[tag] == before[tag] for tag in after.keys() - {b"prep"})
    assert sfnt.without_instructions(still) == still
    assert list(sfnt.instructed(saved(font))) == [2]


def test_a_stack_has_room_for_what_is_left():
    still = sfnt.read(sfnt.without_instructions(hints.moving(hints.up, stack=0)))
    checksum, table = still[b"maxp"]
    assert struct.unpack_from(">H", table, 24) == (2,)
    assert checksum == sfnt.checksum(table)


def test_what_is_left_of_one_with_other_outlines():
    tables = sfnt.read(open_type())
    beside = dict.fromkeys((b"SVG ", b"GPOS", b"VORG", b"EBDT", b"loca", b"prep"), (0, b"1234"))
    odd = sfnt.written(b"OTTO", tables | beside)
    usual = sfnt.without_instructions(odd)
    assert sfnt.read(usual) == tables
    assert sfnt.without_instructions(usual) == usual
    for outlines in (b"glyf", b"CFF2"):
        with pytest.raises(struct.error, match="other outlines"):
            sfnt.without_instructions(sfnt.written(b"OTTO", tables | {outlines: (0, b"")}))
    document = composite(odd, file_entries=b"/Subtype /OpenType", **OF_CFF)
    with opened(document) as pdf:
        found = meaning(pdf)
        assert found.hazards == ()
        assert [each.still for each in found.programs] == [usual]
        assert {*found.programs[0].made.keys()} == {"/Filter", "/Subtype"}
        found.still()
        assert meaning(pdf).programs == ()


@pytest.mark.parametrize("document", [simple(QUIET, **LATIN), composite(QUIET)])
def test_instructions_that_change_nothing_are_taken_out(document, options):
    with opened(document) as pdf:
        found = meaning(pdf)
        assert (found.hazards, found.settled, found.touched) == ((), (), frozenset())
        assert [each.still for each in found.programs] == [sfnt.without_instructions(QUIET)]
        found.still()
        assert meaning(pdf).programs == ()
    made = sealed(document, options)
    with opened(made) as pdf:
        (program,) = programs(pdf)
        assert program.read_bytes() == sfnt.without_instructions(QUIET)
        assert program.Length1 == len(program.read_bytes())
    assert hazards_left(made) == ()


@pytest.mark.parametrize(
    "name",
    ["up", "aside", "called", "at-64", "no-stack", "after-one", "composite", "opentype", "shared"],
)
def test_instructions_that_change_what_is_shown_are_refused_or_become_a_picture(name):
    (odd,) = [each for each in hints.instructions() if each.name == name]
    with opened(odd.pdf) as pdf:
        (hazard,) = meaning(pdf).hazards
    assert (hazard.code, hazard.page) == ("unclear_font", 0)
    assert "instructions that change what it shows" in str(hazard)
    with opened(flatten(odd.pdf)) as copy:
        assert programs(copy) == []
        (picture,) = copy.pages[0].obj.Resources.XObject.values()
        assert picture.Subtype == "/Image"


@pytest.mark.parametrize("name", ["collection", "two-outlines", "table-twice", "table-cut"])
def test_programs_that_may_be_read_in_two_ways_are_refused(name):
    (odd,) = [each for each in hints.instructions() if each.name == name]
    with opened(odd.pdf) as pdf:
        assert refused(pdf) == {"unclear_font"}


@pytest.mark.parametrize(
    "kind", [b"ttcf", b"typ1", b"wOFF", b"wOF2", b"\0\2\0\0", b"\0\0\1\0", b""]
)
def test_rare_kinds_of_programs_are_refused(kind):
    with opened(composite(kind + HINTED[4:] if kind else b"")) as pdf:
        assert refused(pdf) == {"unclear_font"}


def test_a_program_that_two_fonts_share_is_looked_at_once():
    (odd,) = [each for each in hints.instructions() if each.name == "shared"]
    with opened(odd.pdf.replace(b"1234", b"1211")) as pdf:
        assert len(meaning(pdf).programs) == 1


@pytest.mark.parametrize(
    ("text", "expected"), [(b"<00020003>", set()), (b"<00020005>", {"unclear_font"})]
)
def test_of_many_glyphs_those_that_are_shown_count(monkeypatch, text, expected):
    monkeypatch.setattr(instructions, "_MANY", 1)
    shuffled = b"".join(value.to_bytes(2, "big") for value in (0, 1, 2, 3, 3, 5))
    with opened(composite(HINTED, show=text)) as pdf:
        assert refused(pdf) == expected
    there = {"cid_entries": b"/CIDToGIDMap 9 0 R", "more": {9: stream(shuffled)}}
    with opened(composite(HINTED, show=text, **there)) as pdf:
        assert refused(pdf) == expected
    with opened(simple(HINTED, **LATIN)) as pdf:
        assert refused(pdf) == {"unclear_font"}


def test_too_many_glyphs_are_not_looked_at(monkeypatch):
    monkeypatch.setattr(instructions, "_MOST", 1)
    with opened(simple(QUIET, **LATIN)) as pdf:
        assert refused(pdf) == {"unclear_font"}
