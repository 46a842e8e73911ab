"""PDF files: sealing and verification beside stock pyHanko, with the same key and document."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import cycle
from typing import TYPE_CHECKING

from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from fpdf import FPDF
from PIL import Image
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from eseal.documents.cms import SealCms
from eseal.documents.evidence import Evidence
from eseal.documents.pdf import At, PdfSealOptions, Placing, VisibleSeal, prepare
from eseal.documents.pdf.examination import STRICT, check, look
from eseal.documents.pdf.opening import DEFAULT_LIMITS, open_pdf
from eseal.documents.pdf.structure import Structure
from eseal.errors import UnsupportedDocumentError
from eseal.model.statement import Statement
from eseal.verify import verify_document
from tests.bench import large
from tests.bench.library import seal
from tests.bench.measure import Effort, Row, millis, per_second, rate, rates, seconds_of
from tests.bench.verification import offline, passed
from tests.bench.world import ACTOR, World, new_world, orders

if TYPE_CHECKING:
    from collections.abc import Callable

PAGES = (10, 300)
LINES = 40
_ATTRIBUTES = b"attributes"
"""Something to sign."""
FILES = 32
"""Different sealed files to verify in turn."""
AT_ONCE = 8
"""As many as the service's threads for requests."""


@dataclass(frozen=True, slots=True)
class Key:
    """A seal key both sides sign with.

    Attributes:
        name: of the algorithm.
        private: the key, loaded.
        certificate: DER.
        chain: DER each, the issuer first.
    """

    name: str
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    certificate: bytes
    chain: tuple[bytes, ...]

    def sign(self, message: bytes) -> bytes:
        """The signature value over a message, with SHA-256."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return self.private.sign(message, ec.ECDSA(hashes.SHA256()))


@dataclass(frozen=True, slots=True)
class Material:
    """What both sides are measured on.

    Attributes:
        pdf: the document.
        sealed: it, sealed by the service many times, each with its evidence file.
    """

    pdf: bytes
    sealed: list[tuple[bytes, bytes]]


def run(effort: Effort) -> list[Row]:
    """Sealing and verification, ours beside theirs."""
    seconds = effort.pick(4.0, 0.6)
    rows: list[Row] = []
    with new_world() as world:
        keys = [_world_key(world), _rsa_key()]
        for pages in PAGES:
            rows += _sealing_rows(world, keys, pages, seconds)
            rows.append(_impression_row(world, keys[0], pages, seconds))
            rows.append(_letterhead_row(world, keys[0], pages, seconds))
        rows += _service_rows(world, keys[0], seconds)
    return [*rows, large.row(effort.pick(large.SIZE, large.SIZE // 10))]


def _sealing_rows(world: World, keys: list[Key], pages: int, seconds: float) -> list[Row]:
    """Invisible seals: prepare, CMS, embed; each key beside pyHanko with the same one."""
    pdf, rows = document(pages), []
    for key in keys:
        acts = _sealer(world, key, pdf), _stock_sealer(key, pdf), _examiner(pdf)
        ours, theirs, examined = rates(acts, seconds=2.5 * seconds)
        beside = f"{per_second(theirs)} pyHanko sign_pdf"
        work = f"{key.name}, seal: prepare, CMS, embed"
        rows.append(_row(pages, work, ours, beside, theirs, "≥ 15"))
        without = 1 / (1 / ours - 1 / examined)
        work = f"{key.name}, of that all but the examination"
        rows.append(_row(pages, work, without, beside, theirs, "≥ 15"))
    more, more_raw = _longer(keys, [_sealer(world, key, pdf) for key in keys], seconds)
    rows.append(
        Row(
            f"PDF, {pages} pages, what {keys[1].name} takes longer than {keys[0].name}",
            millis(more),
            f"{millis(more_raw)} between the raw signatures",
            f"{more / more_raw:.2f}",
            "≤ 1",
        )
    )
    return rows


def _longer(
    keys: list[Key], sealers: list[Callable[[], bytes]], seconds: float
) -> tuple[float, float]:
    """What the second key takes longer than the first: for a seal, and for a signature alone.

    Everything takes turns, and each signature alone comes after a seal with the other key, as cold
    as inside a seal.
    """
    seals: tuple[list[float], list[float]] = ([], [])
    signatures: tuple[list[float], list[float]] = ([], [])
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        for this, other in ((0, 1), (1, 0)):
            seals[this].append(seconds_of(sealers[this]))
            signatures[other].append(seconds_of(lambda key=keys[other]: key.sign(_ATTRIBUTES)))  # type: ignore[misc]
    more, more_raw = (
        statistics.median(slow) - statistics.median(quick) for quick, slow in (seals, signatures)
    )
    return more, more_raw


def _impression_row(world: World, key: Key, pages: int, seconds: float) -> Row:
    """The seal's own impression on the last page, as ``eseal apply --at`` puts it there."""
    pdf = document(pages)
    shown = VisibleSeal(Placing(At(-1, 130, 20)), world.service.impressions.artwork(world.seal.id))
    acts = _sealer(world, key, pdf, shown), _stock_sealer(key, pdf)
    ours, theirs = rates(acts, seconds=2 * seconds)
    beside = f"{per_second(theirs)} pyHanko sign_pdf, invisible"
    return _row(pages, f"{key.name}, seal with its impression", ours, beside, theirs, "≥ 8")


