"""Asking authorities in turn; believing none unchecked."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from asn1crypto import tsp
from hypothesis import given, settings
from hypothesis import strategies as st

from eseal.errors import ESealError, InvalidInputError, TimeStampUnavailableError
from eseal.pki import public_urls
from eseal.pki.http import MAX_ANSWER_BYTES, Fetcher, endpoint
from eseal.pki.tsp.authority import MEDIA_TYPE, TimeStampAuthority
from eseal.pki.tsp.client import BuiltInSource, RemoteSource, TimeStampers, check_response
from eseal.pki.tsp.request import TimeStampRequest
from eseal.pki.tsp.token import TimeStamp, same_imprint
from eseal.suites import KeyAlgorithm
from tests.stamping import Other, now

DIGEST = hashlib.sha256(b"sealed").digest()
URL = f"http://user:secret@tsa.example:8318{public_urls.TSA_PATH}?token=secret"


@pytest.fixture(scope="module")
def other():
    return Other()


def stampers(*answers):
    """Authorities at one address each, which answer as these functions do."""

    def source(number, answer):
        url = URL.replace("8318", str(8000 + number))
        return RemoteSource(url, Fetcher(httpx.MockTransport(answer)))

    return TimeStampers([source(*each) for each in enumerate(answers)])


def reply(content, status=200, kind=MEDIA_TYPE):
    return lambda _request: httpx.Response(status, content=content, headers={"content-type": kind})


def refuse_connection(_request):
    raise httpx.ConnectError("https://user:secret@host refused")


def never_answer(_request):
    raise httpx.ReadTimeout("too slow")


def with_nonce(other, nonce):
    return reply(other.tsa.answer(TimeStampRequest(DIGEST, nonce=nonce).encode()))


def garbage(_request):
    return httpx.Response(200, content=b"<html>", headers={"content-type": "text/html"})


def of_another(other):
    def answer(request):
        asked = tsp.TimeStampReq.load(request.content)
        changed = TimeStampRequest(bytes(32), nonce=asked["nonce"].native)
        return httpx.Response(
            200,
            content=other.tsa.answer(changed.encode()),
            headers={"content-type": MEDIA_TYPE},
        )

    return answer


def expired():
    return Other(certified=now() - timedelta(days=9 * 365)).answer


def bent(other):
    """Signed over something else: the token's last byte is changed."""

    def answer(request):
        body = bytearray(other.answer(request).content)
        body[-1] ^= 1
        return reply(bytes(body))(request)

    return answer


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda _: refuse_connection, "tsa.example:8000: cannot be reached"),
        (lambda _: never_answer, "tsa.example:8000: no answer in time"),
        (lambda _: reply(b"", 500), "expected status 200, got 500"),
        (lambda _: garbage, "expected application/timestamp-reply, got 'text/html'"),
        (lambda _: reply(b"\x30\x03abc"), "expected a TimeStampResp"),
        (lambda _: reply(bytes(MAX_ANSWER_BYTES + 1)), "expected at most"),
        (lambda other: with_nonce(other, 1), "another request"),
        (of_another, "of something else"),
        (bent, "does not verify"),
        (lambda _: expired(), "outside the validity"),
        (lambda other: reply(other.tsa.answer(b"")), "refused: rejection bad_data_format"),
    ],
)
def test_an_authority_that_fails_is_passed_over_and_named(other, wrong, says):
    with pytest.raises(TimeStampUnavailableError) as caught:
        stampers(wrong(other)).stamp(DIGEST)
    assert says in str(caught.value)
    assert "secret" not in str(caught.value)
    stamp = stampers(wrong(other), other.answer).stamp(DIGEST)
    assert stamp.imprint == DIGEST


def test_the_first_that_answers_is_the_only_one_asked(other):
    before = len(other.asked)
    stampers(other.answer, refuse_connection).stamp(DIGEST)
    assert len(other.asked) == before + 1


def test_the_built_in_one_is_asked_without_a_socket(other):
    stamp = TimeStampers([BuiltInSource(other.tsa.answer)]).stamp(DIGEST)
    assert stamp.authority == "eseal time-stamp authority, Other Trust"
    assert same_imprint(stamp, b"sealed")
    assert stamp.valid_until > now()


def test_none_set_says_which_setting():
    with pytest.raises(TimeStampUnavailableError, match="ESEAL_TSA_URLS"):
        TimeStampers([]).stamp(DIGEST)


def test_a_policy_asked_for_must_be_the_answers(other):
    asked = TimeStampRequest(DIGEST, policy="1.2.3")
    answer = other.tsa.answer(TimeStampRequest(DIGEST).encode())
    with pytest.raises(ESealError, match=r"expected policy 1\.2\.3"):
        check_response(answer, asked)


def test_an_imprint_of_another_length_is_not_asked_about():
    with pytest.raises(InvalidInputError, match="expected 32 bytes"):
        TimeStampRequest(bytes(20))


@pytest.mark.parametrize(
    ("url", "named"),
    [
        (URL, "tsa.example:8318"),
        ("https://a.example/x", "a.example:443"),
        ("http://a.example", "a.example:80"),
        ("http://a:b", "an unreadable URL"),
    ],
)
def test_messages_name_host_and_port_only(url, named):
    assert endpoint(url) == named


def test_only_http_is_fetched(other):
    fetcher = other.fetcher()
    with pytest.raises(ESealError, match="expected an http or https URL"):
        fetcher.get("ftp://a.example/x", accept="text/plain")
    fetcher.close()


@pytest.mark.parametrize("token", [b"", b"\x30", b"\x30\x80\x00\x00", b"\x30\x03\x02\x01\x00"])
def test_what_is_no_token_is_named(token):
    with pytest.raises(ESealError, match="time-stamp"):
        TimeStamp.parse(token)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_bent_answer_is_an_error_of_ours_or_changes_nothing(data):
    asked, answer = _ASKED, bytearray(_ANSWER)
    place = data.draw(st.integers(0, len(answer) - 1))
    answer[place] ^= data.draw(st.integers(1, 255))
    try:
        stamp = check_response(bytes(answer), asked)
    except ESealError:
        return
    assert (stamp.imprint, stamp.nonce) == (DIGEST, 7)


def test_another_certificate_than_the_one_named_is_refused(other):
    stamp = stampers(other.answer).stamp(DIGEST)
    with pytest.raises(ESealError, match="names another certificate"):
        replace(stamp, certificate=Other().tsa_certificate).verify()


def test_a_certificate_that_is_not_for_time_stamps_only_is_refused(other):
    key_id = other.keys.generate(KeyAlgorithm.P256)
    for_ocsp = other.ca.issue_ocsp(other.keys.public_key(key_id), now())
    rogue = TimeStampAuthority(for_ocsp, (), lambda message: other.keys.sign(key_id, message), now)
    with pytest.raises(TimeStampUnavailableError, match="timeStamping only"):
        TimeStampers([BuiltInSource(rogue.answer)]).stamp(DIGEST)


_ASKED = TimeStampRequest(DIGEST, nonce=7)
_ANSWER = Other().tsa.answer(_ASKED.encode())
