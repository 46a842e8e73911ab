import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.documents.asic.archive import ArchiveLimits, read_archive, write_archive
from eseal.errors import InvalidFormatError, InvalidInputError, TooLargeError

FILES = [("a.txt", b"tea"), ("d/b.bin", bytes(range(256)) * 20), ("章.txt", "合同".encode())]
LIMITS = ArchiveLimits()


def written(files=FILES) -> bytes:
    return b"".join(write_archive(files))


def zipped(files=FILES, **options) -> bytes:
    """What Python's own module writes."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", **options) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return sink.getvalue()


def contents(data: bytes) -> list[tuple[str, bytes]]:
    return [(entry.name, bytes(entry.content)) for entry in read_archive(data, LIMITS)]


def refused(data: bytes, match: str) -> None:
    with pytest.raises(InvalidFormatError, match=match):
        read_archive(data, LIMITS)


def directory_of(data: bytes) -> int:
    return struct.unpack_from("<I", data, len(data) - 6)[0]


def changed(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def test_the_same_files_give_the_same_bytes_and_others_can_read_them():
    data = written()
    assert data == written()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert [(one.filename, archive.read(one)) for one in archive.infolist()] == FILES
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {one.compress_type for one in archive.infolist()} == {zipfile.ZIP_STORED}


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.binary(max_size=200)))
def test_what_is_written_is_read(files):
    assert contents(written(files.items())) == list(files.items())


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_archives_of_others_are_read(method):
    assert contents(zipped(compression=method)) == FILES


def test_sizes_behind_a_file_are_read():
    """As programs do that write to a pipe: a record with size and checksum follows each file."""

    class Pipe(io.RawIOBase):
        def __init__(self):
            super().__init__()
            self.taken = b""

        def writable(self):
            return True

        def write(self, data):
            self.taken += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for name, content in FILES:
            archive.writestr(name, content)
    assert contents(pipe.taken) == FILES
    at = pipe.taken.index(b"PK\x07\x08")
    refused(changed(pipe.taken, at + 4, b"\0\0"), "something else than the directory")


def test_empty_folders_are_left_out_and_full_ones_refused():
    assert contents(zipped([("d/", b""), ("d/a", b"1")])) == [("d/a", b"1")]
    refused(written([("d/", b"x")]), "has content")


@pytest.mark.parametrize("behind", [b"x", b"\0" * 100, b"PK\x05\x06"])
def test_something_behind_is_refused(behind):
    refused(written() + behind, "ends with its directory")


def test_something_before_is_refused():
    refused(b"#!/bin/sh\n" + written(), "ends at byte")


@pytest.mark.parametrize("cut", [0, 3, 21, 22, 100])
def test_a_cut_archive_is_refused(cut):
    data = written()
    refused(data[:cut], "archive")
    refused(data[: len(data) - cut - 1], "archive")


def test_a_gap_between_files_is_refused():
    """A file that the directory does not list, but a stream reader would find."""
    data, start = written(), directory_of(written())
    hidden = b"".join(write_archive([("evil", b"x")]))[:35]
    moved = data[:start] + hidden + data[start:]
    end = len(moved) - 22
    moved = changed(moved, end + 16, struct.pack("<I", start + len(hidden)))
    refused(moved, "lies before it")


def test_overlapping_files_are_refused():
    data, start = written(), directory_of(written())
    second = data.index(b"PK\x01\x02", start + 4)
    refused(changed(data, second + 42, struct.pack("<I", 0)), "overlap")


@pytest.mark.parametrize(
    ("at", "new"),
    [(8, b"\x08\0"), (6, b"\x02\0"), (14, b"\1\2\3\4"), (22, b"\x09"), (30, b"z")],
    ids=["method", "flags", "checksum", "size", "name"],
)
def test_a_header_that_contradicts_the_directory_is_refused(at, new):
    refused(changed(written(), at, new), "something else than the directory")


def test_an_encrypted_file_is_refused():
    data = written()
    data = changed(data, 6, b"\1")
    refused(changed(data, directory_of(data) + 8, b"\1"), "encrypted")


@pytest.mark.parametrize(("at", "new"), [(10, b"\x0c"), (8, b"\x40")], ids=["method", "flag"])
def test_unknown_methods_and_flags_are_refused(at, new):
    data = written()
    refused(changed(data, directory_of(data) + at, new), "stored or deflated")


def test_damaged_content_is_refused():
    data = written()
    refused(changed(data, data.index(b"tea"), b"T"), "checksum")
    packed = zipped([("a", b"x" * 5000)], compression=zipfile.ZIP_DEFLATED)
    refused(changed(packed, 33, b"\xff\xff\xff"), "damaged|unpack")


def test_a_file_that_unpacks_to_more_than_it_says_is_refused():
    packed = zipped([("a", b"x" * 5000)], compression=zipfile.ZIP_DEFLATED)
    crc = struct.pack("<I", zlib.crc32(b"x" * 10))
    for at in (0, directory_of(packed)):
        base = at + (14 if at == 0 else 16)
        packed = changed(packed, base, crc)
        packed = changed(packed, base + 8, struct.pack("<I", 10))
    refused(packed, "to unpack to 10 bytes, got more")


def test_bombs_are_refused_before_they_are_unpacked():
    bomb = zipped([("a", bytes(2_000_000))], compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(TooLargeError, match="1000 bytes in all"):
        read_archive(bomb, ArchiveLimits(max_bytes=1000))
    with pytest.raises(TooLargeError, match="at most 2 files"):
        read_archive(written(), ArchiveLimits(max_files=2))


@pytest.mark.parametrize("where", ["count", "size", "offset", "entry"])
def test_zip64_is_refused(where):
    data = written()
    end, start = len(data) - 22, directory_of(data)
    at = {"count": end + 8, "size": end + 12, "offset": end + 16, "entry": start + 42}[where]
    new = b"\xff" * 4
    refused(changed(data, at, new), "ZIP64")


def test_a_part_of_several_archives_is_refused():
    data = written()
    refused(changed(data, len(data) - 18, b"\1"), "a part of several")


def test_names_that_are_not_marked_as_unicode_are_refused():
    data = written([("a.txt", b"x")])
    for at in (30, directory_of(data) + 46):
        data = changed(data, at, b"\xe4")
    refused(data, "UTF-8 marked")


def test_comments_are_refused_but_for_the_media_type():
    def commented(text: bytes) -> bytes:
        data = written()
        return changed(data, len(data) - 2, struct.pack("<H", len(text))) + text

    assert contents(commented(b"mimetype=application/vnd.etsi.asic-e+zip")) == FILES
    refused(commented(b"hello"), "no comment")


def test_a_directory_with_other_rows_than_it_says_is_refused():
    data = written()
    end = len(data) - 22
    more = changed(data, end + 8, struct.pack("<HH", 4, 4))
    refused(more, "cut off")
    fewer = changed(data, end + 8, struct.pack("<HH", 2, 2))
    refused(fewer, "more than its files")
    start = directory_of(data)
    refused(changed(data, start, b"XX"), "directory is broken")
    refused(changed(data, start + 24, b"\xff"), "two sizes")


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_no_byte_can_change_unseen_and_nothing_crashes(at, new):
    data = written()
    at %= len(data)
    try:
        found = contents(changed(data, at, new)[: len(data)])
    except InvalidInputError:
        return
    assert found == FILES
