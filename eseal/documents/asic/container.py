"""ASiC-E containers with CAdES signatures (ETSI EN 319 162-1 clause 4.4.3).

::

    mimetype                          application/vnd.etsi.asic-e+zip
    contract.pdf, drawings/a.dwg, …   the files that are sealed
    META-INF/ASiCManifest001.xml      name and digest of each of them
    META-INF/signature001.p7s         the seal: a detached CAdES signature of the manifest
    META-INF/ASiCManifest002.xml      the next seal's, and so on

A later seal adds a manifest and a signature of its own and leaves the earlier ones as they are. A
container in this form, in this order, can be read in one way only; nothing else is read here.
"""

from __future__ import annotations

import hashlib
import itertools
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from eseal.documents.asic.archive import LOCAL_MAGIC, Content, Entry, read_archive, write_archive
from eseal.documents.asic.manifest import Manifest, Reference
from eseal.documents.asic.names import check_distinct, check_name, folded
from eseal.documents.cms import MAX_CMS_BYTES
from eseal.documents.media import media_type
from eseal.errors import InvalidFormatError, InvalidInputError, TooLargeError
from eseal.excerpts import excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MEDIA_TYPE: Final = "application/vnd.etsi.asic-e+zip"
SUFFIX: Final = ".asice"
MAX_FILES: Final = 4096
MAX_SEALS: Final = 64
"""Signatures in one container."""
MAX_MANIFEST_BYTES: Final = 8 * 1024 * 1024
"""Of all manifests of a container: some 25,000 names, and what one check may cost."""
_MAX_ENTRIES: Final = 1 + MAX_FILES + 2 * MAX_SEALS
_MIMETYPE: Final = "mimetype"
_META: Final = "META-INF/"
_MANIFEST: Final = _META + "ASiCManifest{:03}.xml"
_SIGNATURE: Final = _META + "signature{:03}.p7s"
_MAGIC: Final = _MIMETYPE.encode() + MEDIA_TYPE.encode()
_MAGIC_AT: Final = 30
"""Behind the first header, which has no extra field (EN 319 162-1 annex A.1)."""
_SNIFF_BYTES: Final = 2048
"""Enough for a magic number; a package's own type is told by its name."""


@dataclass(frozen=True, slots=True)
class DataObject:
    """A file in a container.

    Attributes:
        name: relative, with slashes.
        content: its bytes.
    """

    name: str
    content: Content


@dataclass(frozen=True, slots=True)
class CoveredFiles:
    """The files of a container, as one of its seals sees them.

    Attributes:
        names: those it covers.
        altered: those of them that are not what it covers any more.
        missing: those of them that are gone.
        unlisted: files of the container that it does not cover.
        beside: signatures of the container that are no seals over what is in it.
        problem: why the container is not in the form in which it was sealed, or ``None`` if it is.
    """

    names: tuple[str, ...]
    altered: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    problem: str | None = None

    @classmethod
    def of(cls, covers: Manifest, digests: Mapping[str, bytes]) -> CoveredFiles:
        """Compare what a manifest names with the digests of the files that are there."""
        names = {one.name: one.digest for one in covers.references}
        return cls(
            names=tuple(names),
            altered=tuple(
                name for name, digest in names.items() if digests.get(name, digest) != digest
            ),
            missing=tuple(name for name in names if name not in digests),
            unlisted=tuple(name for name in digests if name not in names),
        )


@dataclass(frozen=True, slots=True)
class ContainerSeal:
    """A signature in a container, and what it covers.

    Attributes:
        number: its place among them, from 1 on.
        cms: the signature, DER; empty while it is awaited.
        covers: the manifest it signs.
    """

    number: int
    cms: bytes
    covers: Manifest

    @property
    def name(self) -> str:
        """Of the signature, e.g. ``META-INF/signature001.p7s``."""
        return _SIGNATURE.format(self.number)

    @property
    def manifest_name(self) -> str:
        """Of the manifest it signs."""
        return _MANIFEST.format(self.number)

    @property
    def digest(self) -> bytes:
        """SHA-256 of what is signed, the manifest: 32 bytes."""
        return hashlib.sha256(self.covers.encode()).digest()


