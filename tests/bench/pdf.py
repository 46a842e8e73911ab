"""PDF files of ten pages: sealing and verification beside stock pyHanko, with the same key."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import cycle
from typing import TYPE_CHECKING

from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fpdf import FPDF
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from eseal.documents.evidence import Evidence
from eseal.documents.pdf import PdfSealOptions, prepare
from eseal.model.statement import Statement
from eseal.verify import verify_document
from tests.bench.library import seal
from tests.bench.measure import Effort, Row, millis, per_second, rate
from tests.bench.verification import offline, passed
from tests.bench.world import ACTOR, World, new_world, orders

if TYPE_CHECKING:
    from collections.abc import Callable

PAGES = 10
LINES = 40
FILES = 32
"""Different sealed files to verify in turn."""
AT_ONCE = 8
"""As many as the service's threads for requests."""


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
    with new_world() as world:
        material = _material(world)
        sealing = [
            rate(_sealer(world, material.pdf), seconds=seconds),
            _service_rate(world, material.pdf, seconds),
            rate(_stock_sealer(world, material.pdf), seconds=seconds),
        ]
        verifying = [
            rate(act, seconds=seconds)
            for act in (_verifier(world, material), _stock_validator(world, material))
        ]
    beside_sealing = f"{per_second(sealing[2])} pyHanko sign_pdf"
    beside_verifying = f"{per_second(verifying[1])} pyHanko validate_pdf_signature"
    return [
        _row("seal: prepare, CMS, embed", sealing[0], beside_sealing, sealing[2], "≥ 15"),
        _row(f"seal: the whole service, {AT_ONCE} at once", sealing[1], beside_sealing, sealing[2]),
        _row(
            "verify, all checks, certificate seen before",
            verifying[0],
            beside_verifying,
            verifying[1],
            "≥ 3",
        ),
    ]


def document() -> bytes:
    """A contract of ten full pages, written by fpdf2."""
    pdf = FPDF()
    for page in range(1, PAGES + 1):
        pdf.add_page()
        pdf.set_font("Helvetica", size=11)
        for line in range(1, LINES + 1):
            pdf.cell(text=f"Clause {page}.{line}: the parties agree on what is said here.", h=6)
            pdf.ln()
    return bytes(pdf.output())


def _row(work: str, ours: float, beside: str, theirs: float, goal: str = "") -> Row:
    measured = f"{per_second(ours)} ({millis(1 / ours)} each)"
    return Row(f"PDF, {PAGES} pages, {work}", measured, beside, f"{ours / theirs:.1f}", goal)


def _material(world: World) -> Material:
    pdf, service = document(), world.service
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


def _sealer(world: World, pdf: bytes) -> Callable[[], bytes]:
    signer, options = world.service.context.signer(world.seal.id), _options(world)
    (sample,) = seal(world, orders(1))
    statement = Statement.parse(sample.use.statement)

    def act() -> bytes:
        prepared = prepare(pdf, options)
        encoded = replace(statement, digest=prepared.digest).encode()
        attributes = signer.cms.signed_attributes(encoded, prepared.digest)
        cms = signer.cms.encode(attributes, signer.sign(attributes), sample.receipt)
        return prepared.embed(cms)

    return act


def _service_rate(world: World, pdf: bytes, seconds: float) -> float:
    """Documents a second through everything: recorded, and kept until they are delivered."""
    sealing = world.service.sealing

    def act(_: int) -> object:
        return sealing.seal_document(world.seal.id, pdf, filename="contract.pdf", actor=ACTOR)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return rate(lambda: list(pool.map(act, range(FILES))), seconds=seconds, per_call=FILES)


def _stock_sealer(world: World, pdf: bytes) -> Callable[[], object]:
    key = world.service.context.keys._open(world.seal.key_id).private_key
    pkcs8 = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    chain = SimpleCertificateStore()
    chain.register_multiple([Certificate.load(der) for der in world.seal.chain])
    signer = SimpleSigner(
        signing_cert=Certificate.load(world.seal.certificate),
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
