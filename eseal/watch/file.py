"""The watch file: all a company needs to find the uses of its seals by itself.

RFC 8785 canonical JSON. It is secret: whoever has it can find every use of the seals in the public
log (though not read them), and make tickets; so it travels encrypted (``eseal.watch.envelope``). It
names no contract and no address: those come from a source the company trusts more than its issuer.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

import orjson

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.excerpts import excerpt
from eseal.model.book import BOOK_KEY_BYTES, Book, check_depth
from eseal.model.json_values import JsonValues, loads
from eseal.model.records import roster_handle
from eseal.model.seal import seal_handle
from eseal.model.subject import SubjectProof

VERSION = 1
MAX_FILE_BYTES = 16 << 20
"""Some 5,000 seals with certificates of a few kilobytes."""
MAX_CERTIFICATE_BYTES = 16 << 10

_JSON = JsonValues("watch_file")


@dataclass(frozen=True, slots=True)
class WatchedSeal:
    """A seal and its book.

    Attributes:
        issuer: the issuer's id, 32 bytes.
        certificate: DER (X.509).
        depth: a volume of its book holds 2**depth tickets.
        key: the book's key, 32 secret bytes.
    """

    issuer: bytes
    certificate: bytes
    depth: int
    key: bytes = field(repr=False)

    @property
    def handle(self) -> bytes:
        """Its name on the ledger, 32 bytes."""
        return seal_handle(self.issuer, self.certificate)

    @property
    def book(self) -> Book:
        """Its book."""
        return Book(self.key, self.depth)


@dataclass(frozen=True, slots=True)
class WatchedRoster:
    """The book whose tickets are torn for changes of who may do what for the company.

    Attributes:
        issuer: the issuer's id, 32 bytes.
        subject: the company's pseudonym, 32 bytes.
        depth: a volume of it holds 2**depth tickets.
        key: the book's key, 32 secret bytes.
    """

    issuer: bytes
    subject: bytes
    depth: int
    key: bytes = field(repr=False)

    @property
    def handle(self) -> bytes:
        """What stands for a handle in its tags, 32 bytes."""
        return roster_handle(self.issuer, self.subject)

    @property
    def book(self) -> Book:
        """Its book."""
        return Book(self.key, self.depth)


@dataclass(frozen=True, slots=True)
class WatchFile:
    """What a company watches.

    Attributes:
        proofs: of each id and subject the company has or had, the newest last; at least one.
        seals: all it has or had, of any issuer.
        rosters: its roster books.
    """

    proofs: tuple[SubjectProof, ...]
    seals: tuple[WatchedSeal, ...]
    rosters: tuple[WatchedRoster, ...] = ()

    @property
    def name(self) -> str:
        """The company's name."""
        return self.proofs[-1].name

    @property
    def subjects(self) -> tuple[bytes, ...]:
        """Its pseudonyms, each once."""
        return tuple(dict.fromkeys(proof.subject for proof in self.proofs))

    @property
    def books(self) -> tuple[WatchedSeal | WatchedRoster, ...]:
        """All that has a book."""
        return (*self.seals, *self.rosters)

    @property
    def issuers(self) -> tuple[bytes, ...]:
        """Who issued its seals, each once."""
        return tuple(dict.fromkeys(one.issuer for one in self.books))

    def encode(self) -> bytes:
        """The canonical JSON (RFC 8785), UTF-8."""
        fields = {
            "v": VERSION,
            "proofs": [orjson.loads(proof.encode()) for proof in self.proofs],
            "seals": [_seal_fields(seal) for seal in self.seals],
            "rosters": [_roster_fields(roster) for roster in self.rosters],
        }
        return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)

    @classmethod
    def parse(cls, data: bytes) -> WatchFile:
        """Read what :meth:`encode` writes.

        Raises:
            InvalidFormatError: anything else, a seal that is there twice, or no proof.
        """
        if len(data) > MAX_FILE_BYTES:
            raise _JSON.invalid(f"at most {MAX_FILE_BYTES} bytes", f"{len(data)} bytes")
        try:
            fields = loads(data)
        except orjson.JSONDecodeError as error:
            raise _JSON.invalid("JSON", str(error)[:200]) from None
        top = _JSON.members(fields, "text", {"v", "proofs", "seals", "rosters"})
        if _JSON.integer(top["v"], "v") != VERSION:
            raise _JSON.invalid(f"version {VERSION}", str(top["v"]))
        found = cls(
            tuple(_proof(one) for one in _list(top["proofs"], "proofs")),
            tuple(_seal(one) for one in _list(top["seals"], "seals")),
            tuple(_roster(one) for one in _list(top["rosters"], "rosters")),
        )
        found._check(data)
        return found

    def _check(self, data: bytes) -> None:
        if not self.proofs:
            raise _JSON.invalid("at least one subject proof", "none")
        handles = [one.handle for one in self.books]
        if len(set(handles)) < len(handles):
            raise _JSON.invalid("every seal and roster once", "one that is there twice")
        if self.encode() != data:
            raise _JSON.invalid("RFC 8785 canonical JSON", "another encoding of the same values")