@dataclass(frozen=True, slots=True)
class Container:
    """A container.

    Attributes:
        files: its data objects, in their order.
        seals: its signatures, in their order.
    """

    files: tuple[DataObject, ...]
    seals: tuple[ContainerSeal, ...]

    def digests(self) -> dict[str, bytes]:
        """SHA-256 of each file, by name."""
        return {file.name: hashlib.sha256(file.content).digest() for file in self.files}

    def check_covered(self) -> None:
        """Check that each seal covers each file, as it is.

        Raises:
            InvalidFormatError: a file was altered, added or taken out; names it.
        """
        digests = self.digests()
        for seal in self.seals:
            found = CoveredFiles.of(seal.covers, digests)
            for name in (*found.altered, *found.missing, *found.unlisted):
                raise InvalidFormatError(
                    f"container: {name!r} is not what the seal {seal.name} covers", field="file"
                )

    def encode(self) -> bytes:
        """The container's bytes; the same container gives the same bytes."""
        entries: list[Entry] = [(_MIMETYPE, MEDIA_TYPE.encode())]
        entries += [(file.name, file.content) for file in self.files]
        for seal in self.seals:
            entries += [(seal.manifest_name, seal.covers.encode()), (seal.name, seal.cms)]
        return b"".join(write_archive(entries))

    def with_cms(self, number: int, cms: bytes) -> Container:
        """The container with another form of one signature, e.g. one that was time-stamped.

        Raises:
            InvalidInputError: there is no signature of this number.
        """
        if not 1 <= number <= len(self.seals):
            raise InvalidInputError(
                f"container: expected a signature from 1 to {len(self.seals)}, got {number}"
            )
        changed = replace(self.seals[number - 1], cms=cms)
        return replace(self, seals=(*self.seals[: number - 1], changed, *self.seals[number:]))


@dataclass(frozen=True, slots=True)
class PreparedContainer:
    """A container that lacks only the CMS of its newest seal.

    Attributes:
        container: files and seals, the newest seal's CMS empty.
        digest: SHA-256 of the manifest that is to be signed, 32 bytes.
    """

    container: Container
    digest: bytes

    def embed(self, cms: bytes) -> bytes:
        """The sealed container.

        Args:
            cms: DER.
        """
        return self.container.with_cms(len(self.container.seals), cms).encode()


def prepare(files: Sequence[Entry]) -> PreparedContainer:
    """Put files into a new container that lacks only its seal.

    Args:
        files: names, which are brought into normal form (NFC), and contents; they keep their order.

    Raises:
        InvalidInputError: no files, or names that cannot stand in a container.
    """
    named = tuple(DataObject(unicodedata.normalize("NFC", name), data) for name, data in files)
    _check_files([file.name for file in named])
    return _with_seal(Container(named, ()))


def prepare_again(container: Container) -> PreparedContainer:
    """Add a seal over all files of a container beside those it has.

    Raises:
        InvalidFormatError: it has a file its seals do not cover, or one that was altered: nobody
            else's broken seal is sealed over.
        TooLargeError: it has too many seals.
    """
    container.check_covered()
    return _with_seal(container)


def is_container(data: Content) -> bool:
    """Whether the first bytes are those of an ASiC-E container (EN 319 162-1 annex A.1)."""
    end = _MAGIC_AT + len(_MAGIC)
    return bytes(data[:4]) == LOCAL_MAGIC and bytes(data[_MAGIC_AT:end]) == _MAGIC