def _letterhead_row(world: World, key: Key, pages: int, seconds: float) -> Row:
    """Pages with a picture: their contents are read before sealing, in which order they draw."""
    pdf = document(pages, letterhead=True)
    ours, theirs = rates((_sealer(world, key, pdf), _stock_sealer(key, pdf)), seconds=seconds)
    beside = f"{per_second(theirs)} pyHanko sign_pdf"
    return _row(
        pages, f"{key.name}, seal, a picture at the head of each page", ours, beside, theirs
    )


def _service_rows(world: World, key: Key, seconds: float) -> list[Row]:
    """Through the whole service, and verification."""
    pages = PAGES[0]
    material = _material(world)
    whole = _service_rate(world, material.pdf, seconds)
    stock = rate(_stock_sealer(key, material.pdf), seconds=seconds)
    verifying, validating = (
        rate(act, seconds=seconds)
        for act in (_verifier(world, material), _stock_validator(world, material))
    )
    beside_sealing = f"{per_second(stock)} pyHanko sign_pdf"
    beside_verifying = f"{per_second(validating)} pyHanko validate_pdf_signature"
    work = "verify, all checks, certificate seen before"
    return [
        _row(pages, f"seal: the whole service, {AT_ONCE} at once", whole, beside_sealing, stock),
        _row(pages, work, verifying, beside_verifying, validating, "≥ 3"),
    ]


def document(pages: int, *, letterhead: bool = False) -> bytes:
    """A contract of so many full pages, written by fpdf2; if asked for, with a picture on each."""
    picture = Image.linear_gradient("L")
    pdf = FPDF()
    for page in range(1, pages + 1):
        pdf.add_page()
        pdf.set_font("Helvetica", size=11)
        if letterhead:
            pdf.image(picture, x=170, y=5, w=10)
        for line in range(1, LINES + 1):
            pdf.cell(text=f"Clause {page}.{line}: the parties agree on what is said here.", h=6)
            pdf.ln()
    return bytes(pdf.output())


def _row(pages: int, work: str, ours: float, beside: str, theirs: float, goal: str = "") -> Row:
    measured = f"{per_second(ours)} ({millis(1 / ours)} each)"
    return Row(f"PDF, {pages} pages, {work}", measured, beside, f"{ours / theirs:.1f}", goal)


