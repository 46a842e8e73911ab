"""An authority's three keys, and what it makes with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from eth_account import Account
from eth_account.signers.local import LocalAccount

from eseal.authority.word import vrf
from eseal.authority.word.attestation import attest, subject_of
from eseal.authority.word.messages import Ask, Attested
from eseal.authority.word.registration import Registered, Registry, sign_registration
from eseal.errors import CorruptionError
from eseal.keys.software import SoftwareKeyStore
from eseal.model.subject import check_identifier
from eseal.suites import KeyAlgorithm


@dataclass(frozen=True, slots=True)
class KeyNames:
    """What the keys are called in their store.

    Attributes:
        vrf: the key of the verifiable random function: whoever has it can unmask every company.
        attest: the Ed25519 key that signs subject proofs.
        account: the ledger account that signs registrations.
    """

    vrf: str
    attest: str
    account: str

    @classmethod
    def generate(cls, store: SoftwareKeyStore) -> KeyNames:
        """Make the three keys."""
        return cls(
            vrf=store.generate(KeyAlgorithm.VRF),
            attest=store.generate(KeyAlgorithm.ED25519),
            account=store.generate(KeyAlgorithm.SECP256K1),
        )


class AuthorityKeys:
    """The keys at work. Safe to use from several threads.

    Attributes:
        vrf_key: the VRF public key, 32 bytes.
        attest_key: the Ed25519 public key, 32 bytes.
    """

    def __init__(self, store: SoftwareKeyStore, names: KeyNames) -> None:
        self._store = store
        self._names = names
        self.vrf_key = _raw(store.public_key(names.vrf))
        self.attest_key = _raw(store.public_key(names.attest))

    @property
    def account(self) -> str:
        """Checksummed address of the account that signs registrations."""
        return str(self.signer.address)

    @property
    def signer(self) -> LocalAccount:
        """That account itself, which says on the ledger that a company goes on as another one."""
        account: LocalAccount = Account.from_key(self._store.ethereum_secret(self._names.account))
        return account

    def subject(self, identifier: str) -> bytes:
        """The subject of a registration id in normal form, 32 bytes; proves nothing to others.

        Raises:
            InvalidInputError: it is in another form.
        """
        alpha = check_identifier(identifier).encode("ascii")
        proof = vrf.prove(self._store.vrf_secret(self._names.vrf), alpha)
        return subject_of(self.vrf_key, vrf.proof_to_hash(proof))

    def answer(
        self, ask: Ask, registry: Registry, since: datetime, record: str | None = None
    ) -> Attested:
        """Prove and sign what was asked.

        Args:
            ask: already checked, and decided upon.
            registry: where the company may be registered.
            since: from when the name is vouched for.
            record: the entry in the authority's log.

        Raises:
            InvalidInputError: id or name are not in normal form.
        """
        proof = attest(
            ask.id,
            ask.name,
            ask.founders,
            vrf_secret=self._store.vrf_secret(self._names.vrf),
            sign=lambda message: self._store.sign(self._names.attest, message),
            now=since,
        )
        company = Registered(proof.subject, proof.key, proof.founders, ask.founders_account)
        secret = self._store.ethereum_secret(self._names.account)
        signature = sign_registration(company, registry, secret)
        return Attested(proof, ask.founders_account, signature, record)


def _raw(spki: bytes) -> bytes:
    """The 32 bytes of a key on edwards25519 in a SubjectPublicKeyInfo (RFC 8410)."""
    key = load_der_public_key(spki)
    if not isinstance(key, Ed25519PublicKey):
        raise CorruptionError("expected the authority's stored keys on edwards25519, got another")
    return key.public_bytes_raw()
