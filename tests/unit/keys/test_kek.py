import base64
import pickle

import pytest

from eseal.errors import ConfigurationError
from eseal.keys.kek import KeyEncryptionKey, create_kek_file, load_kek, read_kek_file

SECRET = bytes(range(32))
TEXT = base64.b64encode(SECRET).decode()


def test_a_key_file_is_made_for_its_owner_alone_and_reads_back(tmp_path):
    path = tmp_path / "kek"
    made = create_kek_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_kek_file(path).fingerprint == made.fingerprint
    assert load_kek(None, path).fingerprint == made.fingerprint


def test_a_key_file_is_never_overwritten(tmp_path):
    path = tmp_path / "kek"
    create_kek_file(path)
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="already"):
        create_kek_file(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o666])
def test_a_key_file_others_can_open_is_refused_with_the_chmod_to_do(tmp_path, mode):
    path = tmp_path / "kek"
    create_kek_file(path)
    path.chmod(mode)
    with pytest.raises(ConfigurationError, match=f"chmod 600 {path}"):
        read_kek_file(path)
    path.chmod(0o400)
    read_kek_file(path)


def test_a_missing_key_file_names_both_ways_to_give_a_key(tmp_path):
    with pytest.raises(ConfigurationError, match=r"kek, or set ESEAL_KEK"):
        load_kek("", tmp_path / "kek")


def test_what_cannot_be_read_or_written_is_said(tmp_path):
    with pytest.raises(ConfigurationError, match=r"cannot read .*: Is a directory"):
        read_kek_file(tmp_path)
    with pytest.raises(ConfigurationError, match=r"cannot write .*: No such file"):
        create_kek_file(tmp_path / "missing" / "kek")


def test_the_environment_comes_before_the_file(tmp_path):
    path = tmp_path / "kek"
    create_kek_file(path)
    assert load_kek(f" {TEXT}\n", path).fingerprint == KeyEncryptionKey(SECRET).fingerprint


@pytest.mark.parametrize(
    "text",
    [
        "x",
        TEXT[:-1],
        TEXT + "=",
        TEXT[:-2] + "9=",  # bits beyond the 256th
        base64.b64encode(bytes(31)).decode(),
        base64.b64encode(bytes(33)).decode(),
        TEXT[:20] + "\n" + TEXT[20:],
        SECRET.hex(),
        "é" * 44,
    ],
)
def test_another_form_is_refused_without_showing_what_was_given(text):
    with pytest.raises(ConfigurationError, match="ESEAL_KEK: expected 32 bytes in base64") as error:
        KeyEncryptionKey.parse(text)
    assert text not in str(error.value) or text == "x"


def test_a_damaged_key_file_is_named(tmp_path):
    path = tmp_path / "kek"
    create_kek_file(path)
    path.write_bytes(b"\xff" * 1000)
    with pytest.raises(ConfigurationError, match=f"{path}: expected 32 bytes in base64"):
        read_kek_file(path)


def test_a_key_of_another_length_is_refused():
    with pytest.raises(ConfigurationError, match="32 bytes, got 16"):
        KeyEncryptionKey(bytes(16))


def test_neither_repr_nor_pickle_gives_the_secret_away():
    kek = KeyEncryptionKey(SECRET)
    shown = f"{kek} {kek!r} {kek:}"
    for secret in (TEXT, SECRET.hex(), repr(SECRET)[2:-1]):
        assert secret not in shown
    with pytest.raises(TypeError):
        pickle.dumps(kek)


def test_each_label_and_context_has_its_own_key():
    kek = KeyEncryptionKey(SECRET)
    derived = {kek.derive(b"a", b"b"), kek.derive(b"a", b"c"), kek.derive(b"ab", b""), SECRET}
    assert len(derived) == 4
    assert kek.derive(b"a", b"b") == KeyEncryptionKey(SECRET).derive(b"a", b"b")


def test_derivation_is_hkdf_sha256():
    # RFC 5869 by hand: extract with a zero salt, then one block of expand.
    import hmac

    extracted = hmac.digest(bytes(32), SECRET, "sha256")
    expanded = hmac.digest(extracted, b"eseal/1/label\x00context\x01", "sha256")
    assert KeyEncryptionKey(SECRET).derive(b"label", b"context") == expanded
