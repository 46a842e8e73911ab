"""Changes to a sealed PDF: those a forger makes, and those that may be made."""

from __future__ import annotations

from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from eseal.documents.pdf import SealBox, read

ODD_TABLE = "it contains a table that is not in force, or not as it should be"
BOX = SealBox(page=0, x=20, y=20, width=60, height=25)


def name(text: str) -> generic.NameObject:
    return pdf_name(text)


def numbers(*values: int) -> generic.ArrayObject:
    return generic.ArrayObject(generic.NumberObject(value) for value in values)


def dictionary(**entries) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name(f"/{key}"): item for key, item in entries.items()})


def look(writer, content: bytes = b"1 g 0 0 200 30 re f") -> generic.IndirectObject:
    form = generic.StreamObject(
        {name("/Type"): name("/XObject"), name("/Subtype"): name("/Form"),
         name("/BBox"): numbers(0, 0, 200, 30)},
        stream_data=content,
    )  # fmt: skip
    return writer.add_object(form)


def form_pdf(pdfs) -> bytes:
    """A page with text, a plain form field, and a signature field with its widget apart."""
    objects = pdfs.objects(
        page=b"/Contents 4 0 R /Annots [5 0 R 8 0 R]",
        root=b"/AcroForm << /Fields [5 0 R 7 0 R] >> /Extensions << >>",
    )
    text = b"0 0 50 50 re f"
    objects |= {
        4: b"<< /Length %d >>\nstream\n%b\nendstream" % (len(text), text),
        5: b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (Price) /V (100) /F 4 "
        b"/Rect [90 500 290 530] /AP << /N 6 0 R >> >>",
        6: b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 0 >>\nstream\n\nendstream",
        7: b"<< /FT /Sig /T (Party) /Kids [8 0 R] >>",
        8: b"<< /Type /Annot /Subtype /Widget /Parent 7 0 R /F 4 /Rect [90 100 290 130] >>",
    }
    return pdfs.hand_made(objects)


class Quiet(IncrementalPdfFileWriter):
    """Writes what it is told to, and no dates of its own."""

    def _update_meta(self):
        pass


def updated(pdf: bytes, change) -> bytes:
    """The file after an update by somebody else."""
    writer = Quiet(BytesIO(pdf))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def signed_in(pdf: bytes, field: str, *, placeholder=None, change=None, box=None):
    """The file with a signature of another producer, whose revision may hold more than that."""
    writer = Quiet(BytesIO(pdf))
    spec = SigFieldSpec(field, box=box)
    steps = PdfCMSEmbedder(new_field_spec=spec).write_cms(field, writer)
    reference = next(steps)
    if change is not None:
        change(writer, reference.get_object())
    placeholder = placeholder or SignatureObject(
        subfilter=SigSeedSubFilter.PADES, bytes_reserved=2048
    )
    steps.send(SigObjSetup(sig_placeholder=placeholder))
    _, out = steps.send(SigIOSetup(md_algorithm="sha256", in_place=True))
    steps.send(b"\x30\x03\x02\x01\x05")
    return out.getvalue()


def first(pdf: bytes):
    return read(pdf).seals[0]


def page_of(writer):
    return writer.find_page_for_modification(0)[0].get_object()


def add_annotation(writer, subtype: str):
    page = page_of(writer)
    annotation = dictionary(
        Type=name("/Annot"),
        Subtype=name(subtype),
        Rect=numbers(90, 690, 290, 720),
        AP=dictionary(N=look(writer)),
    )
    page["/Annots"].append(writer.add_object(annotation))
    writer.update_container(page["/Annots"])


def set_value(writer):
    writer.root["/AcroForm"]["/Fields"][0]["/V"] = generic.TextStringObject("999")
    writer.update_container(writer.root["/AcroForm"]["/Fields"][0])


def new_look_of_a_field(writer):
    old = writer.root["/AcroForm"]["/Fields"][0]["/AP"].raw_get("/N").reference
    writer.objects[old.generation, old.idnum] = look(writer).get_object()


