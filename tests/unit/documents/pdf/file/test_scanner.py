"""Only what is in canonical form is read; everything beside it is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.documents.pdf.file.scanner import (
    CATALOG_KEYS,
    FILTERS,
    Section,
    scan_base,
    scan_increment,
)
from eseal.documents.pdf.file.values import parse
from eseal.errors import InvalidFormatError
from tests.unit.documents.pdf.file.by_hand import (
    CATALOG,
    ID,
    MARK,
    PAGE,
    PAGES,
    SIMPLE,
    TEXT,
    file_of,
    stream,
)

PLAIN = file_of()
RICH = file_of(
    [
        CATALOG,
        PAGES,
        b"<< /Contents [ 4 0 R 4 0 R ] /Parent 2 0 R /Rest 5 0 R /Type /Page >>",
        stream(TEXT),
        b"[ (text) <feff> /Name#20A -0.5 12 true << /A [ ] >> null 6 0 R ]",
        b"(a \\(b\\))",
    ],
    trailer=b"/ID %b /Info 5 0 R /Root 1 0 R /Size 7" % ID,
)


def with_fourth(body: bytes, **more) -> bytes:
    return file_of([*SIMPLE[:3], body], **more)


def with_rest(*bodies: bytes) -> bytes:
    """Objects 5 and on, to which the page leads."""
    to_them = b" ".join(b"%d 0 R" % (5 + n) for n in range(len(bodies)))
    page = PAGE.replace(b" /Type", b" /Rest [ %b ] /Type" % to_them)
    return file_of([CATALOG, PAGES, page, SIMPLE[3], *bodies])


def scan(data: bytes) -> Section:
    """Read a file that is one revision to its last byte."""
    section = scan_base(data)
    if section.end < len(data):
        scan_increment(data, section)
        raise AssertionError("no test here makes an increment")
    return section


def objects_of(data: bytes) -> dict[int, object]:
    section = scan(data)
    return {
        number: (parse(data[slice(*place.head)]), place.data and data[slice(*place.data)])
        for number, place in section.objects.items()
    }


@pytest.mark.parametrize("data", [PLAIN, RICH], ids=["plain", "rich"])
def test_a_canonical_file_is_read(data):
    section = scan_base(data)
    assert (section.start, section.end) == (0, len(data))
    assert section.size == len(section.objects) + 1
    assert data[section.table :].startswith(b"xref\n0 ")
    assert [*section.objects] == [*range(1, section.size)]
    for number, place in section.objects.items():
        assert data[place.offset :].startswith(b"%d 0 obj\n" % number)
    fourth = section.objects[4]
    assert data[slice(*fourth.data)] == TEXT
    assert data[slice(*fourth.head)] == b"<< /Length 14 >>"


@pytest.mark.parametrize("version", [b"1.0", b"1.4", b"1.7", b"2.0"])
def test_versions(version):
    scan_base(file_of(header=b"%PDF-" + version + MARK))


@pytest.mark.parametrize(
    "header",
    [
        b"%PDF-1.8" + MARK,
        b"%PDF-2.1" + MARK,
        b"%PDF-1.7 " + MARK,
        b"%PDF-1.7\r" + MARK,
        b"\n%PDF-1.7" + MARK,
        b"\xef\xbb\xbf%PDF-1.7" + MARK,
        b"%PDF-1.7\n",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        b"%PDF-1.7" + MARK + b"\n",
        b"%PDF-1.7" + MARK + b"%comment\n",
        b"%PDF-1.7" + MARK + b"%PDF-1.4\n",
        b"",
    ],
)
def test_other_headers_are_refused(header):
    refused(file_of(header=header))


def refused(data: bytes, why: str | None = None) -> None:
    with pytest.raises(InvalidFormatError, match=why):
        scan(data)


FRAMES = {
    "nothing": lambda _: b"",
    "header alone": lambda data: data[:15],
    "cut off": lambda data: data[:-1],
    "no end": lambda data: data[: data.index(b"startxref")],
    "no table": lambda data: data[: data.index(b"xref")],
    "trailing newline": lambda data: data + b"\n",
    "trailing comment": lambda data: data.replace(b"%%EOF\n", b"%%EOF\n%\n"),
    "second end": lambda data: data + b"startxref\n0\n%%EOF\n",
    "blank before a number": lambda data: data.replace(b"\n2 0 obj", b"\n 2 0 obj"),
    "leading zeros": lambda data: data.replace(b"\n2 0 obj", b"\n02 0 obj"),
    "eleven digits": lambda data: data.replace(b"\n2 0 obj", b"\n00000000002 0 obj"),
    "generation": lambda data: data.replace(b"\n2 0 obj", b"\n2 1 obj"),
    "line ends": lambda data: data.replace(b"\n", b"\r\n"),
    "carriage return behind obj": lambda data: data.replace(b"2 0 obj\n", b"2 0 obj\r"),
    "value beside obj": lambda data: data.replace(b"2 0 obj\n", b"2 0 obj "),
    "blank line": lambda data: data.replace(b"endobj\n2 0", b"endobj\n\n2 0"),
    "comment": lambda data: data.replace(b"endobj\n2 0", b"endobj\n%\n2 0"),
    "no endobj": lambda data: data.replace(b"\nendobj\n2 0", b"\n2 0"),
    "blank behind stream": lambda data: data.replace(b"\nstream\n", b"\nstream \n"),
    "return behind stream": lambda data: data.replace(b"\nstream\n", b"\nstream\r\n"),
    "no line before endstream": lambda data: data.replace(b"\nendstream", b"endstream"),
    "blank before endobj": lambda data: data.replace(b"endstream\nendobj", b"endstream \nendobj"),
    "order": lambda data: data.replace(b"\n2 0 obj", b"\n9 0 obj"),
    "twice": lambda data: data.replace(b"\n3 0 obj", b"\n2 0 obj"),
    "offset": lambda data: re.sub(rb"\n0000000015 ", b"\n0000000016 ", data),
    "free entry": lambda data: data.replace(b"65535 f", b"65534 f"),
    "free object": lambda data: data.replace(b"00000 n", b"00000 f", 1),
    "generation in table": lambda data: data.replace(b"00000 n", b"00001 n", 1),
    "table from 1": lambda data: data.replace(b"xref\n0 5\n", b"xref\n1 5\n"),
    "table too short": lambda data: data.replace(b"xref\n0 5\n", b"xref\n0 4\n"),
    "table in parts": lambda data: data.replace(b"0 5\n0000000000 65535 f \n",
                                                b"0 1\n0000000000 65535 f \n1 4\n"),
    "entry with newline": lambda data: data.replace(b" n \n", b" n\r\n", 1),
    "trailer on its own line": lambda data: data.replace(b"trailer <<", b"trailer\n<<"),
    "startxref": lambda data: re.sub(rb"startxref\n(\d+)", rb"startxref\n0\1", data),
    "startxref elsewhere": lambda data: re.sub(rb"startxref\n\d+", b"startxref\n15", data),
    "end without line": lambda data: data[:-1] + b" ",
}  # fmt: skip


@pytest.mark.parametrize("name", FRAMES)
def test_every_other_frame_is_refused(name):
    changed = FRAMES[name](PLAIN)
    assert changed != PLAIN
    refused(changed)


TRAILERS = [
    b"/ID %b /Root 1 0 R /Size 6" % ID,
    b"/ID %b /Root 1 0 R /Size 4" % ID,
    b"/ID %b /Root 1 0 R /Size true" % ID,
    b"/ID %b /Root 2 0 R /Size 5" % ID,
    b"/ID %b /Root << /Type /Catalog >> /Size 5" % ID,
    b"/ID %b /Size 5" % ID,
    b"/Root 1 0 R /Size 5",
    b"/ID %b /Prev 0 /Root 1 0 R /Size 5" % ID,
    b"/ID %b /Root 1 0 R /Size 5 /XRefStm 15" % ID,
    b"/Encrypt 2 0 R /ID %b /Root 1 0 R /Size 5" % ID,
    b"/ID %b /Info << >> /Root 1 0 R /Size 5" % ID,
    b"/ID %b /Info 9 0 R /Root 1 0 R /Size 5" % ID,
    b"/ID %b /Root 1 0 R /Root 1 0 R /Size 5" % ID,
    b"/Root 1 0 R /ID %b /Size 5" % ID,
    b"/ID %b /Root 1 0 R /Size 5 /T << /Prev 15 >>" % ID,
    b"/ID [ %b (x) ] /Root 1 0 R /Size 5" % ID,
    b"/ID [ %b ] /Root 1 0 R /Size 5" % ID,
    b"/ID [ <%b> <%b> ] /Root 1 0 R /Size 5" % (b"0f" * 15, b"0f" * 17),
    b"/ID [ <%b> ] /Root 1 0 R /Size 5" % (b"0f" * 16),
    b"/ID [ <%b> 16 ] /Root 1 0 R /Size 5" % (b"0f" * 16),
    b"/ID [ <%b> <%b> ] /Root 1 0 R /Size 5" % (b"61" * 16, b"0f" * 16),
    b"/ID <%b> /Root 1 0 R /Size 5" % (b"0f" * 16),
    b"/ID %b  /Root 1 0 R /Size 5" % ID,
]


@pytest.mark.parametrize("trailer", TRAILERS)
def test_every_other_trailer_is_refused(trailer):
    refused(file_of(trailer=trailer))


def test_identifiers_may_happen_to_be_text():
    """One in some millions of digests is printable."""
    scan_base(file_of(trailer=b"/ID [ (%b) (%b) ] /Root 1 0 R /Size 5" % (b"a" * 16, b"b" * 16)))


STREAMS = [
    b"/F (elsewhere) /Length 14 ",
    b"/FFilter /FlateDecode /Length 14 ",
    b"/FDecodeParms << >> /Length 14 ",
    b"/DP << >> /Length 14 ",
    b"/DL 14 /Length 14 ",
    b"/Fl /FlateDecode /Length 14 ",
    b"/Filter /Fl /Length 14 ",
    b"/Filter /AHx /Length 14 ",
    b"/Filter /Crypt /Length 14 ",
    b"/Filter /Unknown /Length 14 ",
    b"/Filter (FlateDecode) /Length 14 ",
    b"/Filter 2 0 R /Length 14 ",
    b"/Filter [ 2 0 R ] /Length 14 ",
    b"/Filter [ [ /FlateDecode ] ] /Length 14 ",
    b"/Filter << >> /Length 14 ",
    b"/DecodeParms 2 0 R /Filter /FlateDecode /Length 14 ",
    b"/DecodeParms [ 2 0 R ] /Filter /FlateDecode /Length 14 ",
    b"/Length 14 /Type /XRef ",
    b"/Length 14 /Type /ObjStm ",
    b"/Length 14 /Type 2 0 R ",
    b"/Length 14 /Type [ /XRef ] ",
    b"/Length 14 /Type << >> ",
    b"/Length 14 /Type (XRef) ",
    b"/Length 13 ",
    b"/Length 15 ",
    b"/Length 0 ",
    b"/Length -14 ",
    b"/Length 14.5 ",
    b"/Length true ",
    b"/Length 2 0 R ",
    b"/Length [ 14 ] ",
    b"/Length 2147483647 ",
    b"/Kength 14 /Length ",
]


@pytest.mark.parametrize("entries", STREAMS)
def test_streams_that_readers_read_otherwise_are_refused(entries):
    refused(with_fourth(stream(TEXT, entries)))


def test_a_stream_without_dictionary_is_refused():
    refused(with_fourth(b"[ 14 ]\nstream\n%b\nendstream" % TEXT))
    refused(with_fourth(b"<< >>\nstream\n%b\nendstream" % TEXT))


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_filters_by_their_full_names_are_accepted(name):
    scan_base(with_fourth(stream(TEXT, b"/Filter /%b /Length 14 " % name.encode())))
    several = b"/DecodeParms [ null << /K -1 >> ] /Filter [ /%b /DCTDecode ] /Length 14 "
    scan_base(with_fourth(stream(TEXT, several % name.encode())))


def test_a_length_cannot_lead_backwards():
    data = with_rest(stream(b"a"), stream(b"b"))
    for length in range(1, len(data)):
        changed = with_rest(stream(b"a"), stream(b"b", b"/Length -%d " % length))
        refused(changed)


WORDS = [b"obj", b"1 0 obj", b"endobj", b"xref", b"startxref", b"trailer", b"%%EOF", b"%PDF-1.4",
         b"1 0\r\n\0obj", b"7obj", b"legendobject", b"9objx", b"(obj)", b"\xffobj\xff"]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_words_of_the_frame_stand_nowhere_else(word):
    """Who repairs a file by searching for them finds the same objects."""
    for data in (word, b"a " + word, word + b" b", b"\n" + word + b"\n"):
        refused(with_fourth(stream(data)), "nowhere but in the frame")
    if word.isascii() and word.decode().isprintable() and b"(" not in word:
        refused(with_rest(b"(a %b b)" % word), "nowhere but in the frame")
        refused(with_rest(b"[ (%b) ]" % word), "nowhere but in the frame")
    if word.isalnum():
        refused(with_rest(b"/" + word))
        refused(with_rest(b"<< /%b 1 >>" % word))


@pytest.mark.parametrize("word", [b"object", b"subobjects", b"obJ", b"traile", b"xre f", b"%%EO"])
def test_other_words_may_stand_anywhere(word):
    scan_base(with_fourth(stream(b"a " + word + b" b")))
    scan_base(with_rest(b"(a %b b)" % word))


def test_references_lead_to_objects_and_to_every_object_leads_one():
    refused(with_rest(b"9 0 R"), "got one to 9")
    refused(with_rest(b"[ << /A 7 0 R >> ]"), "got one to 7")
    refused(file_of([*SIMPLE, b"1"]), "to which nothing leads")
    refused(file_of([*SIMPLE, b"[ 6 0 R ]", b"[ 5 0 R ]"]), "to which nothing leads")
    refused(file_of([*SIMPLE, b"[ 5 0 R ]"]), "to which nothing leads")
    refused(file_of([*SIMPLE, b"1"]).replace(b"/Contents 4 0 R", b"/Contents 5 0 R"))
    scan_base(with_rest(b"6 0 R", b"1"))


def test_the_catalog_holds_what_every_reader_knows():
    for key in sorted(CATALOG_KEYS - {"Pages", "Type", "Version"}):
        name = key.encode()
        before = name < b"Pages"
        entry = b"/%b 2 0 R " % name
        catalog = b"<< %b/Pages 2 0 R %b/Type /Catalog >>" % (
            entry if before else b"",
            b"" if before or name > b"Type" else entry,
        )
        if name > b"Type":
            catalog = catalog[:-2] + entry + b">>"
        scan_base(file_of([catalog, *SIMPLE[1:]]))
    for key in (b"AA", b"Collection", b"Legal", b"NeedsRendering", b"Foo", b"DSs"):
        entry = b"<< /%b 2 0 R /Pages 2 0 R /Type /Catalog >>" % key
        if key > b"Pages":
            continue
        refused(file_of([entry, *SIMPLE[1:]]), "unknown entries")
    refused(file_of([b"[ 2 0 R ]", *SIMPLE[1:]]), "unknown entries")
    refused(with_rest(b"1").replace(b"/Type /Catalog", b"/Zype /Catalog"), "unknown entries")


@given(at=st.integers(0, len(RICH) - 1), byte=st.integers(0, 255))
def test_no_changed_byte_makes_another_file_of_the_same_objects(at, byte):
    changed = RICH[:at] + bytes([byte]) + RICH[at + 1 :]
    try:
        found = objects_of(changed)
    except InvalidFormatError:
        return
    assert changed == RICH or found != objects_of(RICH) or in_trailer(at)


def in_trailer(at: int) -> bool:
    """In the version or in the identifiers, which are no objects."""
    identifiers = RICH.index(ID)
    return at in range(5, 8) or at in range(identifiers, identifiers + len(ID))


@given(
    at=st.integers(0, len(RICH)),
    cut=st.integers(0, 40),
    piece=st.sampled_from(
        [b"", b" ", b"\n", b"\0", b"%\n", b"7 0 obj\n1\nendobj\n", b"/A 1 ", b"1 ", b"[ ] ", b"()",
         b"xref\n0 1\n", b"trailer << >>\n", b"\r", b"endobj\n", b"null "]
    ),
)  # fmt: skip
def test_no_piece_more_or_less_makes_another_file_of_the_same_objects(at, cut, piece):
    changed = RICH[:at] + piece + RICH[at + cut :]
    try:
        found = objects_of(changed)
    except InvalidFormatError:
        return
    assert changed == RICH or found != objects_of(RICH)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_and_nothing_else(data):
    refused(data)
    refused(PLAIN[:15] + data)
    if data:
        refused(PLAIN + data)
