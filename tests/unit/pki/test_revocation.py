"""OCSP and revocation lists: answers given, and answers of others checked before they are kept."""

from datetime import timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given, settings
from hypothesis import strategies as st

from eseal.errors import ESealError, RevocationUnavailableError
from eseal.model.seal import Reason
from eseal.pki import public_urls
from eseal.pki.crl import RevokedEntry
from eseal.pki.http import Fetcher
from eseal.pki.ocsp import GOOD, CertificateStatus
from eseal.pki.revocation import RemoteStatus, StatusCollector, ValidationData
from eseal.pki.revocation_checks import check_crl, check_ocsp
from tests.stamping import Other, now


@pytest.fixture(scope="module")
def other():
    return Other()


@pytest.fixture(scope="module")
def stranger():
    return Other(name="Stranger")


def load(der):
    return x509.load_der_x509_certificate(der)


def ask(other, *, issuer=None, nonce=None, algorithm=None):
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        load(other.tsa_certificate),
        load(issuer or other.ca.chain[0]),
        algorithm or hashes.SHA1(),  # noqa: S303
    )
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def answer(other, request):
    return ocsp.load_der_ocsp_response(other.responder.answer(request))


class TestResponder:
    @pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.SHA256(), hashes.SHA512()])  # noqa: S303
    def test_good_signed_by_the_delegate(self, other, algorithm):
        said = answer(other, ask(other, algorithm=algorithm, nonce=b"n" * 32))
        assert said.certificate_status is ocsp.OCSPCertStatus.GOOD
        assert said.serial_number == load(other.tsa_certificate).serial_number
        assert said.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"n" * 32
        delegate = said.certificates[0]
        delegate.verify_directly_issued_by(load(other.ca.chain[0]))
        delegate.extensions.get_extension_for_class(x509.OCSPNoCheck)
        assert said.responder_key_hash is not None
        assert said.next_update_utc > said.this_update_utc

    def test_no_nonce_asked_none_given(self, other):
        assert not list(answer(other, ask(other)).extensions)

    @pytest.mark.parametrize(
        ("entry", "reason"),
        [
            (
                RevokedEntry(1, now(), Reason.BY_ORDER, suspended=True),
                x509.ReasonFlags.certificate_hold,
            ),
            (RevokedEntry(1, now(), Reason.LOSS), x509.ReasonFlags.key_compromise),
            (RevokedEntry(1, now(), Reason.NONE), None),
        ],
    )
    def test_revoked_says_since_when_and_why(self, entry, reason):
        other = Other()
        other.responder._lookup = lambda _serial: CertificateStatus(entry)
        said = answer(other, ask(other))
        assert said.certificate_status is ocsp.OCSPCertStatus.REVOKED
        assert said.revocation_reason is reason
        assert said.revocation_time_utc == entry.revoked_at.replace(microsecond=0)

    def test_a_number_never_issued_is_unknown(self):
        other = Other()
        other.responder._lookup = lambda _serial: None
        said = answer(other, ask(other))
        assert said.certificate_status is ocsp.OCSPCertStatus.UNKNOWN

    def test_another_issuers_certificate_is_not_ours_to_answer(self, other, stranger):
        said = answer(other, ask(other, issuer=stranger.ca.chain[0]))
        assert said.response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED

    @pytest.mark.parametrize("nonce", [b"", b"n" * 129])
    def test_a_nonce_of_a_forbidden_length_is_malformed(self, other, nonce):
        said = answer(other, ask(other, nonce=nonce))
        assert said.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST

    def test_a_critical_extension_nobody_knows_is_malformed(self, other):
        builder = ocsp.OCSPRequestBuilder().add_certificate(
            load(other.tsa_certificate), load(other.ca.chain[0]), hashes.SHA256()
        )
        unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x05\x00")
        asked = builder.add_extension(unknown, critical=True).build().public_bytes(Encoding.DER)
        said = answer(other, asked)
        assert said.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def test_whatever_comes_gets_an_ocsp_answer(self, data):
        bent = bytearray(ask(_SHARED, nonce=b"n" * 16))
        for _ in range(data.draw(st.integers(0, 3))):
            bent[data.draw(st.integers(0, len(bent) - 1))] = data.draw(st.integers(0, 255))
        cut = data.draw(st.integers(0, len(bent)))
        ocsp.load_der_ocsp_response(_SHARED.responder.answer(bytes(bent[:cut])))


