"""The forger's tools: sealed documents to spoil, stolen keys, a copy of the operator's database.

Nothing here touches the instance's own records. The operator's crimes are done to a copy, with the
operator's real keys and the real ledger.
"""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from secrets import token_bytes
from typing import TYPE_CHECKING

from eseal.cli.demo.stage import Found
from eseal.errors import NotFoundError
from eseal.model.ids import new_id
from eseal.model.seal import SealType, certificate_handle
from eseal.model.statement import HASH_BYTES, Statement, new_nonce

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eseal.cli.demo.story import Story
    from eseal.documents.pdf import PreparedPdf
    from eseal.service.context import Context
    from eseal.verify.report import Report


PRICE, HIGHER = b"186,420.00", b"986,420.00"
"""What the contract says, and what a forger would rather read."""
PURPOSE = "sale of spring teas"


@dataclass(frozen=True, slots=True)
class SelfMadeSeal:
    """A key and certificate (DER) of the forger's own making, and how to sign with them."""

    certificate: bytes
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Tiles:
    """The tiles of a log that only the forger has: a ``TileReader``."""

    content: Mapping[tuple[int, int], bytes]

    def tile(self, level: int, index: int, width: int) -> bytes:
        """The first ``width`` hashes of a tile.

        Raises:
            NotFoundError: there are fewer.
        """
        hashes = self.content.get((level, index), b"")
        if len(hashes) < width * HASH_BYTES:
            raise NotFoundError(f"no {width} hashes of tile {level}/{index}")
        return hashes[: width * HASH_BYTES]


class Forger:
    """Somebody with everything the crimes need."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.context = story.service.context

    def judge(
        self, filename: str, data: bytes, *, signature: bytes | None = None, evidence: str = ""
    ) -> Found:
        """Keep a forged file and let the verifier look at it.

        Args:
            filename: its name in the directory of forgeries.
            data: its bytes.
            signature: the ``.p7s`` shown with it.
            evidence: the use whose evidence is shown with it.
        """
        (self.story.forgeries / filename).write_bytes(data)
        if signature is not None:
            (self.story.forgeries / f"{filename}.p7s").write_bytes(signature)
        shown = self.story.service.records.evidence(evidence) if evidence else None
        if shown is not None:
            (self.story.forgeries / f"{filename}.eseal.json").write_bytes(shown.encode())
        verification = self.story.service.verification
        return found(verification.document(data, signature=signature, evidence=shown))

    def prepared(self) -> PreparedPdf:
        """The contract with a higher price, ready for a signature."""
        from eseal.documents.pdf import PdfSealOptions, prepare

        original = self.story.documents["contract.pdf"].original
        name = self.story.company.name
        options = PdfSealOptions("Seal-1", name, self.context.now(), reason=PURPOSE)
        return prepare(original.replace(PRICE, HIGHER), options)

    def revised(self, pdf: bytes, paint: bytes = b"") -> bytes:
        """The sealed contract with a revision (ISO 32000-1 section 7.5.6) of its last page.

        Args:
            pdf: the sealed contract, or what a forger has made of it.
            paint: what is painted over the page as it was handed in.
        """
        import pikepdf

        with pikepdf.open(io.BytesIO(self.story.documents["contract.pdf"].data)) as opened:
            page = opened.pages[-1].Contents
            parts = [page] if isinstance(page, pikepdf.Stream) else list(page)
            shown = next(part for part in parts if PRICE in part.read_bytes())
            number, content = shown.objgen[0], shown.read_bytes() + paint
        size = re.findall(rb"/Size ([0-9]+)", pdf)[-1]
        before = re.findall(rb"startxref\n([0-9]+)", pdf)[-1]
        stream = b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content)
        body = pdf + b"%d 0 obj\n%b\nendobj\n" % (number, stream)
        return body + (
            b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size %b /Root 1 0 R /Prev %b >>\n"
            b"startxref\n%d\n%%%%EOF\n" % (number, len(pdf), size, before, len(body))
        )

    def statement(self, digest: bytes, certificate: bytes, *, seq: int = 1) -> Statement:
        """What a use of this document would be, in the right form."""
        return Statement(
            id=new_id(),
            seal=certificate_handle(certificate),
            seq=seq,
            prev=token_bytes(HASH_BYTES) if seq > 1 else bytes(HASH_BYTES),
            digest=digest,
            media_type="application/pdf",
            authorization=token_bytes(HASH_BYTES),
            not_before=self.context.blocks.reference,
            sealed_at=self.context.now(),
            nonce=new_nonce(),
            purpose=PURPOSE,
            source=token_bytes(HASH_BYTES),
        )

    def steal_key(self, kind: SealType) -> Callable[[bytes], bytes]:
        """The seal's real key, out of the service's hands."""
        key_id, keys = self.story.seals[kind].key_id, self.context.keys
        return lambda message: keys.sign(key_id, message)

    def self_made_seal(self) -> SelfMadeSeal:
        """A certificate that says all the real one says, under the forger's own key."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding

        real = x509.load_der_x509_certificate(self.story.seals[SealType.CONTRACT].certificate)
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            x509.CertificateBuilder()
            .subject_name(real.subject)
            .issuer_name(real.issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(real.not_valid_before_utc)
            .not_valid_after(real.not_valid_after_utc)
        )
        certificate = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
        return SelfMadeSeal(
            certificate, lambda message: key.sign(message, ec.ECDSA(hashes.SHA256()))
        )

    @contextmanager
    def doctored_copy(self, name: str) -> Iterator[Context]:
        """The instance on a copy of its database, for the operator to rewrite.

        Args:
            name: the copy's file name in the directory of forgeries.
        """
        from eseal.service.context import Context
        from eseal.service.ledger import LedgerConnection
        from eseal.store.database import Database

        real, path = self.context, self.story.forgeries / name
        with (
            closing(sqlite3.connect(real.settings.data_dir / "eseal.db")) as source,
            closing(sqlite3.connect(path)) as target,
        ):
            source.backup(target)
        database = Database(f"sqlite:///{path}")
        ledger = real.connection
        connection = LedgerConnection(
            ledger.ledger, ledger.regulator, ledger.reader, lambda: None, None
        )
        context = Context(real.settings, database, real.keys, real.vault, real.instance, connection)
        try:
            yield context
        finally:
            context.close()


def found(report: Report) -> Found:
    """A verdict as the demo tells it."""
    return Found(report.indication.value, report.finding.value, report.message)
