"""PDFs with seals, and what other programs add to them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from eseal.documents.pdf import PartyPlace, PdfSealOptions, SealingMode, prepare

COMPANY = "Acme Trading Ltd"
SEALED_AT = datetime(2027, 1, 15, 9, tzinfo=UTC)


def plain_pdf(drawing=b"0 0 m 100 100 l S"):
    writer = PdfFileWriter()
    content = generic.StreamObject(stream_data=drawing)
    page = PageObject(
        contents=writer.add_object(content),
        media_box=generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 300, 300)]),
    )
    writer.insert_page(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def sealed(world, seal, pdf, *, said=COMPANY, shown=None, reason="a test", parties=(), **options):
    """A document with a first seal, or with a further one in a place that was made for it.

    Args:
        said: the company that the signature dictionary names.
        shown: the time that it tells; by default that of the statement.
        reason: the reason that it tells.
        parties: labels of places made for others.
        options: other members of the statement.
    """
    places = SealingMode(parties=tuple(PartyPlace(label) for label in parties))
    at = datetime.fromtimestamp(world.ledger.final_block().timestamp + 2, UTC)
    stated = {
        "media_type": "application/pdf",
        "sealed_at": at,
        "purpose": "a test",
        "source": hashlib.sha256(pdf).digest(),
    } | options
    asked = PdfSealOptions("Seal1", said, shown or at, reason=reason, mode=places)
    prepared = prepare(pdf, asked)
    use = world.use(seal, digest=prepared.digest, **stated)
    return use, prepared.embed(use.p7s)


def again(world, seal, pdf, field="Seal2", cms=None):
    """A second signature, as another producer's incremental update; or a copy of one."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    steps = PdfCMSEmbedder(new_field_spec=SigFieldSpec(field)).write_cms(field, writer)
    next(steps)
    steps.send(SigObjSetup(sig_placeholder=SignatureObject(bytes_reserved=16384)))
    digest, out = steps.send(SigIOSetup(md_algorithm="sha256", in_place=True))
    use = world.use(seal, digest=digest.document_digest)
    steps.send(cms or use.p7s)
    return use, out.getvalue()


def updated(file, change):
    """What another program makes of a file, appended to it."""
    writer = IncrementalPdfFileWriter(BytesIO(file))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def entry_of_no_use(writer):
    writer.root["/Added"] = generic.NameObject("/Later")
    writer.update_root()


def another_drawing(writer):
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"9 9 m 9 0 l S"))
    writer.update_container(page)
