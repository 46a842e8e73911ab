"""The law of containers, held against the programs people open them with.

What passes, every one of them unpacks to exactly the files the seal covers: Info-ZIP's unzip,
7-Zip, libarchive, Python's zipfile and Java's jar.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat import asn1
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eseal.documents import asic, oids
from eseal.documents.asic.archive import read_archive
from eseal.documents.asic.names import check_distinct, check_name
from eseal.errors import InvalidInputError, ProofError
from eseal.verify.checks.seal_checks import check_files
from eseal.verify.locating.containers import find_container_seals
from tests.integration.documents.zip_tricks import Row, assemble, tricks

FILES = [
    ("a.txt", b"plans/b.txt"),
    ("plans/b.txt", b"tea, 40 bags"),
    ("合同.bin", bytes(range(256))),
]
SEALED = asic.prepare(FILES).embed(asn1.encode_der(oids.STATEMENT))
"""By what is left of a seal when nothing but the name of its statement is."""
ROWS = [Row(name.encode(), bytes(content)) for name, content in read_archive(SEALED, 100)]
TRICKS = tricks(ROWS)
READERS = {
    "unzip": ("unzip", ["unzip", "-qq", "-o", "{archive}", "-d", "{folder}"]),
    "7z": ("p7zip-full", ["7z", "x", "-y", "-bd", "-o{folder}", "{archive}"]),
    "bsdtar": ("libarchive-tools", ["bsdtar", "-xf", "{archive}", "-C", "{folder}"]),
    "jar": ("default-jdk-headless", ["jar", "--extract", "--file", "{archive}"]),
}


def unpacked(reader: str, data: bytes, folder: Path) -> dict[str, bytes | None]:
    """What a program leaves behind; ``None`` for what is no plain file."""
    archive, out = folder / "archive.zip", folder / reader
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    archive.write_bytes(data)
    if reader == "zipfile":
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(out)
    else:
        package, command = READERS[reader]
        assert shutil.which(command[0]), f"{command[0]} is missing: apt-get install {package}"
        places = {"archive": archive, "folder": out}
        done = subprocess.run(
            [part.format(**places) for part in command],
            cwd=out, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}, check=False,
            capture_output=True, timeout=60, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    return {
        path.relative_to(out).as_posix(): path.read_bytes() if path.is_file() else None
        for path in out.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


def covered(data: bytes) -> dict[str, bytes] | None:
    """SHA-256 of each file under a seal that may pass; ``None`` if none may."""
    try:
        subjects = find_container_seals(data).value.seals
        for subject in subjects:
            check_files(subject.files)
        (seal,) = asic.read(data).seals
    except (ProofError, InvalidInputError):
        return None
    return {one.name: one.digest for one in seal.covers.references}


def holds(data: bytes, readers, folder: Path) -> None:
    """Check the law: what passes is what everybody unpacks."""
    expected = covered(data)
    if expected is None:
        return
    for reader in readers:
        found = unpacked(reader, data, folder)
        files = {name: content for name, content in found.items() if _is_data(name)}
        digests = {name: hashlib.sha256(content).digest() for name, content in files.items()}
        assert digests == expected, reader


def _is_data(name: str) -> bool:
    return name != "mimetype" and not name.startswith("META-INF/")


def test_without_a_trick_it_is_what_we_write_and_everybody_unpacks_it(tmp_path):
    assert assemble(ROWS) == SEALED
    assert covered(SEALED) is not None
    holds(SEALED, [*READERS, "zipfile"], tmp_path)


@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_passes(trick):
    assert TRICKS[trick] != SEALED
    assert covered(TRICKS[trick]) is None


@pytest.mark.parametrize("trick", TRICKS)
def test_a_trick_accuses_only_where_a_file_differs(trick):
    """Who packs a container again has not forged anything.

    Accused are those by whose directory a file under the seal has other content.
    """
    differs = {"another file", "a file fewer", "a listed one that shadows"}
    differs |= {"offset of another", "zip64 offset of another", "in the comment: an archive"}
    differs |= {"behind: an archive"}
    differs |= {"size 1 in both", "size 1 in central", "packed 1 in both", "packed 1 in central"}
    try:
        subjects = find_container_seals(TRICKS[trick]).value.seals
        for subject in subjects:
            check_files(subject.files)
    except ProofError as error:
        accused = error.finding.value == "document_altered"
    assert accused <= (trick in differs)


@pytest.mark.parametrize(
    ("trick", "reader"),
    [
        ("extra in both: unicode path", "unzip"),
        ("mode: symlink", "unzip"),
        ("mode: symlink", "bsdtar"),
    ],
)
def test_the_tricks_are_real(trick, reader, tmp_path):
    """Some programs do deliver something else: these are not idle rules."""
    expected = dict(FILES)
    found = unpacked(reader, TRICKS[trick], tmp_path)
    assert {name: found[name] for name in found if _is_data(name)} != expected


def _acceptable(names: list[str]) -> bool:
    try:
        check_distinct(["mimetype", "META-INF/x", *map(check_name, names)])
    except InvalidInputError:
        return False
    return True


PARTS = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=12)
NAMES = st.lists(PARTS, min_size=1, max_size=3).map("/".join)


@settings(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None)
@given(names=st.lists(NAMES, min_size=1, max_size=6).filter(_acceptable), content=st.binary())
def test_whatever_name_we_accept_everybody_unpacks(names, content, tmp_path_factory):
    data = asic.prepare([(name, content + name.encode()) for name in names]).embed(b"\x30\x00")
    holds(data, ["unzip", "7z", "bsdtar", "zipfile"], tmp_path_factory.mktemp("names"))


def test_java_unpacks_names_of_every_script(tmp_path):
    """One start of Java for many names: it is slow to start."""
    letters = (chr(code) for code in range(0x20, 0x30000, 37))
    candidates = [f"{number}{letter}.txt" for number, letter in enumerate(letters)]
    names = [name for name in candidates if _acceptable([name])][:4000]
    assert len(names) > 1000
    data = asic.prepare([(name, name.encode()) for name in names]).embed(b"\x30\x00")
    holds(data, ["jar", "unzip", "7z", "bsdtar", "zipfile"], tmp_path)


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    first=st.integers(0, len(SEALED)),
    last=st.integers(0, len(SEALED)),
    new=st.binary(max_size=40) | st.sampled_from([SEALED, *TRICKS.values()]),
)
def test_what_is_spliced_passes_only_as_what_everybody_unpacks(first, last, new, tmp_path_factory):
    first, last = sorted((first, last))
    data = SEALED[:first] + new + SEALED[last:]
    holds(data, ["unzip", "7z", "bsdtar", "zipfile"], tmp_path_factory.mktemp("spliced"))
