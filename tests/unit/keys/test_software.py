import hashlib
import threading
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, x25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_public_key,
)
from eth_account import Account

from eseal.authority.word import vrf
from eseal.errors import CorruptionError, InvalidInputError, NotFoundError, WrongKeyError
from eseal.keys.kek import KeyEncryptionKey
from eseal.keys.protocol import KeyRepository, KeyStore, WrappedKey
from eseal.keys.software import SoftwareKeyStore
from eseal.keys.vault import KEY_WRAPPING, Vault
from eseal.model.ids import new_id
from eseal.suites import KeyAlgorithm

MESSAGE = b"sealed"


def verify(spki, algorithm, signature, message=MESSAGE):
    key = load_der_public_key(spki)
    if algorithm is KeyAlgorithm.ED25519:
        key.verify(signature, message)
    elif algorithm is KeyAlgorithm.RSA3072:
        key.verify(signature, message, padding.PKCS1v15(), SHA256())
    else:
        key.verify(signature, message, ec.ECDSA(SHA256()))


@pytest.mark.parametrize("algorithm", [kind for kind in KeyAlgorithm if kind != KeyAlgorithm.VRF])
def test_every_kind_of_key_signs_now_and_after_a_restart(repository, kek, algorithm):
    store: KeyStore = SoftwareKeyStore(repository, kek)
    key_id = store.generate(algorithm)
    spki = store.public_key(key_id)
    verify(spki, algorithm, store.sign(key_id, MESSAGE))
    with pytest.raises(InvalidSignature):
        verify(spki, algorithm, store.sign(key_id, b"other"))

    restarted = SoftwareKeyStore(repository, kek)
    assert (restarted.public_key(key_id), restarted.algorithm(key_id)) == (spki, algorithm)
    verify(spki, algorithm, restarted.sign(key_id, MESSAGE))
    assert (restarted.public_key(key_id), restarted.algorithm(key_id)) == (spki, algorithm)


def test_the_kinds_are_what_they_are_called(store):
    p256 = load_der_public_key(store.public_key(store.generate(KeyAlgorithm.P256)))
    assert p256.curve.name == "secp256r1"
    account = load_der_public_key(store.public_key(store.generate(KeyAlgorithm.SECP256K1)))
    assert account.curve.name == "secp256k1"
    rsa = store.generate(KeyAlgorithm.RSA3072)
    assert load_der_public_key(store.public_key(rsa)).key_size == 3072
    assert len(store.sign(rsa, MESSAGE)) == 384


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.P256, KeyAlgorithm.SECP256K1])
def test_a_digest_made_elsewhere_is_signed_as_the_message_would_be(store, algorithm):
    key_id = store.generate(algorithm)
    signature = store.sign_digest(key_id, hashlib.sha256(MESSAGE).digest())
    verify(store.public_key(key_id), algorithm, signature)


def test_a_digest_of_another_length_or_for_another_kind_is_refused(store):
    with pytest.raises(InvalidInputError, match="32 bytes, got 20"):
        store.sign_digest(store.generate(KeyAlgorithm.P256), bytes(20))
    with pytest.raises(InvalidInputError, match=r"expected an ECDSA key .* got ed25519"):
        store.sign_digest(store.generate(KeyAlgorithm.ED25519), bytes(32))


def test_a_ledger_account_can_be_taken_to_eth_account_and_nothing_else_leaves(store):
    key_id = store.generate(KeyAlgorithm.SECP256K1)
    secret = store.ethereum_secret(key_id)
    assert len(secret) == 32
    derived = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256K1()).public_key()
    assert derived == load_der_public_key(store.public_key(key_id))
    assert Account.from_key(secret).address.startswith("0x")
    for algorithm in (KeyAlgorithm.P256, KeyAlgorithm.ED25519):
        with pytest.raises(InvalidInputError, match=f"got {algorithm.value}"):
            store.ethereum_secret(store.generate(algorithm))


def test_an_unknown_key_is_not_found(store):
    for ask in (store.public_key, store.algorithm, store.ethereum_secret):
        with pytest.raises(NotFoundError):
            ask(new_id())
    with pytest.raises(NotFoundError):
        store.sign(new_id(), MESSAGE)
    with pytest.raises(NotFoundError):
        store.sign_digest(new_id(), bytes(32))


def test_the_wrong_key_encryption_key_is_found_at_start(repository, kek):
    SoftwareKeyStore(repository, kek).generate(KeyAlgorithm.ED25519)
    with pytest.raises(WrongKeyError, match="restore the key this data was written with"):
        SoftwareKeyStore(repository, KeyEncryptionKey(bytes(32)))


