import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidCheckpointError, InvalidFormatError, InvalidInputError
from eseal.log.checkpoint import (
    Checkpoint,
    check_origin,
    key_hash,
    log_id,
    parse_checkpoint,
    sign_checkpoint,
    verify_checkpoint,
)
from eseal.log.rfc9162 import EMPTY_ROOT

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
ISSUER = b"i" * 32
ROOT = base64.b64encode(b"r" * 32).decode()
SIGNATURE = "— example.com/log " + base64.b64encode(bytes(68)).decode() + "\n"
ORIGINS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Z", "C"), exclude_characters="+"),
    min_size=1,
    max_size=40,
)


def sign(checkpoint):
    return sign_checkpoint(checkpoint, KEY.sign, PUBLIC)


def text_of(origin="example.com/log", size="5", root=ROOT, more=""):
    return f"{origin}\n{size}\n{root}\n{more}\n{SIGNATURE}".encode()


def test_the_published_checkpoint_is_read(published_notes):
    example = published_notes["checkpoint"]
    body = f"{example['origin']}\n{example['size']}\n{example['root']}\n"
    note = f"{body}\n{example['log_line']}{example['witness_line']}".encode()
    signed = parse_checkpoint(note)
    root = base64.b64decode(example["root"])
    assert signed.checkpoint == Checkpoint(example["origin"], example["size"], root)
    assert signed.checkpoint.body() == signed.text == body.encode()
    assert signed.note == note
    log, witness = signed.signatures
    assert (log.name, len(log.value)) == (example["origin"], 64)
    assert (witness.name, len(witness.value)) == ("witness.example.com/w1", 72)
    assert int.from_bytes(witness.value[:8], "big") == example["witness_time"]


