import contextlib
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA384
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eseal.errors import (
    ESealError,
    InvalidChainError,
    InvalidFormatError,
    InvalidInputError,
    InvalidSignatureError,
    UntrustedChainError,
)
from eseal.pki.chain import (
    MAX_PATH_CERTIFICATES,
    MAX_SUPPLIED_CERTIFICATES,
    verify_chain,
    verify_path,
    verify_signing_usage,
)
from eseal.pki.der import load_certificate

CA = {"key_cert_sign": True}
SEAL = {"content_commitment": True}


@pytest.fixture
def root(forger):
    return forger.make("root", ca=True, usage=CA)


@pytest.fixture
def middle(forger, root):
    return forger.make("middle", root, ca=True, path_length=0, usage=CA)


@pytest.fixture
def leaf(forger, middle):
    return forger.make("leaf", middle, ca=False, usage=SEAL)


def ders(*forged):
    return [f.der for f in forged]


def test_a_good_chain_passes_whatever_else_was_brought_along(forger, root, middle, leaf, now):
    stranger = forger.make("stranger", ca=True)
    impostor = forger.make("middle", stranger, ca=True)  # the same name, another key
    verify_chain(leaf.der, ders(middle), ders(root), now)
    verify_chain(leaf.der, ders(stranger, impostor, leaf, middle, middle), ders(root), now)
    verify_chain(leaf.der, ders(root, middle), ders(stranger, root), now)
    verify_chain(leaf.der, [], ders(middle), now)  # an intermediate may itself be trusted
    verify_path(ders(leaf, middle, root), now)
    verify_path(ders(leaf), now)


def test_the_ends_of_the_validity_still_count(root, middle, leaf):
    for moment in (leaf.certificate.not_valid_before_utc, leaf.certificate.not_valid_after_utc):
        verify_chain(leaf.der, ders(middle), ders(root), moment)
    late = leaf.certificate.not_valid_after_utc + timedelta(microseconds=1)
    with pytest.raises(InvalidChainError, match=r"CN=leaf.* is valid from .* not at"):
        verify_chain(leaf.der, ders(middle), ders(root), late)


def test_without_an_issuer_there_is_no_trust(forger, root, middle, leaf, now):
    stranger = forger.make("stranger", ca=True)
    for intermediates, roots in (
        (ders(middle), []),
        ([], ders(root)),
        (ders(middle), ders(stranger)),
        (ders(middle, root), ders(stranger)),
    ):
        with pytest.raises(UntrustedChainError, match=r"no path from .*CN=leaf"):
            verify_chain(leaf.der, intermediates, roots, now)


def test_a_self_made_certificate_is_not_its_own_proof(forger, now):
    alone = forger.make("alone", usage=SEAL)
    with pytest.raises(UntrustedChainError):
        verify_chain(alone.der, ders(alone), ders(alone), now)


def test_an_issuer_of_the_right_name_with_another_key_is_told_apart(forger, root, leaf, now):
    impostor = forger.make("middle", root, ca=True)
    with pytest.raises(InvalidSignatureError, match=r"CN=leaf.* does not verify under .*CN=middle"):
        verify_chain(leaf.der, ders(impostor), ders(root), now)
    with pytest.raises(InvalidSignatureError):
        verify_path(ders(leaf, impostor, root), now)


WRONG_ISSUERS = [
    ({"ca": False, "usage": CA}, "is not a CA"),
    ({"usage": CA}, "is not a CA"),
    ({"ca": True, "usage": SEAL}, "may not sign certificates"),
]


@pytest.mark.parametrize(("how", "said"), WRONG_ISSUERS)
def test_who_is_no_ca_issues_nothing(forger, root, now, how, said):
    middle = forger.make("middle", root, **how)
    leaf = forger.make("leaf", middle, usage=SEAL)
    for check in (
        lambda: verify_chain(leaf.der, ders(middle), ders(root), now),
        lambda: verify_path(ders(leaf, middle, root), now),
    ):
        with pytest.raises(InvalidChainError, match=f"CN=middle.* {said}"):
            check()