def new_content(writer):
    page = page_of(writer)
    reference = page.raw_get("/Contents").reference
    writer.objects[reference.generation, reference.idnum] = generic.StreamObject(
        stream_data=b"0 0 5 5 re f"
    )


def more_content(writer):
    page = page_of(writer)
    extra = writer.add_object(generic.StreamObject(stream_data=b"1 g 0 0 500 700 re f"))
    page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), extra])
    writer.update_container(page)


def add_page(writer):
    pages = writer.root["/Pages"]
    reference = writer.root.raw_get("/Pages")
    extra = dictionary(Type=name("/Page"), Parent=reference, MediaBox=numbers(0, 0, 99, 99))
    pages["/Kids"].append(writer.add_object(extra))
    pages["/Count"] = generic.NumberObject(2)
    writer.update_container(pages)


def remove_page(writer):
    pages = writer.root["/Pages"]
    pages["/Kids"] = generic.ArrayObject()
    writer.update_container(pages)


def other_root(writer):
    writer._root = writer.add_object(generic.DictionaryObject(dict(writer.root)))
    writer.trailer["/Root"] = writer._root


def in_catalog(key: str, value):
    def change(writer):
        writer.root[key] = value() if callable(value) else value
        writer.update_root()

    return change


def remove_field(writer):
    form = writer.root["/AcroForm"]
    form["/Fields"] = generic.ArrayObject([form["/Fields"].raw_get(1), form["/Fields"].raw_get(2)])
    writer.update_container(form)


def show_twice(writer, field):
    del field
    page = page_of(writer)
    page["/Annots"].append(page["/Annots"].raw_get(-1))
    writer.update_container(page["/Annots"])


def add_text_field(writer):
    field = dictionary(
        FT=name("/Tx"),
        T=generic.TextStringObject("More"),
        Type=name("/Annot"),
        Subtype=name("/Widget"),
        Rect=numbers(90, 690, 290, 720),
        AP=dictionary(N=look(writer)),
    )
    reference = writer.add_object(field)
    writer.root["/AcroForm"]["/Fields"].append(reference)
    writer.update_container(writer.root["/AcroForm"]["/Fields"])
    page = page_of(writer)
    page["/Annots"].append(reference)
    writer.update_container(page["/Annots"])


def redraw_all(writer):
    writer.root["/AcroForm"]["/NeedAppearances"] = generic.BooleanObject(True)
    writer.update_container(writer.root["/AcroForm"])


def change_info(writer):
    info = writer.add_object(dictionary(Title=generic.TextStringObject("Another contract")))
    writer.trailer["/Info"] = info


def certify_anew(writer):
    writer.root["/Perms"]["/DocMDP"] = writer.add_object(dictionary(Type=name("/Sig")))
    writer.update_container(writer.root["/Perms"])


def metadata_with_a_form(writer):
    writer.root["/Metadata"] = look(writer)
    writer.update_root()


def validation_data_with_a_form(writer):
    writer.root["/DSS"] = dictionary(Certs=generic.ArrayObject([look(writer)]))
    writer.update_root()


def lone_object(writer):
    writer.add_object(dictionary(Type=name("/Font")))


def lone_catalog(writer):
    writer.add_object(dictionary(Type=name("/Catalog"), Pages=writer.root.raw_get("/Pages")))


def lone_stream(content: bytes):
    """A change that adds a stream nothing leads to."""
    return lambda writer: writer.add_object(generic.StreamObject(stream_data=content))


def packed_object(number: int):
    """A change that adds an object stream with an object no table names, among others."""

    def change(writer):
        held = b"%d 0 90 3 << /Type /Page >>" % number
        entries = {"/Type": name("/ObjStm"), "/N": 2, "/First": 8}
        stream = generic.StreamObject(
            {
                name(key): generic.NumberObject(value) if isinstance(value, int) else value
                for key, value in entries.items()
            },
            stream_data=held,
        )
        writer.add_object(stream)

    return change


def dangling_reference(writer):
    """Validation data that refer to nothing."""
    nothing = generic.IndirectObject(99, 0, writer)
    writer.root["/DSS"] = dictionary(Certs=generic.ArrayObject([nothing]))
    writer.update_root()
