"""Type 1 programs are written anew, in one form."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest

from eseal.documents.pdf.meaning.desk.desk import Allowance
from eseal.documents.pdf.meaning.resources.fonts import cipher, type1
from eseal.documents.pdf.meaning.resources.fonts.cipher import GLYPH, PROGRAM, Cipher
from eseal.documents.pdf.readying.hidden import hazards_left
from eseal.documents.viewer.glyphs import Names, Pair, unlike
from tests.odd import originals
from tests.odd.fonts import DIGITS, ROMAN, WIN, simple
from tests.odd.outlined import CALL, RETURN, WIDTH, accented, odd
from tests.odd.type1 import box, number
from tests.odd.type1 import type1 as made
from tests.odd.words import BEGIN, FIRST, reworded
from tests.unit.documents.pdf.meaning.made import meaning
from tests.unit.documents.pdf.workshop import sealed

ENCODED = [(49, "one"), (200, "two")]
USUAL = made(DIGITS, ENCODED)
OF_TYPE1 = {"flags": ROMAN, "encoding": WIN, "subtype": b"/Type1", "key": b"/FontFile"}
HINTS = b"/StdHW [31.50] def /StemSnapV [ 60 75 ]def /BlueScale .039625 def /ForceBold true def"
NO_BLUES = b"/BlueValues [] def"


def read(program: bytes) -> type1.Program:
    found = type1.read(program, Allowance(100_000))
    assert found is not None
    return found


def parts(program: bytes) -> tuple[bytes, bytes]:
    """What is not encrypted, and the rest."""
    clear, rest = program.split(BEGIN, 1)
    return clear, Cipher().decrypted(rest[:-532], PROGRAM)


def opened(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(data))


@pytest.mark.parametrize(
    "program",
    [
        reworded(FIRST, b"%!FontType1", USUAL),
        reworded(b"/FullName (Digits)", b"/Weight (Bold) readonly def /UniqueID 5", USUAL),
        reworded(b"/PaintType 0", b"/PaintType 2 def /StrokeWidth 40", USUAL),
        reworded(
            b"/FontMatrix [0.001 0 0 0.001 0 0]", b"/FontMatrix{0.0010 0.0 0 0.001 0 0.0}", USUAL
        ),
        reworded(b"{0 0 500 700}", b"[ 0 -0 500.0 0700 ]", USUAL),
        reworded(b"dup 49 /one put\ndup 200 /two put", b"dup 200/two put dup 49 /one put", USUAL),
        reworded(b"/password", b"/OtherSubrs [{}{}{}{}] def /Erode {pop} def /password", USUAL),
        reworded(b"closefile\n", b"closefile 1 2 add pop", USUAL),
        made(DIGITS, ENCODED, private=b"/Subrs 1 array\ndup 0 5 RD \x10\xbf1p\xf9 NP\nND\n"),
        made(DIGITS, ENCODED, private=b"/lenIV 4 def /ExpansionFactor 0.06 def"),
        made(DIGITS, ENCODED, count=300),
        USUAL[: -len(b"cleartomark\n")] + b"cleartomark{restore}if\n",
    ],
)
def test_what_says_the_same_becomes_the_same(program):
    assert program != USUAL
    assert read(program).anew == read(USUAL).anew


@pytest.mark.parametrize(
    "program",
    [
        USUAL,
        made(DIGITS, private=HINTS),
        odd(number(2) + CALL, RETURN, RETURN, box(300)[len(WIDTH) : -1] + RETURN),
        odd(b"", one=accented(50, 51, across=100)),
        odd(b"\x18", two=accented(49, 51)),
        made([f"g{at}" for at in range(300)]),
    ],
)
def test_it_is_its_own_form_and_looks_alike(program):
    first = read(program)
    again = read(first.anew)
    assert again.anew == first.anew
    assert (again.glyphs, again.codes, again.unclear) == (
        first.glyphs - first.unclear,
        first.codes,
        frozenset(),
    )
    lengths = type1.lengths(first.anew)
    assert lengths is not None
    assert sum(lengths) == len(first.anew)
    assert lengths[2] == 532
    names = [".notdef", *sorted(again.glyphs)]
    others = {*range(256)} - again.codes.keys()
    shown = Names(names, ["A", "space"], [*again.codes], others)
    assert unlike([Pair(program, first.anew, names=shown)]) == []


def test_hints_are_kept_if_they_are_plain():
    _, text = parts(read(made(DIGITS, private=HINTS)).anew)
    kept = (
        b"/BlueValues [] def\n/StdHW [31.5] def\n/StemSnapV [60 75] def\n/BlueScale 0.039625 def\n"
    )
    assert b"/password 5839 def\n" + kept + b"2 index /CharStrings" in text


@pytest.mark.parametrize(
    "hint",
    [
        b"[1 2 3] def",
        b"[" + b"1 " * 16 + b"] def",
        b"[10#1 2] def",
        b"[1 2 add 2] def",
        b"{1 2} def",
        b"[100000 1] def",
        b"3 def",
    ],
)
def test_others_go(hint):
    program = reworded(NO_BLUES, b"/BlueValues " + hint, USUAL)
    assert read(program).anew == read(USUAL).anew


def test_a_box_and_a_name_that_are_none_go():
    program = reworded(b"/FontBBox {0 0 500 700}", b"/FontBBox {0 0 5E2 700}", USUAL)
    assert b"\n/FontBBox {0 0 0 0} readonly def\n" in read(program).anew
    program = reworded(b"/FontName /Digits", b"/FontName (Digits) cvn", USUAL)
    assert b"\n/FontName /Font def\n" in read(program).anew


def test_what_is_not_clear_goes():
    found = read(odd(b"\x18", RETURN, two=accented(49, 51)))
    assert found.unclear == {"one", "two"}
    clear, text = parts(found.anew)
    assert b"/one" not in clear + text
    assert b"/Subrs" not in text


def test_subroutines_that_nothing_calls_do_nothing():
    called = box(300)[len(WIDTH) : -1] + RETURN
    _, text = parts(read(odd(number(2) + CALL, b"\x18", b"\x18", called)).anew)
    nothing = Cipher().encrypted(RETURN, GLYPH)
    filled = b"".join(b"dup %d 5 RD %b NP\n" % (at, nothing) for at in range(2))
    assert b"/Subrs 3 array\n" + filled + b"dup 2 " in text


def test_what_is_not_drawn_must_be_clear():
    broken = made(DIGITS, drawn={".notdef": WIDTH + b"\x18\x0e"})
    assert type1.read(broken, Allowance(100_000)) is None


@pytest.mark.parametrize("name", ["caf\xe9", "a\x01", "n" * 127])
def test_odd_names_are_not_clear(name):
    found = read(reworded(b"/one ", b"/%b " % name.encode("latin-1")))
    assert found.unclear == {name}


def test_codes_beyond_a_byte_are_not_known():
    assert read(made(DIGITS, [(256, "one")])).codes is None


def test_a_program_that_grows_beyond_what_is_read_is_refused(monkeypatch):
    monkeypatch.setattr(type1, "MAX_BYTES", len(read(USUAL).anew) - 1)
    assert type1.read(USUAL, Allowance(100_000)) is None


def test_what_is_known_is_not_encrypted_again(monkeypatch):
    known = Cipher()
    data = known.encrypted(b"text", PROGRAM)
    assert known.decrypted(data, PROGRAM) == b"text"
    monkeypatch.setattr(cipher, "_TIMES", 0)
    assert known.encrypted(b"text", PROGRAM) == data
    assert known.encrypted(b"text", GLYPH) != data


def test_what_is_sealed_has_programs_written_anew(options):
    document = simple(USUAL, **OF_TYPE1)
    with opened(document) as pdf:
        found = meaning(pdf)
        assert (found.hazards, found.settled, found.touched) == ((), (), frozenset())
        assert [each.still for each in found.programs] == [read(USUAL).anew]
        found.still()
        assert meaning(pdf).programs == ()
    once = sealed(document, options)
    with opened(once) as pdf:
        (program,) = (each.FontFile for each in pdf.objects if _has_program(each))
        assert program.read_bytes() == read(USUAL).anew
        told = [program[f"/Length{part}"] for part in (1, 2, 3)]
        assert told == [*type1.lengths(program.read_bytes())]
    assert hazards_left(once) == ()


def test_a_verifier_misses_it(options):
    sealed_as_is = sealed(simple(USUAL, **OF_TYPE1), options)
    with opened(sealed_as_is) as pdf:
        (descriptor,) = (each for each in pdf.objects if _has_program(each))
        descriptor.FontFile.write(USUAL)
        out = BytesIO()
        pdf.save(out)
    assert "lacks what this service puts in order" in str(hazards_left(out.getvalue())[0])


@pytest.mark.parametrize("word", [*originals("words")], ids=lambda word: word.name)
def test_what_a_word_hides_is_refused_or_the_word_goes(word):
    with opened(word.pdf) as pdf:
        found = meaning(pdf)
    if "end" in word.name:  # some find more glyphs
        assert "has no one glyph for code" in str(found.hazards[0])
    elif found.hazards:
        assert "has a program that is read in two ways" in str(found.hazards[0])
    else:
        assert [each.still for each in found.programs] == [read(made(DIGITS)).anew]


def test_a_program_that_cannot_be_opened_is_refused():
    flat = reworded(b"0 0.001 0 0]", b"0 0.0000000001 0 0]")
    with opened(simple(flat, **OF_TYPE1)) as pdf:
        (hazard,) = meaning(pdf).hazards
    assert "has a broken program: it cannot be opened" in str(hazard)


def _has_program(each: pikepdf.Object) -> bool:
    return isinstance(each, pikepdf.Dictionary) and "/FontFile" in each
