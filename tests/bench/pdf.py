"""PDF files: sealing and verification beside stock pyHanko, with the same key and documents."""

from __future__ import annotations

import statistics
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from eseal.documents.cms import SealCms
from eseal.documents.evidence import Evidence
from eseal.documents.pdf import PdfSealOptions
from eseal.documents.pdf.asking import checked
from eseal.documents.pdf.sealing.preparing import prepare_pieces
from eseal.model.statement import Statement
from eseal.verify import verify_document
from tests.bench import large
from tests.bench.library import seal
from tests.bench.measure import Effort, Row, per_second, rate, rates
from tests.bench.verification import offline, passed
from tests.bench.world import ACTOR, World, new_world, orders
from tests.serving import served

if TYPE_CHECKING:
    from collections.abc import Callable

DOCUMENTS = Path(__file__).parents[1] / "data" / "pdf"
"""What LibreOffice, LaTeX, Chromium, scanners and others really write."""
NOT_PLAIN = frozenset({"pyhanko-signed.pdf", "reportlab-form.pdf"})
"""One is signed, which neither side signs again; the other is a form, whose pages must be shown."""
FILES = 32
"""Different sealed files to verify in turn."""
AT_ONCE = 8
"""As many as the service's threads for requests."""
CLIENTS = 32
"""Who verifies at the same time over HTTP."""


@dataclass(frozen=True, slots=True)
class Key:
    """A seal key both sides sign with.

    Attributes:
        name: of the algorithm.
        private: the key, loaded.
        certificate: DER.
        chain: DER each, the issuer first.
        subject_proof: with which the seal was registered, JSON.
    """

    name: str
    private: ec.EllipticCurvePrivateKey
    certificate: bytes
    chain: tuple[bytes, ...]
    subject_proof: bytes

    def sign(self, message: bytes) -> bytes:
        """The signature value over a message, with SHA-256."""
        return self.private.sign(message, ec.ECDSA(hashes.SHA256()))


@dataclass(frozen=True, slots=True)
class Material:
    """What both sides are measured on.

    Attributes:
        originals: documents of different producers, by name.
        sealed: some of them, sealed by the service, each with its evidence file.
    """

    originals: dict[str, bytes]
    sealed: list[tuple[bytes, bytes]]