def read(data: Content) -> Container:
    """Read a container. Whether its seals are good is for others to say.

    Work and memory are linear in the data, which is not copied.

    Raises:
        TooLargeError: it holds more files or seals than are read.
        InvalidFormatError: it is not, byte for byte, in the form in which containers are written
            here.
    """
    entries = read_archive(data, _MAX_ENTRIES)
    if not entries or entries[0] != (_MIMETYPE, MEDIA_TYPE.encode()):
        raise InvalidFormatError(f"container: expected a first file 'mimetype' with {MEDIA_TYPE}")
    files = tuple(
        DataObject(*entry)
        for entry in itertools.takewhile(lambda entry: not entry[0].startswith(_META), entries[1:])
    )
    _check_files([file.name for file in files])
    pairs = list(_pairs(entries[1 + len(files) :]))
    _check_seals([len(manifest) for (_, manifest), *_ in pairs])
    seals = tuple(_seal(number, pair) for number, pair in enumerate(pairs, start=1))
    for seal in seals:
        _check_order(seal, files)
    return Container(files, seals)


def _pairs(entries: Sequence[Entry]) -> Iterable[Sequence[Entry]]:
    return (entries[at : at + 2] for at in range(0, len(entries), 2))


def _seal(number: int, pair: Sequence[Entry]) -> ContainerSeal:
    """A manifest and the signature behind it."""
    expected = [_MANIFEST.format(number), _SIGNATURE.format(number)]
    got = [name for name, _ in pair]
    if got != expected:
        raise InvalidFormatError(
            f"container: expected {' and '.join(expected)} next, "
            f"got {excerpt(' and '.join(got), 160)}"
        )
    manifest, cms = (bytes(content) for _, content in pair)
    covers = Manifest.parse(manifest)
    if covers.signature != expected[1]:
        raise InvalidFormatError(
            f"container: expected {expected[0]} to name {expected[1]}, "
            f"got {excerpt(covers.signature)}"
        )
    if len(cms) > MAX_CMS_BYTES:
        raise InvalidFormatError(
            f"container: expected signatures of at most {MAX_CMS_BYTES} bytes, got {len(cms)}"
        )
    return ContainerSeal(number, cms, covers)


def _with_seal(container: Container) -> PreparedContainer:
    number = len(container.seals) + 1
    references = (
        Reference.of(
            file.name, file.content, media_type(bytes(file.content[:_SNIFF_BYTES]), file.name)
        )
        for file in container.files
    )
    covers = Manifest(_SIGNATURE.format(number), tuple(references))
    sealed = replace(container, seals=(*container.seals, ContainerSeal(number, b"", covers)))
    _check_seals([len(seal.covers.encode()) for seal in sealed.seals])
    return PreparedContainer(sealed, sealed.seals[-1].digest)


def _check_files(names: Sequence[str]) -> None:
    if not 1 <= len(names) <= MAX_FILES:
        raise InvalidFormatError(
            f"container: expected at least one file and at most {MAX_FILES}, got {len(names)}",
            field="file",
        )
    for name in names:
        if folded(check_name(name)).split("/")[0] == folded(_META[:-1]):
            raise InvalidFormatError(
                f"container: expected files outside META-INF, got {excerpt(name)}", field="file"
            )
    check_distinct([_MIMETYPE, *names])


def _check_seals(manifests: Sequence[int]) -> None:
    """Check how many seals there are, and the bytes of their manifests."""
    if len(manifests) > MAX_SEALS:
        raise TooLargeError(
            f"container: expected at most {MAX_SEALS} seals, got {len(manifests)}", field="file"
        )
    if sum(manifests) > MAX_MANIFEST_BYTES:
        raise TooLargeError(
            f"container: expected manifests of at most {MAX_MANIFEST_BYTES} bytes in all, got "
            f"{sum(manifests)}: too many names under too many seals",
            field="file",
        )


def _check_order(seal: ContainerSeal, files: Sequence[DataObject]) -> None:
    """A seal that names these very files names them in the order in which they lie."""
    named = [one.name for one in seal.covers.references]
    there = [file.name for file in files]
    if named != there and sorted(named) == sorted(there):
        raise InvalidFormatError(
            f"container: expected the files in the order of {seal.manifest_name}, got another one"
        )