def test_a_ca_without_key_usage_may_issue(forger, root, now):
    middle = forger.make("middle", root, ca=True)
    leaf = forger.make("leaf", middle)
    verify_chain(leaf.der, ders(middle), ders(root), now)
    verify_signing_usage(leaf.der)


def test_an_issuer_out_of_its_time_is_named(forger, root, now):
    middle = forger.make("middle", root, ca=True, end=now - timedelta(days=1))
    leaf = forger.make("leaf", middle)
    with pytest.raises(InvalidChainError, match=r"CN=middle.* is valid from"):
        verify_chain(leaf.der, ders(middle), ders(root), now)


def test_path_lengths_are_kept_but_a_renewed_ca_does_not_count(forger, now):
    root = forger.make("root", ca=True, path_length=1)
    first = forger.make("first", root, ca=True)
    second = forger.make("second", first, ca=True)
    deep = forger.make("leaf", second)
    with pytest.raises(InvalidChainError, match=r"CN=root.* allows 1 CAs below it, got 2"):
        verify_chain(deep.der, ders(first, second), ders(root), now)
    renewed = forger.make("first", first, ca=True)  # self-issued: same name, new key
    leaf = forger.make("leaf", renewed)
    verify_path(ders(leaf, renewed, first, root), now)


def test_a_critical_extension_nobody_reads_is_refused(forger, root, now):
    oid = x509.ObjectIdentifier("1.2.3.4.5")
    unknown = x509.UnrecognizedExtension(oid, b"\x05\x00")
    tolerated = forger.make("leaf", root, extra=[(unknown, False)])
    verify_chain(tolerated.der, [], ders(root), now)
    refused = forger.make("leaf", root, extra=[(unknown, True)])
    with pytest.raises(InvalidChainError, match=r"critical extension 1\.2\.3\.4\.5"):
        verify_chain(refused.der, [], ders(root), now)
    constrained = x509.NameConstraints([x509.DNSName("a.example")], None)
    middle = forger.make("middle", root, ca=True, extra=[(constrained, True)])
    leaf = forger.make("leaf", middle)
    with pytest.raises(InvalidChainError, match="which is not understood"):
        verify_chain(leaf.der, ders(middle), ders(root), now)


def test_weak_signatures_and_keys_are_refused(forger, now):
    weak = forger.make("weak", ca=True, key=ec.generate_private_key(ec.SECP192R1()))
    leaf = forger.make("leaf", weak)
    with pytest.raises(InvalidChainError, match="weak key, secp192r1"):
        verify_chain(leaf.der, [], ders(weak), now)
    small = forger.make("small", ca=True, key=rsa.generate_private_key(65537, 1024))  # noqa: S505
    leaf = forger.make("leaf", small)
    with pytest.raises(InvalidChainError, match="weak key, RSA 1024"):
        verify_chain(leaf.der, [], ders(small), now)


def test_a_weak_hash_is_refused_before_the_signature_is_looked_at(forger, now):
    root = forger.make("root", ca=True)
    leaf = forger.make("leaf", root).der
    sha256, sha224 = bytes.fromhex("2a8648ce3d040302"), bytes.fromhex("2a8648ce3d040301")
    assert leaf.count(sha256) == 2
    with pytest.raises(InvalidChainError, match=r"CN=leaf.* is signed with weak sha224"):
        verify_chain(leaf.replace(sha256, sha224), [], ders(root), now)


def test_other_good_algorithms_pass(forger, now):
    for key in (ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)):
        root = forger.make("root", ca=True, key=key, hash_algorithm=SHA384())
        leaf = forger.make("leaf", root, hash_algorithm=SHA384())
        verify_chain(leaf.der, [], ders(root), now)


def test_a_loop_or_a_heap_of_cas_ends(forger, now):
    key = ec.generate_private_key(ec.SECP256R1())
    seed = forger.make("ca", ca=True, key=key)
    heap = [forger.make("ca", seed, ca=True, key=key) for _ in range(MAX_SUPPLIED_CERTIFICATES)]
    leaf = forger.make("leaf", seed)
    other = forger.make("root", ca=True)
    with pytest.raises((UntrustedChainError, InvalidChainError)):
        verify_chain(leaf.der, ders(*heap), ders(other), now)


