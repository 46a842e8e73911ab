"""The verifier's functions with what these tests trust, where a test names nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eseal import verify
from eseal.authority.word import vrf
from eseal.authority.word.attestation import attest
from eseal.keys.kek import KeyEncryptionKey
from eseal.keys.software import SoftwareKeyStore
from eseal.pki.ca import CertificateAuthority
from eseal.verify.inputs.trust import Trust, TrustedAuthority
from tests.unit.verify.memory_ledger import START

VRF_SECRET = bytes(range(32))
ATTEST_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
AUTHORITY = TrustedAuthority(
    vrf.public_key(VRF_SECRET), ATTEST_KEY.public_key().public_bytes_raw(), ("NTRCN", "NTRFR")
)


class MemoryKeys:
    """``KeyRepository`` over a dict."""

    def __init__(self):
        self.keys = {}

    def add(self, key):
        self.keys[key.id] = key

    def get(self, key_id):
        return self.keys[key_id]

    def any(self):
        return next(iter(self.keys.values()), None)


@cache
def key_store():
    return SoftwareKeyStore(MemoryKeys(), KeyEncryptionKey(bytes(range(32))))


@cache
def issuing_ca(name="Trial CA"):
    before = datetime.fromtimestamp(START, UTC) - timedelta(days=1)
    return CertificateAuthority.create(key_store(), organization=name, country="GB", now=before)


@cache
def proof_of(identifier, name, founders=None, secret=VRF_SECRET, key=ATTEST_KEY):
    """The authority's word on a company."""
    return attest(
        identifier,
        name,
        founders,
        vrf_secret=secret,
        sign=key.sign,
        now=datetime.fromtimestamp(START, UTC) - timedelta(days=1),
    )


def trusting(*roots, **changes):
    """What these tests trust, with more roots, or with something else in it."""
    known = Trust(roots=(issuing_ca().root.certificate, *roots), authorities=(AUTHORITY,))
    return replace(known, **changes)


def verify_document(data, *, trust=None, **given):
    return verify.verify_document(data, trust=trust or trusting(), **given)


def verify_digest(digest, *, trust=None, **given):
    return verify.verify_digest(digest, trust=trust or trusting(), **given)


def verify_evidence(evidence, *, trust=None, **given):
    return verify.verify_evidence(evidence, trust=trust or trusting(), **given)


def shown(world, use):
    """A use that is anchored: what is given to a verifier beside the ledger."""
    world.anchor()
    return {"signature": use.p7s}
