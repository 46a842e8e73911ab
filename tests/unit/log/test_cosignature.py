import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidCheckpointError, InvalidFormatError, InvalidInputError
from eseal.log.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint, verify_checkpoint
from eseal.log.cosignature import (
    add_cosignatures,
    cosignature_line,
    cosigned_message,
    cosigners,
    parse_cosignature,
    verify_cosignature,
)
from eseal.log.note import MAX_SIGNATURES, Signature, parse_signature_lines
from eseal.log.receipt import Receipt
from eseal.log.vkey import KeyType, VerifierKey

TIME = 1_679_315_147
LOG = Ed25519PrivateKey.from_private_bytes(bytes(32))


def witness(number):
    private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    public = private.public_key().public_bytes_raw()
    return private, VerifierKey(f"w{number}.example", KeyType.COSIGNATURE, public)


@pytest.fixture(scope="module")
def note():
    head = Checkpoint("log.example/one", 5, bytes(32))
    return sign_checkpoint(head, LOG.sign, LOG.public_key().public_bytes_raw())


def cosigned(note, number, time=TIME):
    private, key = witness(number)
    text = parse_checkpoint(note).text
    return add_cosignatures(note, cosignature_line(text, key, private.sign, time), key)


def test_the_signed_message_is_that_of_the_specification():
    text = b"example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert cosigned_message(text, TIME) == b"cosignature/v1\ntime 1679315147\n" + text


def test_the_published_cosignature_reads_with_its_time(published_notes):
    """The specification's example; its witness's public key was not published."""
    published = published_notes["checkpoint"]
    (line,) = parse_signature_lines(published["witness_line"].encode())
    assert line.name == "witness.example.com/w1"
    assert parse_cosignature(line.value).time == published["witness_time"]


def test_a_cosigned_checkpoint_is_still_the_log_s_and_names_its_witnesses(note):
    twice = cosigned(cosigned(note, 1), 2)
    signed = parse_checkpoint(twice)
    verify_checkpoint(signed, LOG.public_key().public_bytes_raw())
    keys = [witness(number)[1] for number in (1, 2, 3)]
    found = cosigners(signed.text, signed.signatures, keys)
    assert list(found) == keys[:2]
    assert {cosignature.time for cosignature in found.values()} == {TIME}


def test_a_receipt_carries_cosignatures(note):
    receipt = Receipt(0, (bytes(32),), parse_checkpoint(cosigned(note, 1)))
    again = Receipt.parse(receipt.encode())
    assert again == receipt
    verify_cosignature(again.checkpoint.text, again.checkpoint.signatures, witness(1)[1])


def test_a_witness_counts_once_with_its_newest_word(note):
    private, key = witness(1)
    text = parse_checkpoint(note).text
    lines = [cosignature_line(text, key, private.sign, time) for time in (5, 9, 7)]
    signatures = parse_signature_lines(b"".join(lines))
    assert verify_cosignature(text, signatures, key).time == 9
    assert cosigned(cosigned(note, 1), 1, TIME + 1) == cosigned(note, 1)


def test_a_cosignature_of_another_text_or_time_does_not_verify(note):
    private, key = witness(1)
    text = parse_checkpoint(note).text
    (line,) = parse_signature_lines(cosignature_line(text, key, private.sign, TIME))
    with pytest.raises(InvalidCheckpointError, match="not verify"):
        verify_cosignature(text.replace(b"5", b"6"), [line], key)
    later = Signature(line.name, line.key_hash, (TIME + 1).to_bytes(8, "big") + line.value[8:])
    with pytest.raises(InvalidCheckpointError, match="not verify"):
        verify_cosignature(text, [line, later], key)


def test_the_log_s_own_signature_is_no_cosignature(note):
    """Another type byte, another key ID: the same key in two roles cannot be mixed up."""
    public = LOG.public_key().public_bytes_raw()
    key = VerifierKey("log.example/one", KeyType.COSIGNATURE, public)
    signed = parse_checkpoint(note)
    with pytest.raises(InvalidCheckpointError, match="got none"):
        verify_cosignature(signed.text, signed.signatures, key)
    assert cosigners(signed.text, signed.signatures, [key]) == {}


@pytest.mark.parametrize("value", [b"x", bytes(71), bytes(73), b"\xff" * 72])
def test_a_value_that_is_no_cosignature(note, value):
    _, key = witness(1)
    signed = parse_checkpoint(note)
    with pytest.raises(InvalidFormatError, match="cosignature"):
        parse_cosignature(value)
    bad = Signature(key.name, key.key_hash, value)
    with pytest.raises(InvalidCheckpointError, match="not verify"):
        cosigners(signed.text, [*signed.signatures, bad], [key])


def test_what_cannot_be_made(note):
    private, key = witness(1)
    text = parse_checkpoint(note).text
    with pytest.raises(InvalidInputError, match="time"):
        cosignature_line(text, key, private.sign, 2**63)
    with pytest.raises(InvalidInputError, match="64 bytes"):
        cosignature_line(text, key, lambda _: b"short", TIME)
    with pytest.raises(InvalidInputError, match="type 0x04"):
        cosignature_line(text, VerifierKey("w", KeyType.NOTE, key.public_key), private.sign, TIME)


def test_an_answer_of_somebody_else_is_not_added(note):
    private, _ = witness(1)
    text = parse_checkpoint(note).text
    line = cosignature_line(text, witness(1)[1], private.sign, TIME)
    with pytest.raises(InvalidCheckpointError, match="got none"):
        add_cosignatures(note, line, witness(2)[1])
    with pytest.raises(InvalidFormatError):
        add_cosignatures(note, b"", witness(1)[1])
    for garbage in (b"\xff\n", b"x" * (1 << 18), line * (MAX_SIGNATURES + 1), line[:-1]):
        with pytest.raises(InvalidFormatError):
            add_cosignatures(note, garbage, witness(1)[1])


@given(st.binary(max_size=120))
def test_signature_lines_raise_nothing_else(data):
    try:
        found = parse_signature_lines(data)
    except InvalidFormatError:
        return
    lines = [f"— {s.name} {base64.b64encode(s.key_hash + s.value).decode()}\n" for s in found]
    assert "".join(lines).encode() == data


@given(st.binary(max_size=80))
def test_any_value_is_refused_or_read(value):
    try:
        found = parse_cosignature(value)
    except InvalidFormatError:
        return
    assert found.time.to_bytes(8, "big") + found.signature == value