def run(effort: Effort) -> list[Row]:
    """Sealing and verification, ours beside theirs."""
    seconds = effort.pick(4.0, 0.6)
    with new_world() as world:
        key, material = _world_key(world), _material(world)
        rows = [
            *_library_rows(world, key, material, seconds / 4),
            *_service_rows(world, key, material, seconds),
            _http_row(world, material, seconds),
        ]
    return [*rows, large.row(effort.pick(large.SIZE, large.SIZE // 10))]


def _library_rows(world: World, key: Key, material: Material, seconds: float) -> list[Row]:
    """Each document for itself: examined, written anew, checked, signed; no process between."""
    ratios, ours, theirs = [], [], []
    for pdf in material.originals.values():
        mine, stock = rates((_sealer(world, key, pdf), _stock_sealer(key, pdf)), seconds=seconds)
        ratios.append(mine / stock)
        ours.append(mine)
        theirs.append(stock)
    ratios.sort()
    count = len(ratios)
    beside = f"{per_second(statistics.median(theirs))} pyHanko sign_pdf"
    median = per_second(statistics.median(ours))
    work = f"PDF, {count} real documents, seal in one process"
    return [
        Row(f"{work}: median", median, beside, f"{statistics.median(ratios):.1f}", "≥ 8"),
        Row(f"{work}: the slowest tenth", "", beside, f"{ratios[count // 10]:.1f}", "≥ 2"),
    ]


def _service_rows(world: World, key: Key, material: Material, seconds: float) -> list[Row]:
    """Through the whole service, and verification."""
    whole = _service_rate(world, material, seconds)
    stock = rate(_stock_round(key, material), seconds=seconds, per_call=len(material.originals))
    verifying, validating = (
        rate(act, seconds=seconds)
        for act in (_verifier(world, material), _stock_validator(world, material))
    )
    return [
        Row(
            f"PDF, the same documents through the whole service, {AT_ONCE} at once",
            per_second(whole),
            f"{per_second(stock)} pyHanko sign_pdf, one core",
            f"{whole / stock:.1f}",
            "≥ 6",
        ),
        Row(
            "PDF, verify, all checks, certificate seen before",
            per_second(verifying),
            f"{per_second(validating)} pyHanko validate_pdf_signature",
            f"{verifying / validating:.1f}",
            "≥ 3",
        ),
    ]


def _http_row(world: World, material: Material, seconds: float) -> Row:
    """What the public page and ``POST /v1/verifications`` can take."""
    following = cycle(material.sealed)
    with served(world.service) as url, httpx.Client(base_url=url, timeout=60) as client:

        def act(_: int) -> None:
            data, _evidence = next(following)
            answer = client.post("/v1/verifications", files={"file": ("a.pdf", data)})
            assert answer.json()["finding"] == "authentic", answer.text

        with ThreadPoolExecutor(CLIENTS) as pool:
            found = rate(
                lambda: list(pool.map(act, range(2 * CLIENTS))),
                seconds=seconds,
                per_call=2 * CLIENTS,
            )
    return Row(
        f"PDF, public verification over HTTP, {CLIENTS} clients",
        per_second(found),
        "",
        "",
        "≥ 150/s",
    )


def _material(world: World) -> Material:
    service = world.service
    originals = {
        path.name: path.read_bytes()
        for path in sorted(DOCUMENTS.glob("*.pdf"))
        if path.name not in NOT_PLAIN
    }
    taken = [pdf for _, pdf in zip(range(FILES), cycle(originals.values()), strict=False)]
    sealed = [
        service.sealing.seal_document(world.seal.id, pdf, filename="contract.pdf", actor=ACTOR)
        for pdf in taken
    ]
    service.anchoring.anchor()
    return Material(
        originals, [(one.data, service.records.evidence(one.use.id).encode()) for one in sealed]
    )


def _options(world: World) -> PdfSealOptions:
    now = world.service.context.now()
    return PdfSealOptions(field_name="Seal", signer_name=world.company.name, sealed_at=now)


def _world_key(world: World) -> Key:
    """The P-256 key of the seal on record."""
    private = world.service.context.keys._open(world.seal.key_id).private_key
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    seal = world.seal
    return Key("P-256", private, seal.certificate, seal.chain, seal.subject_proof)


def _sealer(world: World, key: Key, pdf: bytes) -> Callable[[], bytes]:
    options = _options(world)
    seal_cms = SealCms(key.certificate, key.chain, key.subject_proof)
    (sample,) = seal(world, orders(1))
    statement = Statement.parse(sample.use.statement)
    path = world.service.context.books.path(world.seal.id, statement.ticket)

    def act() -> bytes:
        written, _ = prepare_pieces(pdf, options)
        prepared = checked(b"".join(written.pieces))
        encoded = statement._replace(digest=prepared.digest).encode()
        attributes = seal_cms.signed_attributes(encoded, prepared.digest, path)
        return prepared.embed(seal_cms.encode(attributes, key.sign(attributes), sample.receipt))

    return act


def _service_rate(world: World, material: Material, seconds: float) -> float:
    """Documents a second through everything: recorded, and kept until they are delivered."""
    sealing, originals = world.service.sealing, [*material.originals.values()]

    def act(pdf: bytes) -> object:
        return sealing.seal_document(world.seal.id, pdf, filename="contract.pdf", actor=ACTOR)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return rate(
            lambda: list(pool.map(act, originals)), seconds=seconds, per_call=len(originals)
        )


def _stock_round(key: Key, material: Material) -> Callable[[], object]:
    sealers = [_stock_sealer(key, pdf) for pdf in material.originals.values()]
    return lambda: [sealer() for sealer in sealers]


def _stock_sealer(key: Key, pdf: bytes) -> Callable[[], object]:
    pkcs8 = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    chain = SimpleCertificateStore()  # type: ignore[no-untyped-call]
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
            raise AssertionError(status.pretty_print_details())  # type: ignore[no-untyped-call]

    return act
