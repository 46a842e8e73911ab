"""Asking time-stamp authorities, one after the other, and believing nothing unchecked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Final, Protocol

from asn1crypto import cms, core, tsp

from eseal.errors import (
    ESealError,
    InvalidFormatError,
    InvalidSignatureError,
    TimeStampUnavailableError,
)
from eseal.excerpts import printable
from eseal.pki.http import Fetcher, endpoint
from eseal.pki.tsp import authority, request
from eseal.pki.tsp.request import TimeStampRequest
from eseal.pki.tsp.token import TimeStamp

BUILT_IN: Final = "built-in"
"""The word for the instance's own authority in ``ESEAL_TSA_URLS``."""


class TimeStampResp(core.Sequence):  # type: ignore[misc]  # asn1crypto is not typed
    """RFC 3161 section 2.4.2; asn1crypto's own takes the token for mandatory."""

    _fields: ClassVar = [  # asn1crypto changes the list in place
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


class Source(Protocol):
    """One time-stamp authority, by whatever way it is reached."""

    @property
    def name(self) -> str:
        """What messages call it; never a URL."""
        ...

    def ask(self, request: bytes) -> bytes:
        """Send a TimeStampReq, return the TimeStampResp; DER both.

        Raises:
            ESealError: there is no answer.
        """
        ...


class RemoteSource:
    """An authority at a URL (RFC 3161 section 3.4)."""

    def __init__(self, url: str, fetcher: Fetcher) -> None:
        self._url = url
        self._fetcher = fetcher
        self.name = endpoint(url)

    def ask(self, request_der: bytes) -> bytes:
        """Post the request.

        Raises:
            ValidationDataError: no answer.
        """
        return self._fetcher.post(
            self._url, request_der, sent=request.MEDIA_TYPE, accept=authority.MEDIA_TYPE
        )


_NONE_SET = "none is set (ESEAL_TSA_URLS)"


class BuiltInSource:
    """The instance's own authority, asked without a socket."""

    name = BUILT_IN

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer

    def ask(self, request_der: bytes) -> bytes:
        """Have the request answered."""
        return self._answer(request_der)


class TimeStampers:
    """A list of authorities, tried in turn. Safe to call from several threads."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(sources)

    def check_set(self) -> None:
        """Check that there is an authority to ask.

        Raises:
            TimeStampUnavailableError: there is none.
        """
        if not self._sources:
            raise _unavailable(_NONE_SET)

    def stamp(self, imprint: bytes, hash_name: str = "sha256") -> TimeStamp:
        """A checked time-stamp of the first authority that gives one.

        Args:
            imprint: the hash to be stamped.
            hash_name: ``sha256``, ``sha384`` or ``sha512``.

        Raises:
            TimeStampUnavailableError: none of them did; says for each why not.
        """
        problems = []
        for source in self._sources:
            asked = TimeStampRequest.new(imprint, hash_name)
            try:
                return check_response(source.ask(asked.encode()), asked)
            except ESealError as error:
                problems.append(_named(source.name, error))
        raise _unavailable("; ".join(problems) or _NONE_SET)


def _unavailable(why: str) -> TimeStampUnavailableError:
    return TimeStampUnavailableError(f"no time-stamp authority gave a time-stamp: {why}")


def check_response(response: bytes, asked: TimeStampRequest) -> TimeStamp:
    """Check a TimeStampResp against its request (RFC 3161 section 2.4.2).

    Returns:
        The time-stamp: of this imprint, with this nonce, signed by the time-stamping certificate
        it carries, which was in force.

    Raises:
        InvalidFormatError: no TimeStampResp, or no readable token in it.
        InvalidSignatureError: refused, or the token is not what was asked for or not signed.
    """
    stamp = TimeStamp.parse(_token(response))
    if (stamp.hash_name, stamp.imprint) != (asked.hash_name, asked.imprint):
        raise InvalidSignatureError("the time-stamp is of something else")
    if stamp.nonce != asked.nonce:
        raise InvalidSignatureError("the time-stamp answers another request (nonce)")
    if asked.policy is not None and stamp.policy != asked.policy:
        raise InvalidSignatureError(f"expected policy {asked.policy}, got {stamp.policy}")
    stamp.verify()
    return stamp


def _token(response: bytes) -> bytes:
    try:
        parsed = TimeStampResp.load(response, strict=True)
        status = parsed["status"]
        state = str(status["status"].native)
        texts = [str(text.native) for text in status["status_string"] or ()]
        reasons = sorted(status["fail_info"].native or ())
        token: bytes = parsed["time_stamp_token"].dump() if state.startswith("granted") else b""
    except Exception as error:  # noqa: BLE001  # whatever the parser throws at foreign bytes
        raise InvalidFormatError(
            f"expected a TimeStampResp (RFC 3161), got {len(response)} other bytes: "
            f"{type(error).__name__}"
        ) from None
    if not token:
        said = " ".join((state, *reasons, *texts))
        raise InvalidSignatureError(f"it refused: {printable(said, '')[:200]}")
    return token


def _named(name: str, error: ESealError) -> str:
    text = str(error)
    return text if text.startswith(name) else f"{name}: {text}"
