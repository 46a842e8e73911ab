"""A place is filled by its party with an impression and a code: nothing else, and nowhere else."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from eseal.documents.pdf import InField, PartyPlace, Placing, QrCode, VisibleSeal
from eseal.documents.pdf.file.values import Name, Ref, Stream
from eseal.documents.pdf.placing.geometry import pages_of
from eseal.documents.pdf.placing.options import At
from eseal.documents.pdf.placing.stamps import look_entries
from eseal.documents.pdf.sealing import first_seal as first
from eseal.documents.pdf.sealing import party_places as places
from eseal.documents.pdf.seals.fields import widget
from eseal.documents.pdf.seals.judging import Kind, judge
from eseal.documents.pdf.seals.party import frame, place_size
from eseal.documents.qr import qr_artwork
from eseal.errors import UnsupportedDocumentError
from tests.artwork import URL, by_pdfium, picture, ring, seen
from tests.unit.documents.pdf.seals.forging import (
    OPTIONS,
    Parts,
    at,
    field_of,
    last,
    party,
    rebuilt,
    with_places,
)
from tests.unit.documents.pdf.workshop import sealed

CODE = qr_artwork(URL)


@pytest.fixture(scope="module")
def filled(opened) -> bytes:
    return party(opened, "Buyer")


def not_ours(data: bytes, so_far: bytes, why: str | None = None) -> None:
    judged = judge(data)
    assert not judged.is_whole
    assert judged.revision.end == len(so_far)
    assert len(judged.seals) == 1
    if why is not None:
        assert why in judged.problem


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("art", [ring(30), ring(60), picture(25)], ids=["ring", "large", "picture"])
@pytest.mark.parametrize("mode", [QrCode.OFF, QrCode.BESIDE, QrCode.INSIDE])
def test_what_we_write_is_ours_and_shows_in_its_place(pdfs, turn, art, mode):
    places = (PartyPlace("Buyer", At(0, 20, 30), size=(70, 60)),)
    opened = with_places(pdfs.hand_made(pdfs.objects(page=b"/Rotate %d" % turn)), places)
    if mode is QrCode.INSIDE and art.width < 33:
        return
    if mode is QrCode.BESIDE and art.width > 50:
        return
    visible = VisibleSeal(Placing(InField("Buyer"), qr=mode), art, CODE)
    data = sealed(opened, replace(OPTIONS, visible=visible, signer_name="买方有限公司"))
    judged = judge(data)
    assert judged.is_whole
    assert judged.kinds == (Kind.SEAL, Kind.PARTY)
    x, y, width, height = seen(by_pdfium(data))
    size = min(art.width, 60)
    assert (width, height) == pytest.approx((size, size), abs=0.6)
    assert x >= 20 - 0.3
    assert y >= 30 - 0.3
    assert x + width <= 90 + 0.3
    assert y + height <= 90 + 0.3


def test_without_transparency_in_pdf_a_1(pdfs):
    xmp = b"<x:xmpmeta><pdfaid:part>1</pdfaid:part></x:xmpmeta>"
    objects = pdfs.objects(root=b"/Metadata 4 0 R")
    objects[4] = b"<< /Type /Metadata /Length %d >>\nstream\n%b\nendstream" % (len(xmp), xmp)
    for pdf, blends in ((pdfs.hand_made(objects), False), (pdfs.fpdf(1), True)):
        data = party(with_places(pdf), "Buyer")
        assert judge(data).is_whole
        assert (b"/Multiply" in data) is blends


def test_without_a_look_the_field_stays_as_it_was(opened):
    filled = sealed(opened, replace(OPTIONS, signer_name="Agent"))
    judged = judge(filled)
    assert judged.is_whole
    assert judged.seals[1].field == "Agent"
    before, after = (field_of(last(data), "Agent").reference for data in (opened, filled))
    assert last(opened).load(at(before))["AP"] == last(filled).load(at(after))["AP"]


def covering(draft, drawings, size, rotation, *, blend):
    """A look that covers what is printed beneath."""
    assert not drawings
    del blend
    return draft.add(Stream(look_entries(size, rotation, {}), b"1 g 0 0 999 999 re f"))


@pytest.mark.parametrize(
    "change",
    [{"F": 0b110}, {"AS": Name("N")}, {"Kids": []}, {"AP": None}],
)
def test_a_place_that_another_program_has_made_shows_nothing_either(pdfs, monkeypatch, change):
    def changed(page, name, **entries):
        made = widget(page, name, **entries)
        return made | change if name == "Buyer" else made

    monkeypatch.setattr(first, "widget", changed)
    made = with_places(pdfs.fpdf(1))
    assert judge(made).is_whole
    with pytest.raises(UnsupportedDocumentError, match="a place that shows nothing before"):
        party(made, "Buyer")


def test_what_a_place_covers_would_come_to_light_when_it_is_filled(pdfs, monkeypatch):
    """Whoever seals must have seen what his seal is under."""
    monkeypatch.setattr(places, "add_appearance", covering)
    made = with_places(pdfs.fpdf(1))
    with pytest.raises(UnsupportedDocumentError, match="a place that shows nothing before"):
        party(made, "Buyer")


def test_a_place_is_on_its_own_page(pdfs, monkeypatch):
    pages = []

    def noted(draft):
        pages.extend(pages_of(draft))
        return tuple(pages)

    def elsewhere(page, name, **entries):
        return widget(pages[1] if name == "Buyer" else page, name, **entries)

    monkeypatch.setattr(first, "pages_of", noted)
    monkeypatch.setattr(first, "widget", elsewhere)
    made = with_places(pdfs.fpdf(2))
    assert judge(made).is_whole
    with pytest.raises(UnsupportedDocumentError, match="a place on one page"):
        party(made, "Buyer")


def in_field(**entries: object):
    """A change of the field."""
    return lambda parts: parts.field.update(entries)


def in_signature(**entries: object):
    """A change of the signature dictionary."""
    return lambda parts: parts.signature.update(entries)


def in_look(**entries: object):
    """A change of the look's dictionary."""
    return lambda parts: parts.look.entries.update(entries)


