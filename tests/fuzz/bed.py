"""An instance with sealed documents of every shape, made once per run."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from eseal.config import Settings
from eseal.documents import confined
from eseal.documents.evidence import Evidence
from eseal.documents.pdf import At, CrossPage, InField, PartyPlace, Placing, SealingMode
from eseal.errors import (
    ESealError,
    InvalidFormatError,
    InvalidInputError,
    UnsupportedDocumentError,
)
from eseal.ledger.reading.caching import CachingReader
from eseal.model.level import Level
from eseal.model.seal import SealType
from eseal.service.sealing.applying import SealedDocument
from eseal.service.seals.onboarding import SealOrder
from eseal.service.service import Service
from eseal.service.setup.bootstrap import initialise
from eseal.verify import Report, Trust, verify_document
from tests.actors import acting
from tests.fuzz import documents

ACTOR = acting("fuzz")
COMPANIES = (
    ("杭州云章科技有限公司", "uscc:91330100799655058B", None),
    ("Buyer Limited", "lei:213800KUD8LAJWSQ9D15", "GB"),
)
BUYER = PartyPlace("Buyer", At(0, 70, 10), (45.0, 45.0))
WARM_SECONDS = 86_400.0
"""The ledger of a run does not change once its documents are sealed: it is asked only once."""

TEXT = b"We confirm the order of 1000 units.\n"
FILES = (("offer.txt", TEXT), ("terms/general.txt", b"Terms of delivery\n"))


@dataclass(frozen=True)
class Sealed:
    """A document as the service delivered it.

    Attributes:
        shape: what it is, such as ``pdf/impression/b-lta``.
        data: the document; of a container the container.
        signature: the ``.p7s`` beside it, or ``None``.
        evidence: the evidence file beside it, or ``None``.
        uses: the ids of the uses of seals in it.
    """

    shape: str
    data: bytes
    signature: bytes | None = None
    evidence: bytes | None = None
    uses: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        """``pdf``, ``detached``, ``container`` or ``evidence``: which mutators know it."""
        return self.shape.partition("/")[0]


@dataclass(frozen=True)
class Judge:
    """Who verifies: the library, with what a stranger has of the ledger."""

    ledger: CachingReader
    trust: Trust

    def report(
        self, data: bytes, signature: bytes | None = None, evidence: bytes | None = None
    ) -> Report | str:
        """The verdict, or the refusal of what cannot even be looked at.

        Raises:
            Exception: whatever the verifier does not catch, which it should.
        """
        try:
            parsed = None if evidence is None else Evidence.parse(evidence)
        except InvalidFormatError as error:
            return str(error)
        return verify_document(
            data, signature=signature, evidence=parsed, ledger=self.ledger, trust=self.trust
        )


@dataclass(frozen=True)
class Bed:
    """A run's instance.

    Attributes:
        service: its use cases.
        judge: who verifies.
        sealed: documents of every shape, by shape.
        refused: carriers that could not be sealed, with the reason.
    """

    service: Service
    judge: Judge
    sealed: dict[str, Sealed]
    refused: dict[str, str]


@contextmanager
def opened(directory: Path, *, shapes: str = "") -> Iterator[Bed]:
    """The bed in a directory, made if it is not there yet.

    Args:
        directory: of its own.
        shapes: what the name of a shape begins with to be made; empty: all.
    """
    settings = Settings.load(data_dir=directory / "data", allow_embedded_files=True)
    kept = directory / "sealed.pickle"
    with _quiet(), _asking_here():
        if not settings.data_dir.exists():
            initialise(settings, name="Fuzz Issuer")
        with Service.open(settings) as service:
            yield _made(service, kept, shapes)


def _made(service: Service, kept: Path, shapes: str) -> Bed:
    if kept.exists():
        sealed, refused = pickle.loads(kept.read_bytes())  # noqa: S301 - written below
    else:
        sealed, refused = _Maker(service, shapes).all()
        kept.write_bytes(pickle.dumps((sealed, refused)))
    ledger = CachingReader(service.context.reader, WARM_SECONDS)
    return Bed(service, Judge(ledger, service.verification.trust), sealed, refused)


@contextmanager
def _quiet() -> Iterator[None]:
    """Nothing is logged but what ends the run."""
    before = structlog.get_config() if structlog.is_configured() else None
    levels = {name: logging.getLogger(name).level for name in ("eseal", "pikepdf")}
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    for name in levels:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        structlog.reset_defaults()
        if before is not None:
            structlog.configure(**before)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


@contextmanager
def _asking_here() -> Iterator[None]:
    """Documents are read in this process: one for each case would be most of the time."""
    before = confined.ask, confined.ask_in_steps
    confined.ask, confined.ask_in_steps = _asked_here, _asked_in_steps_here
    try:
        yield
    finally:
        confined.ask, confined.ask_in_steps = before


def _asked_here(task: Callable[..., Any], *files: Any, budget: object, **arguments: Any) -> Any:
    """What a confined process would do, without one."""
    del budget
    done = task(*(bytes(file) for file in files), **arguments)
    match done:
        case (values, tuple(pieces)) if isinstance(done, tuple):
            return values, b"".join(pieces)
    return done


def _asked_in_steps_here(
    task: Callable[..., Any], *files: Any, budget: object, **arguments: Any
) -> confined.Steps:
    del budget
    came: list[Any] = []
    for step in task(*(bytes(file) for file in files), **arguments):
        try:
            came.append(step())
        except ESealError as error:
            came.append(error)
    return confined.Steps(came, UnsupportedDocumentError("there are no more steps"))


def seal(service: Service, data: bytes, **options: Any) -> bytes:
    """A PDF sealed by the first company, invisibly unless ``options`` say more, its use anchored.

    Raises:
        InvalidInputError: it cannot be sealed.
    """
    company = service.directory.company(COMPANIES[0][1])
    (held,) = service.directory.seals(company_id=company.id)
    made = service.sealing.seal_document(held.id, data, filename="a.pdf", actor=ACTOR, **options)
    service.anchoring.anchor()
    return made.data


class _Maker:
    """Seals documents of every shape."""

    def __init__(self, service: Service, shapes: str) -> None:
        self._service = service
        self._shapes = shapes
        self._seals = [
            service.onboarding.add_company(
                name, number, country=country, seals=[SealOrder(SealType.CONTRACT)], actor=ACTOR
            )[1][0].id
            for name, number, country in COMPANIES
        ]
        self._made: dict[str, Sealed] = {}
        self._refused: dict[str, str] = {}

    def all(self) -> tuple[dict[str, Sealed], dict[str, str]]:
        """Everything asked for, by shape, and what was refused."""
        self._pdfs()
        self._parties()
        self._carriers()
        self._beside()
        self._containers()
        return self._made, self._refused

    def _wanted(self, shape: str) -> bool:
        return shape.startswith(self._shapes) or self._shapes.startswith(shape)

    def _keep(
        self,
        shape: str,
        *made: SealedDocument,
        document: bytes | None = None,
        evidence: bytes | None = None,
    ) -> None:
        """A document as delivered last; ``document`` where the signature is beside it."""
        uses = frozenset(each.use.id for each in made)
        last = made[-1].data
        sealed = (last, None) if document is None else (document, last)
        self._made[shape] = Sealed(shape, *sealed, evidence, uses)

    def _seal(self, data: bytes, name: str, *, by: int = 0, **options: Any) -> SealedDocument:
        """A delivered document. The head is anchored behind each use, so that the receipt inside
        is under a head that the ledger knows."""
        made = self._service.sealing.seal_document(
            self._seals[by], data, filename=name, actor=ACTOR, **options
        )
        self._service.anchoring.anchor()
        return made

    def _pdfs(self) -> None:
        contract = documents.contract()
        shown = {
            "plain": None,
            "impression": Placing(At(0, 80, 20)),
            "slices": Placing(At(1, 80, 20), cross_page=CrossPage()),
        }
        for name, placing in shown.items():
            for level in Level:
                shape = f"pdf/{name}/{level}"
                if self._wanted(shape) and (name == "plain" or level in (Level.B_B, Level.B_LTA)):
                    self._keep(shape, self._seal(contract, "a.pdf", visible=placing, level=level))
        for name, data in documents.samples():
            if self._wanted(shape := f"pdf/{name}"):
                self._keep(shape, self._seal(data, "a.pdf", level=Level.B_LT))

    def _parties(self) -> None:
        contract = documents.contract()
        first = SealingMode(parties=(BUYER,))
        for level in (Level.B_B, Level.B_LTA):
            for name, last in (("parties", SealingMode()), ("lock", SealingMode(lock=True))):
                if not self._wanted(f"pdf/{name}-"):
                    continue
                one = self._seal(
                    contract, "a.pdf", visible=Placing(At(0, 10, 10)), mode=first, level=level
                )
                place = Placing(InField(BUYER.label))
                both = self._seal(one.data, "a.pdf", by=1, visible=place, mode=last, level=level)
                self._keep(f"pdf/{name}-one/{level}", one)
                self._keep(f"pdf/{name}-both/{level}", one, both)

    def _carriers(self) -> None:
        for odd in documents.carriers():
            for level in (Level.B_B, Level.B_LT):
                if self._wanted(shape := f"pdf/carrier/{odd.name}/{level}"):
                    try:
                        self._keep(shape, self._seal(odd.pdf, "a.pdf", level=level))
                    except InvalidInputError as error:
                        self._refused[shape] = str(error)

    def _beside(self) -> None:
        records = self._service.records
        for level in (Level.B_B, Level.B_LTA):
            if self._wanted(f"detached/{level}") or self._wanted(f"evidence/{level}"):
                made = self._seal(TEXT, "offer.txt", level=level)
                file = records.evidence(made.use.id).encode()
                self._keep(f"detached/{level}", made, document=TEXT)
                self._keep(f"evidence/with-signature/{level}", made, document=TEXT, evidence=file)
                alone = Sealed(f"evidence/{level}", TEXT, None, file, frozenset({made.use.id}))
                self._made[alone.shape] = alone
        if self._wanted("evidence/pdf"):
            made = self._seal(documents.contract(), "a.pdf")
            file = records.evidence(made.use.id).encode()
            self._keep("evidence/pdf", made, evidence=file)

    def _containers(self) -> None:
        for level in (Level.B_B, Level.B_LTA):
            if self._wanted(shape := f"container/{level}"):
                made = self._service.containers.seal(
                    self._seals[0], FILES, actor=ACTOR, level=level
                )
                self._service.anchoring.anchor()
                self._keep(shape, made)
