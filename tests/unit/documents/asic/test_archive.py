import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.documents.asic import archive
from eseal.documents.asic.archive import read_archive, write_archive
from eseal.errors import InvalidFormatError, InvalidInputError, TooLargeError

FILES = [("a.txt", b"tea"), ("d/b.bin", bytes(range(256)) * 20), ("章.txt", "合同".encode())]
LIMIT = 16
LOCAL, CENTRAL = 30, 46
"""Lengths of the two kinds of header (APPNOTE.TXT 4.3.7 and 4.3.12)."""


def written(files=FILES) -> bytes:
    return b"".join(write_archive(files))


def contents(data: bytes) -> list[tuple[str, bytes]]:
    return [(name, bytes(content)) for name, content in read_archive(data, LIMIT)]


def refused(data: bytes, match: str = "archive") -> None:
    with pytest.raises(InvalidFormatError, match=match):
        read_archive(data, LIMIT)


def directory_of(data: bytes) -> int:
    return struct.unpack_from("<I", data, len(data) - 6)[0]


def changed(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def test_the_same_files_give_the_same_bytes_and_others_can_read_them():
    data = written()
    assert data == written()
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        assert [(one.filename, opened.read(one)) for one in opened.infolist()] == FILES
        assert {one.date_time for one in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {one.compress_type for one in opened.infolist()} == {zipfile.ZIP_STORED}
        assert {one.external_attr >> 16 for one in opened.infolist()} == {0o100644}
        assert all(not one.extra and not one.comment for one in opened.infolist())


@given(st.dictionaries(st.from_regex(r"[a-z章]{1,8}", fullmatch=True), st.binary(max_size=200)))
def test_what_is_written_is_read(files):
    assert {name: bytes(data) for name, data in read_archive(written(files.items()), 1000)} == files


def test_contents_are_not_copied():
    data = written()
    assert all(content.obj is data for _, content in read_archive(data, LIMIT))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_archives_of_others_are_not_in_this_form(method):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", compression=method) as opened:
        for name, content in FILES:
            opened.writestr(name, content)
    refused(sink.getvalue())
    if method == zipfile.ZIP_DEFLATED:
        with pytest.raises(InvalidFormatError, match="stored as it is, got it compressed"):
            read_archive(sink.getvalue(), LIMIT)


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_no_byte_can_change_but_in_its_own_content(at, new):
    """Whatever is read is written again: so nothing can say anything that was not understood."""
    data = changed(written(), at % len(written()), new)
    try:
        found = contents(data)
    except InvalidInputError:
        return
    assert written(found) == data


@given(st.binary(max_size=300), st.integers(0, 10_000), st.integers(0, 10_000))
def test_no_bytes_can_be_put_in_or_taken_out(new, first, last):
    data = written()
    first, last = sorted((first % (len(data) + 1), last % (len(data) + 1)))
    spliced = data[:first] + new + data[last:]
    if spliced != data:
        try:
            found = contents(spliced)
        except InvalidInputError:
            return
        assert written(found) == spliced


@pytest.mark.parametrize("behind", [b"x", b"\0" * 100, b"PK\x05\x06", written()])
def test_something_before_between_or_behind_is_refused(behind):
    data, start = written(), directory_of(written())
    second = data.index(b"PK\x03\x04", 1)
    for at in (0, second, start, len(data) - 22, len(data)):
        refused(data[:at] + behind + data[at:])


@pytest.mark.parametrize("cut", [0, 3, 21, 22, 100])
def test_a_cut_archive_is_refused(cut):
    data = written()
    refused(data[:cut])
    refused(data[: len(data) - cut - 1])


@pytest.mark.parametrize("field", range(4, LOCAL))
def test_every_byte_of_a_header_counts(field):
    data = written()
    refused(changed(data, field, bytes([data[field] ^ 1])))


@pytest.mark.parametrize("field", range(CENTRAL))
def test_every_byte_of_the_directory_counts(field):
    data = written()
    at = directory_of(data) + field
    refused(changed(data, at, bytes([data[at] ^ 1])), "plain directory")


def test_damaged_content_is_refused():
    data = written()
    refused(changed(data, data.index(b"tea"), b"T"), "plain header before 'a.txt'")


def test_names_that_are_no_text_are_refused():
    data = written([("a.txt", b"x")])
    for at in (LOCAL, directory_of(data) + CENTRAL):
        data = changed(data, at, b"\xe4")
    refused(data, "UTF-8")


def test_more_files_than_asked_for_are_refused():
    with pytest.raises(TooLargeError, match="at most 2 files"):
        read_archive(written(), 2)


def test_what_would_need_zip64_is_not_written(monkeypatch):
    monkeypatch.setattr(archive, "_ZIP64_BYTES", 1000)
    with pytest.raises(TooLargeError, match="1000 bytes in all"):
        write_archive([("a", bytes(1000))])
    monkeypatch.setattr(archive, "_ZIP64_COUNT", 3)
    with pytest.raises(TooLargeError, match="fewer than 3 files"):
        write_archive([("a", b""), ("b", b""), ("c", b"")])