def _material(world: World) -> Material:
    pdf, service = document(PAGES[0]), world.service
    sealed = [
        service.sealing.seal_document(world.seal.id, pdf, filename="contract.pdf", actor=ACTOR)
        for _ in range(FILES)
    ]
    service.anchoring.anchor()
    return Material(
        pdf, [(one.data, service.records.evidence(one.use.id).encode()) for one in sealed]
    )


def _options(world: World) -> PdfSealOptions:
    now = world.service.context.now()
    return PdfSealOptions(field_name="Seal", signer_name=world.company.name, sealed_at=now)


def _world_key(world: World) -> Key:
    """The P-256 key of the seal on record."""
    private = world.service.context.keys._open(world.seal.key_id).private_key
    return Key("P-256", private, world.seal.certificate, world.seal.chain)


def _rsa_key() -> Key:
    """An RSA key with a certificate of its own making."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Bench")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(private, hashes.SHA256())
    )
    return Key("RSA-3072", private, certificate.public_bytes(Encoding.DER), ())


def _sealer(
    world: World, key: Key, pdf: bytes, visible: VisibleSeal | None = None
) -> Callable[[], bytes]:
    options = replace(_options(world), visible=visible)
    seal_cms = SealCms(key.certificate, key.chain)
    (sample,) = seal(world, orders(1))
    statement = Statement.parse(sample.use.statement)

    def act() -> bytes:
        prepared = prepare(pdf, options)
        encoded = statement._replace(digest=prepared.digest).encode()
        attributes = seal_cms.signed_attributes(encoded, prepared.digest)
        return prepared.embed(seal_cms.encode(attributes, key.sign(attributes), sample.receipt))

    return act


def _examiner(pdf: bytes) -> Callable[[], object]:
    """What a seal does before the key touches the document, and stock pyHanko does not."""
    reader = open_pdf(pdf, DEFAULT_LIMITS, UnsupportedDocumentError)

    def act() -> object:
        structure = Structure(reader, pdf)
        return check(look(structure, DEFAULT_LIMITS, STRICT).hazards)

    return act


def _service_rate(world: World, pdf: bytes, seconds: float) -> float:
    """Documents a second through everything: recorded, and kept until they are delivered."""
    sealing = world.service.sealing

    def act(_: int) -> object:
        return sealing.seal_document(world.seal.id, pdf, filename="contract.pdf", actor=ACTOR)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return rate(lambda: list(pool.map(act, range(FILES))), seconds=seconds, per_call=FILES)


def _stock_sealer(key: Key, pdf: bytes) -> Callable[[], object]:
    pkcs8 = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    chain = SimpleCertificateStore()
    chain.register_multiple([Certificate.load(der) for der in key.chain])
    signer = SimpleSigner(
        signing_cert=Certificate.load(key.certificate),
        signing_key=PrivateKeyInfo.load(pkcs8),
        cert_registry=chain,
    )
    metadata = PdfSignatureMetadata(
        field_name="Seal",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    return lambda: sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), metadata, signer)


def _verifier(world: World, material: Material) -> Callable[[], None]:
    sources, following = offline(world), cycle(material.sealed)

    def act() -> None:
        data, evidence = next(following)
        report = verify_document(
            data,
            evidence=Evidence.parse(evidence),
            ledger=sources.ledger,
            trust=sources.trust,
        )
        passed(report)

    for _ in material.sealed:
        act()
    return act


def _stock_validator(world: World, material: Material) -> Callable[[], None]:
    *issuing, root = [Certificate.load(der) for der in world.seal.chain]
    following = cycle(material.sealed)

    def act() -> None:
        reader = PdfFileReader(BytesIO(next(following)[0]))
        context = ValidationContext(trust_roots=[root], other_certs=issuing, allow_fetching=False)
        status = validate_pdf_signature(reader.embedded_signatures[0], context)
        if not status.bottom_line:
            raise AssertionError(status.pretty_print_details())

    return act
