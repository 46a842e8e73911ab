"""A document's objects as plain values."""

from __future__ import annotations

import pytest

from eseal.documents.pdf.examination.graph import (
    Graph,
    Place,
    StreamEntries,
    is_reference,
    is_string,
    kind,
    text,
)
from eseal.documents.pdf.opening.opening import open_document
from tests.unit.documents.pdf.examination.dangers import stream, with_objects

ODD = b"""<< /JS 1 /A -00.5 /B +.5 /C [-.5 4. +7 00012 00.25] /D -0.0 /E (12 0 R) /F (a"9 0 R"b)
/G <d800> /H <feffd800> /I (\\\\) /J (u:x) /K /12#200#20R /L /a#ffb /M 99999999999 /N [(\\") 5 0 R]
/O 123456789012345678901234567890.25 /P (\\n-00.5,\\n) /#22Q -00.5 >>"""


@pytest.fixture
def odd(pdfs):
    """A page with an object that says everything in an odd way."""
    with open_document(with_objects(pdfs, {4: ODD, 5: b"null"}, page=b"/X 4 0 R")) as pdf:
        yield Graph(pdf)


def test_odd_spellings_are_read(odd):
    (found,) = odd.found
    entries = found.entries
    assert (entries["/A"], entries["/B"], entries["/C"]) == (-0.5, 0.5, [-0.5, 4, 7, 12, 0.25])
    assert (entries["/D"], entries["/M"], entries['/"Q']) == (0, 99999999999, -0.5)
    assert entries["/O"] == pytest.approx(1.2345678901234568e29)
    assert [text(entries[key]) for key in ("/E", "/F", "/I", "/J", "/P")] == [
        "12 0 R", 'a"9 0 R"b', "\\", "u:x", "\n-00.5,\n"
    ]  # fmt: skip
    assert (kind(entries, "/K"), kind(entries, "/E")) == ("12 0 R", "")
    assert all(map(is_string, (entries["/G"], entries["/H"])))
    assert not is_string(entries["/K"])


def test_what_looks_like_a_reference_is_none(odd):
    entries = odd.found[0].entries
    assert [key for key, value in entries.items() if is_reference(value)] == []
    assert is_reference(entries["/N"][1])
    assert odd.resolve(entries["/N"][1]) is None


def test_streams_are_told_from_dictionaries(pdfs):
    pdf = with_objects(
        pdfs, {4: stream(b"data", b"/EF 1"), 5: b"<< /EF 2 >>"}, page=b"/X [4 0 R 5 0 R]"
    )
    with open_document(pdf) as opened:
        graph = Graph(opened)
        assert {(each.entries["/EF"], each.is_stream) for each in graph.found} == {
            (1, True), (2, False)
        }  # fmt: skip
        assert isinstance(graph.resolve("4 0 R"), StreamEntries)
        assert graph.decoded("4 0 R") == b"data"
        assert graph.decoded("5 0 R") == b""
        assert graph.stream(None) is None


def test_numbers_and_truth_values_of_their_own_are_read(pdfs):
    pdf = with_objects(
        pdfs, {4: b"true", 5: b"7", 6: b"-0.5", 7: b"(text)", 8: b"/Name"}, page=b"/X [4 0 R]"
    )
    with open_document(pdf) as opened:
        graph = Graph(opened)
        values = [graph.resolve(f"{number} 0 R") for number in (4, 5, 6, 7, 8, 99)]
        assert values == [True, 7, -0.5, "u:text", "/Name", None]


def test_places_are_said_in_words(pdfs):
    pdf = with_objects(
        pdfs,
        {
            4: b"<< /Subtype /Link >>",
            5: b"<< /Subtype /Widget /T (b) /Parent 6 0 R >>",
            6: b"<< /T <FEFF516C53F8> >>",
            7: b"<< >>",
        },
    )
    with open_document(pdf) as opened:
        graph = Graph(opened)
        assert graph.where(Place()) == "the document as a whole"
        assert graph.where(Place(1)) == "page 2"
        assert graph.where(Place(0, "4 0 R")) == "link, page 1"
        assert graph.where(Place(0, "5 0 R")) == "field '公司.b', page 1"
        assert graph.where(Place(0, "7 0 R")) == "annotation, page 1"
