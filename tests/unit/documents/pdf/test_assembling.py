import hashlib
from datetime import UTC, datetime
from io import BytesIO

import pytest

from eseal.documents.pdf import PdfSealOptions, prepare
from eseal.documents.pdf.assembling import Update
from eseal.errors import InvalidInputError

CMS = bytes(range(1, 200))


@pytest.fixture(scope="module")
def prepared(sample_pdf):
    moment = datetime(2026, 11, 22, 16, 45, tzinfo=UTC)
    options = PdfSealOptions(field_name="Seal", signer_name="Trial Ltd", sealed_at=moment)
    return prepare(sample_pdf, options)


def test_the_original_is_not_copied(prepared, sample_pdf):
    assert prepared.original is sample_pdf
    assert prepared.pieces(CMS)[0] is sample_pdf


def test_pieces_stream_and_whole_file_are_the_same_bytes(prepared):
    sink = BytesIO()
    prepared.write_to(sink, CMS)
    assert sink.getvalue() == prepared.embed(CMS) == b"".join(prepared.pieces(CMS))
    start = prepared.contents_offset
    assert sink.getvalue()[start : start + 2 * len(CMS)] == CMS.hex().encode()
    assert len(sink.getvalue()) == len(prepared.data)


def test_the_digest_leaves_out_the_cms_and_nothing_else(prepared):
    data, start = prepared.data, prepared.contents_offset
    end = start + 2 * prepared.contents_length
    assert data[start - 1 : start] + data[end : end + 1] == b"<>"
    assert hashlib.sha256(data[: start - 1] + data[end + 1 :]).digest() == prepared.digest


@pytest.mark.parametrize("cms", [b"", bytes(20_000)])
def test_a_cms_that_does_not_fit_writes_nothing(prepared, cms):
    sink = BytesIO()
    with pytest.raises(InvalidInputError, match="expected 1 to"):
        prepared.write_to(sink, cms)
    assert not sink.getvalue()


def test_positions_of_an_update_count_from_the_start_of_the_file():
    update = Update(1000)
    update.write(b"abcdef")
    assert update.tell() == 1006
    assert update.seek(1002) == 1002
    assert update.read(1) == b"c"
    assert update.seek(0, 2) == 1006