@given(ORIGINS, st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_what_the_log_signs_reads_and_verifies(origin, size, root):
    checkpoint = Checkpoint(origin, size, root)
    signed = parse_checkpoint(sign(checkpoint))
    assert signed.checkpoint == checkpoint
    assert [(s.name, s.key_hash) for s in signed.signatures] == [(origin, key_hash(origin, PUBLIC))]
    verify_checkpoint(signed, PUBLIC)


def test_the_head_of_an_empty_log():
    checkpoint = Checkpoint("example.com/log", 0, EMPTY_ROOT)
    verify_checkpoint(parse_checkpoint(sign(checkpoint)), PUBLIC)


def test_another_key_is_refused():
    signed = parse_checkpoint(sign(Checkpoint("example.com/log", 5, b"r" * 32)))
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    with pytest.raises(InvalidCheckpointError, match=r"example\.com/log\+.*got none"):
        verify_checkpoint(signed, other)
    with pytest.raises(InvalidInputError, match="32 bytes"):
        verify_checkpoint(signed, PUBLIC[:31])


def test_every_changed_byte_of_the_text_is_noticed():
    note = sign(Checkpoint("example.com/log", 509, b"r" * 32))
    for place in range(note.index(b"\n\n") + 1):
        changed = note[:place] + bytes([note[place] ^ 1]) + note[place + 1 :]
        with pytest.raises((InvalidFormatError, InvalidCheckpointError)):
            verify_checkpoint(parse_checkpoint(changed), PUBLIC)


def test_a_signature_by_the_key_under_another_name_does_not_count():
    theirs = sign(Checkpoint("example.com/other", 5, b"r" * 32))
    mine = theirs.replace(b"example.com/other\n5", b"example.com/log\n5")
    with pytest.raises(InvalidCheckpointError, match="got none"):
        verify_checkpoint(parse_checkpoint(mine), PUBLIC)


def test_cosignatures_are_kept_and_do_not_disturb(published_notes):
    witness = published_notes["checkpoint"]["witness_line"]
    signed = parse_checkpoint(sign(Checkpoint("example.com/log", 5, b"r" * 32)) + witness.encode())
    assert [s.name for s in signed.signatures] == ["example.com/log", "witness.example.com/w1"]
    verify_checkpoint(signed, PUBLIC)


def test_extension_lines_are_part_of_what_is_signed():
    text = f"example.com/log\n5\n{ROOT}\nextension\n".encode()
    line = base64.b64encode(key_hash("example.com/log", PUBLIC) + KEY.sign(text)).decode()
    note = text + f"\n— example.com/log {line}\n".encode()
    signed = parse_checkpoint(note)
    assert (signed.checkpoint.size, signed.text) == (5, text)
    verify_checkpoint(signed, PUBLIC)
    with pytest.raises(InvalidCheckpointError):
        verify_checkpoint(parse_checkpoint(note.replace(b"extension", b"Extension")), PUBLIC)


@pytest.mark.parametrize(
    ("note", "message"),
    [
        (text_of(origin=""), "lines of their own"),
        (text_of(origin="a b"), "origin: expected"),
        (text_of(origin="a+b"), "origin: expected"),
        (text_of(origin="o" * 256), "origin: expected"),
        (text_of(size="+5"), "size: expected a decimal"),
        (text_of(size="05"), "size: expected a decimal"),
        (text_of(size="-5"), "size: expected a decimal"),
        (text_of(size=" 5"), "size: expected a decimal"),
        (text_of(size="5_0"), "size: expected a decimal"),
        (text_of(size="9223372036854775808"), "size: expected a decimal"),
        (text_of(size="0"), "empty tree's root"),
        (text_of(root=ROOT[:-1]), "root: expected canonical"),
        (text_of(root=ROOT[:-2] + "J="), "root: expected canonical"),
        (text_of(root=base64.b64encode(bytes(31)).decode()), "root: expected 32 bytes, got 31"),
        (text_of(more="\n"), "lines of their own"),
        (f"example.com/log\n5\n\n{SIGNATURE}".encode(), "lines of their own"),
        (b"", "a blank line"),
    ],
)
def test_bad_checkpoints_are_named(note, message):
    with pytest.raises(InvalidFormatError, match=message):
        parse_checkpoint(note)


@given(st.data())
def test_any_bytes_are_refused_or_say_exactly_what_was_read(data):
    note = sign(Checkpoint("example.com/log", 509, b"r" * 32))
    splices = st.tuples(st.integers(0, len(note)), st.integers(0, 4), st.binary(max_size=4))
    spliced = splices.map(lambda s: note[: s[0]] + s[2] + note[s[0] + s[1] :])
    noise = data.draw(st.binary(max_size=200) | spliced)
    try:
        signed = parse_checkpoint(noise)
    except InvalidFormatError:
        return
    assert signed.note == noise
    assert noise.startswith(signed.text + b"\n")
    assert signed.text.startswith(signed.checkpoint.body())


@pytest.mark.parametrize(
    ("size", "root", "field"),
    [
        (-1, bytes(32), "size"),
        (2**63, bytes(32), "size"),
        (1, bytes(31), "root"),
        (0, bytes(32), "root"),
    ],
)
def test_impossible_heads_cannot_be_made(size, root, field):
    with pytest.raises(InvalidInputError) as caught:
        Checkpoint("example.com/log", size, root)
    assert caught.value.field == field


def test_the_log_id_is_the_hash_of_issuer_and_origin():
    origin = "印章.example/log"
    assert log_id(ISSUER, origin) == hashlib.sha256(ISSUER + origin.encode("utf-8")).digest()
    assert log_id(bytes(32), origin) != log_id(ISSUER, origin)
    assert check_origin("o" * 255) == "o" * 255


@pytest.mark.parametrize(
    "origin",
    ["", "a b", "a\tb", "a+b", "a\nb", "a\x7f", "a\u2028b", "\ud800", "o" * 256, "印" * 86],
)
def test_other_origins_are_refused(origin):
    with pytest.raises(InvalidFormatError, match="origin: expected"):
        log_id(ISSUER, origin)