def in_art(**entries: object):
    """A change of the impression's dictionary."""
    return lambda parts: parts.art.entries.update(entries)


def without(part: str, key: str):
    """A part that lacks an entry."""

    def change(parts: Parts) -> None:
        found = getattr(parts, part)
        entries = found.entries if isinstance(found, Stream) else found
        del entries[key]

    return change


def drawn(part: str, content: bytes):
    """A part that draws something else, a look in its frame all the same."""

    def change(parts: Parts) -> None:
        behind = b"\n" + framed(parts) if part == "look" else b""
        parts.draw(content + behind, getattr(parts, part))

    return change


def framed(parts: Parts) -> bytes:
    """The frame that our form demands."""
    size, _ = place_size(parts.before, field_of(parts.before, "Buyer"))
    return frame(size)


def in_another_frame(change: Callable[[bytes], bytes]):
    """A look as it is, but for its frame."""

    def changed(parts: Parts) -> None:
        there = framed(parts)
        content = zlib.decompress(bytes(parts.look.data))
        assert content.endswith(there)
        parts.draw(content.removesuffix(there) + change(there), parts.look)

    return changed


def resources(**entries: object):
    """A look with further resources."""

    def change(parts: Parts) -> None:
        parts.look.entries["Resources"] |= entries

    return change


def further_art(count: int):
    """A look with further impressions, each the same."""

    def change(parts: Parts) -> None:
        named = parts.look.entries["Resources"]["XObject"]
        named |= {f"Art{number}": named["Art0"] for number in range(1, 1 + count)}

    return change


def other_art(parts: Parts) -> None:
    """The look draws what the first revision holds."""
    contents = parts.before.load(at(field_of(parts.before, "Seal1").page))["Contents"]
    parts.look.entries["Resources"]["XObject"]["Art0"] = (
        contents[0] if isinstance(contents, list) else contents
    )


def two_looks(parts: Parts) -> None:
    parts.field["AP"]["D"] = parts.field["AP"]["N"]


def look_of_states(parts: Parts) -> None:
    parts.field["AP"]["N"] = {"On": parts.field["AP"]["N"]}


def with_filter(part: str, *names: str):
    """A part whose filter is written otherwise."""

    def change(parts: Parts) -> None:
        getattr(parts, part).entries["Filter"] = [Name(name) for name in names]

    return change


def plain_art(parts: Parts) -> None:
    parts.replace(parts.art, Stream(parts.art.entries | {"Filter": Name("DCTDecode")}, b"\xff\xd8"))


def damaged_art(parts: Parts) -> None:
    parts.replace(parts.art, Stream(parts.art.entries, bytes(parts.art.data)[:-3]))


def more_behind_art(parts: Parts) -> None:
    parts.replace(parts.art, Stream(parts.art.entries, bytes(parts.art.data) + b"x"))


