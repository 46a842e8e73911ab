"""Sealed files of every shape and level, by a service that the world can reach: for judges."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from eseal.config import Settings
from eseal.documents.pdf import At, InField, PartyPlace, Placing, SealingMode
from eseal.model.level import Level
from eseal.model.seal import SealType
from eseal.service.seals.onboarding import SealOrder
from eseal.service.service import Service
from tests.actors import acting
from tests.ports import free_port
from tests.serving import served
from tests.stamping import pem

TEXT = "报价单\nOffer no. 7: forty seals\n".encode()
BUYER = PartyPlace("Buyer", At(0, 20, 20), (45.0, 45.0))
SHOWN = Placing(At(-1, 140, 20))
"""Not on the first page, where other programs would put what they add."""
IN_FIELD = Placing(InField("Buyer"))
PDF_SHAPES = ("invisible", "impression", "parties", "locked")


@dataclass(frozen=True)
class Shelf:
    """Sealed files, and what is needed to judge them.

    Attributes:
        directory: where they lie, as ``SHAPE-LEVEL``; ``offer.txt`` is what a ``detached`` signs.
        root: the root certificate, PEM.
    """

    directory: Path
    root: Path

    def file(self, shape: str, level: Level) -> Path:
        return self.directory / f"{shape}-{level}"

    @property
    def text(self) -> Path:
        return self.directory / "offer.txt"


class Workshop:
    """Seals in every shape with the seals of two companies."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._seller = self._seal("Elbe Teekontor GmbH", "vat:DE136695976", "DE")
        self._buyer = self._seal("Société d'Essai", "ntr-fr:552008443", None)

    def _seal(self, name: str, number: str, country: str | None) -> str:
        orders = [SealOrder(SealType.CONTRACT)]
        _, (seal,) = self._service.onboarding.add_company(
            name, number, country=country, seals=orders, actor=acting()
        )
        return seal.id

    def pdf(self, shape: str, original: bytes, level: Level) -> bytes:
        """A sealed PDF of one of ``PDF_SHAPES``."""
        if shape in {"invisible", "impression"}:
            shown = SHOWN if shape == "impression" else None
            return self._apply(self._seller, original, level, visible=shown)
        first = self._apply(
            self._seller, original, level, visible=SHOWN, mode=SealingMode(parties=(BUYER,))
        )
        closes = SealingMode(lock=shape == "locked")
        return self._apply(self._buyer, first, level, visible=IN_FIELD, mode=closes)

    def detached(self, level: Level) -> bytes:
        """The signature beside ``TEXT``."""
        return self._apply(self._seller, TEXT, level, filename="offer.txt")

    def container(self, level: Level) -> bytes:
        """An ASiC-E of two files."""
        files = [("offer.txt", TEXT), ("价格.csv", b"seal,price\n1,2\n")]
        return self._service.containers.seal(self._seller, files, actor=acting(), level=level).data

    def _apply(self, seal, data, level, *, filename="contract.pdf", visible=None, mode=None):
        return self._service.sealing.seal_document(
            seal,
            data,
            filename=filename,
            actor=acting(),
            level=level,
            visible=visible,
            mode=mode,
        ).data


@contextlib.contextmanager
def stocked(template: Path, directory: Path, original: bytes):
    """Fill a shelf and keep its service reachable.

    The instance is one that learnt its address late: its issuing CA is re-issued first.
    """
    shutil.copytree(template, directory / "data")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = Settings.load(data_dir=directory / "data", public_url=url)
    with Service.open(settings) as service, served(service, port):
        service.ca.reissue()
        shelf = Shelf(directory, directory / "root.pem")
        shelf.root.write_bytes(pem(service.ca.chain[-1]))
        shelf.text.write_bytes(TEXT)
        workshop = Workshop(service)
        for level in Level:
            for shape in PDF_SHAPES:
                made = workshop.pdf(shape, original, level)
                shelf.file(shape, level).write_bytes(made)
                if level is Level.B_B:
                    later = service.long_term.extend(made, Level.B_LTA)
                    shelf.file(f"{shape}-extended", Level.B_LTA).write_bytes(later)
                    again = service.long_term.extend(later, Level.B_LTA)
                    shelf.file(f"{shape}-renewed", Level.B_LTA).write_bytes(again)
            shelf.file("detached", level).write_bytes(workshop.detached(level))
            shelf.file("container", level).write_bytes(workshop.container(level))
        yield shelf
