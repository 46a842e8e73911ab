"""Containers that other programs packed again: read to say what differs, never to pass."""

import contextlib
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.documents import asic
from eseal.documents.asic import strangers
from eseal.errors import InvalidFormatError, InvalidInputError, TooLargeError

FILES = [("a.pdf", b"%PDF-1.7 ..."), ("plans/b.txt", b"tea" * 1000)]
CMS = b"\x30\x03\x02\x01\x07"
SEALED = asic.prepare(FILES).embed(CMS)


def repacked(replaced=(), *, leave=(), twice=False, method=zipfile.ZIP_DEFLATED) -> bytes:
    with zipfile.ZipFile(io.BytesIO(SEALED)) as archive:
        entries = {one.filename: archive.read(one) for one in archive.infolist()}
    entries |= dict(replaced)
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", compression=method) as archive:
        archive.mkdir("plans")
        for name, content in entries.items():
            if name not in leave:
                archive.writestr(name, content)
        if twice:
            with pytest.warns(UserWarning, match="Duplicate"):
                archive.writestr("a.pdf", b"x")
    return sink.getvalue()


def files_of(data: bytes) -> dict:
    (seal,) = asic.survey(data)
    assert seal["cms"] == CMS.hex()
    assert seal["digest"] == asic.read(SEALED).seals[0].digest.hex()
    return seal["files"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_files_that_differ_are_named(method):
    names = ("a.pdf", "plans/b.txt")
    assert files_of(repacked(method=method)) == {"names": names}
    changed = repacked({"a.pdf": b"other", "new": b""}, leave=("plans/b.txt",), method=method)
    assert files_of(changed) == {
        "names": names, "altered": ("a.pdf",), "missing": ("plans/b.txt",), "unlisted": ("new",)
    }  # fmt: skip


def test_a_checksum_that_does_not_fit_hides_nothing():
    at = SEALED.index(b"teatea")
    assert files_of(SEALED[:at] + b"T" + SEALED[at + 1 :])["altered"] == ("plans/b.txt",)


def test_seals_of_others_are_left_alone():
    assert asic.survey(repacked({"META-INF/ASiCManifest001.xml": b"<m/>"})) == []
    assert asic.survey(repacked(leave=("META-INF/signature001.p7s",))) == []


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), SEALED[:200]])
def test_what_is_no_archive_is_refused_or_empty(data):
    with contextlib.suppress(InvalidFormatError):
        assert asic.survey(data) == []


def test_two_files_of_one_name_are_refused():
    with pytest.raises(InvalidFormatError, match=r"'a.pdf' once"):
        asic.survey(repacked(twice=True))


def test_work_is_bounded(monkeypatch):
    monkeypatch.setattr(strangers, "MAX_UNPACKED_BYTES", 2000)
    with pytest.raises(TooLargeError, match="2000 bytes in all"):
        asic.survey(repacked())
    with pytest.raises(TooLargeError, match="files, got more"):
        asic.survey(b"PK\x01\x02" * 5000)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_rare_packings_are_not_unpacked(method):
    with pytest.raises(InvalidFormatError, match="stored or deflated"):
        asic.survey(repacked(method=method))


def test_what_seems_to_hold_a_seal_is_known():
    assert asic.may_be_container(SEALED)
    assert asic.may_be_container(b"x" + SEALED)
    assert asic.may_be_container(repacked())
    assert asic.may_be_container(SEALED + b"x")
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("word/document.xml", b"<a/>")
    assert not asic.may_be_container(sink.getvalue())
    assert not asic.may_be_container(b"META-INF/ .p7s")


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.binary(max_size=64))
def test_nothing_crashes(first, last, new):
    data = repacked()
    first, last = sorted((first % len(data), last % len(data)))
    try:
        found = asic.survey(data[:first] + new + data[last:])
    except InvalidInputError:
        return
    assert all(set(seal) == {"name", "cms", "digest", "files"} for seal in found)
