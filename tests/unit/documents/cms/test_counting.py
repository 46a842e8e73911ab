"""Half a million parts in a mebibyte are counted, not made into objects."""

from __future__ import annotations

import pytest
from cryptography.hazmat import asn1

from eseal.documents.cms import decode, decoder
from eseal.documents.cms.counting import MAX_PARTS, check_count
from eseal.errors import InvalidFormatError

DIGEST = bytes(range(32))
MANY = 500_000


def element(tag, *parts):
    content = b"".join(parts)
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x84" + size.to_bytes(4, "big")
    return bytes([tag]) + length + content


def attributes(count):
    return element(0x30, b"\x06\x01\x2a", element(0x31)) * count


def signed_data(*, algorithms=b"", certificates=b"", lists=b"", signed=b"", unsigned=b""):
    signer = element(0x30, b"\x02\x01\x01", element(0xA0, signed), element(0xA1, unsigned))
    content = element(
        0x30, b"\x02\x01\x01", element(0x31, algorithms), element(0x30),
        element(0xA0, certificates), element(0xA1, lists), element(0x31, signer),
    )  # fmt: skip
    return element(0x30, b"\x06\x01\x2a", element(0xA0, content))


BOMBS = {
    "algorithms": {"algorithms": b"\5\0" * MANY},
    "certificates": {"certificates": b"\5\0" * MANY},
    "revocation lists": {"lists": b"\5\0" * MANY},
    "signed attributes": {"signed": attributes(140_000)},
    "unsigned attributes": {"unsigned": attributes(140_000)},
    "values": {"unsigned": element(0x30, b"\x06\x01\x2a", element(0x31, b"\5\0" * MANY))},
    "attributes within a few": {"unsigned": attributes(MAX_PARTS // 3)},
}


@pytest.mark.parametrize("parts", BOMBS.values(), ids=BOMBS)
def test_too_many_parts_are_refused_before_they_are_made(parts, monkeypatch):
    monkeypatch.delattr(decoder, "_decode")
    with pytest.raises(InvalidFormatError, match="4096 parts"):
        decoder.decode(signed_data(**parts))


def test_what_is_not_opened_is_not_counted(identity):
    check_count(identity.seal(DIGEST))
    large = element(0x30, b"\5\0" * MANY)
    check_count(signed_data(lists=large, certificates=large))
    value = element(0x30, b"\x06\x01\x2a", element(0x31, large))
    check_count(signed_data(signed=value, unsigned=value))


def test_what_is_cut_is_no_cms(identity):
    der = identity.seal(DIGEST)
    for end in range(len(der)):
        with pytest.raises(InvalidFormatError):
            decode(der[:end])
    for odd in (b"\x1f", b"\x1f\x80", b"\x30\x85\0\0\0\0\0", b"\x30\x84\xff\xff\xff\xff"):
        with pytest.raises(InvalidFormatError):
            decode(odd)
    assert asn1.decode_der(asn1.TLV, der)
