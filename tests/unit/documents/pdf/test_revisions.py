"""What may follow a seal, and the published attacks, which may not.

The shapes are those of the Ruhr-Universität Bochum group: incremental saving (CCS 2019), shadow
attacks (NDSS 2021), evil annotation and sneaky signature (S&P 2021), made here from scratch.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp, SignatureObject

from eseal.documents.pdf import Manner, PartyField, prepare, read
from eseal.errors import InvalidFormatError
from tests.unit.documents.pdf.attacks import (
    BOX,
    add_annotation,
    add_page,
    add_text_field,
    certify_anew,
    change_info,
    dangling_reference,
    dictionary,
    first,
    form_pdf,
    in_catalog,
    lone_catalog,
    lone_object,
    lone_stream,
    look,
    metadata_with_a_form,
    more_content,
    name,
    new_content,
    new_look_of_a_field,
    numbers,
    other_root,
    packed_object,
    redraw_all,
    remove_field,
    remove_page,
    set_value,
    show_twice,
    signed_in,
    updated,
    validation_data_with_a_form,
)


@pytest.fixture(scope="module")
def seal(p256, options):
    """Seals a PDF in a field."""

    def make(pdf: bytes, field: str = "Seal1", visible=None, **manner) -> bytes:
        asked = replace(options, field_name=field, visible=visible, manner=Manner(**manner))
        prepared = prepare(pdf, asked)
        return prepared.embed(p256.seal(prepared.digest))

    return make


@pytest.fixture(scope="module")
def sealed(pdfs, seal) -> bytes:
    return seal(form_pdf(pdfs), further_seals=True)


ODD_TABLE = "it contains a table that is not in force, or not as it should be"
ALTERATIONS = {
    "evil annotation": (lambda w: add_annotation(w, "/FreeText"), "annotation was added to page 1"),
    "stamp": (lambda w: add_annotation(w, "/Stamp"), "annotation was added to page 1"),
    "form value": (set_value, "field 'Price' was changed at /V"),
    "a field's look": (new_look_of_a_field, "XObject 6 was changed"),
    "content overwritten": (new_content, "4 was changed"),
    "content added": (more_content, "page 1 was changed at /Contents"),
    "page added": (add_page, "a page was added"),
    "page removed": (remove_page, "Pages 2 was changed"),
    "another catalog": (other_root, "root was exchanged"),
    "script": (
        in_catalog("/OpenAction", lambda: dictionary(S=name("/JavaScript"))),
        "catalog was changed at /OpenAction",
    ),
    "layers": (
        in_catalog("/OCProperties", generic.DictionaryObject),
        "catalog was changed at /OCProperties",
    ),
    "an extension with content": (
        in_catalog("/Extensions", lambda: dictionary(A=dictionary(B=generic.NumberObject(1)))),
        None,
    ),
    "field removed": (remove_field, "form fields were removed"),
    "field added": (add_text_field, "form field 'More' was added"),
    "forms drawn anew": (redraw_all, "form was changed at /NeedAppearances"),
    "another title": (change_info, "document information was changed at /Title"),
    "certification": (certify_anew, "certification was changed"),
    "metadata that draw": (metadata_with_a_form, "changed at /Metadata"),
    "validation data that draw": (validation_data_with_a_form, "validation data (DSS)"),
    "a catalog in waiting": (lone_catalog, "object 13 was added"),
    "an object inside a stream": (lone_stream(b"q\n4 0 obj\n<< >>\nendobj"), "no table lists"),
    "a trailer inside a stream": (
        lone_stream(b"trailer\n<< /Root 1 0 R >>\n"),
        ODD_TABLE,
    ),
    "a way to a table inside a stream": (
        lone_stream(b"\nstartxref\n9\n%%EOF\n"),
        ODD_TABLE,
    ),
    "an object inside an object stream": (packed_object(3), "no table lists"),
    "a reference to nothing": (dangling_reference, "refers to object 99, which is not there"),
}


@pytest.mark.parametrize("attack", [name for name, row in ALTERATIONS.items() if row[1]])
def test_an_alteration_is_found_and_named(attack, sealed):
    change, named = ALTERATIONS[attack]
    seal = first(updated(sealed, change))
    assert seal.problem is None
    assert not seal.covers_file
    assert any(re.search(re.escape(named), what) for what in seal.alterations), seal.alterations


UNSIGNABLE = {"page removed", "forms drawn anew"}
"""What the producer of the further signature cannot sign, or repairs."""


@pytest.mark.parametrize(
    "attack", [name for name, row in ALTERATIONS.items() if row[1] and name not in UNSIGNABLE]
)
def test_an_alteration_is_found_under_a_further_seal(attack, sealed):
    """Sneaky signature: what is altered is signed by whoever altered it."""
    change, _ = ALTERATIONS[attack]
    assert first(signed_in(updated(sealed, change), "Sneaky")).alterations


def test_an_object_nothing_leads_to_is_not_shown(sealed):
    assert first(updated(sealed, lone_object)).alterations == ()


def test_plain_extensions_may_be_declared(sealed):
    change, _ = ALTERATIONS["an extension with content"]
    assert first(updated(sealed, change)).alterations == ()


class TestRaw:
    """Updates no library would write."""

    @pytest.fixture
    def append(self, sealed):
        """Appends objects and a table that lists offsets as it is told to."""

        def make(body: bytes, table: bytes, *, root: bytes = b"1 0 R") -> bytes:
            start = int(re.findall(rb"startxref\s+(\d+)", sealed)[-1])
            at = len(sealed) + len(body)
            return (
                sealed
                + body
                + (
                    b"xref\n%b\ntrailer\n<< /Size 90 /Root %b /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
                    % (table, root, start, at)
                )
            )

        return make

    def test_incremental_saving(self, append, sealed):
        body = b"4 0 obj\n<< /Length 1 >>\nstream\nq\nendstream\nendobj\n"
        pdf = append(body, b"4 1\n%010d 00000 n " % len(sealed))
        assert first(pdf).alterations == ("object 4 was changed",)

    def test_shadow_replace_by_a_table_alone(self, append, sealed):
        """Hide and replace: the update lists an object that stood in the sealed bytes."""
        pdf = append(b"", b"4 1\n%010d 00000 n " % sealed.index(b"6 0 obj"))
        assert first(pdf).alterations or first(pdf).problem

    def test_shadow_hide_by_freeing(self, append):
        """Hide: what covered something is taken away."""
        pdf = append(b"", b"4 1\n0000000000 00001 f ")
        assert "object 4 was removed" in first(pdf).alterations

    def test_an_object_outside_the_table(self, append):
        pdf = append(b"4 0 obj\n<< >>\nendobj\n", b"0 1\n0000000000 65535 f ")
        assert "it contains objects that no table lists" in first(pdf).alterations

    @pytest.mark.parametrize("header", [b"4 0", b"80 1", b"81 0"])
    def test_an_object_under_another_number(self, append, sealed, header):
        """Poppler, told to look for objects by something else, shows the last one of a number."""
        body = header + b" obj\n<< /Length 1 >>\nstream\nq\nendstream\nendobj\n"
        pdf = append(body, b"80 1\n%010d 00000 n " % len(sealed))
        assert first(pdf).alterations == ("it contains objects that no table lists",)

    def test_an_object_inside_another(self, append, sealed):
        body = b"80 0 obj\n<< /A (\n81 0 obj\n4\nendobj\n) >>\nendobj\n"
        places = len(sealed), len(sealed) + body.index(b"81 0 obj")
        pdf = append(body, b"80 2\n%010d 00000 n \n%010d 00000 n " % places)
        assert first(pdf).alterations == ("it contains objects that no table lists",)

    @pytest.mark.parametrize("line", [b"00000000/0 65535 f ", b"f000000000 65535 f "])
    def test_a_table_that_not_everybody_reads(self, append, line):
        """Poppler then searches the file."""
        assert first(append(b"", b"0 1\n" + line)).alterations == (ODD_TABLE,)

    def stream_table(self, sealed, header=b"80 0 obj", row=b"\1\0\0\0\0\0", at=0) -> bytes:
        """The file with a table that is a stream, and lists itself if the row says so."""
        start, end = re.findall(rb"startxref\s+(\d+)", sealed)[-1], len(sealed)
        row = row.replace(b"\0\0\0\0", end.to_bytes(4, "big"))
        return sealed + (
            header + b"\n<< /Type /XRef /W [1 4 1] /Index [80 1] /Size 90 /Root 1 0 R /Prev %b"
            b" /Length %d >>\nstream\n%b\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
            % (start, len(row), row, end + at)
        )

    def test_a_table_that_is_a_stream(self, sealed):
        assert first(self.stream_table(sealed)).alterations == ()

    @pytest.mark.parametrize(
        "change", [{"header": b"80 0 oRj"}, {"row": b"\7\0\0\0\0\0"}, {"header": b" 80 0 obj"}]
    )
    def test_a_stream_that_not_everybody_takes_for_a_table(self, sealed, change):
        assert ODD_TABLE in first(self.stream_table(sealed, **change)).alterations

    def test_a_trailer_that_leads_nowhere(self, append):
        """MuPDF then shows nothing at all."""
        pdf = append(b"", b"0 1\n0000000000 65535 f ").replace(b"/Size 90 /Root", b"/Size 90 /Rook")
        assert first(pdf).alterations == ("a table was added that does not lead to the document",)

    @pytest.mark.parametrize("info", [b"70 0 R", b"1 7 R"])
    def test_an_info_that_is_not_there(self, append, info):
        pdf = append(b"", b"0 1\n0000000000 65535 f ", root=b"1 0 R /Info " + info)
        number = info.split()[0].decode()
        assert f"it refers to object {number}, which is not there" in first(pdf).alterations

    def test_bytes_that_are_no_revision(self, sealed):
        for tail in (b"\n", b"% a comment\n", b"1 0 obj\n<< >>\nendobj\n"):
            assert "bytes were added that belong to no revision" in first(sealed + tail).alterations

    def test_a_field_object_used_for_a_page_number_that_existed(self, append, sealed):
        body = b"6 0 obj\n<< /FT /Sig /T (New) >>\nendobj\n"
        form = b"<< /Fields [5 0 R 7 0 R 6 0 R] >>"
        pdf = append(body + form, b"6 1\n%010d 00000 n " % len(sealed))
        assert first(pdf).alterations

    def test_what_cannot_be_compared_is_not_accepted(self, append, sealed):
        body = b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R /AcroForm [[[ >>\nendobj\n"
        pdf = append(body, b"1 1\n%010d 00000 n " % len(sealed))
        with pytest.raises(InvalidFormatError):
            read(pdf)


class TestFurther:
    def test_our_own_seals_on_top_of_one_another(self, pdfs, seal):
        parties = (PartyField("B", 0, (90, 20, 40, 40)), PartyField("C"))
        a = seal(pdfs.fpdf(), "A", visible=BOX, parties=parties)
        b = seal(a, "B2")
        c = seal(b, "C2", lock=True)

        assert [each.docmdp for each in read(c).seals] == [2, None, None]
        for pdf, expected in ((a, 1), (b, 2), (c, 3)):
            seals = read(pdf).seals
            assert len(seals) == expected
            assert all(not (each.alterations or each.problem or each.hidden) for each in seals)
            assert [each.covers_file for each in seals] == [False] * (expected - 1) + [True]
        assert read(c).seals[0].additions == (
            "a further seal in field 'B2'",
            "a further seal in field 'C2'",
        )

    def test_a_party_signs_in_the_field_made_for_it(self, pdfs, seal):
        pdf = seal(pdfs.fpdf(), "A", parties=(PartyField("B", 0, (90, 20, 40, 40)),))

        def dress(writer, field):
            field["/AP"] = dictionary(N=look(writer))
            writer.update_container(field)

        a, b = read(signed_in(pdf, "B", change=dress)).seals
        if a.field == "B":
            a, b = b, a
        assert a.additions == ("a further seal in field 'B' that shows on a page",)
        assert a.alterations == b.alterations == ()

    def test_a_field_with_its_widget_apart(self, sealed):
        def dress(writer, field):
            widget = field["/Kids"][0] if "/Kids" in field else field
            widget["/AP"] = dictionary(N=look(writer))
            writer.update_container(widget)

        seals = read(signed_in(sealed, "Party", change=dress)).seals
        (seal,) = (each for each in seals if each.field == "Seal1")
        assert seal.alterations == ()
        assert seal.additions == ("a further seal in field 'Party' that shows on a page",)

    def test_the_field_of_a_party_may_not_move(self, sealed):
        def move(writer, field):
            widget = field["/Kids"][0]
            widget["/Rect"] = numbers(90, 600, 290, 800)
            writer.update_container(widget)

        seals = read(signed_in(sealed, "Party", change=move)).seals
        (seal,) = (each for each in seals if each.field == "Seal1")
        assert seal.alterations == ("the form field 'Party' was changed at /Rect",)

    def test_a_new_field_that_shows_is_told(self, sealed):
        def dress(writer, field):
            field["/AP"] = dictionary(N=look(writer))

        seal = first(signed_in(sealed, "New", change=dress, box=(90, 690, 290, 720)))
        assert seal.alterations == ()
        assert seal.additions == ("a further seal in field 'New' that shows on a page",)

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            (
                lambda _, f: f.update({name("/Subtype"): name("/FreeText")}),
                "annotation was added to page 1",
            ),
            (
                lambda _, f: f.update({name("/AA"): dictionary(E=dictionary(S=name("/URI")))}),
                "field 'New' was added",
            ),
            (lambda _, f: f.update({name("/FT"): name("/Tx")}), "field 'New' was added"),
            (
                show_twice,
                "annotation was added to page 1",
            ),
        ],
        ids=["another kind of annotation", "action", "no seal field", "shown twice"],
    )  # fmt: skip
    def test_a_seal_that_is_more_than_one(self, sealed, change, named):
        seal = first(signed_in(sealed, "New", change=change, box=(90, 690, 290, 720)))
        assert any(named in what for what in seal.alterations), seal.alterations

    def test_an_empty_field_may_be_added_for_a_party(self, sealed):
        pdf = updated(sealed, lambda w: append_signature_field(w, SigFieldSpec("Later")))
        assert first(pdf).alterations == ()
        assert first(pdf).additions == ("a field for a further seal in field 'Later'",)

    def test_a_time_stamp(self, sealed):
        stamp = DocumentTimestamp(bytes_reserved=2048)
        pdf = signed_in(sealed, "Stamp", placeholder=stamp)
        assert first(pdf).alterations == ()
        assert first(pdf).additions == ("a time-stamp in field 'Stamp'",)
        assert read(pdf).seals[-1].subfilter == "ETSI.RFC3161"

    def test_validation_data_and_more_of_it(self, sealed):
        def certificates(count):
            def change(writer):
                streams = [
                    writer.add_object(generic.StreamObject(stream_data=b"%d" % number))
                    for number in range(count)
                ]
                writer.root["/DSS"] = writer.add_object(
                    dictionary(
                        Type=name("/DSS"),
                        Certs=generic.ArrayObject(streams),
                        VRI=dictionary(ABCD=dictionary(Cert=generic.ArrayObject(streams))),
                    )
                )
                writer.update_root()

            return change

        once = updated(sealed, certificates(1))
        twice = updated(once, certificates(2))
        for pdf in (once, twice):
            assert first(pdf).alterations == ()
            assert first(pdf).additions == ("validation data",)

    def test_a_later_seal_judges_only_what_came_after_it(self, sealed):
        altered = updated(sealed, more_content)
        pdf = signed_in(altered, "New")
        earlier, later = read(pdf).seals
        assert earlier.alterations
        assert later.alterations == ()
        assert later.covers_file

    def test_a_date_of_change_and_xmp_may_be_kept(self, sealed):
        def change(writer):
            xmp = generic.StreamObject(
                {name("/Type"): name("/Metadata"), name("/Subtype"): name("/XML")},
                stream_data=b"<x/>",
            )
            writer.root["/Metadata"] = writer.add_object(xmp)
            writer.update_root()
            info = dictionary(ModDate=generic.TextStringObject("D:20261122"))
            writer.trailer["/Info"] = writer.add_object(info)

        assert first(updated(sealed, change)).alterations == ()


def covering(writer, field):
    """Something opaque in the place of the field."""
    field["/AP"] = dictionary(N=look(writer))
    writer.update_container(field)


def empty_field_with_a_look(writer):
    append_signature_field(writer, SigFieldSpec("Later", box=(90, 690, 290, 720)))
    covering(writer, writer.root["/AcroForm"]["/Fields"][-1])


class TestNobodyAnswers:
    """Looks that no seal stands behind."""

    def test_a_time_stamp_that_covers_something(self, sealed):
        for placeholder in (
            DocumentTimestamp(bytes_reserved=2048),
            SignatureObject(subfilter=SigSeedSubFilter.ETSI_RFC3161, bytes_reserved=2048),
        ):
            pdf = signed_in(
                sealed, "Stamp", placeholder=placeholder, change=covering, box=(90, 690, 290, 720)
            )
            assert first(pdf).alterations == (
                "the field 'Stamp' was added, which shows something and holds no seal",
            )

    def test_an_empty_field_that_covers_something(self, sealed):
        assert first(updated(sealed, empty_field_with_a_look)).alterations == (
            "the field 'Later' was added, which shows something and holds no seal",
        )


def test_an_object_the_sealed_document_waited_for(pdfs, seal):
    """A page refers to nothing when it is sealed, and to a further seal's look afterwards."""
    nothing = b" ".join(b"%d 0 R" % number for number in range(9, 20))
    objects = pdfs.objects(page=b"/Contents [4 0 R %b]" % nothing)
    objects[4] = b"<< /Length 1 >>\nstream\nq\nendstream"
    pdf = seal(pdfs.hand_made(objects), further_seals=True)
    added = first(signed_in(pdf, "New", change=covering, box=(90, 690, 290, 720))).alterations
    assert any("which the sealed document waited for" in what for what in added)


def test_a_reference_to_nothing_is_no_licence_for_another(pdfs, seal):
    """The sealed document refers to nothing where no program looks."""
    objects = pdfs.objects(root=b"/PieceInfo 4 0 R")
    objects[4] = b"<< /Seen 99 0 R >>"
    sealed = seal(pdfs.hand_made(objects), further_seals=True)
    assert "it refers to object 99, which is not there" in (
        first(updated(sealed, dangling_reference)).alterations
    )


def test_what_refers_to_nothing_may_go_on_to_do_so(pdfs, seal):
    sealed = seal(pdfs.hand_made(pdfs.objects(root=b"/PieceInfo 99 0 R")), further_seals=True)
    assert first(seal(sealed, "B")).alterations == ()