def test_a_path_has_an_end(forger, now):
    chain = [forger.make("ca 0", ca=True)]
    for n in range(1, MAX_PATH_CERTIFICATES):
        chain.append(forger.make(f"ca {n}", chain[-1], ca=True))
    leaf = forger.make("leaf", chain[-1])
    with pytest.raises(InvalidChainError, match="more than 8 certificates"):
        verify_chain(leaf.der, ders(*chain[1:]), ders(chain[0]), now)
    verify_chain(leaf.der, ders(*chain[2:]), ders(chain[1]), now)
    with pytest.raises(InvalidInputError, match="1 to 8 certificates, got 9"):
        verify_path(ders(leaf, *chain[::-1]), now)


def test_a_path_out_of_order_is_refused(root, middle, leaf, now):
    with pytest.raises(UntrustedChainError, match=r"issued by 'CN=middle', but the next .*CN=root"):
        verify_path(ders(leaf, root, middle), now)
    with pytest.raises(InvalidInputError, match="1 to 8 certificates, got 0"):
        verify_path([], now)


def test_too_many_certificates_and_times_without_zone_are_refused(root, middle, leaf, now):
    with pytest.raises(InvalidInputError, match="at most 32 intermediate certificates, got 33"):
        verify_chain(leaf.der, ders(middle) * 33, ders(root), now)
    naive = datetime(2026, 11, 22)  # noqa: DTZ001
    for check in (
        lambda: verify_chain(leaf.der, ders(middle), ders(root), naive),
        lambda: verify_path(ders(leaf), naive),
    ):
        with pytest.raises(InvalidInputError, match="time zone"):
            check()


def test_what_does_not_parse_is_a_format_error(root, middle, leaf, now):
    for certificate, intermediates, roots in (
        (b"x", ders(middle), ders(root)),
        (leaf.der, [b"x"], ders(root)),
        (leaf.der, ders(middle), [b"x"]),
    ):
        with pytest.raises(InvalidFormatError):
            verify_chain(certificate, intermediates, roots, now)


def test_a_signature_has_no_unused_bits(forger, root, now):
    while True:  # about every second signature ends with a zero bit
        leaf = bytearray(forger.make("leaf", root, usage=SEAL).der)
        if not leaf[-1] & 1:
            break
    verify_chain(bytes(leaf), [], ders(root), now)
    leaf[-len(load_certificate(bytes(leaf)).signature) - 1] = 1
    with pytest.raises(InvalidFormatError, match="unused bits"):
        verify_chain(bytes(leaf), [], ders(root), now)


@pytest.mark.parametrize("usage", [SEAL, {"digital_signature": True}])
def test_keys_that_may_sign(forger, root, usage):
    verify_signing_usage(forger.make("leaf", root, ca=False, usage=usage).der)


def test_keys_that_are_for_something_else(forger, root):
    other = forger.make("leaf", root, usage={"key_encipherment": True})
    with pytest.raises(InvalidChainError, match="contentCommitment"):
        verify_signing_usage(other.der)
    authority = forger.make("ca", ca=True, usage={"digital_signature": True, **CA})
    with pytest.raises(InvalidChainError, match="got a CA's"):
        verify_signing_usage(authority.der)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_damage_makes_it_stumble_or_pass(root, middle, leaf, now, data):
    chain = ders(leaf, middle, root)
    which = data.draw(st.integers(0, 1))
    damaged = bytearray(chain[which])
    position = data.draw(st.integers(0, len(damaged) - 1))
    damaged[position] ^= data.draw(st.integers(1, 255))
    chain[which] = bytes(damaged)
    with pytest.raises(ESealError):
        verify_chain(chain[0], chain[1:2], chain[2:], now)
    with contextlib.suppress(ESealError):
        verify_signing_usage(chain[which])
