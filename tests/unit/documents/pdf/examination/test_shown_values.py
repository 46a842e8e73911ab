"""Fields of text show what they hold, no less and no more, to eyes."""

from __future__ import annotations

import time
from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from eseal.documents.pdf.examination import shown_values
from eseal.documents.pdf.examination.examining import examine
from eseal.documents.pdf.examination.shown_values import says
from eseal.documents.pdf.opening.opening import open_document
from eseal.documents.viewer import fields
from eseal.errors import TooLargeError

LATIN = {"Encoding": Name.WinAnsiEncoding}
SAYS_NINE = {
    "Encoding": Dictionary(BaseEncoding=Name.WinAnsiEncoding, Differences=Array([49, Name.nine]))
}
NINE_FOR_ONE = (
    b"begincmap 1 begincodespacerange <00> <ff> endcodespacerange "
    b"2 beginbfchar <39> <0031> <30> <0030> endbfchar endcmap"
)
MAPPED = {"font": LATIN | {"ToUnicode": String(NINE_FOR_ONE.decode())}}
AT_ORIGIN = {"widget": {"/Rect": [0, 0, 100, 20]}}
"""Where PDFium knows the place of a text that is told instead of another."""
BEHIND = b" q 1 g %b re f Q"


def text(drawn: bytes) -> bytes:
    """The look of a field, as Acrobat writes it."""
    return b"/Tx BMC q 1 1 98 18 re W n BT /Helv 12 Tf 0 g 2 5 Td %b ET Q EMC" % drawn


