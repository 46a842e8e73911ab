"""The honest part: a company gets its seals, seals documents, and everybody can check them."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eseal.cli.demo.workspace import sample
from eseal.errors import ESealError
from eseal.model.actor import ALL, Actor
from eseal.model.seal import Party, Seal, SealType
from eseal.service.sealing.orders import DocumentOrder

if TYPE_CHECKING:
    from eseal.cli.demo.stage import Stage
    from eseal.config import Settings
    from eseal.model.company import Company
    from eseal.service.service import Service
    from eseal.verify.verdict.report import Report

ISSUER = "Demo Seal Office"
BUYER = "Elbe Teekontor GmbH"
BUYER_ID = "VATDE-136695976"
COMPANY = "Hangzhou Yunqi Tea Co., Ltd."
REGISTRATION_ID = "uscc:91330106MA2GLYQ19H"
ACTOR = Actor("demo", ALL, Party.ISSUER)
INVOICES = 1000
"""Enough for a batch to show what an anchor costs per use."""
SEAL_AT_MM = (40.0, 56.0)
"""Over the line that the contract keeps free for it, as one presses a seal."""
BUYER_AT_MM = (130.0, 56.0)
"""The buyer's place, beside it."""
HASH_SHOWN = 10
"""Hexadecimal digits of a transaction that are shown."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A document that was sealed.

    Attributes:
        name: the original's file name.
        path: the sealed copy, or the signature beside the original.
        original: the document's bytes.
        data: the sealed PDF, or the ``.p7s``.
        use_id: the recorded use.
        seal: the seal used.
    """

    name: str
    path: Path
    original: bytes
    data: bytes
    use_id: str
    seal: Seal


@dataclass(frozen=True, slots=True)
class Story:
    """Where the honest part ends, and the forgers begin.

    Attributes:
        service: the opened instance.
        company: the company.
        seals: its seals by type.
        documents: what was sealed, by the name of what was handed in.
        forgeries: directory for forged files.
        as_expected: whether every document verified.
    """

    service: Service
    company: Company
    seals: dict[SealType, Seal]
    documents: dict[str, Sealed]
    forgeries: Path
    as_expected: bool


def tell(stage: Stage, settings: Settings) -> Story:
    """Play the honest part. The story's service is open; close it."""
    from eseal.service.service import Service
    from eseal.service.setup.bootstrap import initialise

    stage.chapter("What happens", None)
    begun = time.monotonic()
    made = initialise(settings, name=ISSUER)
    took = time.monotonic() - begun
    service = Service.open(settings)
    try:
        stage.line("issuer set up", f"{made.name}: keys, CA, ledger, two contracts", _s(took))
        return _continue(stage, settings, service)
    except BaseException:
        service.close()
        raise


def _continue(stage: Stage, settings: Settings, service: Service) -> Story:
    company, seals = _onboard(stage, service)
    buyer = _onboard_buyer(stage, service)
    documents = settings.data_dir / "documents"
    forgeries = settings.data_dir / "forgeries"
    for directory in (documents, forgeries):
        directory.mkdir()
    desk = _Desk(stage, service, documents)
    sealed = _seal_contract(desk, seals[SealType.CONTRACT], buyer)
    for name, purpose in (
        ("quotation.docx", "quotation YQ-2026-0417-Q"),
        ("licence.png", "copy for the buyer"),
    ):
        order = DocumentOrder(purpose=purpose)
        sealed.append(desk.seal(name, desk.lay(name), seals[SealType.OFFICIAL], order))
    _seal_invoices(stage, service, seals[SealType.FINANCE])
    _anchor(stage, service)
    stage.chapter("Anybody checks the documents", None)
    verified = [_verify(stage, service, document) for document in sealed]
    verified.append(_verify_offline(stage, service, sealed[0]))
    by_name = {document.name: document for document in sealed}
    return Story(service, company, seals, by_name, forgeries, all(verified))


def _onboard(stage: Stage, service: Service) -> tuple[Company, dict[SealType, Seal]]:
    from eseal.service.seals.onboarding import SealOrder

    kinds = (SealType.OFFICIAL, SealType.CONTRACT, SealType.FINANCE)
    begun = time.monotonic()
    company, made = service.onboarding.add_company(
        COMPANY, REGISTRATION_ID, seals=[SealOrder(kind) for kind in kinds], actor=ACTOR
    )
    took = time.monotonic() - begun
    stage.line("company registered", f"{company.name} {company.identifier}")
    changes = service.directory.changes(made[0].id)
    block = changes[-1].block_number
    names = ", ".join(seal.type for seal in made)
    stage.line("seals issued", f"{names}: on the ledger in block {block}", _s(took))
    return company, {seal.type: seal for seal in made}


