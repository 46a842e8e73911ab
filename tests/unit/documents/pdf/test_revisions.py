"""What may follow a seal, and the published attacks, which may not.

The shapes are those of the Ruhr-Universität Bochum group: incremental saving (CCS 2019), shadow
attacks (NDSS 2021), evil annotation and sneaky signature (S&P 2021), made here from scratch.
"""

from __future__ import annotations

import re

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp, SignatureObject

from eseal.documents.pdf import PartyField, read
from tests.unit.documents.pdf.attacks import (
    BOX,
    ODD_TABLE,
    add_annotation,
    add_page,
    add_text_field,
    certify_anew,
    change_info,
    dangling_reference,
    dictionary,
    first,
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
