"""Trial identities and documents shared by the tests of ``eseal.documents``."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from fpdf import FPDF
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.writer import PdfFileWriter

from eseal.documents.cms import SealCms
from eseal.documents.pdf import PdfSealOptions, VisibleSeal
from eseal.model.book import Book, VolumeTree
from eseal.model.seal import seal_handle
from eseal.model.statement import BlockReference, Statement
from tests.artwork import ring
from tests.unit.documents.pdf.workshop import prepared

SEALED_AT = datetime(2026, 11, 22, 16, 45, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
NAME = "Trial Company Ltd"
ISSUER = b"i" * 32
BOOK = Book(b"b" * 32, 14)
VOLUME = VolumeTree(BOOK, 0)
SUBJECT_PROOF = b'{"stands for":"a proof of the authority"}'


@dataclass(frozen=True)
class Identity:
    """A seal of the tests: its key, its certificate and the root that issued it."""

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    certificate: bytes
    root: bytes

    @property
    def chain(self) -> tuple[bytes, ...]:
        return (self.root,)

    def sign(self, message: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return self.key.sign(message, ec.ECDSA(hashes.SHA256()))

    def statement(self, digest: bytes, media_type: str = "application/pdf") -> Statement:
        return Statement(
            id="a" * 26,
            seal=seal_handle(ISSUER, self.certificate),
            ticket=BOOK.ticket(0),
            digest=digest,
            media_type=media_type,
            authorization=bytes(32),
            not_before=BlockReference(1337, 7, bytes(32), bytes(20)),
            sealed_at=SEALED_AT,
            nonce=bytes(range(32)),
        )

    def seal(self, digest: bytes, receipt: bytes | None = b"receipt\n", **options) -> bytes:
        """A complete CMS over a content digest, as the service would make it."""
        cms = SealCms(self.certificate, self.chain, SUBJECT_PROOF)
        statement = self.statement(digest)
        path = VOLUME.path(statement.ticket.position)
        signed = cms.signed_attributes(statement.encode(), digest, path, **options)
        return cms.encode(signed, self.sign(signed), receipt)


def name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, NAME),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def build_certificate(subject, issuer, public_key, signing_key, *, ca, serial, key_identifier=True):
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(serial)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=False,
                content_commitment=not ca,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=ca,
                crl_sign=ca,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()),
            critical=False,
        )
    )
    if key_identifier:
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False
        )
    return builder.sign(signing_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def make_identity(key, *, key_identifier=True) -> Identity:
    root_key = ec.generate_private_key(ec.SECP256R1())
    root_name = name("Trial Root")
    root = build_certificate(
        root_name, root_name, root_key.public_key(), root_key, ca=True, serial=1
    )
    certificate = build_certificate(
        name("Contract seal"),
        root_name,
        key.public_key(),
        root_key,
        ca=False,
        serial=2,
        key_identifier=key_identifier,
    )
    return Identity(key=key, certificate=certificate, root=root)


@pytest.fixture(scope="session")
def identify():
    """Makes an identity for a private key."""
    return make_identity


@pytest.fixture(scope="session")
def p256() -> Identity:
    return make_identity(ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture(scope="session")
def rsa3072() -> Identity:
    return make_identity(rsa.generate_private_key(public_exponent=65537, key_size=3072))


@pytest.fixture(scope="session", params=["p256", "rsa3072"])
def identity(request) -> Identity:
    """Each kind of seal key in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def sealed_at() -> datetime:
    return SEALED_AT