def _seal_fields(seal: WatchedSeal) -> dict[str, Any]:
    return {
        "issuer": seal.issuer.hex(),
        "handle": seal.handle.hex(),
        "certificate": base64.b64encode(seal.certificate).decode("ascii"),
        "depth": seal.depth,
        "book_key": seal.key.hex(),
    }


def _roster_fields(roster: WatchedRoster) -> dict[str, Any]:
    return {
        "issuer": roster.issuer.hex(),
        "subject": roster.subject.hex(),
        "depth": roster.depth,
        "book_key": roster.key.hex(),
    }


def _list(value: object, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise _JSON.invalid(f"{name} to be a list", type(value).__name__)
    return value


def _proof(value: object) -> SubjectProof:
    return SubjectProof.parse(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


def _seal(value: object) -> WatchedSeal:
    names = {"issuer", "handle", "certificate", "depth", "book_key"}
    members = _JSON.members(value, "seal", names)
    seal = WatchedSeal(
        _JSON.hex_bytes(members["issuer"], "issuer"),
        read_certificate(members["certificate"], _JSON),
        _depth(members["depth"]),
        _JSON.hex_bytes(members["book_key"], "book_key", BOOK_KEY_BYTES),
    )
    if _JSON.hex_bytes(members["handle"], "handle") != seal.handle:
        raise _JSON.invalid(f"the handle {seal.handle.hex()} of this certificate", "another")
    return seal


def _roster(value: object) -> WatchedRoster:
    members = _JSON.members(value, "roster", {"issuer", "subject", "depth", "book_key"})
    return WatchedRoster(
        _JSON.hex_bytes(members["issuer"], "issuer"),
        _JSON.hex_bytes(members["subject"], "subject"),
        _depth(members["depth"]),
        _JSON.hex_bytes(members["book_key"], "book_key", BOOK_KEY_BYTES),
    )


def read_certificate(value: object, values: JsonValues) -> bytes:
    """A certificate in base64, DER; that it is one, its handle says.

    Raises:
        InvalidFormatError: anything else, or more than 16 KiB of it.
    """
    text = values.text(value, "certificate")
    try:
        der = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise values.invalid("certificate in base64", excerpt(text, 64)) from None
    if not 0 < len(der) <= MAX_CERTIFICATE_BYTES:
        raise values.invalid(f"a certificate of 1 to {MAX_CERTIFICATE_BYTES} bytes", str(len(der)))
    return der


def _depth(value: object) -> int:
    try:
        return check_depth(_JSON.integer(value, "depth"))
    except InvalidFormatError:
        raise
    except InvalidInputError as error:
        raise _JSON.invalid("depth a volume can have", str(error)) from None
