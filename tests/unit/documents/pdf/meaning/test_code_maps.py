"""Maps and widths of fonts that each reader takes in its own way."""

from __future__ import annotations

import pikepdf
import pytest
from pikepdf import Array, Dictionary

from eseal.documents.pdf.meaning.desk.desk import Desk, Others
from eseal.documents.pdf.meaning.desk.streams import Streams
from eseal.documents.pdf.meaning.resources.fonts import code_maps, encodings, widths
from eseal.documents.pdf.opening.limits import DEFAULT_LIMITS
from eseal.errors import TooLargeError

HEAD = (
    b"%!PS-Adobe-3.0 Resource-CMap\n/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
    b"/CIDSystemInfo 3 dict dup begin /Registry (Adobe) def /Ordering (Identity) def end def\n"
)
SPACE = b"1 begincodespacerange <0000> <00FF> endcodespacerange\n"
RANGE = b"1 begincidrange\n<0002> <0005> 2\nendcidrange\n"
OTHER = b"1 begincidrange <0002> <0005> 6 endcidrange\n"
END = b"endcmap\nCMapName currentdict /CMap defineresource pop\nend end\n%%EOF"


def glyphs(*parts, entries=None):
    return code_maps.read(entries or Dictionary(), HEAD + b"".join(parts) + END)


def test_plain_maps_are_read():
    assert glyphs(SPACE, RANGE) == (2, {2: 2, 3: 3, 4: 4, 5: 5})
    chars = b"2 begincidchar <0007> 9 <0101> 8 endcidchar "
    assert glyphs(SPACE, RANGE, chars) == (2, {2: 2, 3: 3, 4: 4, 5: 5, 7: 9})  # 0101 is outside
    one = (
        b"1 begincodespacerange <00> <ff> endcodespacerange 1 begincidrange <00><ff> 0 endcidrange "
    )
    read = glyphs(b"/WMode 0 def\n", one)
    assert read is not None
    assert read[0] == 1
    assert len(read[1]) == 256


ODD = {
    "behind the end": (SPACE, RANGE, b"endcmap ", OTHER),
    "twice": (SPACE, RANGE, b"endcmap begincmap ", OTHER),
    "a code of two glyphs": (SPACE, RANGE, b"1 begincidchar <0003> 9 endcidchar "),
    "other lengths": (SPACE, b"1 begincidrange <02> <05> 6 endcidrange "),
    "lengths mixed": (b"2 begincodespacerange <01> <ff> <0000> <00ff> endcodespacerange ", RANGE),
    "three bytes": (b"1 begincodespacerange <000000> <0000ff> endcodespacerange ",),
    "no codes": (RANGE,),
    "counted wrongly": (SPACE, RANGE.replace(b"1 ", b"2 ", 1)),
    "a glyph in digits": (SPACE, b"1 begincidrange <0002> <0005> <0006> endcidrange "),
    "a fraction": (SPACE, b"1 begincidrange <0002> <0005> 6.0 endcidrange "),
    "another base": (SPACE, b"1 begincidrange <0002> <0005> 16#06 endcidrange "),
    "backwards": (SPACE, b"1 begincidrange <0005> <0002> 6 endcidrange "),
    "beyond": (SPACE, b"1 begincidrange <0002> <0005> 65534 endcidrange "),
    "in a string": (SPACE, RANGE, b"(" + OTHER + b") pop "),
    "none": (SPACE, RANGE, b"1 beginnotdefrange <0000> <00ff> 9 endnotdefrange "),
    "of another": (b"/Identity-H usecmap ", SPACE, RANGE),
    "downwards in one place": (b"/WMode 1 def ", SPACE, RANGE),
}


@pytest.mark.parametrize("parts", ODD.values(), ids=ODD)
def test_others_are_not(parts):
    assert glyphs(*parts) is None


def test_dictionaries_say_the_same():
    assert glyphs(SPACE, RANGE, entries=Dictionary(WMode=1)) is None
    assert glyphs(b"/WMode 1 def ", SPACE, RANGE, entries=Dictionary(WMode=1)) is not None
    assert glyphs(SPACE, RANGE, entries=Dictionary(UseCMap=1)) is None


def test_codes_of_two_bytes_are_told():
    shown = encodings.shown(b"BT /F1 9 Tf <00020103> Tj (AB) Tj ET", 2)
    assert shown == {b"/F1": {2, 0x103, 0x4142}}
    assert Others({2}) & {2, 3} == {3}


def simple(values, **entries):
    return Dictionary(Widths=Array(values), **entries)


def test_widths_end_with_the_last_code():
    font = simple([500, 500, 5000], FirstChar=48, LastChar=49)
    assert not widths.put_in_order(font)
    assert [*font.Widths] == [500, 500]
    font = simple([500, 500], FirstChar=48)
    assert not widths.put_in_order(font)
    assert font.LastChar == 49


@pytest.mark.parametrize("width", [-1, 32_768])
def test_a_width_that_is_none_is_a_matter_of_its_code(width):
    assert widths.put_in_order(simple([500, width], FirstChar=48, LastChar=49)) == {49}
    missing = Dictionary(FontDescriptor=Dictionary(MissingWidth=width))
    missing.Widths, missing.FirstChar = Array([500]), 48
    assert widths.put_in_order(missing) == {*range(256)} - {48}


@pytest.mark.parametrize("entries", [{"FirstChar": 300}, {"FirstChar": 50, "LastChar": 49}])
def test_codes_that_are_none(entries):
    assert len(widths.put_in_order(simple([500], **entries))) == 256


@pytest.mark.parametrize(
    "told",
    [
        [2, [500], 2, [5000]],
        [2, 5, 5000, 2, [500]],
        [2, 5, 500, 3, 3],
        [5, 2, 500],
        [2, [-500]],
        [2, [32_768]],
        [65_535, [500, 500]],
        [0, 65_535, 500, 9, 9, 501],
    ],
)
def test_widths_told_twice(told):
    assert not widths.is_plain(Dictionary(W=Array([_made(each) for each in told])))


def test_widths_told_once():
    told = Array([2, Array([500, 600]), 9, 12, 500, 3, Array([600])])
    assert widths.is_plain(Dictionary(DW=1000, W=told))
    assert widths.is_plain(Dictionary(W2=Array([3, Array([-1000, 250, 800])])))
    assert not widths.is_plain(Dictionary(W2=Array([3, Array([-1000, 250])])))
    assert not widths.is_plain(Dictionary(DW=-1))
    assert widths.length(Dictionary(W=told)) == 10


def test_fonts_tell_no_more_than_can_be_read():
    desk = Desk(pikepdf.new(), Streams(pikepdf.new(), DEFAULT_LIMITS))
    desk.tell(1 << 20)
    with pytest.raises(TooLargeError, match="codes and widths"):
        desk.tell(1)


def _made(value):
    return Array(value) if isinstance(value, list) else value