def document(held, look, *, printed=b"", font=None, page=None, widget=None, times=1):
    """A page with a field that holds one text and draws another."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(200, 100))
    made = pdf.pages[0].obj
    base = {"Type": Name.Font, "Subtype": Name.Type1, "BaseFont": Name.Helvetica}
    latin = Dictionary(Helv=pdf.make_indirect(Dictionary(**base, **LATIN)))
    made.Resources = Dictionary(Font=latin)
    made.Contents = pdf.make_stream(printed)
    own = Dictionary(Helv=pdf.make_indirect(Dictionary(**(base | (font or LATIN)))))
    if own.Helv.get("/ToUnicode"):
        own.Helv.ToUnicode = pdf.make_stream(bytes(own.Helv.ToUnicode))
    entries = {"Type": Name.XObject, "Subtype": Name.Form, "BBox": [0, 0, 100, 20]}
    drawn = pdf.make_stream(look, **entries, Resources=Dictionary(Font=own))
    made.Annots = Array()
    for number in range(times):
        field = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String(f"amount {number}"),
            V=String(held), F=4, Rect=[80, 55, 180, 75], AP=Dictionary(N=drawn),
        )  # fmt: skip
        for key, value in (widget or {}).items():
            field[key] = value
        made.Annots.append(pdf.make_indirect(field))
    for key, value in (page or {}).items():
        made[f"/{key}"] = value
    pdf.Root.AcroForm = Dictionary(Fields=made.Annots)
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


def found(*given, **more) -> set[str]:
    with open_document(document(*given, **more)) as opened:
        return {hazard.code.value for hazard in examine(opened)}


DIFFERS = {"field_value_differs"}

SAME = {
    "plain": ("100", text(b"(100) Tj")),
    "nothing": ("", b""),
    "in parts": ("19", text(b"(1) Tj 10 0 Td (9) Tj")),
    "the last part first": ("19", text(b"20 0 Td (9) Tj -20 0 Td (1) Tj")),
    "spaced": ("19", text(b"[(1) -2000 (9)] TJ")),
    "grey": ("100", text(b"0.9 g (100) Tj")),
    "outlined": ("100", text(b"1 Tr (100) Tj")),
    "white on black": ("100", b"0 g 0 0 100 20 re f " + text(b"1 g (100) Tj")),
    "under a frame": ("100", text(b"(100) Tj") + b" q 0 G 0.5 0.5 99 19 re S Q"),
    "two lines": ("ab\rcd", text(b"/Helv 8 Tf 0 5 Td (ab) Tj 0 -9 Td (cd) Tj")),
    "two lines, the last first": ("ab\rcd", text(b"/Helv 8 Tf (cd) Tj 0 8 Td (ab) Tj")),
    "superscript": ("m2", text(b"(m) Tj /Helv 6 Tf 5 Ts (2) Tj")),
    "a number with points": ("1,000.00", text(b"(1,000.00) Tj")),
    "a number in groups": ("1000", text(b"(1,000) Tj")),
    "a number in groups of three": ("1000", text(b"(1 000) Tj")),
    "digits in groups of three": ("1 000 000", text(b"(1000000) Tj")),
    "in boxes": ("1051", text(b"(1) Tj 17 0 Td (0) Tj 17 0 Td (5) Tj 17 0 Td (1) Tj")),
    "two numbers": ("10 5", text(b"(10 5) Tj")),
    "two numbers, two lines": (
        "10 5", text(b"/Helv 8 Tf 0 5 Td (10) Tj 0 -9 Td (5) Tj")
    ),
    "an amount of money": ("1000", text(b"($ 1,000) Tj")),
    "upwards": ("19", b"BT 0 1 -1 0 20 2 Tm /Helv 9 Tf (1) Tj (9) Tj ET"),
    "upside down, as none can mistake": (
        "Total 19", b"BT -1 0 0 -1 90 15 Tm /Helv 12 Tf (Total 19) Tj ET"
    ),
    "another font": ("900", text(b"(100) Tj"), {"font": SAYS_NINE}),
    "whatever is told": (
        "100", text(b"/Span << /ActualText (900) >> BDC (100) Tj EMC"), AT_ORIGIN
    ),
    "letters that lean into others": (
        "ffj,7", text(b"(ffj,7) Tj"), {"font": LATIN | {"BaseFont": Name("/Times-BoldItalic")}}
    ),
    "over something printed": (
        "17", text(b"(17) Tj"), {"printed": b"BT /Helv 12 Tf 120 60 Td (5) Tj ET"}
    ),
    "on a page that lies": ("19", b"BT 0 1 -1 0 20 2 Tm /Helv 9 Tf (19) Tj ET",
                            {"page": {"Rotate": 90}}),
}  # fmt: skip

OTHER = {
    "less": ("1000", text(b"(100) Tj")),
    "more": ("100", text(b"(1000) Tj")),
    "nothing": ("100", b""),
    "another sign": ("-100", text(b"(100) Tj")),
    "a point elsewhere": ("10.00", text(b"(1.000) Tj")),
    "a point for groups": ("1000", text(b"(1.000) Tj")),
    "two numbers in one": ("10 5", text(b"(105) Tj")),
    "two lines in one": ("10\r5", text(b"(105) Tj")),
    "two words in one": ("10;5", text(b"(105) Tj")),
    "one number in two": ("105", text(b"(10 5) Tj")),
    "one number in two lines": ("105", text(b"/Helv 8 Tf 0 5 Td (10) Tj 0 -9 Td (5) Tj")),
    "one number, set far apart": ("1051", text(b"(10) Tj 20 0 Td (51) Tj")),
    "one number, with wide letters": (
        "1051", text(b"(1051) Tj"),
        {"font": LATIN | {
            "BaseFont": Name("/Wide"), "FirstChar": 48, "LastChar": 48, "Widths": Array([1500]),
            "FontDescriptor": Dictionary(Type=Name.FontDescriptor, FontName=Name("/Wide"), Flags=32,
                                         MissingWidth=556)}}
    ),
    "a comma for a point": ("1.000", text(b"(1,000) Tj")),
    "another font": ("100", text(b"(100) Tj"), {"font": SAYS_NINE}),
    "the last digit first": ("19", text(b"20 0 Td (1) Tj -20 0 Td (9) Tj")),
    "set back": ("19", text(b"20 0 Td [(1) 2000 (9)] TJ")),
    "set back and up": ("19", text(b"40 0 Td (1) Tj -20 -30 Td 30 Ts (9) Tj")),
    "white": ("100", text(b"(1) Tj 1 g (00) Tj")),
    "clear": ("100", text(b"(1) Tj 3 Tr (00) Tj")),
    "tiny": ("100", text(b"(1) Tj /Helv 0.01 Tf (00) Tj")),
    "small": ("100", text(b"(1) Tj /Helv 2.5 Tf (00) Tj")),
    "off its box": ("100", text(b"(1) Tj 500 0 Td (00) Tj")),
    "off its box in one go": ("100", text(b"[(1) -50000 (00)] TJ")),
    "a point off its box": ("1.000", text(b"(1) Tj 500 0 Td (.) Tj -490 0 Td (000) Tj")),
    "a sign off its box": ("-100", text(b"500 0 Td (-) Tj -500 0 Td (100) Tj")),
    "cut off": ("100", b"q 0 0 9 20 re W n BT /Helv 12 Tf 0 g 2 5 Td (100) Tj ET Q"),
    "cut through": ("18", b"q 0 0 12.5 20 re W n BT /Helv 12 Tf 0 g 2 5 Td (18) Tj ET Q"),
    "covered": ("100", text(b"(100) Tj") + BEHIND % b"9 0 50 20"),
    "half covered": ("18", text(b"(18) Tj") + BEHIND % b"8 0 3.5 20"),
    "a bar taken out": ("18", text(b"(18) Tj") + BEHIND % b"9.7 8.4 4 2.3"),
    "one on another": ("100", text(b"(1) Tj -5 0 Td (0) Tj 7 0 Td (0) Tj")),
    "one in the place of another": ("100", text(b"(1) Tj 0 0 Td (00) Tj")),
    "beneath another": ("100", b"BT /Helv 12 Tf 0 g 2 5 Td (00) Tj /Helv 40 Tf -5 -3 Td (1) Tj ET"),
    "upside down": ("19", b"BT -1 0 0 -1 90 15 Tm /Helv 12 Tf (19) Tj ET"),
    "upside down on its page": ("19", text(b"(19) Tj"), {"page": {"Rotate": 180}}),
    "in a mirror": ("100", b"BT -1 0 0 1 90 5 Tm /Helv 12 Tf (100) Tj ET"),
    "in two directions": ("19", b"BT /Helv 9 Tf 2 5 Td (1) Tj 0 1 -1 0 30 5 Tm (9) Tj ET"),
    "printed beneath only": (
        "9", text(b""), {"printed": b"BT /Helv 12 Tf 120 60 Td (9) Tj ET"}
    ),
    "a letter cut through": ("WI", b"q 0 0 13 20 re W n BT /Helv 12 Tf 2 5 Td (WI) Tj ET Q"),
    "a line cut through": ("8", b"q 0 0 90 10 re W n BT /Helv 12 Tf 2 5 Td (8) Tj ET Q"),
    "told otherwise by a map": ("100", text(b"(900) Tj"), MAPPED),
    "told otherwise in its contents": (
        "100", text(b"/Span << /ActualText (100) >> BDC (900) Tj EMC"), AT_ORIGIN
    ),
    "told otherwise from without": (
        "100", b"/Span << /ActualText (100) >> BDC " + text(b"(900) Tj") + b" EMC", AT_ORIGIN
    ),
    "squeezed": ("100", text(b"(1) Tj 8 Tz (00) Tj")),
    "black on something black": ("100", text(b"(100) Tj"), {"printed": b"87 50 80 30 re f"}),
}  # fmt: skip


@pytest.mark.parametrize("case", SAME)
def test_the_same_is_fine(case):
    held, look, *more = SAME[case]
    assert found(held, look, **(more[0] if more else {})) == set()


@pytest.mark.parametrize("case", OTHER)
def test_another_value_is_found(case):
    held, look, *more = OTHER[case]
    assert found(held, look, **(more[0] if more else {})) == DIFFERS


def test_a_field_that_a_stamp_covers_shows_nothing():
    pdf = pikepdf.open(BytesIO(document("100", text(b"(100) Tj"))))
    cover = pdf.make_stream(b"1 g 0 0 9 9 re f", Type=Name.XObject, Subtype=Name.Form)
    cover.BBox = [0, 0, 9, 9]
    stamp = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, F=4, Rect=[88, 50, 150, 80])
    stamp.AP = Dictionary(N=cover)
    pdf.pages[0].Annots.append(pdf.make_indirect(stamp))
    out = BytesIO()
    pdf.save(out)
    with open_document(out.getvalue()) as opened:
        assert {hazard.code.value for hazard in examine(opened)} >= DIFFERS


@pytest.mark.parametrize("widget", [{"/Ff": 1 << 13}, {"/FT": Name.Ch}])
def test_a_list_and_a_password_show_what_they_hold(widget):
    """Others become pictures before they are looked at."""
    assert found("100", text(b"(900) Tj"), widget=widget) == DIFFERS
    assert found("100", text(b"(100) Tj"), widget=widget) == set()


def test_looking_at_letters_is_counted():
    """Many fields in one place have the letters of all of them."""
    many = document("9" * 60, text(b"/Helv 2 Tf (%b) Tj" % (b"9" * 60)), times=200)
    with open_document(many) as opened, pytest.raises(TooLargeError, match="entangled"):
        examine(opened)


def test_time_that_a_page_takes_to_draw_is_counted():
    """Also before it is drawn to its end."""
    dashes = b"[0.1 0.1] 0 d 5 w " + b"0 0 m 200 100 l 0 50 l S\n" * 8000
    pdf, steps = document("100", text(b"(100) Tj"), printed=dashes), 0

    def spend(count):
        nonlocal steps
        steps += count
        if steps > 300_000:
            raise TooLargeError("it draws too much", field="document")

    begun = time.process_time()
    with pytest.raises(TooLargeError, match="draws too much"):
        fields.texts_seen(pdf, [(0, (80, 55, 180, 75))], spend)
    assert time.process_time() - begun < 1.5  # seconds; to its end some 5


@pytest.mark.parametrize(
    ("seen", "held", "same"),
    [
        ("1,000.00", "1,000.00", True),
        ("\u22125", "-5", True),
        ("12.5", "12,5", True),
        ("1000", "1000 (", False),
        ("1234.50", "1234.5", False),
        ("1,234", "1234", True),
        ("1.234", "1234", False),
        ("1.234.567", "1234567", True),
        ("1.234,50", "1234.5", False),
        ("1.234,5", "1234.5", True),
        ("12 345", "12345", True),
        ("12 34", "1234", False),
        ("1\t2\t3\t4", "12 34", True),
        ("12 34", "12 34", True),
        ("12\n345", "12345", False),
        (f"{10**15}\n345", f"{10**15}345", True),
        ("12:34", "12 34", False),
        ("12;34", "1234", False),
        ("אבג 15", "אבג 1 5", False),
        ("1.234", "1,234", False),
        ("אבג\nדה", "דה אבג", True),
        ("אבג", "דה אבג", False),
        ("51אבג", "אבג 15", False),
        ("", "", True),
        ("more", "", False),
        (None, "1", False),
    ],
)
def test_what_is_seen_is_what_is_said(seen, held, same):
    assert says(seen, held) is same


def test_places_without_fields_show_nothing():
    pdf = document("100", text(b"(100) Tj"))
    places = [(0, (80, 55, 180, 75)), (0, (0, 0, 50, 50)), (0, (900, 0, 950, 50))]
    assert fields.texts_seen(pdf, places, lambda _: None) == ["100", "", ""]
    assert shown_values.letters("Ⅷ-x") == "VIIIx"


@pytest.mark.parametrize(
    ("held", "seen"),
    [
        ("$100", "\u20ac100"), ("1/2", "12"), ("1:2", "12"), ("10\xb2", "102"), ("102", "10\xb2"),
        ("12", "\xbd"), ("5%", "5\u2030"), ("5 %", "5"), ("< 5", "> 5"), ("5 MW", "5 mW"),
        ("\u2713", "\u2717"), ("100", "\xb1100"),
    ],
)  # fmt: skip
def test_signs_make_another_text(held, seen):
    assert not says(seen, held)


def test_a_currency_may_be_shown_besides():
    assert says("\u20ac 1,000.00", "1000.00")
    assert says("1 000,00 \u20ac", "1000,00")
    assert says("\uff11\uff10\uff10", "100")


CHOICE = {"/FT": Name.Ch, "/Ff": 1 << 17}
TWO = Array([Array([String("x"), String("100")]), Array([String("x"), String("900")])])


@pytest.mark.parametrize(
    "widget",
    [
        CHOICE | {"/V": Array([String("900")])},
        CHOICE | {"/V": Array([String("100"), String("900")])},
        CHOICE | {"/V": String("x"), "/Opt": TWO},
        {"/V": Array([String("100")])},
        {"/MaxLen": 2},
    ],
)
def test_choices_and_lengths_that_readers_take_otherwise(widget):
    assert found("100", text(b"(100) Tj"), widget=widget) == DIFFERS


@pytest.mark.parametrize("widget", [CHOICE | {"/V": Array([String("100")])}, {"/MaxLen": 3}])
def test_one_choice_and_room_enough(widget):
    assert found("100", text(b"(100) Tj"), widget=widget) == set()
