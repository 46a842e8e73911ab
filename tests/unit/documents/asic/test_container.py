import hashlib

import pytest

from eseal.documents import asic
from eseal.documents.asic.archive import write_archive
from eseal.documents.asic.manifest import write_manifest
from eseal.errors import InvalidFormatError, InvalidInputError

FILES = [("a.pdf", b"%PDF-1.7 ..."), ("plans/b.txt", b"tea")]
CMS = b"\x30\x03\x02\x01\x07"
HEAD = ("mimetype", asic.MEDIA_TYPE.encode())


@pytest.fixture
def sealed():
    return asic.prepare(FILES).embed(CMS)


def pack(*entries) -> bytes:
    return b"".join(write_archive(entries))


def unpack(data: bytes) -> list[tuple[str, bytes]]:
    from eseal.documents.asic.archive import ArchiveLimits, read_archive

    return [(one.name, bytes(one.content)) for one in read_archive(data, ArchiveLimits())]


def refused(entries, match: str) -> None:
    with pytest.raises(InvalidFormatError, match=match):
        asic.read(pack(*entries))


def test_a_container_is_known_by_its_first_bytes(sealed):
    assert asic.is_container(sealed)
    assert sealed[30:69] == b"mimetype" + asic.MEDIA_TYPE.encode()
    assert not asic.is_container(pack(("a", b"b")))
    assert not asic.is_container(b"")


def test_files_manifest_and_signature_are_where_the_standard_puts_them(sealed):
    names = [name for name, _ in unpack(sealed)]
    assert names == [
        *("mimetype", "a.pdf", "plans/b.txt"),
        *("META-INF/ASiCManifest001.xml", "META-INF/signature001.p7s"),
    ]
    container = asic.read(sealed)
    (seal,) = container.seals
    assert (seal.cms, seal.name) == (CMS, "META-INF/signature001.p7s")
    assert seal.digest == hashlib.sha256(dict(unpack(sealed))[seal.manifest_name]).digest()
    kinds = [(one.name, one.media_type) for one in seal.covers.references]
    assert kinds == [("a.pdf", "application/pdf"), ("plans/b.txt", "text/plain")]
    assert container.unlisted() == ()
    assert container.encode() == sealed == asic.prepare(FILES).embed(CMS)


def test_a_second_seal_leaves_the_first_as_it_is(sealed):
    first = asic.read(sealed)
    prepared = asic.prepare_again(first)
    second = asic.read(prepared.embed(b"\x30\x00"))
    assert second.seals[0] == first.seals[0]
    assert second.seals[1].name == "META-INF/signature002.p7s"
    assert second.seals[1].digest == prepared.digest
    assert [(file.name, bytes(file.content)) for file in second.files] == FILES
    assert len(asic.read(asic.prepare_again(second).embed(CMS)).seals) == 3


def test_one_signature_can_be_replaced(sealed):
    container = asic.read(sealed).with_signature("META-INF/signature001.p7s", b"\x30\x01\x05")
    assert asic.read(container.encode()).seals[0].cms == b"\x30\x01\x05"
    with pytest.raises(InvalidInputError, match="no signature"):
        container.with_signature("META-INF/x.p7s", b"")


def test_an_altered_or_foreign_file_is_not_sealed_over(sealed):
    entries = unpack(sealed)
    added = pack(entries[0], ("evil.txt", b"x"), *entries[1:])
    with pytest.raises(InvalidFormatError, match=r"evil\.txt"):
        asic.prepare_again(asic.read(added))
    altered = pack(entries[0], ("a.pdf", b"other"), *entries[2:])
    with pytest.raises(InvalidFormatError, match=r"a\.pdf.*is not what the seal"):
        asic.prepare_again(asic.read(altered))
    gone = pack(entries[0], *entries[2:])
    with pytest.raises(InvalidFormatError, match=r"a\.pdf"):
        asic.prepare_again(asic.read(gone))


def test_what_else_the_standard_knows_is_carried_along(sealed):
    entries = unpack(sealed)
    others = [("META-INF/manifest.xml", b"<m/>"), ("META-INF/timestamp001.tst", b"t")]
    container = asic.read(pack(*entries, *others))
    assert [one.name for one in container.others] == [name for name, _ in others]
    again = asic.read(asic.prepare_again(container).embed(CMS))
    assert {name for name, _ in others} <= again.content().keys()


@pytest.mark.parametrize(
    ("files", "match"),
    [
        ([], "at least one"),
        ([("mimetype", b"")], "outside META-INF"),
        ([("META-INF/x", b"")], "outside META-INF"),
        ([("meta-inf", b"")], "outside META-INF"),
        ([("a", b""), ("a", b"")], "one name"),
        ([("../a", b"")], "file names"),
        ([(f"f{n}", b"") for n in range(5000)], "at most"),
    ],
)
def test_files_that_cannot_stand_in_a_container_are_refused(files, match):
    with pytest.raises(InvalidInputError, match=match):
        asic.prepare(files)


def test_containers_that_break_the_rules_are_refused(sealed):
    entries = unpack(sealed)
    refused(entries[1:], "first file 'mimetype'")
    refused([], "first file 'mimetype'")
    refused([("mimetype", b"application/zip"), *entries[1:]], "first file 'mimetype'")
    refused([*entries[1:], entries[0]], "first file 'mimetype'")
    refused([*entries, ("META-INF/evil.sh", b"x")], "META-INF is for")
    refused([*entries, ("meta-inf/evil.sh", b"x")], "META-INF is for")
    refused([*entries, ("META-INF/signature009.p7s", CMS)], "no manifest names")
    refused([*entries, ("A.PDF", b"x")], "one name")
    refused([*entries, ("../../etc/passwd", b"x")], "file names")
    refused([entries[0], *entries[3:]], "at least one file")
    refused(entries[:-1], "no signature in META-INF")
    refused([*entries[:-1], (entries[-1][0], bytes(2 << 20))], "too large for a signature")


def test_manifests_that_play_tricks_are_refused():
    signature = "META-INF/signature001.p7s"

    def with_manifest(manifest, *more):
        return [HEAD, *FILES, ("META-INF/ASiCManifest001.xml", manifest), (signature, CMS), *more]

    def covering(*names, of=signature):
        return write_manifest(of, [(name, b"", "a/b") for name in names])

    refused(with_manifest(covering(signature)), "refers to itself")
    refused(with_manifest(covering("a.pdf", of="a.pdf")), "no signature in META-INF")
    second = ("META-INF/ASiCManifest002.xml", covering("a.pdf"))
    refused(with_manifest(covering("a.pdf"), second), "two manifests")
    refused(with_manifest(bytes(9 << 20)), "too large for a manifest")
    many = [(f"META-INF/ASiCManifest{n}.xml", b"") for n in range(70)]
    refused([HEAD, *FILES, *many], "at most 64 manifests")


def test_there_are_not_more_seals_than_can_be_checked(sealed):
    from dataclasses import replace

    container = asic.read(sealed)
    full = replace(container, seals=container.seals * 64)
    with pytest.raises(InvalidInputError, match="fewer than 64"):
        asic.prepare_again(full)