def hand_made_pdf(objects: dict[int, bytes], trailer: bytes = b"/Root 1 0 R") -> bytes:
    """A PDF 1.7 with a plain cross-reference table; the objects are numbered from 1."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    size = max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % offsets[number]
    out += b"trailer\n<< /Size %d %b >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)
    return bytes(out)


def simple_objects(page: bytes = b"", root: bytes = b"") -> dict[int, bytes]:
    return {
        1: b"<< /Type /Catalog /Pages 2 0 R %b >>" % root,
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] >>",
        3: b"<< /Type /Page /Parent 2 0 R %b >>" % page,
    }


def hybrid_pdf() -> bytes:
    """A hybrid-reference file (ISO 32000-1 section 7.5.8.4): object 4 is in the stream only."""
    out = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    offsets = {}
    objects = {**simple_objects(page=b"/PieceInfo 4 0 R"), 4: b"<< /Seen /ByNewReaders >>"}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    stream_at = len(out)
    entry = b"\x01" + offsets[4].to_bytes(3, "big") + b"\x00"
    out += (
        b"5 0 obj\n<< /Type /XRef /Size 6 /Index [4 1] /W [1 3 1] /Length %d /Root 1 0 R >>\n"
        b"stream\n%b\nendstream\nendobj\n" % (len(entry), entry)
    )
    start = len(out)
    out += b"xref\n0 4\n0000000000 65535 f \n"
    for number in (1, 2, 3):
        out += b"%010d 00000 n \n" % offsets[number]
    out += b"4 1\n0000000000 00000 f \n5 1\n%010d 00000 n \n" % stream_at
    out += b"trailer\n<< /Size 6 /Root 1 0 R /XRefStm %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        stream_at,
        start,
    )
    return bytes(out)


def fpdf_pdf(pages: int = 2) -> bytes:
    pdf = FPDF()
    pdf.set_font("Helvetica", size=12)
    pdf.set_creation_date(START)
    for page in range(pages):
        pdf.add_page()
        for line in range(20):
            pdf.cell(0, 8, f"Page {page}, line {line}: the parties agree.")
            pdf.ln()
    return bytes(pdf.output())


def object_stream_pdf() -> bytes:
    """Cross-reference stream; catalog, page tree and page in a compressed object stream."""
    out = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    header, bodies = b"", b""
    for number, body in simple_objects().items():
        header += b"%d %d " % (number, len(bodies))
        bodies += body + b" "
    packed = zlib.compress(header + bodies)
    packed_at = len(out)
    out += (
        b"4 0 obj\n<< /Type /ObjStm /N 3 /First %d /Filter /FlateDecode /Length %d >>\n"
        b"stream\n%b\nendstream\nendobj\n" % (len(header), len(packed), packed)
    )
    table_at = len(out)
    rows = [(0, 0, 255), (2, 4, 0), (2, 4, 1), (2, 4, 2), (1, packed_at, 0), (1, table_at, 0)]
    table = b"".join(bytes([kind]) + at.to_bytes(3, "big") + bytes([n]) for kind, at, n in rows)
    out += (
        b"5 0 obj\n<< /Type /XRef /Size 6 /W [1 3 1] /Root 1 0 R /Length %d >>\n"
        b"stream\n%b\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (len(table), table, table_at)
    )
    return bytes(out)


def pyhanko_pdf() -> bytes:
    writer = PdfFileWriter(stream_xrefs=True)
    content = writer.add_object(generic.StreamObject(stream_data=b"0 0 50 50 re f"))
    corners = generic.ArrayObject(generic.NumberObject(n) for n in (0, 0, 595, 842))
    page = {
        "/Type": generic.pdf_name("/Page"),
        "/MediaBox": corners,
        "/Contents": content,
        "/Resources": generic.DictionaryObject(),
    }
    writer.insert_page(
        generic.DictionaryObject({generic.pdf_name(key): value for key, value in page.items()})
    )
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def encrypted_pdf() -> bytes:
    writer = PdfFileWriter()
    writer.insert_page(
        generic.DictionaryObject({generic.pdf_name("/Type"): generic.pdf_name("/Page")})
    )
    writer.encrypt(owner_pass="secret", user_pass="secret")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


DOCUMENTS = {
    "fpdf2": fpdf_pdf,
    "object streams": object_stream_pdf,
    "hybrid": hybrid_pdf,
    "pyHanko": pyhanko_pdf,
    "hand-made": lambda: hand_made_pdf(simple_objects()),
}


@pytest.fixture(params=sorted(DOCUMENTS))
def document(request) -> bytes:
    """A PDF of each kind in turn."""
    return DOCUMENTS[request.param]()


@pytest.fixture(scope="session")
def pdfs():
    """The builders of PDFs, for tests that need a special one."""
    return SimpleNamespace(
        hand_made=hand_made_pdf,
        objects=simple_objects,
        fpdf=fpdf_pdf,
        pyhanko=pyhanko_pdf,
        object_streams=object_stream_pdf,
        hybrid=hybrid_pdf,
        encrypted=encrypted_pdf,
    )


@pytest.fixture(scope="session")
def options() -> PdfSealOptions:
    return PdfSealOptions(field_name="Seal1", signer_name=NAME, sealed_at=SEALED_AT)


@pytest.fixture(scope="session")
def sealed_pdf(p256, options) -> bytes:
    """A PDF with a genuine seal."""
    made = prepared(fpdf_pdf(), options)
    return made.embed(p256.seal(made.digest))


@pytest.fixture
def show(options):
    """Prepares a PDF with an impression, a ring unless another one is given."""

    def seal(pdf, placing, art=None, *, code=None, **more):
        visible = VisibleSeal(placing, art or ring(), code)
        return prepared(pdf, replace(options, visible=visible, **more)).data

    return seal