def another_place(parts: Parts) -> None:
    """A second place is filled in the same section."""
    agent, signature = field_of(parts.before, "Agent").reference, parts.field["V"]
    parts.objects[at(agent)] = parts.before.load(at(agent)) | {"V": signature}


def place_taken(parts: Parts) -> None:
    """Not the place of the party, but the seal's own field gets the signature."""
    seal = field_of(parts.before, "Seal1").reference
    place = parts.number(lambda value: value is parts.field)
    parts.objects[at(seal)] = parts.before.load(at(seal)) | {"V": parts.objects.pop(place)["V"]}


def direct_signature(parts: Parts) -> None:
    number = at(parts.field["V"])
    parts.field["V"] = dict(parts.objects.pop(number))


REFERENCE = {
    "Type": Name("SigRef"),
    "TransformMethod": Name("DocMDP"),
    "TransformParams": {"Type": Name("TransformParams"), "V": Name("1.2"), "P": 2},
}
CHANGES = {
    # the field
    "moved": in_field(Rect=[0, 0, 500, 500]),
    "larger": in_field(Rect=[56.6929, 56.6929, 500, 500]),
    "hidden": in_field(F=2),
    "not printed": in_field(F=128),
    "renamed": in_field(T=b"Seller"),
    "on another page": in_field(P=Ref(1)),
    "described": in_field(TU=b"other words"),
    "border": in_field(MK={"BC": [1, 0, 0]}),
    "state": in_field(AS=Name("On")),
    "read only": in_field(Ff=1),
    "action": in_field(A={"S": Name("URI"), "URI": b"http://a"}),
    "kind": in_field(FT=Name("Tx")),
    "lock": in_field(Lock={"Action": Name("All")}),
    "no look": without("field", "AP"),
    "two looks": two_looks,
    "states": look_of_states,
    "direct signature": direct_signature,
    "another place": another_place,
    "the seal's own place": place_taken,
    # the signature
    "build": in_signature(Prop_Build={}),
    "filter": in_signature(Filter=Name("Other")),
    "subfilter": in_signature(SubFilter=Name("adbe.pkcs7.detached")),
    "time-stamp": in_signature(SubFilter=Name("ETSI.RFC3161")),
    "certifies": in_signature(Reference=[REFERENCE]),
    "locks all": in_signature(
        Reference=[REFERENCE | {"TransformMethod": Name("FieldMDP"),
                                "TransformParams": {"Action": Name("All")}}]
    ),
    "reference of numbers": in_signature(Reference=[1]),
    "certificate": in_signature(Cert=b"\x30\x00"),
    "type": without("signature", "Type"),
    "reason that is a name": in_signature(Reason=Name("a")),
    "reason that is an object": in_signature(Reason=Ref(1)),
    # the look
    "box": in_look(BBox=[0, 0, 500, 500]),
    "matrix": in_look(Matrix=[9, 0, 0, 9, 0, 0]),
    "group": in_look(Group={"S": Name("Transparency"), "K": True}),
    "membership": in_look(OC=Ref(1)),
    "text in its look": drawn("look", b"BT /F1 12 Tf (x) Tj ET"),
    "text alone": drawn("look", b"BT ET"),
    "inline image": drawn("look", b"BI /W 1 /H 1 ID x EI"),
    "shading": drawn("look", b"/Sh0 sh"),
    "pattern": drawn("look", b"/Pattern cs /P0 scn 0 0 9 9 re f"),
    "marked contents": drawn("look", b"/OC /MC0 BDC EMC"),
    "what it does not bring": drawn("look", b"/Fm0 Do"),
    "a string": drawn("look", b"(a) Tj"),
    "without ink": drawn("look", b"q 1 0 0 1 9 9 cm /Art0 Do Q"),
    "ink that ends before": drawn("look", b"q /Ink gs Q q 1 0 0 1 9 9 cm /Art0 Do Q"),
    "white under its ink": drawn(
        "look", b"1 1 1 rg 0 0 80 80 re f\nq /Ink gs 1 0 0 1 9 9 cm /Art0 Do Q"
    ),
    "no frame": in_another_frame(lambda _: b""),
    "a white frame": in_another_frame(lambda there: there.replace(b"0.6", b"1")),
    "a smaller frame": in_another_frame(lambda there: there.replace(b"0.25 0.25", b"9 9")),
    "paint over its frame": in_another_frame(lambda there: there + b" 1 1 1 rg 0 0 9 9 re f"),
    "nothing": drawn("look", b""),
    "a comment": drawn("look", b"q % Q\nQ"),
    "an array": drawn("look", b"[ 1 ] 0 d"),
    "fonts": resources(Font={"F1": {"Type": Name("Font")}}),
    "another state": resources(ExtGState={"Ink": {"BM": Name("Normal")}}),
    "no state": resources(ExtGState=None),
    "a state more": resources(ExtGState={"Ink": {"Type": Name("ExtGState"), "BM": Name("Multiply")},
                                         "Art1": {}}),
    "properties": resources(Properties={}),
    "the impression twice": further_art(1),
    "three impressions": further_art(2),
    "what was there before": other_art,
    "list of filters": with_filter("look", "FlateDecode"),
    "no filters": with_filter("look"),
    # the impression
    "art box": in_art(BBox=[1, 1, 60, 60]),
    "art box of names": in_art(BBox=[0, 0, Name("A"), Name("B")]),
    "art box of truth": in_art(BBox=[0, 0, True, True]),
    "art box of three": in_art(BBox=[0, 0, 9]),
    "art box elsewhere": in_art(BBox=Ref(1)),
    "art matrix": in_art(Matrix=[1, 0, 0, 1, 0, 0]),
    "art resources": in_art(Resources={"Font": {}}),
    "art of other pictures": in_art(Resources={"XObject": {"Im1": Ref(1)}}),
    "art with a list of filters": with_filter("art", "FlateDecode"),
    "art with two filters": with_filter("art", "ASCIIHexDecode", "FlateDecode"),
    "a photograph": plain_art,
    "damaged art": damaged_art,
    "more behind art": more_behind_art,
    "text in art": drawn("art", b"BT (VOID) Tj ET"),
    "art that draws what it does not bring": drawn("art", b"/Im1 Do"),
    "art that is too long": drawn("art", b"0 0 9 9 re f\n" * 400_000),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_place_filled_otherwise_is_not_ours(opened, filled, name):
    assert rebuilt(filled, len(opened), lambda _: None) == filled
    not_ours(rebuilt(filled, len(opened), CHANGES[name]), opened)


PICTURES = {
    "smoothed": {"Interpolate": True},
    "turned dark": {"Decode": [1, 0, 1, 0, 1, 0]},
    "colours": {"ColorSpace": Name("DeviceCMYK")},
    "bits": {"BitsPerComponent": 4},
    "alternate": {"Alternates": []},
    "width": {"Width": 41},
    "no width": {"Width": 0},
    "width below nothing": {"Width": -40, "Height": -40},
    "width beyond all": {"Width": 2**31 - 1},
    "width of truth": {"Width": True},
    "width in words": {"Width": Name("A")},
    "parameters": {"DecodeParms": {"Predictor": 2}},
    "mask": {"Mask": [0, 0, 0, 0, 0, 0]},
    "no mask": {"SMask": None},
    "itself as mask": {"SMask": Ref(1)},
    "kind": {"Subtype": Name("Form")},
    "list of filters": {"Filter": [Name("FlateDecode")]},
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_written_otherwise_is_not_ours(opened, name):
    filled = party(opened, "Buyer", picture(20))
    assert judge(filled).is_whole

    def change(parts: Parts) -> None:
        image = parts.objects[at(parts.art.entries["Resources"]["XObject"]["Im1"])]
        image.entries.update(PICTURES[name])

    not_ours(rebuilt(filled, len(opened), change), opened)


def test_other_paths_are_its_partys_own_affair(opened, filled):
    """What an impression looks like is compared with the record, not here."""
    for content in (b"0 0 9 9 re f", b"q 1 0 0 RG 0 0 m 5.5 -.5 l S Q", b""):
        changed = rebuilt(filled, len(opened), drawn("art", content))
        assert judge(changed).is_whole


@pytest.mark.parametrize("part", ["look", "art"])
@pytest.mark.parametrize(
    "content",
    [
        b"Q 1 0 0 rg 0 0 600 800 re f q",  # in pdf.js this draws anywhere on the page
        b"q Q Q q",
        b"q",
        b"q\x0b0 0 9 9 re f Q Q q",  # no reader takes a vertical tab for space
        b"0 0 600 800 re W",
        b"0 0 600 800 re",
        b"9 9 l S",
        b"1 0 0 1 0 cm",
    ],
)
def test_a_look_leaves_nothing_open_and_closes_nothing_else(opened, filled, part, content):
    not_ours(rebuilt(filled, len(opened), drawn(part, content)), opened)
