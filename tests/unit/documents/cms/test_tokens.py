"""Tokens hold what they need; what their authorities put in besides is taken out again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pytest

from eseal.documents.cms.counting import MAX_PARTS
from eseal.documents.cms.tokens import MAX_SIGNED_BYTES, bare, check_token, embedded, read_token
from eseal.documents.cms.validation_data import Effort
from eseal.errors import InvalidFormatError
from eseal.pki.tsp.client import BuiltInSource, TimeStampers
from eseal.pki.tsp.token import TimeStamp
from tests.fuzz.mutators.carrying import (
    SIGNED_DATA,
    SIGNER,
    WAYS,
    changed,
    element,
    parts,
    put,
    sequence,
)
from tests.stamping import Other

DIGEST = hashlib.sha256(b"offer").digest()
PAYLOAD = b"PK\x03\x04 something"
KEPT = {"digest algorithm", "parameters", "part of the ContentInfo", "part of the SignedData"}
"""What stands where no part can be left out."""


@dataclass(frozen=True)
class Made:
    """A token, and the certificates that its authority has."""

    token: bytes
    certificates: tuple[bytes, ...]


@pytest.fixture(scope="module")
def made():
    other = Other()
    stampers = TimeStampers([BuiltInSource(other.tsa.answer)])
    return Made(stampers.stamp(DIGEST).token, (other.tsa_certificate, *other.ca.chain))


def unsorted(token):
    """As some authorities write them: sets in any order."""
    data = parts(parts(parts(token)[1])[0])
    data[3] = element(0xA0, *reversed(parts(data[3])))
    return element(0x30, parts(token)[0], element(0xA0, element(0x30, *data)))


def test_what_a_token_holds(made):
    read = check_token(made.token, Effort())
    assert read.signer == made.certificates[0]
    assert {*read.carried.certificates} == {*made.certificates} == {*embedded(made.token)}
    assert not read.is_archive
    assert bare(made.token) == made.token


def test_the_order_of_sets_is_the_authoritys(made):
    other = unsorted(made.token)
    assert other != made.token
    assert check_token(other, Effort()).signer == made.certificates[0]
    assert bare(other) == other


@pytest.mark.parametrize("way", WAYS)
def test_whatever_is_put_in_is_found(made, way):
    with pytest.raises(InvalidFormatError):
        check_token(WAYS[way](made.token, PAYLOAD), Effort())


@pytest.mark.parametrize("way", sorted({*WAYS} - KEPT))
def test_what_nobody_signed_is_taken_out(made, way):
    loaded = WAYS[way](made.token, PAYLOAD)
    stripped = bare(loaded)
    assert PAYLOAD not in stripped
    check_token(stripped, Effort())
    stamp = TimeStamp.parse(stripped)
    stamp.verify()
    assert stamp.imprint == DIGEST
    assert {stamp.certificate, *stamp.certificates} == {*made.certificates}


def test_what_cannot_be_brought_into_the_form_is_refused(made):
    for way in KEPT:
        with pytest.raises(InvalidFormatError, match="a time-stamp that holds"):
            bare(WAYS[way](made.token, PAYLOAD))
    for broken in (b"", b"\x30\x00", made.token[:-1], PAYLOAD):
        with pytest.raises(InvalidFormatError):
            bare(broken)
        with pytest.raises(InvalidFormatError):
            read_token(broken)
        assert embedded(broken) == []


def test_a_token_names_one_certificate_that_it_carries(made):
    without = changed(made.token, (*SIGNED_DATA, 3), lambda inside: inside[:0])
    with pytest.raises(InvalidFormatError, match="0 certificates of its authority"):
        check_token(without, Effort())


def test_much_is_not_taken_apart(made):
    many = put((*SIGNED_DATA, 3), lambda _: b"\x30\x00" * MAX_PARTS)(made.token, b"")
    with pytest.raises(InvalidFormatError, match="at most 256 parts"):
        check_token(many, Effort())
    wide = put((*SIGNER, 3), lambda _: sequence(bytes(MAX_SIGNED_BYTES)))(made.token, b"")
    with pytest.raises(InvalidFormatError, match="bytes that are signed"):
        check_token(wide, Effort())
    with pytest.raises(InvalidFormatError, match="does not need"):
        check_token(made.token, Effort(0))