def _onboard_buyer(stage: Stage, service: Service) -> Seal:
    from eseal.service.seals.onboarding import SealOrder

    company, (seal,) = service.onboarding.add_company(
        BUYER, BUYER_ID, country="DE", seals=[SealOrder(SealType.CONTRACT)], actor=ACTOR
    )
    stage.line("company registered", f"{company.name} {company.identifier}")
    return seal


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where documents are sealed, and what lies on it."""

    stage: Stage
    service: Service
    documents: Path

    def lay(self, name: str) -> bytes:
        """Lay a sample on it."""
        original = sample(name)
        (self.documents / name).write_bytes(original)
        return original

    def seal(self, name: str, original: bytes, seal: Seal, order: DocumentOrder) -> Sealed:
        """Seal a document, and lay the result beside it."""
        from eseal.documents.media import sealed_pdf_name

        begun = time.monotonic()
        pending = self.service.sealing.submit_document(
            seal.id, original, order, filename=name, actor=ACTOR
        )
        made = pending.result()
        took = time.monotonic() - begun
        stem, _, suffix = name.rpartition(".")
        path = self.documents / (sealed_pdf_name(stem) if suffix == "pdf" else f"{name}.p7s")
        path.write_bytes(made.data)
        self.service.sealing.delivered(made.use.id)
        detail = f"{name} -> {path.name} ({seal.type})"
        self.stage.line("document sealed", detail, f"{took * 1000:.0f} ms")
        return Sealed(name, path, original, made.data, made.use.id, seal)


def _seal_contract(desk: _Desk, seller: Seal, buyer: Seal) -> list[Sealed]:
    """The seller seals and makes the buyer's place; the buyer finds it by its name."""
    from eseal.documents.pdf import At, Automatic, CrossPage, PartyPlace, Placing, SealingMode

    name, purpose = "contract.pdf", "sale of spring teas, contract YQ-2026-0417"
    first = DocumentOrder(
        purpose=purpose,
        visible=Placing(At(-1, *SEAL_AT_MM), cross_page=CrossPage()),
        mode=SealingMode(parties=(PartyPlace(BUYER, At(-1, *BUYER_AT_MM)),)),
    )
    second = DocumentOrder(purpose=purpose, visible=Placing(Automatic()))
    sellers = desk.seal(name, desk.lay(name), seller, first)
    return [sellers, desk.seal(sellers.path.name, sellers.data, buyer, second)]


def _seal_invoices(stage: Stage, service: Service, seal: Seal) -> None:
    from eseal.service.sealing.applying import DigestOrder

    invoices = (f"invoice {number:05}: EUR {number * 3}.40" for number in range(INVOICES))
    orders = [
        DigestOrder(hashlib.sha256(text.encode()).digest(), "text/plain", "invoice")
        for text in invoices
    ]
    begun = time.monotonic()
    results = service.sealing.seal_digests(seal.id, orders, actor=ACTOR)
    took = time.monotonic() - begun
    for result in results:
        if isinstance(result, ESealError):
            raise result
    detail = f"{len(results):,} invoices by digest alone (finance seal)"
    stage.line("batch sealed", detail, f"{len(results) / took:,.0f}/s")


def _anchor(stage: Stage, service: Service) -> None:
    begun = time.monotonic()
    anchored = service.anchoring.anchor()
    took = time.monotonic() - begun
    if anchored is None:
        raise AssertionError("there are new leaves, so there is a head to anchor")
    transaction = anchored.anchor.transaction.hex()[:HASH_SHOWN]
    head, block = anchored.anchor.head, anchored.anchor.block
    stage.line(
        "head anchored",
        f"{head.size:,} leaves in block {block.number}, transaction 0x{transaction}…",
        _s(took),
    )
    per_use = anchored.gas_used / anchored.new_leaves
    stage.line("gas", f"{anchored.gas_used:,} for the head, {per_use:.0f} per use")


def _verify(stage: Stage, service: Service, document: Sealed) -> bool:
    if document.path.suffix == ".pdf":
        report = service.verification.document(document.data)
    else:
        report = service.verification.document(document.original, signature=document.data)
    return _verdict(stage, document.path.name, report)


def _verify_offline(stage: Stage, service: Service, document: Sealed) -> bool:
    """Keep the evidence, read it back, and check it against the ledger without log or database."""
    from eseal.documents.evidence import Evidence
    from eseal.verify import verify_document

    path = document.path.with_name(document.path.name + ".eseal.json")
    path.write_bytes(service.records.evidence(document.use_id).encode())
    report = verify_document(
        document.data,
        evidence=Evidence.parse(path.read_bytes()),
        ledger=service.context.ledger,
        trust=service.verification.trust,
    )
    return _verdict(stage, f"{document.path.name} by its evidence file alone", report)


def _verdict(stage: Stage, what: str, report: Report) -> bool:
    passed = report.indication.value == "TOTAL_PASSED"
    stage.line(report.indication.value, what, report.finding.value, good=passed)
    return passed


def _s(seconds: float) -> str:
    return f"{seconds:.1f} s"
