"""docs/protocol.md: its example and its selectors are what the code makes."""

from __future__ import annotations

import re
import textwrap
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from eseal.authority.word import vrf
from eseal.authority.word.attestation import attest, verify_subject_proof
from eseal.documents import oids
from eseal.ledger.contracts.artifacts import SEAL_REGISTRY, USAGE_LEDGER, load_artifact
from eseal.log.checkpoint import Checkpoint, log_id, parse_checkpoint, sign_checkpoint
from eseal.log.leaf import Leaf
from eseal.log.receipt import Receipt, verify_receipt
from eseal.log.rfc9162 import node_hash
from eseal.model.book import Book, VolumeTree, tag, verify_path
from eseal.model.commitment import Kind, SignatureAlgorithm, commitment, normalised
from eseal.model.seal import seal_handle
from eseal.model.statement import BlockReference, Statement
from eseal.verify.verdict.vocabulary import Finding

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"
ISSUER, CERTIFICATE = b"\x11" * 32, b"a certificate"
VRF_SECRET, ATTEST_SECRET, LOG_SECRET, BOOK_KEY = (bytes((n,)) * 32 for n in range(7, 11))
ORIGIN, DEPTH, NUMBER, INDEX = "log.example/one", 5, 37, 1
NOW = datetime(2026, 11, 22, 16, 45, tzinfo=UTC)
COLUMNS = 96


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text("utf-8")


def example() -> tuple[dict[str, bytes], str]:
    """The values of the example by name, and the text of its receipt."""
    attest_key, log_key = map(Ed25519PrivateKey.from_private_bytes, (ATTEST_SECRET, LOG_SECRET))
    proof = attest(
        "NTRCN-91330100799655058B", "杭州云章科技有限公司", None,
        vrf_secret=VRF_SECRET, sign=attest_key.sign, now=NOW,
    )  # fmt: skip
    verify_subject_proof(proof, attest_key.public_key().public_bytes_raw())
    book = Book(BOOK_KEY, DEPTH)
    ticket, handle = book.ticket(NUMBER), seal_handle(ISSUER, CERTIFICATE)
    tree = VolumeTree(book, ticket.volume)
    path = tree.path(ticket.position)
    assert verify_path(ticket, path, tree.root, DEPTH)
    statement = Statement(
        id="emr6iml5rwfu4vrrbldg64db2q", seal=handle, ticket=ticket,
        digest=sha256(b"a document").digest(), media_type="text/plain",
        authorization=bytes(32), not_before=BlockReference(1, 5, b"\x22" * 32, b"\x44" * 20),
        sealed_at=NOW, nonce=b"\x33" * 32, purpose="sale of spring teas",
    ).encode()  # fmt: skip
    signature = encode_dss_signature(
        int.from_bytes(b"\x11" * 32, "big"), int.from_bytes(b"\xee" * 32, "big")
    )
    normal = normalised(signature, SignatureAlgorithm.ECDSA_P256_SHA256)
    leaf = Leaf(INDEX, commitment(Kind.USE, statement, normal), tag(handle, ticket))
    beside = Leaf(0, bytes(32), bytes(32)).hash()
    root = node_hash(beside, leaf.hash())
    log_public = log_key.public_key().public_bytes_raw()
    note = sign_checkpoint(Checkpoint(ORIGIN, 2, root), log_key.sign, log_public)
    receipt = Receipt(INDEX, (beside,), parse_checkpoint(note))
    verify_receipt(receipt, leaf.hash(), log_public)
    return {
        "issuer": ISSUER,
        "certificate": CERTIFICATE,
        "handle": handle,
        "log id": log_id(ISSUER, ORIGIN),
        "scheme": proof.scheme,
        "VRF key": vrf.public_key(VRF_SECRET),
        "attest key": attest_key.public_key().public_bytes_raw(),
        "subject proof": proof.encode(),
        "book key": BOOK_KEY,
        "path": path,
        "volume root": tree.root,
        "tag": leaf.tag,
        "statement": statement,
        "signature value": signature,
        "normalised": normal,
        "commitment": leaf.commitment,
        "leaf": leaf.encode(),
        "leaf hash": leaf.hash(),
        "log key": log_public,
        "root": root,
    }, receipt.encode().decode()


def rendered() -> str:
    values, receipt = example()
    paragraphs = []
    for name, value in values.items():
        text = value.decode() if value[:1] == b"{" else value.hex()
        lines = textwrap.wrap(text, COLUMNS, break_on_hyphens=False) if text[0] != "{" else [text]
        paragraphs.append(name + "\n" + textwrap.indent("\n".join(lines), "  "))
    return "\n".join(paragraphs) + "\n```\n\n```text\n" + receipt + "```\n"


def test_the_example_is_what_the_code_makes(page):
    assert rendered() in page


def test_the_selectors_are_those_of_the_contracts(page):
    rows = re.findall(r"^\| (registry|ledger) \| `([0-9a-f]{8})` \| `(\w+)\(", page, re.MULTILINE)
    names = {"registry": SEAL_REGISTRY, "ledger": USAGE_LEDGER}
    assert len(rows) == 12
    for contract, selector, function in rows:
        known = load_artifact(names[contract]).functions[function]
        assert known.selector.hex() == selector, function
    event = load_artifact(USAGE_LEDGER).events["HeadAdvanced"].signature.hex()
    assert f"`{event}`" in page


def test_the_attributes_are_ours(page):
    assert oids.STATEMENT.dotted_string in page
    for last, oid in ("634", oids.RECEIPT), ("635", oids.SUBJECT_PROOF), ("636", oids.BOOK_PATH):
        assert oid.dotted_string.endswith(last)
        assert f"…{last}" in page
        assert oid.dotted_string[:-3] == oids.STATEMENT.dotted_string[:-3]


def test_the_findings_stand_in_their_order(page):
    told = re.search(r"^## 13\. .*?\n\n(.*?)\n\n", page, re.MULTILINE | re.DOTALL)
    assert told
    red, amber = (re.findall(r"`(\w+)`", part) for part in told[1].split("Amber:"))
    amber, green = amber[:-1], amber[-1]
    ranks = [[Finding(name).rank for name in part] for part in (red, amber)]
    assert ranks == [sorted(part) for part in ranks]
    indications = [{Finding(n).meaning.indication for n in part} for part in (red, amber, [green])]
    assert [{each.value for each in part} for part in indications] == [
        {"TOTAL_FAILED"},
        {"INDETERMINATE"},
        {"TOTAL_PASSED"},
    ]