def test_the_wrong_key_encryption_key_is_found_at_use(repository, kek):
    # Started on an empty repository, which another process then filled under another key.
    early = SoftwareKeyStore(repository, KeyEncryptionKey(bytes(32)))
    key_id = SoftwareKeyStore(repository, kek).generate(KeyAlgorithm.P256)
    with pytest.raises(WrongKeyError):
        early.sign(key_id, MESSAGE)


class OneKey:
    """A repository that answers with one record, whatever is asked."""

    def __init__(self, key: WrappedKey) -> None:
        self.key = key

    def add(self, key: WrappedKey) -> None:
        self.key = key

    def get(self, key_id: str) -> WrappedKey:  # noqa: ARG002 - the protocol has it
        return self.key

    def any(self) -> WrappedKey | None:
        return None


def test_a_wrapped_key_does_not_pass_for_another(repository, store, kek):
    first = repository.get(store.generate(KeyAlgorithm.P256))
    second = repository.get(store.generate(KeyAlgorithm.P256))
    forged = [
        replace(first, wrapped=second.wrapped),
        replace(first, id=second.id),
        replace(first, algorithm=KeyAlgorithm.SECP256K1),
        replace(first, public_key=second.public_key),
        replace(first, wrapped=first.wrapped[:-1]),
    ]
    for record in forged:
        swapped: KeyRepository = OneKey(record)
        with pytest.raises(CorruptionError):
            SoftwareKeyStore(swapped, kek).sign(record.id, MESSAGE)


def test_what_is_wrapped_but_no_key_is_corruption(kek):
    key_id = new_id()
    agreement = x25519.X25519PrivateKey.generate().private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )
    for content in (b"", b"no key", agreement):
        box = Vault(kek, KEY_WRAPPING).encrypt(content, f"p256:{key_id}".encode())
        record = WrappedKey(key_id, KeyAlgorithm.P256, b"", box)
        with pytest.raises(CorruptionError, match=key_id):
            SoftwareKeyStore(OneKey(record), kek).sign(key_id, MESSAGE)


def test_the_private_key_does_not_rest_in_clear(repository, store):
    key_id = store.generate(KeyAlgorithm.SECP256K1)
    secret = store.ethereum_secret(key_id)
    assert secret not in repository.get(key_id).wrapped
    assert secret.hex() not in repr(store)
    assert secret.hex() not in repr(store._opened)


def test_memory_holds_no_more_keys_than_it_should_and_all_still_sign(repository, kek):
    store = SoftwareKeyStore(repository, kek, cached_keys=2)
    ids = [store.generate(KeyAlgorithm.ED25519) for _ in range(5)]
    for key_id in ids + ids[::-1]:
        verify(store.public_key(key_id), KeyAlgorithm.ED25519, store.sign(key_id, MESSAGE))
        assert len(store._opened) <= 2


def test_the_key_used_longest_ago_is_the_one_dropped(repository, kek):
    store = SoftwareKeyStore(repository, kek, cached_keys=2)
    first, second = (store.generate(KeyAlgorithm.ED25519) for _ in range(2))
    store.sign(first, MESSAGE)
    third = store.generate(KeyAlgorithm.ED25519)
    assert set(store._opened) == {first, third}
    assert second not in store._opened


def test_several_threads_sign_with_keys_coming_and_going(repository, kek):
    store = SoftwareKeyStore(repository, kek, cached_keys=2)
    ids = [store.generate(KeyAlgorithm.ED25519) for _ in range(4)]
    public = {key_id: store.public_key(key_id) for key_id in ids}
    failures: list[Exception] = []

    def work(offset: int) -> None:
        try:
            for step in range(100):
                key_id = ids[(step + offset) % len(ids)]
                signature = store.sign(key_id, MESSAGE)
                verify(public[key_id], KeyAlgorithm.ED25519, signature)
        except Exception as error:  # noqa: BLE001 - handed to the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_vrf_key_gives_its_secret_and_never_signs(repository, kek):
    key_id = SoftwareKeyStore(repository, kek).generate(KeyAlgorithm.VRF)
    restarted = SoftwareKeyStore(repository, kek)
    public_key = load_der_public_key(restarted.public_key(key_id)).public_bytes_raw()
    assert vrf.public_key(restarted.vrf_secret(key_id)) == public_key
    assert restarted.algorithm(key_id) is KeyAlgorithm.VRF
    with pytest.raises(InvalidInputError, match="a vrf key does not sign"):
        restarted.sign(key_id, MESSAGE)
    with pytest.raises(InvalidInputError, match="got vrf"):
        restarted.ethereum_secret(key_id)


def test_no_other_key_gives_its_secret_as_a_vrf_key(store):
    with pytest.raises(InvalidInputError, match="only a vrf key gives subjects, got ed25519"):
        store.vrf_secret(store.generate(KeyAlgorithm.ED25519))
