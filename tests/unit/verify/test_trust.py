from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.ledger.contracts.deployment import Deployment
from eseal.log.vkey import KeyType, VerifierKey
from eseal.verify import Trust
from eseal.verify.inputs.trust import TrustedAuthority

ADDRESS = "0x" + "ab" * 20


def test_a_trust_file_survives():
    trust = Trust(1337, ADDRESS, "0x" + "cd" * 20, (b"one", b"two"))
    assert Trust.parse(trust.encode()) == trust
    assert Trust.parse(Trust().encode()) == Trust()
    assert Trust.parse(b"{}") == Trust()


def test_a_trust_file_names_keys_of_logs():
    key = VerifierKey("log.example/one", KeyType.NOTE, bytes(range(32)))
    trust = Trust(logs=(key,))
    assert Trust.parse(trust.encode()) == trust
    for logs in ("x", [1], [str(key)[:-1]]):
        with pytest.raises(InvalidFormatError):
            Trust.parse(json.dumps({"logs": logs}).encode())


def test_a_deployment_s_file_is_a_trust_file():
    deployment = Deployment(1337, "0x" + "11" * 20, "0x" + "22" * 20, 7)
    assert Trust.parse(deployment.encode()) == Trust(
        1337, "0x" + "11" * 20, "0x" + "22" * 20, block=7
    )


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"chain": 1}, "only the members"),
        ({"chain_id": "1"}, "chain_id"),
        ({"chain_id": True}, "chain_id"),
        ({"chain_id": 0}, "chain_id"),
        ({"chain_id": 2**53}, "chain_id"),
        ({"seal_registry": ADDRESS[:-1]}, "seal_registry"),
        ({"usage_ledger": 5}, "usage_ledger"),
        ({"roots": "abc"}, "roots"),
        ({"roots": [1]}, "roots"),
        ({"roots": ["$$$$"]}, "base64"),
        ({"roots": ["é"]}, "base64"),
        ([], "a JSON object"),
    ],
)
def test_a_bad_trust_file_says_what_was_expected(members, expected):
    with pytest.raises(InvalidFormatError, match=expected):
        Trust.parse(json.dumps(members).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000, b" " * (2**20 + 1)])
def test_what_is_no_json_is_refused(data):
    with pytest.raises(InvalidFormatError):
        Trust.parse(data)


@given(st.binary(max_size=200) | st.text().map(str.encode))
def test_no_bytes_break_the_parser(data):
    with contextlib.suppress(InvalidFormatError):
        assert Trust.parse(data).roots == ()


def test_two_issuers_on_the_same_contracts_are_trusted_together():
    ours, theirs = (TrustedAuthority(key * 32, b"a" * 32, ("NTRCN",)) for key in (b"o", b"t"))
    mine = Trust(1337, ADDRESS.upper().replace("X", "x"), roots=(b"one",), authorities=(ours,))
    other = Trust(1337, ADDRESS, ADDRESS, (b"one", b"two"), block=7, authorities=(theirs, ours))
    joined = mine.joined(other)
    assert joined == Trust(
        1337,
        mine.seal_registry,
        ADDRESS,
        (b"one", b"two"),
        block=7,
        authorities=(ours, theirs),
    )
    assert joined.joined(other) == joined


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (Trust(7), "expected chain_id 1337, got 7"),
        (Trust(seal_registry="0x" + "cd" * 20), "seal_registry"),
        (Trust(usage_ledger="0x" + "cd" * 20), "usage_ledger"),
        (Trust(authorities=(TrustedAuthority(b"k" * 32, b"b" * 32, ("NTRCN",)),)), "attest key"),
        (Trust(authorities=(TrustedAuthority(b"k" * 32, b"a" * 32, ("LEIXG",)),)), "registers"),
    ],
)
def test_what_contradicts_a_trust_file_is_not_added_to_it(other, why):
    known = TrustedAuthority(b"k" * 32, b"a" * 32, ("NTRCN",), "The register")
    mine = Trust(1337, ADDRESS, ADDRESS, authorities=(known,))
    with pytest.raises(InvalidInputError, match=why):
        mine.joined(other)


def test_an_authority_has_the_name_that_its_user_gives_it():
    keys = {"vrf_key": "0a" * 32, "attest_key": "0b" * 32, "schemes": ["NTRCN"]}
    (named,) = parse({"authorities": [keys | {"name": "Hangzhou register"}]}).authorities
    (unnamed,) = parse({"authorities": [keys]}).authorities
    assert (named.name, unnamed.name) == ("Hangzhou register", None)
    assert named == unnamed, "it makes no other authority"
    both = Trust(authorities=(named,)).joined(Trust(authorities=(unnamed,)))
    assert [one.name for one in Trust.parse(both.encode()).authorities] == ["Hangzhou register"]
    for name in (7, "", "two\nlines", "x" * 201):
        with pytest.raises(InvalidFormatError):
            parse({"authorities": [keys | {"name": name}]})


def parse(members):
    return Trust.parse(json.dumps(members).encode())
