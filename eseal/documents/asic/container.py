"""ASiC-E containers with CAdES signatures (ETSI EN 319 162-1 clause 4.4.3).

::

    mimetype                          application/vnd.etsi.asic-e+zip, first and stored
    contract.pdf, drawings/a.dwg, …   the files that are sealed
    META-INF/ASiCManifest001.xml      name and digest of each of them
    META-INF/signature001.p7s         the seal: a detached CAdES signature of the manifest
    META-INF/ASiCManifest002.xml      the next seal's, and so on

A later seal adds a manifest and a signature of its own and leaves the earlier ones as they are.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from eseal.documents.asic.archive import (
    LOCAL_MAGIC,
    ArchiveLimits,
    Content,
    read_archive,
    write_archive,
)
from eseal.documents.asic.manifest import MAX_BYTES, Manifest, read_manifest, write_manifest
from eseal.documents.asic.names import check_distinct, check_name
from eseal.documents.cms import MAX_CMS_BYTES
from eseal.documents.media import media_type
from eseal.errors import InvalidFormatError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

MEDIA_TYPE: Final = "application/vnd.etsi.asic-e+zip"
SUFFIX: Final = ".asice"
_MIMETYPE: Final = "mimetype"
_META: Final = "META-INF/"
_OURS: Final = _META + "ASiCManifest{number:03}.xml", _META + "signature{number:03}.p7s"
_MANIFEST: Final = re.compile(r"META-INF/ASiCManifest[^/]*\.xml")
_SIGNATURE: Final = re.compile(r"META-INF/[^/]*signature[^/]*\.p7s", re.IGNORECASE)
_OTHERS: Final = re.compile(
    r"META-INF/(?:ASiCArchiveManifest[^/]*\.xml|ASiCEvidenceRecordManifest[^/]*\.xml"
    r"|[^/]*timestamp[^/]*\.tst|[^/]*evidencerecord[^/]*\.(?:ers|xml)"
    r"|manifest\.xml|container\.xml|metadata\.xml)",
    re.IGNORECASE,
)
"""What else the standard puts there; it is carried along and proves nothing here."""
MAX_SEALS: Final = 64
"""Signatures in one container; each costs the digests of all its files."""
DEFAULT_LIMITS: Final = ArchiveLimits()
_MAGIC: Final = _MIMETYPE.encode() + MEDIA_TYPE.encode()
_MAGIC_AT: Final = 30
"""Behind the first header, which has no extra field (EN 319 162-1 annex A.1)."""


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
class ContainerSeal:
    """A signature in a container, and what it covers.

    Attributes:
        name: of the signature, e.g. ``META-INF/signature001.p7s``.
        cms: the signature, DER.
        manifest_name: of the manifest it signs.
        manifest: that manifest's bytes, the signed content.
        covers: what the manifest says.
    """

    name: str
    cms: bytes
    manifest_name: str
    manifest: bytes
    covers: Manifest

    @property
    def digest(self) -> bytes:
        """SHA-256 of what is signed, 32 bytes."""
        return hashlib.sha256(self.manifest).digest()


@dataclass(frozen=True, slots=True)
class Container:
    """A container that was read.

    Attributes:
        files: its data objects, in their order.
        seals: its signatures, in the order of their names.
        others: what else lies in ``META-INF``.
    """

    files: tuple[DataObject, ...]
    seals: tuple[ContainerSeal, ...]
    others: tuple[DataObject, ...] = ()

    def unlisted(self) -> tuple[str, ...]:
        """Names of the files that no signature covers: the standard wants every one covered."""
        listed = {one.name for seal in self.seals for one in seal.covers.references}
        return tuple(file.name for file in self.files if file.name not in listed)

    def content(self) -> dict[str, Content]:
        """Every file by name: a manifest may also cover what lies in ``META-INF``."""
        found = {file.name: file.content for file in (*self.files, *self.others)}
        for seal in self.seals:
            found |= {seal.manifest_name: seal.manifest, seal.name: seal.cms}
        return found

    def encode(self) -> bytes:
        """The container's bytes; the same container gives the same bytes."""
        entries: list[tuple[str, Content]] = [(_MIMETYPE, MEDIA_TYPE.encode())]
        entries += [(file.name, file.content) for file in self.files]
        entries += [(other.name, other.content) for other in self.others]
        for seal in self.seals:
            entries += [(seal.manifest_name, seal.manifest), (seal.name, seal.cms)]
        return b"".join(write_archive(entries))

    def with_signature(self, name: str, cms: bytes) -> Container:
        """The container with another form of one signature, e.g. one that was time-stamped.

        Raises:
            InvalidInputError: there is no signature of this name.
        """
        if all(seal.name != name for seal in self.seals):
            raise InvalidInputError(f"container: no signature {name!r}")
        return replace(
            self,
            seals=tuple(
                replace(seal, cms=cms) if seal.name == name else seal for seal in self.seals
            ),
        )


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
        return self.container.with_signature(self.container.seals[-1].name, cms).encode()


def prepare(files: Sequence[tuple[str, Content]]) -> PreparedContainer:
    """Put files into a new container that lacks only its seal.

    Args:
        files: names and contents; they keep their order.

    Raises:
        InvalidInputError: no files, or names that cannot stand in a container.
    """
    if not files:
        raise InvalidInputError("container: expected at least one file, got none", field="file")
    if len(files) > DEFAULT_LIMITS.max_files:
        raise InvalidInputError(
            f"container: expected at most {DEFAULT_LIMITS.max_files} files, got {len(files)}",
            field="file",
        )
    for name, _ in files:
        _check_free_name(check_name(name))
    check_distinct(name for name, _ in files)
    return _with_seal(Container(tuple(DataObject(*file) for file in files), ()))