class TestChecks:
    def test_an_answer_about_this_certificate_is_taken(self, other):
        about = other.responder.about(load(other.tsa_certificate).serial_number)
        check_ocsp(about, other.tsa_certificate, other.ca.chain[0], now())

    @pytest.mark.parametrize(
        ("make", "says"),
        [
            (lambda _o, _s: b"x", "expected an OCSP answer"),
            (lambda o, _s: o.responder.answer(b""), "malformed_request"),
            (lambda o, _s: o.responder.about(5), "another certificate"),
            (
                lambda o, s: s.responder.about(load(o.tsa_certificate).serial_number),
                "another certificate",
            ),
        ],
    )
    def test_another_answer_is_refused(self, other, stranger, make, says):
        with pytest.raises(ESealError, match=says):
            check_ocsp(make(other, stranger), other.tsa_certificate, other.ca.chain[0], now())

    def test_an_old_answer_is_refused(self, other):
        about = other.responder.about(load(other.tsa_certificate).serial_number)
        with pytest.raises(ESealError, match="out of date"):
            check_ocsp(about, other.tsa_certificate, other.ca.chain[0], now() + timedelta(hours=2))

    def test_an_answer_signed_by_nobody_entitled_is_refused(self, other):
        about = bytearray(other.responder.about(load(other.tsa_certificate).serial_number))
        signature = ocsp.load_der_ocsp_response(bytes(about)).signature
        place = bytes(about).index(signature) + len(signature) - 1
        about[place] ^= 1
        with pytest.raises(ESealError, match="not signed"):
            check_ocsp(bytes(about), other.tsa_certificate, other.ca.chain[0], now())

    def test_a_list_must_be_its_issuers_and_in_force(self, other, stranger):
        moment = now()
        crl = other.ca.crl([], moment, moment + timedelta(days=1))
        check_crl(crl, other.ca.chain[0], moment)
        for list_, issuer, at, says in (
            (b"x", other.ca.chain[0], moment, "expected a revocation list"),
            (crl, stranger.ca.chain[0], moment, "another issuer"),
            (crl, other.ca.chain[0], moment + timedelta(days=2), "not in force"),
            (crl[:-1] + bytes([crl[-1] ^ 1]), other.ca.chain[0], moment, "not signed"),
        ):
            with pytest.raises(ESealError, match=says):
                check_crl(list_, issuer, at)


def collector(other, *, known=(), fetch=True):
    fetcher = other.fetcher()
    sources = (RemoteStatus(fetcher, now),)
    return StatusCollector(sources, known, fetcher if fetch else None)


class TestCollector:
    def test_everything_up_to_the_root(self, other):
        data = collector(other).collect(other.tsa_certificate, other.ca.chain, now())
        assert data.certificates == (other.tsa_certificate, *other.ca.chain)
        assert len(data.ocsps) == 1
        assert len(data.crls) == 1

    def test_the_list_serves_where_the_responder_is_down(self):
        other = Other()
        other.down.add(public_urls.OCSP_PATH)
        data = collector(other).collect(other.tsa_certificate, other.ca.chain, now())
        assert (len(data.ocsps), len(data.crls)) == (0, 2)

    def test_neither_is_worth_another_try(self):
        other = Other()
        other.down |= {public_urls.OCSP_PATH, public_urls.CRL_PATH}
        with pytest.raises(RevocationUnavailableError, match=r"other\.example:80.*got 503"):
            collector(other).collect(other.tsa_certificate, other.ca.chain, now())

    def test_whom_to_ask_is_known_without_asking(self, other):
        down = Other()
        down.down |= {public_urls.OCSP_PATH, public_urls.CRL_PATH}
        collector(down).check_known(down.tsa_certificate, down.ca.chain, now())
        with pytest.raises(RevocationUnavailableError, match="nobody says whether"):
            StatusCollector(()).check_known(other.tsa_certificate, other.ca.chain, now())
        late = now() + timedelta(days=36_500)
        with pytest.raises(RevocationUnavailableError, match="chain is not good"):
            collector(other).check_known(other.tsa_certificate, other.ca.chain, late)

    def test_an_issuer_nobody_brought_is_fetched(self, other):
        data = collector(other, known=(other.root,)).collect(other.tsa_certificate, (), now())
        assert other.ca.chain[0] in data.certificates

    def test_or_missed(self, other):
        with pytest.raises(RevocationUnavailableError, match=r"issuer of .* is not known"):
            collector(other, fetch=False).collect(other.tsa_certificate, (), now())

    def test_a_fetched_issuer_must_have_issued_it(self, other, stranger):
        lying = StatusCollector((), (other.root,), stranger.fetcher())
        with pytest.raises(RevocationUnavailableError, match="is not known"):
            lying.collect(other.tsa_certificate, (), now())
        broken = Fetcher(httpx.MockTransport(lambda _r: httpx.Response(200, content=b"x")))
        with pytest.raises(RevocationUnavailableError, match="is not known"):
            StatusCollector((), (), broken).collect(other.tsa_certificate, (), now())
        down = Fetcher(httpx.MockTransport(lambda _r: httpx.Response(500)))
        with pytest.raises(RevocationUnavailableError, match="is not known"):
            StatusCollector((), (), down).collect(other.tsa_certificate, (), now())

    def test_a_chain_that_was_not_good_then_is_refused(self, other):
        with pytest.raises(RevocationUnavailableError, match="chain is not good"):
            collector(other).collect(
                other.tsa_certificate, other.ca.chain, now() + timedelta(days=30 * 365)
            )

    def test_a_certificate_without_addresses_leaves_nobody_to_ask(self):
        silent = Other(public_url=None)
        with pytest.raises(RevocationUnavailableError, match="names neither"):
            collector(silent).collect(silent.tsa_certificate, silent.ca.chain, now())

    def test_nothing_is_kept_twice(self):
        data = ValidationData((b"a",), (b"b",), (b"c",))
        assert data + data == data
        assert GOOD.stopped is None


_SHARED = Other()
