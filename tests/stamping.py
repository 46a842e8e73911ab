"""A certification authority of somebody else's, with time-stamps, OCSP and lists of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from eseal.keys.kek import KeyEncryptionKey
from eseal.keys.software import SoftwareKeyStore
from eseal.pki import ocsp, public_urls
from eseal.pki.ca import CertificateAuthority
from eseal.pki.http import Fetcher
from eseal.pki.ocsp import GOOD, Responder
from eseal.pki.public_urls import PublicUrls
from eseal.pki.tsp import authority as tsa
from eseal.pki.tsp.authority import TimeStampAuthority
from eseal.suites import KeyAlgorithm

HOST = "http://other.example"


class MemoryKeys:
    """A ``KeyRepository`` that ends with the test."""

    def __init__(self):
        self._keys = {}

    def add(self, key):
        self._keys[key.id] = key

    def get(self, key_id):
        return self._keys[key_id]

    def any(self):
        return None


def now():
    return datetime.now(UTC)


class Other:
    """Another authority: root, issuing CA, time-stamps, OCSP, all reachable under ``HOST``."""

    def __init__(self, *, name="Other Trust", clock=now, certified=None, public_url=HOST):
        self.keys = SoftwareKeyStore(MemoryKeys(), KeyEncryptionKey(bytes(32)))
        self.clock = clock
        made = certified or clock() - timedelta(hours=1)
        self.ca = CertificateAuthority.create(
            self.keys,
            organization=name,
            country="DE",
            now=made - timedelta(hours=1),
            public_url=public_url,
        )
        tsa_key, ocsp_key = (self.keys.generate(KeyAlgorithm.P256) for _ in range(2))
        self.tsa_certificate = self.ca.issue_tsa(self.keys.public_key(tsa_key), made)
        responder = self.ca.issue_ocsp(self.keys.public_key(ocsp_key), made)
        self.tsa = TimeStampAuthority(
            self.tsa_certificate,
            self.ca.chain,
            lambda message: self.keys.sign(tsa_key, message),
            clock,
        )
        self.responder = Responder(
            responder,
            self.ca.chain[0],
            lambda message: self.keys.sign(ocsp_key, message),
            lambda _serial: GOOD,
            clock,
        )
        self.asked = []
        self.down = set()

    @property
    def root(self):
        return self.ca.chain[1]

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What its web server answers."""
        path = request.url.path
        self.asked.append(path)
        moment = self.clock()
        until = moment + timedelta(days=1)
        if path in self.down:
            return httpx.Response(503)
        if path == public_urls.TSA_PATH:
            return _file(self.tsa.answer(request.content), tsa.MEDIA_TYPE)
        if path == public_urls.OCSP_PATH:
            return _file(self.responder.answer(request.content), ocsp.MEDIA_TYPE)
        root = PublicUrls.of_root(HOST, self.root)
        files = {
            public_urls.CRL_PATH: (self.ca.crl([], moment, until), "application/pkix-crl"),
            urlsplit(root.crl).path: (self.ca.root_crl(moment, until), "application/pkix-crl"),
            public_urls.ISSUING_PATH: (self.ca.chain[0], "application/pkix-cert"),
            urlsplit(root.issuer).path: (self.ca.chain[1], "application/pkix-cert"),
        }
        return _file(*files[path]) if path in files else httpx.Response(404)

    def fetcher(self) -> Fetcher:
        """A client whose every request comes here."""
        return Fetcher(httpx.MockTransport(self.answer))


def _file(data, media_type):
    return httpx.Response(200, content=data, headers={"content-type": media_type})


def pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
