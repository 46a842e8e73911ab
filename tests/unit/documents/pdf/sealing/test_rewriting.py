"""From qpdf's objects to canonical ones: what is left to taste is spelt in one way."""

from __future__ import annotations

import random
import zlib
from io import BytesIO

import pikepdf
import pytest

from eseal.documents.pdf.file.revision import Revision
from eseal.documents.pdf.file.values import Name, Ref, spell
from eseal.documents.pdf.file.writing import is_quiet
from eseal.documents.pdf.opening.opening import open_document
from eseal.documents.pdf.sealing.rewriting import Rewritten, written_by_qpdf
from eseal.errors import InvalidFormatError
from tests.unit.documents.pdf.examination.dangers import stream
from tests.unit.documents.pdf.workshop import prepared, rewritten


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"1 +1 -1 007 1.50 .5 -.5 1. 0.0 -0", b"[ 1 1 -1 7 1.5 0.5 -0.5 1 0 0 ]"),
        (b"(a\\(b\\)) (a(b)c) (\\101) (a\\nb) <41 42> <4>",
         b"[ (a\\(b\\)) (a\\(b\\)c) (A) <610a62> (AB) (@) ]"),
        (b"/A#42 /#c3#a9 /A#20B true null", b"[ /AB /#c3#a9 /A#20B true null ]"),
        (b"<< /B 1 /A 2 /C null >>", b"[ << /A 2 /B 1 >> ]"),
        (b"(1 0 obj) (endobj) (\xfe\xff\x53\x70)",
         b"[ <312030206f626a> <656e646f626a> <feff5370> ]"),
    ],
)  # fmt: skip
def test_values_are_spelt_in_one_way(pdfs, options, text, expected):
    pdf = pdfs.hand_made(pdfs.objects(page=b"/Extra << /A [%b] >>" % text))
    assert b"/A " + expected in prepared(pdf, options).data
    assert spell(rewritten(pdf).load(3)["Extra"]["A"]) == expected


def test_what_nothing_leads_to_is_left_behind(pdfs, options):
    objects = pdfs.objects() | {4: b"(a secret)"}
    pdf = pdfs.hand_made(objects)
    assert b"a secret" in pdf
    assert b"a secret" not in prepared(pdf, options).data


def test_dangling_references_lead_to_nothing(pdfs, options):
    data = prepared(pdfs.hand_made(pdfs.objects(page=b"/Extra << /A [9 0 R] >>")), options).data
    revision = Revision.first(data)
    assert revision.size > 3


STREAMS = {
    "abbreviated": (b"/Filter /Fl", b"/Filter /FlateDecode"),
    "in a list": (b"/Filter [/FlateDecode]", b"/Filter /FlateDecode"),
    "as an object": (b"/Filter 5 0 R", b"/Filter /FlateDecode"),
    "parameters of null": (b"/Filter /FlateDecode /DecodeParms null", b"/Filter /FlateDecode"),
    "parameters that say nothing": (
        b"/Filter [/FlateDecode] /DecodeParms [null]", b"/Filter /FlateDecode"
    ),
    "parameters as objects": (
        b"/Filter [5 0 R] /DecodeParms [6 0 R]", b"/Filter /FlateDecode"
    ),
    "empty list": (b"/Filter /FlateDecode /DecodeParms []", b"/Filter /FlateDecode"),
    "length of the data": (b"/Filter /FlateDecode /DL 14", b"/Filter /FlateDecode"),
}  # fmt: skip


@pytest.mark.parametrize("name", STREAMS)
def test_how_a_stream_is_read_is_said_in_one_way(pdfs, options, name):
    entries, expected = STREAMS[name]
    content = b"0 0 50 50 re f"
    objects = pdfs.objects(page=b"/Contents 4 0 R")
    objects[4] = stream(zlib.compress(content), entries)
    objects |= {5: b"/FlateDecode", 6: b"<< /Predictor 1 >>"}
    data = prepared(pdfs.hand_made(objects), options).data
    assert expected in data
    with pikepdf.open(BytesIO(data)) as made:
        contents = made.pages[0].Contents
        assert content in contents.read_bytes()


