from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.documents.media import is_pdf, media_type
from eseal.model.statement import check_media_type

OFFICE = "application/vnd.openxmlformats-officedocument."


def archive(members: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in members.items():
            stored = zipfile.ZIP_STORED if name == "mimetype" else None
            package.writestr(name, text, compress_type=stored)
    return out.getvalue()


def office(main: str) -> bytes:
    return archive({"[Content_Types].xml": "<Types/>", "_rels/.rels": "<x/>", main: "<x/>"})


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (bytes(1024 - 5) + b"%PDF-", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0...", "image/jpeg"),
        (office("word/document.xml"), OFFICE + "wordprocessingml.document"),
        (office("xl/workbook.xml"), OFFICE + "spreadsheetml.sheet"),
        (office("ppt/presentation.xml"), OFFICE + "presentationml.presentation"),
        (
            archive({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": ""}),
            "application/vnd.oasis.opendocument.text",
        ),
        (archive({"a.txt": "a"}), "application/zip"),
        (archive({"a.txt": "a", "word/document.xml": ""}), "application/zip"),
        (archive({"mimetype": "text/html"}), "application/zip"),
        (office("else/other.xml"), "application/zip"),
        (b"PK\x03\x04 and no archive", "application/zip"),
        (b"", "application/octet-stream"),
        (b"plain", "application/octet-stream"),
    ],
)
def test_the_content_tells(data, expected):
    assert media_type(data) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("notes.txt", "text/plain"),
        ("NOTES.TXT", "text/plain"),
        ("dir.pdf/letter.docx", OFFICE + "wordprocessingml.document"),
        ("C:\\papers\\sheet.ods", "application/vnd.oasis.opendocument.spreadsheet"),
        ("contract.p7s", "application/pkcs7-signature"),
        ("contract.pdf", "application/octet-stream"),
        ("unknown.zzz", "application/octet-stream"),
        ("none", "application/octet-stream"),
        ("", "application/octet-stream"),
        (None, "application/octet-stream"),
    ],
)
def test_the_name_tells_where_the_content_does_not(name, expected):
    assert media_type(b"whatever", name) == expected


def test_the_content_outranks_the_name():
    assert media_type(b"%PDF-1.4", "picture.png") == "application/pdf"
    assert media_type(archive({"a": "b"}), "book.odt").endswith("opendocument.text")


def test_a_header_beyond_the_first_kibibyte_is_no_pdf():
    assert not is_pdf(bytes(1024) + b"%PDF-1.7")


@given(st.binary(max_size=300), st.text(max_size=30))
def test_every_answer_fits_a_statement(data, name):
    check_media_type(media_type(data, name))
    check_media_type(media_type(b"PK\x03\x04" + data, name))


def test_a_damaged_package_is_just_an_archive():
    package = office("word/document.xml")
    for index in range(30, len(package)):
        damaged = package[:index] + bytes([package[index] ^ 0xFF]) + package[index + 1 :]
        assert media_type(damaged) in {"application/zip", OFFICE + "wordprocessingml.document"}


def test_pythons_whole_table_fits_a_statement():
    for suffix in (".xml", ".csv", ".html", ".json", ".jpg", ".tiff", ".zip", ".md", ".doc"):
        check_media_type(media_type(b"", "file" + suffix))
