"""The built-in time-stamp authority and OCSP responder, and what they say of our certificates.

Their keys are made when they are first needed and replaced before their certificates end, so an
instance made by an earlier version gets them by itself.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Generic, TypeVar

from cryptography import x509

from eseal.errors import NotFoundError
from eseal.model.seal import SealState
from eseal.pki import profile
from eseal.pki.ocsp import GOOD, CertificateStatus, Responder
from eseal.pki.revocation import Proof
from eseal.pki.tsp.authority import TimeStampAuthority
from eseal.service.instance.ca import stopped_entry
from eseal.store.repositories.responders import ResponderRepository, Role, StoredResponder
from eseal.store.repositories.seals import SealRepository
from eseal.suites import KeyAlgorithm

if TYPE_CHECKING:
    from collections.abc import Callable

    from eseal.service.instance.ca import BuiltInCa
    from eseal.service.instance.context import Context

T = TypeVar("T")

_RESERVE = {Role.TSA: profile.TSA_RESERVE, Role.OCSP: profile.OCSP_RESERVE}
_STOPPED = frozenset({SealState.SUSPENDED, SealState.REVOKED})


@dataclass(frozen=True, slots=True)
class _Opened(Generic[T]):
    """A responder ready to answer, and until when its certificate is to be used."""

    responder: T
    use_until: datetime


class Responders:
    """Answers time-stamp and OCSP requests. Safe to call from several threads."""

    def __init__(self, context: Context, ca: BuiltInCa) -> None:
        self._context = context
        self._ca = ca
        self._lock = threading.Lock()
        self._tsa: _Opened[TimeStampAuthority] | None = None
        self._ocsp: _Opened[Responder] | None = None

    def time_stamp(self, request: bytes) -> bytes:
        """Answer a TimeStampReq (RFC 3161) with a TimeStampResp, DER both. Never refuses by error.

        While this machine's clock contradicts the ledger, the answer is "timeNotAvailable".
        """
        with self._lock:
            self._tsa = self._current(self._tsa, Role.TSA, self._time_stamp_authority)
            authority = self._tsa.responder
        return authority.answer(request)

    def ocsp(self, request: bytes) -> bytes:
        """Answer an OCSPRequest (RFC 6960) with an OCSPResponse, DER both."""
        return self._responder().answer(request)

    def proof(self, certificate: bytes, issuer: bytes) -> Proof | None:
        """Revocation data about a certificate of the built-in CA; ``None`` if it is another's.

        Makes this a ``StatusSource``: what an OCSP client would be answered, without a socket.
        """
        if self._ca.is_issuing(issuer):
            loaded = x509.load_der_x509_certificate(certificate)
            answer = self._responder().about(loaded.serial_number)
            # Some verifiers look at OCSP answers only where the certificate names a responder.
            crl = None if _names_responder(loaded) else self._ca.crl()
            return Proof(ocsp=answer, crl=crl)
        with suppress(NotFoundError):  # another CA's root
            return Proof(crl=self._ca.root_crl(sha256(issuer).digest()))
        return None

    def knows(self, certificate: bytes, issuer: bytes) -> bool:  # noqa: ARG002 - any of ours
        """Whether the issuer is the built-in CA's, and its lists go on."""
        return self._ca.is_issuing(issuer) or self._ca.is_root(sha256(issuer).digest())

    def _responder(self) -> Responder:
        with self._lock:
            self._ocsp = self._current(self._ocsp, Role.OCSP, self._ocsp_responder)
            return self._ocsp.responder

    def _current(
        self, opened: _Opened[T] | None, role: Role, make: Callable[[StoredResponder], T]
    ) -> _Opened[T]:
        now = self._context.now()
        if opened is not None and now < opened.use_until:
            return opened
        stored = self._stored(role, now)
        return _Opened(make(stored), _use_until(stored))

    def _stored(self, role: Role, now: datetime) -> StoredResponder:
        """The certificate in use, made first if there is none.

        Two processes may both make one: either is good, and both are kept.
        """
        with self._context.database.read() as connection:
            found = ResponderRepository(connection).newest(role)
        if found is not None and now < _use_until(found):
            return found
        key_id = self._context.keys.generate(KeyAlgorithm.P256)
        made = StoredResponder(role, key_id, self._ca.issue_responder(role, key_id), now)
        with self._context.database.write() as connection:
            ResponderRepository(connection).add(made)
        return made

    def _time_stamp_authority(self, stored: StoredResponder) -> TimeStampAuthority:
        return TimeStampAuthority(
            stored.certificate,
            self._ca.chain,
            lambda message: self._context.keys.sign(stored.key_id, message),
            self._checked_clock,
        )

    def _ocsp_responder(self, stored: StoredResponder) -> Responder:
        return Responder(
            stored.certificate,
            self._ca.chain[0],
            lambda message: self._context.keys.sign(stored.key_id, message),
            self._status,
            self._context.now,
        )

    def _checked_clock(self) -> datetime:
        now = self._context.now()
        self._context.blocks.check_clock(now)
        return now

    def _status(self, serial: int) -> CertificateStatus | None:
        """What the seals' states say of a number of the issuing CA: as the ledger's, and at once.

        A seal whose change is on its way to the ledger keeps its state until the ledger has it.
        """
        with self._context.database.read() as connection:
            seals = SealRepository(connection).by_serial(serial)
            responders = ResponderRepository(connection).certificates()
        for seal, since in seals:
            if self._ca.issued_here(seal.chain):
                if seal.state in _STOPPED:
                    stopped = stopped_entry(seal, since or seal.created_at)
                    return CertificateStatus(stopped)
                return GOOD
        numbers = {x509.load_der_x509_certificate(each).serial_number for each in responders}
        return GOOD if serial in numbers else None


def _use_until(stored: StoredResponder) -> datetime:
    """When a certificate is to be replaced: early, or in its second half if it lives shorter."""
    certificate = x509.load_der_x509_certificate(stored.certificate)
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    reserve: timedelta = _RESERVE[stored.role]
    return max(end - reserve, start + (end - start) / 2)


def _names_responder(certificate: x509.Certificate) -> bool:
    try:
        certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return False
    return True
