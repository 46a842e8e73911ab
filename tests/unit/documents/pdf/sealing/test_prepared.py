from __future__ import annotations

import hashlib
from io import BytesIO

import pytest

from eseal.documents.pdf.sealing.prepared import covered
from eseal.errors import InvalidInputError
from tests.unit.documents.pdf.workshop import prepared

CMS = bytes(range(1, 200))


@pytest.fixture(scope="module")
def made(pdfs, options):
    return prepared(pdfs.fpdf(1), options)


def test_pieces_stream_and_whole_file_are_the_same_bytes(made):
    sink = BytesIO()
    made.write_to(sink, CMS)
    assert sink.getvalue() == made.embed(CMS) == b"".join(made.pieces(CMS))
    start = made.contents_offset
    assert sink.getvalue()[start : start + 2 * len(CMS)] == CMS.hex().encode()
    assert len(sink.getvalue()) == len(made.data)
    assert sink.getvalue()[:start] == made.data[:start]
    assert sink.getvalue()[start + 2 * len(CMS) :] == made.data[start + 2 * len(CMS) :]


def test_large_parts_are_not_copied(made):
    first, _, last = made.pieces(CMS)
    assert first.obj is last.obj is made.data


@pytest.mark.parametrize("size", [0, 12 * 1024 + 1])
def test_a_cms_that_does_not_fit_writes_nothing(made, size):
    sink = BytesIO()
    with pytest.raises(InvalidInputError, match=f"expected 1 to 12288 bytes, got {size}"):
        made.write_to(sink, bytes(size))
    assert not sink.getvalue()
    assert len(made.embed(bytes(12 * 1024))) == len(made.data)


def test_what_is_covered_leaves_out_the_gap():
    whole = covered(b"abc<0000>def", (3, 9), ("note",))
    assert whole.digest == hashlib.sha256(b"abcdef").digest()
    assert (whole.contents_offset, whole.contents_length) == (4, 2)
    assert whole.notes == ("note",)
    assert whole.embed(b"\x30") == b"abc<3000>def"
