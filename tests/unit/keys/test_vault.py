import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import CorruptionError, WrongKeyError
from eseal.keys.kek import KeyEncryptionKey
from eseal.keys.vault import KEY_WRAPPING, OVERHEAD_BYTES, Vault

KEK = KeyEncryptionKey(bytes(range(32)))
VAULT = Vault(KEK)


@given(st.binary(), st.binary())
def test_what_goes_in_comes_out_and_does_not_show(plaintext, context):
    box = VAULT.encrypt(plaintext, context)
    assert len(box) == len(plaintext) + OVERHEAD_BYTES
    assert VAULT.decrypt(box, context) == plaintext
    if len(plaintext) > 8:
        assert plaintext not in box


def test_the_same_thing_is_never_encrypted_the_same_way():
    assert len({VAULT.encrypt(b"x", b"c") for _ in range(100)}) == 100


def test_the_wrong_key_is_told_from_damage():
    box = VAULT.encrypt(b"document", b"use")
    other = Vault(KeyEncryptionKey(bytes(32)))
    with pytest.raises(WrongKeyError, match=f"{KEK.fingerprint.hex()}, but the one given is"):
        other.decrypt(box, b"use")


@given(st.data())
def test_no_changed_bit_goes_unnoticed(data):
    box = bytearray(VAULT.encrypt(b"document", b"use"))
    position = data.draw(st.integers(0, len(box) - 1))
    box[position] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((CorruptionError, WrongKeyError)):
        VAULT.decrypt(bytes(box), b"use")


@pytest.mark.parametrize("cut", [0, 1, 9, OVERHEAD_BYTES - 1, OVERHEAD_BYTES, OVERHEAD_BYTES + 7])
def test_a_cut_box_is_damaged(cut):
    box = VAULT.encrypt(b"document", b"use")
    with pytest.raises(CorruptionError):
        VAULT.decrypt(box[:cut], b"use")


def test_a_box_does_not_pass_for_another_one():
    box = VAULT.encrypt(b"document", b"use 1")
    with pytest.raises(CorruptionError, match="changed since it was written, or belongs elsewhere"):
        VAULT.decrypt(box, b"use 2")
    with pytest.raises(CorruptionError):
        Vault(KEK, KEY_WRAPPING).decrypt(box, b"use 1")


def test_a_box_of_an_unknown_version_is_named():
    box = VAULT.encrypt(b"document", b"use")
    with pytest.raises(CorruptionError, match="version 1"):
        VAULT.decrypt(b"\x02" + box[1:], b"use")
