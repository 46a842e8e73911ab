from __future__ import annotations

import base64
import zlib
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest
from pikepdf import Name

from eseal.documents.pdf.meaning import put_in_order
from eseal.documents.pdf.opening.opening import DEFAULT_LIMITS
from eseal.errors import TooLargeError
from tests.unit.documents.pdf.meaning.made import (
    BOX,
    codes,
    document,
    meaning,
    parsed,
    refused,
    reopened,
    saved,
)

DRAWN = (BOX + b"\n") * 20
PACKED = zlib.compress(DRAWN)
FILTERED = b"<< /Filter /FlateDecode >>"


def packed(data: bytes, entries: bytes):
    pdf = document()
    contents = pdf.pages[0].obj.Contents
    contents.write(data)
    for key, value in parsed(entries).items():
        contents[key] = value
    return pdf


REFUSED = {
    "unknown": (BOX, b"<< /Filter /OddDecode >>"),
    "a string": (BOX, b"<< /Filter (FlateDecode) >>"),
    "a hole": (PACKED, b"<< /Filter [null /FlateDecode] >>"),
    "cut": (PACKED[:-12], FILTERED),
    "damaged": (PACKED[:9] + b"\xff\xff" + PACKED[11:], FILTERED),
    "no header": (PACKED[2:], FILTERED),
    "junk first": (b"\n" + PACKED, FILTERED),
    "predictor 99": (PACKED, b"<< /Filter /FlateDecode /DecodeParms << /Predictor 99 >> >>"),
    "rows": (PACKED, b"<< /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 7 >> >>"),
    "hexadecimal junk": (b"30 zz 67>", b"<< /Filter /ASCIIHexDecode >>"),
    "base 85 junk": (b"ab\x80~>", b"<< /Filter /ASCII85Decode >>"),
    "runs": (b"\x05ab", b"<< /Filter /RunLengthDecode >>"),
    "own crypt": (BOX, b"<< /Filter /Crypt /DecodeParms << /Name /Own >> >>"),
    "an image": (BOX, b"<< /Filter /DCTDecode >>"),
    "short key": (BOX, b"<< /F /FlateDecode >>"),
    "short parameters": (BOX, b"<< /DP << /Predictor 2 >> >>"),
}

TIDIED = {
    "abbreviated": (PACKED, b"<< /Filter /Fl >>"),
    "wrong sum": (PACKED[:-4] + b"abcd", FILTERED),
    "a tail": (PACKED + b"\r\nmore", FILTERED),
    "twice": (zlib.compress(PACKED), b"<< /Filter [/FlateDecode /FlateDecode] >>"),
    "hexadecimal": ((DRAWN).hex().encode() + b">", b"<< /Filter /ASCIIHexDecode >>"),
    "base 85": (base64.a85encode(DRAWN) + b"~>", b"<< /Filter /ASCII85Decode >>"),
    "crypt": (PACKED, b"<< /Filter [/Crypt /FlateDecode] >>"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_of_what_readers_decode_differently_the_beginning_is_left(case):
    """Whether PDFium shows the same is seen afterwards."""
    pdf = packed(*REFUSED[case])
    found = put_in_order(pdf)
    assert not found.hazards
    assert "damaged_stream" in {hazard.code for hazard in found.settled}
    assert found.touched == {0}
    again = reopened(pdf)
    assert DRAWN.startswith(again.pages[0].obj.Contents.read_bytes().removesuffix(b"\nn"))
    assert put_in_order(again).settled == ()


@pytest.mark.parametrize("case", TIDIED)
def test_odd_packing_is_made_anew(case):
    pdf = packed(*TIDIED[case])
    assert not put_in_order(pdf).hazards
    contents = pdf.pages[0].obj.Contents
    assert contents.Filter == Name.FlateDecode or list(contents.Filter) == [Name.FlateDecode]
    assert zlib.decompress(contents.read_raw_bytes()) == DRAWN


def test_plain_streams_keep_their_bytes():
    pdf = packed(PACKED, FILTERED)
    put_in_order(pdf)
    assert pdf.pages[0].obj.Contents.read_raw_bytes() == PACKED


def test_a_bomb_is_too_large():
    limits = replace(DEFAULT_LIMITS, max_stream_bytes=1 << 16)
    with pytest.raises(TooLargeError):
        put_in_order(packed(zlib.compress(b" " * (1 << 20)), FILTERED), limits)


def test_a_broken_stream_that_no_page_draws_counts_if_the_document_leads_to_it():
    pdf = document()
    loose = pdf.make_stream(PACKED[:-12])
    loose.Filter = Name.FlateDecode
    assert codes(pdf) == set()
    pdf.Root.Metadata = loose
    loose.Type = Name.Metadata
    assert refused(pdf) == {"damaged_stream"}
    loose.Type = Name.Other
    assert refused(pdf) == set()
    assert loose.read_bytes() == b""


def test_a_key_twice_is_told_with_its_object():
    pdf = reopened(document())
    assert not put_in_order(pdf).hazards
    twice = document(page=b"<< /Rotate 0 /Tabs /S >>")
    file = saved(twice).replace(b"/Tabs /S", b"/Rotate 90")
    found = put_in_order(pikepdf.open(BytesIO(file), suppress_warnings=True))
    assert [hazard.code for hazard in found.hazards] == ["key_twice"]
    assert any("duplicated" in warning for warning in found.warnings)


def test_contents_are_one_list_of_streams():
    pdf = document()
    page = pdf.pages[0].obj
    inner = pdf.make_indirect(pdf.make_stream(b"0 1 0 rg"))
    page.Contents = parsed(b"[null 7 null << >>]")
    page.Contents[2] = inner
    assert not put_in_order(pdf).hazards
    assert [part.read_bytes() for part in page.Contents] == [b"0 1 0 rg"]
    page.Contents = parsed(b"[[]]")
    assert codes(pdf) == {"unclear_contents"}


@pytest.mark.parametrize("parts", [(b"20 60 6", b"0 40 re f"), (b"BT (a", b"b) Tj ET")])
def test_nothing_stands_across_two_streams(parts):
    pdf = document()
    pdf.pages[0].obj.Contents = [pdf.make_stream(part) for part in parts]
    assert codes(pdf) == {"unclear_contents"}


def test_only_what_was_changed_is_touched():
    assert not meaning(document()).touched
    assert meaning(document(b"q " + BOX)).touched == {0}
