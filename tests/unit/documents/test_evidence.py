from __future__ import annotations

import copy
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eseal.documents.evidence import (
    MAX_EVIDENCE_BYTES,
    Evidence,
    EvidenceAnchor,
    evidence_filename,
)
from eseal.errors import InvalidFormatError

ANCHOR = EvidenceAnchor(
    chain_id=1337,
    contract="0x5FbDB2315678afecb367f032d93F642f64180aa3",
    log_id=bytes(range(32)),
    epoch=3,
    size=12,
    root=bytes(range(32, 64)),
    block_number=9,
    block_hash=bytes([7] * 32),
    block_timestamp=1_795_365_900,
    transaction=bytes([9] * 32),
)


@pytest.fixture(scope="module")
def evidence(p256):
    return Evidence(
        statement=p256.statement(bytes(32))._replace(purpose="Vertrag Nr. 4 — 合同"),
        cms=p256.seal(bytes(32)),
        chain=p256.chain,
        issuer=bytes(range(64, 96)),
        receipt=b"c2sp.org/tlog-proof@v1\nindex 0\n\nlog.example/trial\n1\nroot=\n",
        origin="log.example/trial",
        public_key=bytes(range(32)),
        anchor=ANCHOR,
    )


@pytest.fixture
def fields(evidence):
    return json.loads(evidence.encode())


def encoded(fields) -> bytes:
    return json.dumps(fields).encode()


def test_what_is_written_is_read(evidence):
    assert Evidence.parse(evidence.encode()) == evidence
    pending = replace(evidence, anchor=None)
    assert Evidence.parse(pending.encode()) == pending


def test_it_has_the_members_of_the_format(evidence, fields):
    assert set(fields) == {
        "v", "statement", "cms", "chain", "issuer", "receipt", "log", "anchor",
    }  # fmt: skip
    assert fields["v"] == 2
    assert fields["issuer"] == evidence.issuer.hex()
    assert fields["anchor"]["epoch"] == 3
    assert fields["statement"] == json.loads(evidence.statement.encode())
    assert fields["log"]["origin"] == "log.example/trial"
    assert fields["anchor"]["block"] == {
        "number": 9,
        "hash": "0x" + "07" * 32,
        "timestamp": 1_795_365_900,
    }
    assert fields["anchor"]["contract"] == ANCHOR.contract
    assert fields["anchor"]["log_id"] == ANCHOR.log_id.hex()
    assert fields["anchor"]["transaction"] == "0x" + "09" * 32


def test_another_layout_reads_the_same_and_is_written_alike(evidence, fields):
    again = Evidence.parse(encoded(fields))
    assert again == evidence
    assert again.encode() == evidence.encode()


def change(*path, to):
    def apply(fields):
        target = fields
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = to

    return apply


def drop(*path):
    def apply(fields):
        target = fields
        for step in path[:-1]:
            target = target[step]
        del target[path[-1]]

    return apply


DEVIATIONS = [
    (change("v", to=1), "version 2, got 1"),
    (change("v", to=True), "v to be an integer"),
    (change("extra", to=1), "file with the members"),
    (drop("issuer"), "file with the members"),
    (change("issuer", to="AB" * 32), "issuer of the form"),
    (drop("anchor", "epoch"), "anchor with the members"),
    (change("anchor", "epoch", to=-1), "anchor.epoch to be an integer"),
    (drop("receipt"), "file with the members"),
    (drop("anchor"), "file with the members"),
    (drop("log", "origin"), "log with the members"),
    (change("log", to=[]), "log to be a JSON object"),
    (change("log", "origin", to="two words"), "log's name"),
    (change("log", "origin", to="a+b"), "log's name"),
    (change("log", "origin", to="x" * 256), "log's name"),
    (change("log", "public_key", to="AAAA"), "32 bytes, got 3 bytes"),
    (change("statement", to="text"), "statement to be an object"),
    (change("statement", "ticket", "volume", to=-1), "ticket.volume to be an integer"),
    (change("statement", "more", to=0), "members"),
    (change("cms", to=""), "cms in base64"),
    (change("cms", to="A"), "cms in base64"),
    (change("cms", to="AAA"), "cms in base64"),
    (change("cms", to="AA AA=="), "cms in base64"),
    (change("cms", to="AB=="), "zero padding bits"),
    (change("cms", to="-_=="), "cms in base64"),
    (change("cms", to=5), "cms to be a string"),
    (change("chain", to={}), "chain to be a list"),
    (change("chain", to=["AA=="] * 17), "at most 16"),
    (change("chain", to=[None]), "chain to be a string"),
    (change("receipt", to=""), "a receipt"),
    (change("receipt", to=None), "receipt to be a string"),
    (change("anchor", to=[]), "anchor to be a JSON object"),
    (change("anchor", "size", to=-1), "anchor.size to be an integer"),
    (change("anchor", "size", to=2**53), "anchor.size to be an integer"),
    (change("anchor", "size", to="1"), "anchor.size to be an integer"),
    (change("anchor", "chain_id", to=1.5), "anchor.chain_id to be an integer"),
    (change("anchor", "contract", to="5FbD"), "0x and 40 hex digits"),
    (change("anchor", "root", to="AA" * 32), "anchor.root of the form"),
    (change("anchor", "root", to="0x" + "aa" * 32), "anchor.root of the form"),
    (change("anchor", "transaction", to="aa" * 32), "anchor.transaction of the form"),
    (change("anchor", "block", "hash", to="0x00"), "anchor.block.hash of the form"),
    (change("anchor", "block", "more", to=1), "anchor.block with the members"),
]