def test_data_that_looks_like_a_frame_is_packed(pdfs, options):
    """Whatever its own filters: another one goes around them."""
    noise = random.Random(1)
    loud = b"1 0 obj << >> endobj xref trailer %%EOF " + noise.randbytes(40)
    picture = loud.ljust(96, b"\0")
    objects = pdfs.objects(page=b"/Contents 5 0 R /Resources << /XObject << /Im 4 0 R >> >>")
    objects[4] = stream(
        picture,
        b"/Type /XObject /Subtype /Image /Width 12 /Height 8 /BitsPerComponent 8 "
        b"/ColorSpace /DeviceGray",
    )
    objects[5] = stream(b"q 90 0 0 90 0 0 cm /Im Do Q")
    data = prepared(pdfs.hand_made(objects), options).data
    Revision.first(data)
    assert loud not in data
    with pikepdf.open(BytesIO(data)) as made:
        image = made.pages[0].Resources.XObject.Im
        assert image.read_bytes() == picture
        assert is_quiet(image.read_raw_bytes())


def test_parameters_stay_with_their_filter(pdfs):
    loud = b"%%EOF " * 2
    predicted = bytes([0]) + loud
    packed = zlib.compress(predicted, 0)
    objects = pdfs.objects(page=b"/Extra << /A 4 0 R >>")
    objects[4] = stream(
        packed, b"/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 12 >>"
    )
    source = rewritten(pdfs.hand_made(objects))
    number = source.load(3)["Extra"]["A"].number
    entries = source.load(number).entries
    assert entries["Filter"] == [Name("FlateDecode"), Name("FlateDecode")]
    assert entries["DecodeParms"] == [None, {"Predictor": 15, "Columns": 12}]
    assert zlib.decompress(zlib.decompress(bytes(source.load(number).data))) == predicted


@pytest.mark.parametrize("version", [b"1.0", b"1.4", b"2.0", b"1.9", b"7.1"])
def test_versions_that_readers_know(pdfs, version):
    source = rewritten(pdfs.hand_made(pdfs.objects()).replace(b"%PDF-1.7", b"%PDF-" + version))
    assert source.version == (version if version in {b"1.0", b"1.4", b"2.0"} else b"1.7")


def test_information_is_an_object_of_its_own(pdfs):
    pdf = pdfs.hand_made(pdfs.objects(), trailer=b"/Root 1 0 R /Info << /Title (a) >>")
    source = rewritten(pdf)
    assert source.load(source.info) == {"Title": b"a"}
    assert rewritten(pdfs.hand_made(pdfs.objects())).info is None


def test_trailers_hold_nothing_else(pdfs, options):
    pdf = pdfs.hand_made(pdfs.objects(), trailer=b"/Root 1 0 R /Foo 3 0 R /Encrypt null")
    assert Revision.first(prepared(pdf, options).data).trailer.keys() == {"ID", "Root", "Size"}


def test_objects_that_are_not_there_are_said(pdfs):
    source = rewritten(pdfs.hand_made(pdfs.objects()))
    for number in (0, source.size, 99):
        with pytest.raises(InvalidFormatError, match=f"expected object {number}"):
            source.load(number)
    assert source.load(1)["Pages"] == Ref(2)


def test_object_streams_and_encryption_are_gone(pdfs):
    out = BytesIO()
    with pikepdf.open(BytesIO(pdfs.fpdf(1))) as opened:
        opened.save(
            out,
            encryption=pikepdf.Encryption(owner="secret", user=""),
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    with open_document(out.getvalue()) as opened:
        written = written_by_qpdf(opened)
    assert b"/ObjStm" not in written
    assert b"/Encrypt" not in written
    assert Rewritten(written).size > 3
