import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidCheckpointError, InvalidFormatError, InvalidInputError
from eseal.log.note import (
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    Signature,
    key_hash,
    parse_note,
    sign_note,
    verify_note,
)


def encode(note):
    """The note written again from what was read."""
    lines = [
        f"— {s.name} {base64.b64encode(s.key_hash + s.value).decode()}\n" for s in note.signatures
    ]
    return note.text + b"\n" + "".join(lines).encode()


def key_of(entry):
    kind, *key = base64.b64decode(entry["verifier"])
    assert kind == 1
    return bytes(key)


@pytest.fixture(scope="module")
def peter(published_notes):
    return published_notes["keys"][0]


@pytest.fixture(scope="module")
def peters_note(published_notes, peter):
    return f"{published_notes['text']}\n{peter['line']}".encode()


def test_published_notes_verify(published_notes):
    text = published_notes["text"].encode()
    lines = "".join(entry["line"] for entry in published_notes["keys"])
    note = parse_note(text + b"\n" + lines.encode())
    assert note.text == text
    for entry in published_notes["keys"]:
        assert key_hash(entry["name"], key_of(entry)).hex() == entry["key_hash"]
        verify_note(note.text, note.signatures, entry["name"], key_of(entry))


def test_signing_with_the_published_key_gives_the_published_note(
    published_notes, peter, peters_note
):
    seed = base64.b64decode(peter["signer"])[1:]
    key = Ed25519PrivateKey.from_private_bytes(seed)
    text = published_notes["text"].encode()
    assert sign_note(text, "PeterNeumann", key.sign, key_of(peter)) == peters_note


def test_only_the_last_blank_line_ends_the_text(published_notes):
    example = published_notes["note_with_blank_lines"]
    note = parse_note(f"{example['text']}\n{example['line']}".encode())
    assert note.text == example["text"].encode()
    assert [s.name for s in note.signatures] == ["quasimodo.example/salvatore"]


def test_a_changed_text_is_noticed(peter, peters_note):
    note = parse_note(peters_note.replace(b"cryptography", b"cryptographY"))
    with pytest.raises(InvalidCheckpointError, match=r"PeterNeumann\+c74f20a3.*not verify"):
        verify_note(note.text, note.signatures, "PeterNeumann", key_of(peter))


def test_keys_that_share_name_or_key_hash_only_are_unknown(peter, peters_note):
    note = parse_note(peters_note)
    with pytest.raises(InvalidCheckpointError, match="got none"):
        verify_note(note.text, note.signatures, "PeterNeumann", bytes(32))
    with pytest.raises(InvalidCheckpointError, match="got none"):
        verify_note(note.text, note.signatures, "EnochRoot", key_of(peter))


@pytest.mark.parametrize("value", [bytes(64), b"x", bytes(63), bytes(65)])
def test_one_bad_signature_by_the_key_spoils_the_note(peter, peters_note, value):
    note = parse_note(peters_note)
    bad = Signature("PeterNeumann", bytes.fromhex("c74f20a3"), value)
    for signatures in ((bad,), (*note.signatures, bad), (bad, *note.signatures)):
        with pytest.raises(InvalidCheckpointError, match="does not verify"):
            verify_note(note.text, signatures, "PeterNeumann", key_of(peter))


def test_bad_signatures_by_others_are_ignored(peter, peters_note):
    note = parse_note(peters_note)
    others = (Signature("PeterNeumann", b"1234", b"x"), Signature("w1", b"5678", bytes(64)))
    verify_note(note.text, (*others, *note.signatures), "PeterNeumann", key_of(peter))


def test_a_key_that_is_no_point_verifies_nothing(peters_note):
    no_point = b"\x02" + bytes(31)
    note = parse_note(peters_note)
    signature = Signature("log", key_hash("log", no_point), bytes(64))
    with pytest.raises(InvalidCheckpointError):
        verify_note(note.text, (signature,), "log", no_point)


@given(st.data())
def test_any_bytes_are_refused_or_encode_to_themselves(peters_note, data):
    splices = st.tuples(st.integers(0, len(peters_note)), st.integers(0, 6), st.binary(max_size=6))
    spliced = splices.map(lambda s: peters_note[: s[0]] + s[2] + peters_note[s[0] + s[1] :])
    noise = data.draw(st.binary(max_size=200) | spliced)
    try:
        note = parse_note(noise)
    except InvalidFormatError:
        return
    assert encode(note) == noise


SIGNATURE = "— log " + base64.b64encode(bytes(68)).decode() + "\n"


@pytest.mark.parametrize(
    ("note", "message"),
    [
        ("", "a blank line"),
        ("text\n", "a blank line"),
        ("text\n\n", "signature lines"),
        ("text\n" + SIGNATURE, "a blank line"),
        ("text\n\n" + SIGNATURE[:-1], "signature lines"),
        ("text\n\n" + SIGNATURE + "Unexpected line.\n", "a signature line"),
        ("text\n\n- log AAAAAAA=\n", "a signature line"),
        ("text\n\n— log\n", "a signature line"),
        ("text\n\n—  AAAAAAA=\n", "a signature line"),
        ("text\n\n— a+b AAAAAAA=\n", "a signature line"),
        ("text\n\n— a\u00a0b AAAAAAA=\n", "a signature line"),
        ("text\n\n— bad name AAAAAAA=\n", "base64"),
        ("text\n\n— log AAAAAAA\n", "base64"),
        ("text\n\n— log AAAAAA==\n", "more than 4 bytes"),
        ("text\n\n— log AAAAAAA= \n", "base64"),
        ("te\x01xt\n\n" + SIGNATURE, "control"),
        ("text\r\n\n" + SIGNATURE, "control"),
        ("text\n\n" + SIGNATURE * (MAX_SIGNATURES + 1), "at most 100 signatures"),
        ("t" * MAX_NOTE_BYTES + "\n\n" + SIGNATURE, "at most 131072 bytes"),
    ],
)
def test_bad_notes_are_named(note, message):
    with pytest.raises(InvalidFormatError, match=message):
        parse_note(note.encode())


def test_text_that_is_not_utf8_is_named():
    with pytest.raises(InvalidFormatError, match="expected UTF-8, got byte 0xff at 1"):
        parse_note(b"t\xff\n\n" + SIGNATURE.encode())


def test_sixteen_post_quantum_signatures_are_welcome():
    line = "— witness.example.com/w1 " + base64.b64encode(bytes(4 + 8 + 4627)).decode() + "\n"
    assert len(parse_note(("text\n\n" + line * 16).encode()).signatures) == 16


def test_what_cannot_sign_is_refused():
    with pytest.raises(InvalidInputError, match="public key: expected 32 bytes, got 31"):
        key_hash("log", bytes(31))
    with pytest.raises(InvalidInputError, match="key name"):
        key_hash("a b", bytes(32))
    with pytest.raises(InvalidInputError, match="signature: expected 64 bytes, got 63"):
        sign_note(b"text\n", "log", lambda _: bytes(63), bytes(32))