@pytest.mark.parametrize(("deviate", "named"), DEVIATIONS)
def test_a_deviation_is_refused_by_name(fields, deviate, named):
    deviate(fields)
    with pytest.raises(InvalidFormatError, match=named):
        Evidence.parse(encoded(fields))


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"", "JSON"),
        (b"[]", "file to be a JSON object"),
        (b"{", "JSON"),
        (b"\xff\xfe", "JSON"),
        (b"[" * 10_000, "JSON"),
        (b" " * (MAX_EVIDENCE_BYTES + 1), "at most"),
    ],
)
def test_what_is_no_evidence_is_refused(data, named):
    with pytest.raises(InvalidFormatError, match=named):
        Evidence.parse(data)


def test_a_member_given_twice_is_refused(evidence):
    data = evidence.encode()
    for text in (b'"v": 2', b'"origin": "log.example/trial"', b'"volume": 0'):
        twice = data.replace(text, text + b", " + text, 1)
        assert twice != data
        with pytest.raises(InvalidFormatError, match="each member once"):
            Evidence.parse(twice)


def test_a_receipt_that_is_no_text_is_not_written(evidence):
    with pytest.raises(InvalidFormatError, match="UTF-8"):
        replace(evidence, receipt=b"\xff").encode()


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_mutation_escapes_our_errors(evidence, data):
    changed = bytearray(evidence.encode())
    for _ in range(data.draw(st.integers(1, 3))):
        index = data.draw(st.integers(0, len(changed) - 1))
        changed[index] = data.draw(st.integers(0, 255))
    try:
        read = Evidence.parse(bytes(changed))
    except InvalidFormatError:
        return
    assert Evidence.parse(read.encode()) == read


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None)
@given(value=JSON, data=st.data())
def test_no_value_of_another_type_escapes_our_errors(evidence, value, data):
    fields = copy.deepcopy(json.loads(evidence.encode()))
    target = fields
    path = data.draw(
        st.sampled_from(
            [
                ("v",),
                ("statement",),
                ("cms",),
                ("chain",),
                ("receipt",),
                ("log",),
                ("anchor",),
                ("log", "origin"),
                ("anchor", "block"),
                ("anchor", "size"),
                ("statement", "digest"),
            ]
        )
    )
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    try:
        Evidence.parse(encoded(fields))
    except InvalidFormatError:
        return


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("contract.pdf", "contract.pdf.eseal.json"),
        ("合同.pdf", "合同.pdf.eseal.json"),
        ("/etc/passwd", "passwd.eseal.json"),
        ("..\\..\\evil.txt", "evil.txt.eseal.json"),
        ("a:b?.txt", "ab.txt.eseal.json"),
        ("..", "document.eseal.json"),
        ("", "document.eseal.json"),
        ("folder/", "document.eseal.json"),
        ("x" * 300, "x" * 200 + ".eseal.json"),
        ("line\nbreak\ud800.pdf", "linebreak.pdf.eseal.json"),
    ],
)
def test_evidence_is_named_after_its_document(document, expected):
    assert evidence_filename(document) == expected