def prepare_again(container: Container) -> PreparedContainer:
    """Add a seal over all files of a container beside those it has.

    Raises:
        InvalidFormatError: it has a file its seals do not cover, or one that was altered: nobody
            else's broken seal is sealed over.
        InvalidInputError: it has too many seals.
    """
    unlisted = container.unlisted()
    if unlisted and container.seals:
        raise InvalidFormatError(
            f"container: no seal covers {unlisted[0]!r}, which was added afterwards", field="file"
        )
    contents = container.content()
    for seal in container.seals:
        for reference in seal.covers.references:
            content = contents.get(reference.name)
            if content is None or not reference.fits(content):
                raise InvalidFormatError(
                    f"container: {reference.name!r} is not what the seal {seal.name} covers",
                    field="file",
                )
    if len(container.seals) >= MAX_SEALS:
        raise InvalidInputError(f"container: expected fewer than {MAX_SEALS} seals", field="file")
    return _with_seal(container)


def is_container(data: Content) -> bool:
    """Whether the first bytes are those of an ASiC-E container (EN 319 162-1 annex A.1)."""
    end = _MAGIC_AT + len(_MAGIC)
    return bytes(data[:4]) == LOCAL_MAGIC and bytes(data[_MAGIC_AT:end]) == _MAGIC


def read(data: Content, limits: ArchiveLimits = DEFAULT_LIMITS) -> Container:
    """Read a container. Whether its seals are good is for others to say.

    Raises:
        TooLargeError: it is beyond the limits.
        InvalidFormatError: it can be read in two ways, or is not what the standard asks for.
    """
    entries = read_archive(data, limits)
    first = entries[0] if entries else None
    if (
        first is None
        or first.name != _MIMETYPE
        or not first.bare
        or (bytes(first.content) != MEDIA_TYPE.encode())
    ):
        raise InvalidFormatError(
            f"container: expected a first file 'mimetype', stored, with {MEDIA_TYPE}"
        )
    rest = entries[1:]
    for entry in rest:
        check_name(entry.name)
    check_distinct(entry.name for entry in entries)
    meta = {entry.name: entry.content for entry in rest if _is_meta(entry.name)}
    seals, others = _seals(meta)
    files = [DataObject(one.name, one.content) for one in rest if not _is_meta(one.name)]
    if not files:
        raise InvalidFormatError("container: expected at least one file beside META-INF, got none")
    return Container(tuple(files), seals, others)


def _seals(meta: dict[str, Content]) -> tuple[tuple[ContainerSeal, ...], tuple[DataObject, ...]]:
    signatures = {name for name in meta if _SIGNATURE.fullmatch(name)}
    manifests = [name for name in meta if _MANIFEST.fullmatch(name)]
    others = [name for name in meta if name not in signatures and name not in manifests]
    for name in others:
        if not _OTHERS.fullmatch(name):
            raise InvalidFormatError(
                f"container: META-INF is for manifests and signatures, got {name[:80]!r}"
            )
    if len(manifests) > MAX_SEALS:
        raise InvalidFormatError(
            f"container: expected at most {MAX_SEALS} manifests, got {len(manifests)}"
        )
    seals: dict[str, ContainerSeal] = {}
    for name in sorted(manifests):
        seal = _seal(name, meta)
        if seal.name in seals:
            raise InvalidFormatError(f"container: two manifests name the signature {seal.name}")
        seals[seal.name] = seal
    loose = signatures - seals.keys()
    if loose:
        raise InvalidFormatError(f"container: no manifest names the signature {min(loose)}")
    return tuple(seals.values()), tuple(DataObject(name, meta[name]) for name in others)


def _seal(name: str, meta: dict[str, Content]) -> ContainerSeal:
    content = meta[name]
    if len(content) > MAX_BYTES:
        raise InvalidFormatError(f"container: {name} is too large for a manifest")
    manifest = bytes(content)
    covers = read_manifest(manifest)
    signature = meta.get(covers.signature)
    if signature is None or not _SIGNATURE.fullmatch(covers.signature):
        raise InvalidFormatError(
            f"container: {name} names {covers.signature[:80]!r}, which is no signature in META-INF"
        )
    if len(signature) > MAX_CMS_BYTES:
        raise InvalidFormatError(f"container: {covers.signature} is too large for a signature")
    for reference in covers.references:
        if reference.name in {name, covers.signature}:
            raise InvalidFormatError(f"container: {name} refers to itself")
    return ContainerSeal(covers.signature, bytes(signature), name, manifest, covers)


def _with_seal(container: Container) -> PreparedContainer:
    taken = {seal.name for seal in container.seals}
    taken |= {seal.manifest_name for seal in container.seals}
    number = len(container.seals) + 1
    while taken & {pattern.format(number=number) for pattern in _OURS}:
        number += 1
    manifest_name, name = (pattern.format(number=number) for pattern in _OURS)
    described = [
        (file.name, file.content, media_type(bytes(file.content[:_SNIFF_BYTES]), file.name))
        for file in container.files
    ]
    manifest = write_manifest(name, described)
    seal = ContainerSeal(name, b"", manifest_name, manifest, read_manifest(manifest))
    sealed = replace(container, seals=(*container.seals, seal))
    return PreparedContainer(sealed, seal.digest)


_SNIFF_BYTES: Final = 2048
"""Enough for a magic number; a package's own type is told by its name."""


def _is_meta(name: str) -> bool:
    return name.upper().startswith(_META)


def _check_free_name(name: str) -> None:
    if _is_meta(name + "/") or name.casefold() == _MIMETYPE:
        raise InvalidFormatError(
            f"container: expected a name outside META-INF other than mimetype, got {name[:80]!r}",
            field="file",
        )
