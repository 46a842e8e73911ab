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
from hashlib import sha256
from secrets import token_bytes
from typing import TYPE_CHECKING

from eseal.cli.demo.stage import Found
from eseal.errors import NotFoundError
from eseal.model.book import Book, VolumeTree, new_book_key
from eseal.model.ids import new_id
from eseal.model.seal import SealType, seal_handle
from eseal.model.statement import HASH_BYTES, Statement, new_nonce

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eseal.cli.demo.story import Story
    from eseal.documents.cms import SealCms
    from eseal.documents.pdf import PreparedPdf
    from eseal.ledger.contracts.deployment import Deployment
    from eseal.ledger.sending.web3_ledger import Web3Ledger
    from eseal.service.instance.context import Context
    from eseal.verify.verdict.report import Report


PRICE, HIGHER = b"186,420.00", b"986,420.00"
"""What the contract says, and what a forger would rather read."""
PURPOSE = "sale of spring teas"
DEPTH = 10
"""Of books that the forger makes: 1,024 tickets a volume."""
UNUSED = 1000
"""Number of a use for which the company has torn no ticket yet."""


@dataclass(frozen=True, slots=True)
class HeldSeal:
    """A seal in the forger's hands.

    Attributes:
        cms: its certificate, chain and subject proof.
        certified: SHA-256 of its certificate, 32 bytes.
        handle: what the ledger would call it, 32 bytes.
        book: from which its tickets are torn.
        number: of the use to tear a ticket for.
        sign: signs with its key.
    """

    cms: SealCms
    certified: bytes
    handle: bytes
    book: Book
    number: int
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Signed:
    """A use that the forger signed.

    Attributes:
        statement: its statement.
        attributes: what the key signed, DER.
        signature: the signature value.
        cms: puts it together with a receipt or none.
    """

    statement: Statement
    attributes: bytes
    signature: bytes
    cms: SealCms

    def encode(self, receipt: bytes | None = None) -> bytes:
        """The seal signature, DER."""
        return self.cms.encode(self.attributes, self.signature, receipt)


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

    @property
    def deployment(self) -> Deployment:
        """Where the contracts are."""
        from eseal.ledger.contracts.deployment import Deployment

        return Deployment.parse((self.context.instance.deployment or "").encode())

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

    def sign(self, seal: HeldSeal, digest: bytes) -> Signed:
        """Seal a document, in the right form."""
        ticket = seal.book.ticket(seal.number)
        statement = Statement(
            id=new_id(),
            seal=seal.handle,
            ticket=ticket,
            digest=digest,
            media_type="application/pdf",
            authorization=token_bytes(HASH_BYTES),
            not_before=self.context.blocks.reference,
            sealed_at=self.context.now(),
            nonce=new_nonce(),
            purpose=PURPOSE,
            source=token_bytes(HASH_BYTES),
        )
        path = VolumeTree(seal.book, ticket.volume).path(ticket.position)
        attributes = seal.cms.signed_attributes(statement.encode(), digest, path)
        return Signed(statement, attributes, seal.sign(attributes), seal.cms)

    def stolen_seal(self, *, with_book: bool) -> HeldSeal:
        """The company's contract seal: its real key, and its book or one that was made up."""
        genuine = self.story.seals[SealType.CONTRACT]
        signer, certified = self.context.signer(genuine.id), sha256(genuine.certificate).digest()
        book = signer.book if with_book else Book(new_book_key(), signer.book.depth)
        return HeldSeal(signer.cms, certified, signer.handle, book, UNUSED, signer.sign)

    def self_made_seal(self) -> HeldSeal:
        """A certificate that says all the real one says, under the forger's own key."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding

        from eseal.documents.cms import SealCms

        genuine = self.story.seals[SealType.CONTRACT]
        real = x509.load_der_x509_certificate(genuine.certificate)
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
        return HeldSeal(
            SealCms(certificate, (), genuine.subject_proof),
            sha256(certificate).digest(),
            seal_handle(self.context.issuer_id, certificate),
            Book(new_book_key(), DEPTH),
            0,
            lambda message: key.sign(message, ec.ECDSA(hashes.SHA256())),
        )

    def twin_seal(self) -> HeldSeal:
        """A certificate that the issuer's own CA makes for another key, in the company's name."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        from eseal.documents.cms import SealCms
        from eseal.pki.ca import Authority, CertificateAuthority
        from eseal.pki.names import SealSubject, seal_common_name

        keys, instance, company = self.context.keys, self.context.instance, self.story.company
        ca = CertificateAuthority(
            keys,
            Authority(instance.root_certificate, instance.root_key_id),
            Authority(instance.issuing_certificate, instance.issuing_key_id),
        )
        key = ec.generate_private_key(ec.SECP256R1())
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        name = seal_common_name(SealType.CONTRACT, company.name)
        subject = SealSubject(company.name, company.identifier, company.country, name)
        certificate = ca.issue_seal(public, subject, self.context.now())
        return HeldSeal(
            SealCms(certificate, ca.chain, company.subject_proof),
            sha256(certificate).digest(),
            seal_handle(self.context.issuer_id, certificate),
            Book(new_book_key(), DEPTH),
            0,
            lambda message: key.sign(message, ec.ECDSA(hashes.SHA256())),
        )

    @contextmanager
    def operators_ledger(self, copy: Context | None = None) -> Iterator[Web3Ledger]:
        """The ledger as the operator writes to it.

        Args:
            copy: a copy of the instance that says what may be signed; ``None`` if nothing does,
                as for whoever has the account's key.
        """
        from eseal.ledger.sending.web3_ledger import Web3Ledger
        from eseal.ledger.wire.finality import Finality
        from eseal.service.instance.ledger import account_of, opened
        from eseal.service.setup.signing_policy import SigningPolicy
        from eseal.store.repositories.transactions import DatabaseJournal

        real, instance = self.context, self.context.instance
        deployment = self.deployment
        account = account_of(real.keys, instance.operator_key_id)
        with opened(real.settings) as w3:
            if copy is None:
                yield Web3Ledger(w3, deployment, Finality(), account)
                return
            yield Web3Ledger(
                w3,
                deployment,
                Finality(),
                account,
                journal=DatabaseJournal(copy.database, deployment.chain_id, account.address),
                check=SigningPolicy(copy.database, copy.keys, instance, deployment),
            )

    @contextmanager
    def doctored_copy(self, name: str) -> Iterator[Context]:
        """The instance on a copy of its database, for the operator to rewrite.

        Args:
            name: of the copy's directory among the forgeries.
        """
        from eseal.service.instance.context import Context
        from eseal.service.instance.ledger import LedgerConnection
        from eseal.store.database import Database

        real, directory = self.context, self.story.forgeries / name
        directory.mkdir()
        path = directory / "eseal.db"
        with (
            closing(sqlite3.connect(real.settings.data_dir / "eseal.db")) as source,
            closing(sqlite3.connect(path)) as target,
        ):
            source.backup(target)
        database = Database(f"sqlite:///{path}")
        database.bind(real.database.binding.keys)
        ledger = real.connection
        connection = LedgerConnection(
            ledger.ledger, ledger.regulator, ledger.reader, lambda: None, None
        )
        settings = real.settings.model_copy(update={"data_dir": directory})
        context = Context(settings, database, real.keys, real.vault, real.instance, connection)
        try:
            yield context
        finally:
            context.close()


def found(report: Report) -> Found:
    """A verdict as the demo tells it."""
    return Found(report.indication.value, report.finding.value, report.message)
