"""PDFs as the process that holds keys sees them: read by others, in processes of their own."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from eseal.documents import confined
from eseal.documents.pdf import (
    ContentPolicy,
    Form,
    HazardCode,
    SealingMode,
    asking,
    examine,
    flatten,
    prepare,
    read,
    sealed_revision,
    show_pages,
)
from eseal.documents.pdf.asking import checked
from eseal.documents.pdf.reading import forms, read_form
from eseal.errors import (
    AlreadySealedError,
    InvalidInputError,
    TooCostlyError,
    UnsafeDocumentError,
    UnsupportedDocumentError,
)
from tests.unit.documents.pdf.attacks import SHOWS_ANOTHER, SHOWS_THE_SAME, signed, updated
from tests.unit.documents.pdf.examination.dangers import embedded
from tests.unit.documents.pdf.seals.forging import SIGNED, party, validated
from tests.unit.documents.pdf.workshop import DER, prepared


class TestPrepare:
    def test_what_comes_back_is_what_would_be_made_here(self, document, options):
        made = prepare(document, options)
        assert made == prepared(document, options)
        assert read(made.embed(DER)).form is Form.CANONICAL

    def test_a_further_party_adds_to_what_is_there(self, opened, options):
        asked = replace(options, signer_name="Buyer")
        made = prepare(opened, asked)
        assert made.data[: len(opened)] == opened
        assert made.notes[0] == "sealed in the place made for 'Buyer'"
        assert made == prepared(opened, asked)

    def test_refusals_cross_over(self, pdfs, sealed_pdf, options):
        with pytest.raises(AlreadySealedError, match="leave no place"):
            prepare(sealed_pdf, options)
        with pytest.raises(UnsafeDocumentError) as caught:
            prepare(embedded(pdfs), options)
        assert caught.value.reasons == ("embedded_file",)
        with pytest.raises(InvalidInputError, match="a name without a dot"):
            prepare(pdfs.fpdf(), replace(options, field_name="a.b"))

    def test_a_flattened_copy(self, pdfs, options):
        pdf = embedded(pdfs)
        made = prepare(pdf, replace(options, mode=SealingMode(flatten=True)))
        assert b"<invoice/>" not in made.data

    @pytest.mark.parametrize(
        "change",
        [{"signer_name": "Somebody else"}, {"reason": "More"}, {"verify_at": "https://b"}],
    )
    def test_what_says_something_else_than_was_ordered_is_not_signed(
        self, pdfs, options, monkeypatch, change
    ):
        made = prepared(pdfs.fpdf(1), replace(options, **change)).data
        said = [{"start": 0, "notes": []}, made]
        monkeypatch.setattr(asking.confined, "ask", lambda *_, **__: said)
        with pytest.raises(UnsupportedDocumentError, match="something else than was ordered"):
            prepare(pdfs.fpdf(1), options)

    def test_what_does_not_follow_the_seals_there_are_is_not_signed(
        self, pdfs, opened, options, monkeypatch
    ):
        asked = replace(options, signer_name="Buyer")
        whole = prepared(opened, asked).data
        anew = prepared(pdfs.fpdf(1), asked).data
        for start, made in ((0, whole), (0, anew), (1, whole[1:]), (-1, b""), (None, whole)):
            said = [{"start": start, "notes": []}, made]
            monkeypatch.setattr(asking.confined, "ask", lambda *_, said=said, **__: said)
            with pytest.raises(UnsupportedDocumentError, match="does not follow"):
                prepare(opened, asked)

    @pytest.mark.parametrize(
        "forged",
        [
            None,
            7,
            b"%PDF-1.7",
            [],
            [{}, b""],
            [{"start": "0", "notes": []}, b""],
            [{"start": 0, "notes": "none"}, b""],
            [{"start": 0}, b""],
            [{"start": 0, "notes": []}, "%PDF-1.7"],
            [{"start": 0, "notes": []}],
        ],
    )
    def test_answers_of_another_kind_are_not_signed(self, pdfs, options, monkeypatch, forged):
        monkeypatch.setattr(asking.confined, "ask", lambda *_, **__: forged)
        with pytest.raises(UnsupportedDocumentError, match="does not follow"):
            prepare(pdfs.fpdf(1), options)

    def test_notes_steer_no_terminal(self, pdfs, options, monkeypatch):
        said = [{"start": 0, "notes": [1, "a\x1b[2J"]}, prepared(pdfs.fpdf(1), options).data]
        monkeypatch.setattr(asking.confined, "ask", lambda *_, **__: said)
        assert prepare(pdfs.fpdf(1), options).notes == ("1", "a?[2J")

    def test_what_is_not_in_our_form_is_not_signed(self, pdfs, options, monkeypatch):
        """Whatever took over the process that wrote it."""
        genuine = prepared(pdfs.fpdf(1), options).data
        for forged in (
            genuine + b"\n",
            genuine[:-1],
            pdfs.fpdf(1),
            genuine.replace(b"/P 1 ", b"/P 3 "),
            genuine.replace(b"startxref", b"startxreg"),
            b"",
        ):
            said = ({"start": 0, "notes": []}, forged)
            monkeypatch.setattr(asking.confined, "ask", lambda *_, said=said, **__: said)
            with pytest.raises(UnsupportedDocumentError, match="cannot be brought into the form"):
                prepare(pdfs.fpdf(1), options)


class TestChecked:
    def test_it_lacks_its_last_cms_and_nothing_else(self, pdfs, opened, options):
        made = prepared(pdfs.fpdf(1), options)
        assert checked(made.data) == made
        for data in (made.embed(DER), opened, party(opened, "Buyer"), validated(opened)):
            with pytest.raises(UnsupportedDocumentError, match="does not end with its new seal"):
                checked(data)
        with pytest.raises(UnsupportedDocumentError):
            checked(made.data + validated(opened)[len(opened) :])


class TestRead:
    def test_canonical(self, steps):
        reading = read(steps[-1])
        assert reading.form is Form.CANONICAL
        assert (reading.detail, reading.hidden, reading.others) == ("", (), ())
        assert [seal.field for seal in reading.seals] == ["Seal1", "Buyer", "Agent", "Bank"]
        assert [stamp.field for stamp in reading.stamps] == ["Time-1", "Time-2", "Time-3"]
        assert (reading.filled, reading.total, reading.end) == (4, 4, len(steps[-1]))
        assert reading.seals[0].cms == SIGNED
        assert len(reading.seals[0].digest) == 32

    @pytest.mark.parametrize("name", ["a language", "an object that nothing needs", "actions"])
    def test_added(self, opened, name):
        reading = read(updated(opened, SHOWS_THE_SAME[name]))
        assert reading.form is Form.ADDED
        assert reading.detail
        assert reading.end == len(opened)
        assert [seal.field for seal in reading.seals] == ["Seal1"]
        assert reading.hidden == ()

    @pytest.mark.parametrize("name", ["a stamp", "other contents", "a page more", "no page"])
    def test_altered(self, opened, name):
        reading = read(updated(opened, SHOWS_ANOTHER[name]))
        assert reading.form is Form.ALTERED
        assert "else" in reading.detail or "cannot be shown" in reading.detail
        assert reading.end == len(opened)
        assert sealed_revision(updated(opened, SHOWS_ANOTHER[name])) == opened

    def test_signed_by_others_behind_the_seal(self, opened):
        reading = read(signed(opened, "Other"))
        assert reading.form is Form.ADDED
        (other,) = reading.others
        assert (other.field, other.cms, other.subfilter) == ("Other", DER, "ETSI.CAdES.detached")
        assert len(reading.seals) == 1

    def test_not_understood(self, pdfs, opened):
        reading = read(b"\n" + opened)
        assert reading.form is Form.NOT_UNDERSTOOD
        assert reading.end == 0
        stranger = read(signed(pdfs.fpdf(1), "A"))
        assert stranger.form is Form.NOT_UNDERSTOOD
        assert [seal.field for seal in stranger.seals] == ["A"]
        locked = read(opened[:3000])
        assert locked.form is Form.NOT_UNDERSTOOD

    def test_none(self, document):
        reading = read(document)
        assert (reading.form, reading.seals, reading.end) == (Form.NONE, (), 0)

    def test_nothing_at_all(self):
        assert read(b"hello").form is Form.NONE
        assert "not a PDF" in read(b"hello").detail

    def test_what_should_not_have_been_sealed(self, opened, monkeypatch):
        answering(monkeypatch, read_form(opened), ["it contains a program\x1b[2J"])
        reading = read(opened)
        assert reading.form is Form.CANONICAL
        (told,) = reading.hidden
        assert told.startswith("it contains a program")
        assert "\x1b" not in told

    def test_cut_off_behind_a_seal(self, steps):
        reading = read(steps[1][:-5])
        assert reading.form is Form.ADDED
        assert "cut off" in reading.detail
        assert [seal.field for seal in reading.seals] == ["Seal1"]

    def test_it_costs_no_more_than_its_budget(self, opened):
        with pytest.raises(TooCostlyError):
            read(opened, replace(confined.VERIFYING, cpu_seconds=0.0001, wall_seconds=0.001))

    def test_its_questions_share_one_budget(self, opened, monkeypatch):
        asked = []
        real = confined.ask_in_steps
        monkeypatch.setattr(
            asking.confined,
            "ask_in_steps",
            lambda *_, **more: asked.append(more) or real(*_, **more),
        )
        assert read(updated(opened, SHOWS_ANOTHER["a stamp"])).form is Form.ALTERED
        assert asked == [{"budget": confined.VERIFYING}]

    @pytest.mark.parametrize(
        ("error", "form"),
        [
            (TooCostlyError("it takes too long"), Form.ADDED),
            (UnsupportedDocumentError("it is broken"), Form.ALTERED),
        ],
    )
    def test_what_cannot_be_compared_takes_nothing_away(self, opened, monkeypatch, error, form):
        file = opened + b"\n"
        answering(monkeypatch, read_form(file), error, error, error)
        reading = read(file)
        assert reading.form is form
        assert str(error) in reading.detail
        assert len(reading.seals) == 1
        assert (reading.hidden, reading.unseen) == ((), str(error))
        answering(monkeypatch, read_form(b"\n" + opened), error)
        with pytest.raises(type(error)):
            read(b"\n" + opened)

    @pytest.mark.parametrize("when", ["reading it", "looking through it"])
    def test_a_form_with_many_time_stamps_behind_it_is_told_as_added_to(self, steps, when):
        """Anybody can put more behind a sealed document than can be read in time."""
        pdf, padded = steps[0], steps[-1]
        seconds = []

        def ask(_, data, *, budget):
            seconds.append(budget.cpu_seconds)
            came = [*forms(data)]
            if data == pdf:
                return confined.Steps([*came, []], _COSTLY)
            return confined.Steps(came[:1] if when == "reading it" else came, _COSTLY)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asking.confined, "ask_in_steps", ask)
            reading = read(padded)
        assert (reading.form, reading.end) == (Form.ADDED, len(pdf))
        assert (reading.hidden, reading.unseen, len(reading.seals)) == ((), "", 1)
        assert "what follows cannot be looked at: it takes too long" in reading.detail
        assert len(seconds) == 2

    @pytest.mark.parametrize("came", [0, 1])
    def test_what_ends_the_process_before_pages_are_compared_accuses_nobody(
        self, opened, monkeypatch, came
    ):
        file, error = opened + b"\n", UnsupportedDocumentError("it ended")
        answering(monkeypatch, read_form(file), *[[]][:came], missing=error)
        reading = read(file)
        assert reading.form is Form.ADDED
        assert "could not be compared: it ended" in reading.detail
        assert reading.unseen == ("" if came else "it ended")

    @pytest.mark.parametrize(
        "forged", [None, 7, "x", {}, [1], {"signatures": 1}, {"signatures": [{}], "traces": 1}]
    )
    def test_answers_of_a_process_that_was_taken_over_are_read_as_a_strangers(
        self, pdfs, opened, monkeypatch, forged
    ):
        file = opened + b"\n"
        answering(monkeypatch, read_form(file), forged, forged, None)
        reading = read(file)
        assert (reading.form, len(reading.seals), reading.others) == (Form.ADDED, 1, ())
        answering(monkeypatch, read_form(pdfs.fpdf(1)), forged)
        with pytest.raises(UnsupportedDocumentError, match="cannot be understood"):
            read(pdfs.fpdf(1))


_COSTLY = TooCostlyError("it takes too long")


def answering(monkeypatch, *answers, missing=None) -> None:
    """Let a reader that does not exist answer the steps of a question."""
    missing = missing or UnsupportedDocumentError("there is no such step")
    monkeypatch.setattr(
        asking.confined, "ask_in_steps", lambda *_, **__: confined.Steps([*answers], missing)
    )


def test_what_does_not_begin_as_it_was_sealed_is_not_taken_out(pdfs):
    with pytest.raises(UnsupportedDocumentError, match="does not begin with a document") as caught:
        sealed_revision(pdfs.fpdf(1))
    assert caught.value.field == "document"


def test_what_must_not_be_sealed(pdfs):
    (hazard,) = examine(embedded(pdfs))
    assert hazard.code is HazardCode.EMBEDDED_FILE
    assert examine(embedded(pdfs), ContentPolicy(embedded_files=True)) == ()
    assert examine(pdfs.fpdf(1)) == ()


@pytest.mark.parametrize(
    "forged", [None, 7, [7], [{}], [{"code": "no such", "where": "", "page": None}],
               [{"code": "overlay", "where": "", "page": "1"}]]
)  # fmt: skip
def test_what_must_not_be_sealed_is_told_in_our_words(pdfs, monkeypatch, forged):
    monkeypatch.setattr(asking.confined, "ask", lambda *_, **__: forged)
    with pytest.raises(UnsupportedDocumentError, match="cannot be understood"):
        examine(pdfs.fpdf(1))


def test_a_flattened_copy_is_examined(pdfs):
    assert examine(flatten(embedded(pdfs))) == ()


def test_pages_are_shown(pdfs):
    pictures = show_pages(pdfs.fpdf(3), width=200, most=2)
    assert len(pictures) == 2
    for picture in pictures:
        with Image.open(BytesIO(picture)) as image:
            assert image.format == "PNG"
            assert image.width == pytest.approx(200, abs=1)
    with pytest.raises(UnsupportedDocumentError):
        show_pages(b"%PDF-1.7", width=200, most=1)


@pytest.mark.parametrize("answers", [["1"], [-1], [True], [1, "a picture"]])
def test_pages_are_pictures(pdfs, monkeypatch, answers):
    answering(monkeypatch, *answers)
    with pytest.raises(UnsupportedDocumentError, match="cannot be understood"):
        show_pages(pdfs.fpdf(1), width=200, most=1)


def test_a_flattened_copy_is_a_file(pdfs, monkeypatch):
    monkeypatch.setattr(asking.confined, "ask", lambda *_, **__: [1])
    with pytest.raises(UnsupportedDocumentError, match="cannot be understood"):
        flatten(pdfs.fpdf(1))
