"""The built-in time-stamp authority: what it stamps, what it refuses and with which bit."""

import hashlib

import pytest
from asn1crypto import core, tsp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eseal.errors import ClockError
from eseal.pki.tsp.authority import MAX_REQUEST_BYTES, POLICY, Failure, refusal
from eseal.pki.tsp.client import TimeStampResp
from eseal.pki.tsp.request import TimeStampRequest
from eseal.pki.tsp.token import TimeStamp
from tests.stamping import Other

DIGEST = hashlib.sha256(b"sealed").digest()


@pytest.fixture(scope="module")
def other():
    return Other()


def request(*, name="sha256", digest=DIGEST, **rest):
    imprint = {"hash_algorithm": {"algorithm": name}, "hashed_message": digest}
    fields = {"version": 1, "message_imprint": imprint, "cert_req": True} | rest
    return tsp.TimeStampReq(fields).dump()


def token(answer):
    response = TimeStampResp.load(answer, strict=True)
    assert response["status"]["status"].native == "granted"
    return TimeStamp.parse(response["time_stamp_token"].dump())


def refused(answer):
    response = TimeStampResp.load(answer, strict=True)
    assert response["status"]["status"].native == "rejection"
    assert response["status"]["status_string"][0].native
    assert isinstance(response["time_stamp_token"], core.Void)
    return response["status"]["fail_info"].native


@pytest.mark.parametrize("name", ["sha256", "sha384", "sha512"])
def test_every_imprint_is_stamped_with_the_nonce_it_came_with(other, name):
    asked = TimeStampRequest.new(hashlib.new(name, b"sealed").digest(), name)
    stamp = token(other.tsa.answer(asked.encode()))
    stamp.verify()
    assert (stamp.imprint, stamp.hash_name, stamp.nonce) == (asked.imprint, name, asked.nonce)
    assert stamp.policy == POLICY.dotted_string
    assert abs((stamp.generated - other.clock()).total_seconds()) < 60
    assert stamp.certificate == other.tsa_certificate


def test_numbers_are_never_used_twice(other):
    encoded = TimeStampRequest(DIGEST).encode()
    assert len({token(other.tsa.answer(encoded)).serial for _ in range(50)}) == 50


def test_a_negative_nonce_comes_back(other):
    assert token(other.tsa.answer(request(nonce=-5))).nonce == -5


def test_no_certificate_where_none_is_wanted(other):
    answer = other.tsa.answer(request(cert_req=False))
    assert other.tsa_certificate not in answer
    assert other.tsa_certificate in other.tsa.answer(request())


def test_its_policy_may_be_asked_for(other):
    token(other.tsa.answer(request(req_policy=POLICY.dotted_string)))


@pytest.mark.parametrize(
    ("asked", "bits"),
    [
        (b"", {"bad_data_format"}),
        (b"\x30\x00", {"bad_data_format"}),
        (request() + b"\x00", {"bad_data_format"}),
        (request() + bytes(MAX_REQUEST_BYTES), {"bad_data_format"}),
        (request(name="sha1", digest=bytes(20)), {"bad_alg"}),
        (request(digest=bytes(31)), {"bad_data_format"}),
        (request(version=2), {"bad_request"}),
        (request(nonce=1 << 600), {"bad_request"}),
        (request(req_policy="1.2.3"), {"unaccepted_policy"}),
        (
            request(extensions=[{"extn_id": "1.2.3", "critical": False, "extn_value": b"x"}]),
            {"unaccepted_extensions"},
        ),
    ],
)
def test_what_cannot_be_stamped_is_refused_with_its_bit(other, asked, bits):
    assert refused(other.tsa.answer(asked)) == bits


def test_no_time_no_stamp():
    def wrong():
        raise ClockError("this machine's clock is behind")

    other = Other()
    other.tsa._now = wrong
    assert refused(other.tsa.answer(request())) == {"time_not_available"}


@pytest.mark.parametrize("failure", list(Failure))
def test_every_bit_is_its_own(failure):
    parsed = TimeStampResp.load(refusal(failure, "no"), strict=True)
    assert len(parsed["status"]["fail_info"].native) == 1


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_request_is_answered_with_anything_else(data):
    bent = bytearray(request(nonce=7))
    for _ in range(data.draw(st.integers(0, 3))):
        bent[data.draw(st.integers(0, len(bent) - 1))] = data.draw(st.integers(0, 255))
    answer = _SHARED.tsa.answer(bytes(bent[: data.draw(st.integers(0, len(bent)))]))
    status = TimeStampResp.load(answer, strict=True)["status"]["status"].native
    assert status in {"granted", "rejection"}


_SHARED = Other()
