"""Changes to a sealed PDF by other programs: those a forger makes, and honest ones."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp, SignatureObject

from tests.unit.documents.pdf.workshop import DER


def name(text: str) -> generic.NameObject:
    return pdf_name(text)


def numbers(*values: int) -> generic.ArrayObject:
    return generic.ArrayObject(generic.NumberObject(value) for value in values)


def dictionary(**entries) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name(f"/{key}"): item for key, item in entries.items()})


def look(writer, content: bytes = b"0 g 0 0 200 30 re f") -> generic.IndirectObject:
    form = generic.StreamObject(
        {name("/Type"): name("/XObject"), name("/Subtype"): name("/Form"),
         name("/BBox"): numbers(0, 0, 200, 30)},
        stream_data=content,
    )  # fmt: skip
    return writer.add_object(form)


class Quiet(IncrementalPdfFileWriter):
    """Writes what it is told to, and no dates of its own."""

    def _update_meta(self):
        pass


def updated(pdf: bytes, change: Callable[[Quiet], object]) -> bytes:
    """The file after an update by somebody else."""
    writer = Quiet(BytesIO(pdf))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def signed(pdf: bytes, field: str, *, stamp: bool = False, cms: bytes = DER, box=None) -> bytes:
    """The file with a signature, or a document time-stamp, of another producer."""
    writer = Quiet(BytesIO(pdf))
    steps = PdfCMSEmbedder(new_field_spec=SigFieldSpec(field, box=box)).write_cms(field, writer)
    next(steps)
    placeholder = (
        DocumentTimestamp(bytes_reserved=4096)
        if stamp
        else SignatureObject(subfilter=SigSeedSubFilter.PADES, bytes_reserved=4096)
    )
    steps.send(SigObjSetup(sig_placeholder=placeholder))
    _, out = steps.send(SigIOSetup(md_algorithm="sha256", in_place=True))
    steps.send(cms)
    return out.getvalue()


def page_of(writer):
    return writer.find_page_for_modification(0)[0].get_object()


def add_annotation(subtype: str):
    """A change that covers what the page shows."""

    def change(writer) -> None:
        page = page_of(writer)
        annotation = dictionary(
            Type=name("/Annot"),
            Subtype=name(subtype),
            F=generic.NumberObject(4),
            Rect=numbers(90, 690, 290, 720),
            AP=dictionary(N=look(writer)),
        )
        page["/Annots"].append(writer.add_object(annotation))
        writer.update_container(page["/Annots"])

    return change


def new_content(writer) -> None:
    page = page_of(writer)
    reference = page.raw_get("/Contents").reference
    writer.objects[reference.generation, reference.idnum] = generic.StreamObject(
        stream_data=b"0 0 300 300 re f"
    )


def more_content(writer) -> None:
    page = page_of(writer)
    extra = writer.add_object(generic.StreamObject(stream_data=b"0 g 0 0 500 700 re f"))
    page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), extra])
    writer.update_container(page)


def turned(writer) -> None:
    page = page_of(writer)
    page["/Rotate"] = generic.NumberObject(90)
    writer.update_container(page)


def add_page(writer) -> None:
    pages = writer.root["/Pages"]
    reference = writer.root.raw_get("/Pages")
    extra = dictionary(Type=name("/Page"), Parent=reference, MediaBox=numbers(0, 0, 99, 99))
    pages["/Kids"].append(writer.add_object(extra))
    pages["/Count"] = generic.NumberObject(2)
    writer.update_container(pages)


def remove_page(writer) -> None:
    pages = writer.root["/Pages"]
    pages["/Kids"] = generic.ArrayObject()
    pages["/Count"] = generic.NumberObject(0)
    writer.update_container(pages)


def other_root(writer) -> None:
    writer._root = writer.add_object(generic.DictionaryObject(dict(writer.root)))
    writer.trailer["/Root"] = writer._root


def in_catalog(key: str, value):
    """A change of the catalog."""

    def change(writer) -> None:
        writer.root[key] = value() if callable(value) else value
        writer.update_root()

    return change


def change_info(writer) -> None:
    info = writer.add_object(dictionary(Title=generic.TextStringObject("Another contract")))
    writer.trailer["/Info"] = info


def metadata_with_a_form(writer) -> None:
    writer.root["/Metadata"] = look(writer)
    writer.update_root()


def validation_data_with_a_form(writer) -> None:
    writer.root["/DSS"] = dictionary(Certs=generic.ArrayObject([look(writer)]))
    writer.update_root()


def lone_object(writer) -> None:
    writer.add_object(dictionary(Type=name("/Font")))


def lone_stream(content: bytes):
    """A change that adds a stream nothing leads to."""
    return lambda writer: writer.add_object(generic.StreamObject(stream_data=content))


def packed_object(number: int):
    """A change that adds an object stream with an object no table names, among others."""

    def change(writer) -> None:
        held = b"%d 0 90 3 << /Type /Page >>" % number
        stream = generic.StreamObject(
            {
                name("/Type"): name("/ObjStm"),
                name("/N"): generic.NumberObject(2),
                name("/First"): generic.NumberObject(8),
            },
            stream_data=held,
        )
        writer.add_object(stream)

    return change


SHOWS_THE_SAME = {
    "a language": in_catalog("/Lang", lambda: generic.TextStringObject("en")),
    "other words about it": change_info,
    "an object that nothing needs": lone_object,
    "a stream that nothing needs": lone_stream(b"1 0 obj << >> endobj"),
    "an object stream": packed_object(3),
    "validation data that are a form": validation_data_with_a_form,
    "metadata that are a form": metadata_with_a_form,
    "another catalog": other_root,
    "actions": in_catalog("/OpenAction", lambda: dictionary(
        S=name("/JavaScript"), JS=generic.TextStringObject("x"))),
}  # fmt: skip
"""Updates after which PDFium shows the pages as before."""
SHOWS_ANOTHER = {
    "a stamp": add_annotation("/Stamp"),
    "a link with a look": add_annotation("/Link"),
    "other contents": new_content,
    "more contents": more_content,
    "a page turned": turned,
    "a page more": add_page,
    "no page": remove_page,
}
"""Updates that are seen."""
BEHIND = {
    "a line": b"\n",
    "a NUL": b"\0",
    "a comment": b"%\n",
    "a second end": b"startxref\n0\n%%EOF\n",
    "a kilobyte of lines": b"\n" * 1010,
    "a kilobyte of NULs": b"\0" * 1010,
    "an object": b"4 0 obj\n<< >>\nendobj\n",
    "an object of eleven digits": b"00000000004 0 obj\n<< >>\nendobj\n",
    "half an object": b"4 0 obj\n<< ",
    "a header": b"%PDF-1.7\n",
    "noise": bytes(range(256)),
}
"""What stands behind the end."""
