"""A seal signature is what is signed and what is needed, as we write it."""

from __future__ import annotations

import hashlib

import pytest

from eseal.documents.cms import MAX_CMS_BYTES, decode
from eseal.documents.cms.unsigned import check_unsigned
from eseal.documents.cms.validation_data import Effort
from eseal.errors import InvalidFormatError
from tests.fuzz.mutators.carrying import SIGNER, WAYS, changed, element, parts

DIGEST = hashlib.sha256(b"offer").digest()
RECEIPT = b"receipt\n"


def checked(der, signature=None):
    return check_unsigned(der, signature or decode(der), Effort())


def test_what_we_write_is_what_we_write(identity):
    bare = changed(identity.seal(DIGEST), SIGNER, lambda inside: inside[:-1])
    assert checked(bare) is None
    assert checked(identity.seal(DIGEST, RECEIPT)) == RECEIPT


@pytest.mark.parametrize("way", WAYS)
def test_whatever_is_put_in_is_found(identity, way):
    der = identity.seal(DIGEST, RECEIPT)
    with pytest.raises(InvalidFormatError):
        checked(WAYS[way](der, b"PK\x03\x04"), decode(der))


def test_it_is_the_one_that_was_examined(identity):
    one, other = identity.seal(DIGEST), identity.seal(hashlib.sha256(b"other").digest())
    with pytest.raises(InvalidFormatError, match="another spelling"):
        checked(one, decode(other))


def test_a_receipt_is_there_once_and_a_text(identity):
    der = identity.seal(DIGEST, RECEIPT)
    twice = changed(der, (*SIGNER, -1), lambda inside: inside * 2)
    kind = parts(parts(parts(parts(parts(parts(der)[1])[0])[-1])[0])[-1])[0]
    other = element(0x30, parts(kind)[0], element(0x31, element(0x0C, RECEIPT)))
    utf8 = changed(der, (*SIGNER, -1), lambda _: [other])
    for loaded, what in ((twice, "twice"), (utf8, "no text")):
        with pytest.raises(InvalidFormatError, match=what):
            checked(loaded, decode(der))


def test_empty_sets_and_what_is_no_signature_are_told(identity):
    der = identity.seal(DIGEST, RECEIPT)
    empty = changed(der, (*SIGNER, -1), lambda _: [])
    for loaded in (empty, b"", b"PK\x03\x04", b"\x30\x00", der[:-1], bytes(MAX_CMS_BYTES + 1)):
        with pytest.raises(InvalidFormatError):
            checked(loaded, decode(der))
