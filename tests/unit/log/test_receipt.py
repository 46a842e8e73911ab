import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidCheckpointError, InvalidFormatError, InvalidProofError
from eseal.log.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from eseal.log.receipt import MAX_RECEIPT_BYTES, Receipt, verify_receipt
from eseal.log.rfc9162 import leaf_hash
from eseal.log.tree import Prover

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
SIZE, INDEX = 11, 6


@pytest.fixture(scope="module")
def log(new_tiles, leaves):
    """A log of eleven leaves: its leaf data, prover and signed head."""
    tiles = new_tiles()
    data = leaves(SIZE)
    head = tiles.grow(0, data)
    note = sign_checkpoint(Checkpoint("example.com/log", SIZE, head.root), KEY.sign, PUBLIC)
    return data, Prover(tiles, SIZE), parse_checkpoint(note)


@pytest.fixture(scope="module")
def receipt(log):
    _, prover, head = log
    return Receipt(INDEX, prover.inclusion(INDEX), head)


@pytest.fixture(scope="module")
def text(receipt):
    return receipt.encode()


@pytest.fixture(scope="module")
def leaf(log):
    return leaf_hash(log[0][INDEX])


def test_a_receipt_is_a_tlog_proof(receipt, text):
    lines = text.decode().split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 6"]
    count = len(receipt.proof)
    assert [base64.b64decode(line) for line in lines[2 : 2 + count]] == list(receipt.proof)
    assert lines[2 + count] == ""
    assert "\n".join(lines[3 + count :]).encode() == receipt.checkpoint.note


def test_every_leaf_gets_a_receipt_that_verifies(log):
    data, prover, head = log
    for index in range(SIZE):
        read = Receipt.parse(Receipt(index, prover.inclusion(index), head).encode())
        assert read == Receipt(index, prover.inclusion(index), head)
        verify_receipt(read, leaf_hash(data[index]), PUBLIC)


def test_the_only_leaf_of_a_log_needs_no_hashes():
    leaf = leaf_hash(b"alone")
    note = sign_checkpoint(Checkpoint("example.com/log", 1, leaf), KEY.sign, PUBLIC)
    text = Receipt(0, (), parse_checkpoint(note)).encode()
    assert text.startswith(b"c2sp.org/tlog-proof@v1\nindex 0\n\nexample.com/log\n")
    verify_receipt(Receipt.parse(text), leaf, PUBLIC)


def test_extra_data_is_carried(receipt, leaf):
    read = Receipt.parse(Receipt(INDEX, receipt.proof, receipt.checkpoint, b"extra!").encode())
    assert read.extra == b"extra!"
    assert b"\nextra ZXh0cmEh\nindex 6\n" in read.encode()
    verify_receipt(read, leaf, PUBLIC)


def test_a_receipt_of_another_leaf_key_or_place_is_refused(receipt, log, leaf):
    with pytest.raises(InvalidProofError):
        verify_receipt(receipt, leaf_hash(log[0][INDEX + 1]), PUBLIC)
    with pytest.raises(InvalidCheckpointError):
        verify_receipt(receipt, leaf, bytes(32))
    for index in (INDEX - 1, INDEX + 1, SIZE, 2**63 - 1):
        with pytest.raises(InvalidProofError):
            verify_receipt(Receipt(index, receipt.proof, receipt.checkpoint), leaf, PUBLIC)


def test_every_changed_byte_is_noticed(text, leaf):
    for place in range(len(text)):
        for flip in (1, 4):
            changed = text[:place] + bytes([text[place] ^ flip]) + text[place + 1 :]
            with pytest.raises((InvalidFormatError, InvalidProofError, InvalidCheckpointError)):
                verify_receipt(Receipt.parse(changed), leaf, PUBLIC)


def test_every_cut_is_noticed(text):
    for place in range(len(text)):
        with pytest.raises(InvalidFormatError):
            Receipt.parse(text[:place])


@given(st.data())
def test_any_bytes_are_refused_or_encode_to_themselves(text, data):
    splices = st.tuples(st.integers(0, len(text)), st.integers(0, 5), st.binary(max_size=5))
    spliced = splices.map(lambda s: text[: s[0]] + s[2] + text[s[0] + s[1] :])
    noise = data.draw(st.binary(max_size=300) | spliced)
    try:
        read = Receipt.parse(noise)
    except InvalidFormatError:
        return
    assert read.encode() == noise


HASH = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("c2sp.org/tlog-proof@v2\nindex 6", "first line"),
        ("\nindex 6", "first line"),
        ("c2sp.org/tlog-proof@v1", "a line 'index <decimal>', got none"),
        ("c2sp.org/tlog-proof@v1\n" + HASH, "a line 'index <decimal>'"),
        ("c2sp.org/tlog-proof@v1\nindex", "a line 'index <decimal>'"),
        ("c2sp.org/tlog-proof@v1\nIndex 6", "a line 'index <decimal>'"),
        ("c2sp.org/tlog-proof@v1\nindex +6", "index: expected a decimal"),
        ("c2sp.org/tlog-proof@v1\nindex 06", "index: expected a decimal"),
        ("c2sp.org/tlog-proof@v1\nindex  6", "index: expected a decimal"),
        ("c2sp.org/tlog-proof@v1\nindex 6\r", "index: expected a decimal"),
        ("c2sp.org/tlog-proof@v1\nindex 6\nindex 6", "hash: expected canonical"),
        ("c2sp.org/tlog-proof@v1\nindex 6\n" + HASH[:-1], "hash: expected canonical"),
        ("c2sp.org/tlog-proof@v1\nindex 6\nAAAA", "hash: expected 32 bytes, got 3"),
        ("c2sp.org/tlog-proof@v1\nindex 6" + ("\n" + HASH) * 64, "at most 63 hashes, got 64"),
        ("c2sp.org/tlog-proof@v1\nextra \nindex 6", "no extra line"),
        ("c2sp.org/tlog-proof@v1\nextra A\nindex 6", "extra data: expected canonical"),
        ("c2sp.org/tlog-proof@v1\nextra AAAA", "a line 'index <decimal>', got none"),
        ("c2sp.org/tlog-proof@v1\nextra AAAA\nextra AAAA\nindex 6", "a line 'index <decimal>'"),
        ("c2sp.org/tlog-proof@v1\nindex 6\n印", "ASCII above the blank line"),
    ],
)
def test_bad_receipts_are_named(receipt, head, message):
    with pytest.raises(InvalidFormatError, match=message):
        Receipt.parse(head.encode() + b"\n\n" + receipt.checkpoint.note)


def test_receipts_without_checkpoint_or_beyond_the_limit_are_named():
    with pytest.raises(InvalidFormatError, match="a blank line before the checkpoint"):
        Receipt.parse(b"c2sp.org/tlog-proof@v1\nindex 6\n")
    with pytest.raises(InvalidFormatError, match="at most 262144 bytes"):
        Receipt.parse(bytes(MAX_RECEIPT_BYTES + 1))
