"""Tagged documents stay tagged: who hears them hears of the seals and their places."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from eseal.documents.pdf import At, PageRanges, PartyPlace, Placing, SealingMode, VisibleSeal
from eseal.documents.pdf.seals.judging import judge
from tests.artwork import ring
from tests.unit.documents.pdf.seals.forging import party, stamped, validated
from tests.unit.documents.pdf.workshop import prepared, sealed

DATA = Path(__file__).parents[4] / "data" / "pdf"
TAGGED = [
    "chromium.pdf",
    "libreoffice-tagged.pdf",
    "libreoffice-pdfa-1a.pdf",
    "libreoffice-pdfa-2b.pdf",
]
PARTIES = (PartyPlace("Buyer", At(0, 10, 10), size=(30, 30)), PartyPlace("Bank"))


def name_tree(node) -> list[tuple[str, object]]:
    """All entries of a name tree, in order."""
    entries = [*node.get("/Names", [])]
    found = [*zip(map(str, entries[::2]), entries[1::2], strict=True)]
    for kid in node.get("/Kids", []):
        inside = name_tree(kid)
        assert [*map(str, kid.Limits)] == [inside[0][0], inside[-1][0]]
        found += inside
    return found


def number_tree(node) -> dict[int, object]:
    """All entries of a number tree."""
    found = {}
    entries = [*node.get("/Nums", [])]
    found |= dict(zip(map(int, entries[::2]), entries[1::2], strict=True))
    for kid in node.get("/Kids", []):
        low, high = map(int, kid.Limits)
        inside = number_tree(kid)
        assert low == min(inside)
        assert high == max(inside)
        found |= inside
    return found


@pytest.mark.parametrize("name", TAGGED)
def test_every_field_has_an_element_that_leads_to_it(name, options):
    asked = replace(
        options, alternative="Contract seal of Trial", mode=SealingMode(parties=PARTIES)
    )
    data = sealed((DATA / name).read_bytes(), asked)
    with pikepdf.open(BytesIO(data)) as made:
        tree = made.Root.StructTreeRoot
        parents = number_tree(tree.ParentTree)
        named = name_tree(tree.IDTree)
        words = []
        assert [name for name, _ in named] == sorted(name for name, _ in named)
        for field in made.Root.AcroForm.Fields:
            element = parents[field.StructParent]
            assert element.S == "/Form"
            assert element.K.Type == "/OBJR"
            assert element.K.Obj.objgen == field.objgen
            assert element.K.Pg.objgen == element.Pg.objgen == field.P.objgen
            assert element.objgen in [each.objgen for _, each in named]
            assert element.Alt == field.TU
            words.append(str(element.Alt))
            kids = element.P.K if isinstance(element.P.K, pikepdf.Array) else [element.P.K]
            assert element.objgen in [
                kid.objgen for kid in kids if isinstance(kid, pikepdf.Dictionary)
            ]
            assert made.pages[0].Tabs == "/S"
        assert words == ["Contract seal of Trial", "Buyer", "Bank"]
        assert tree.ParentTreeNextKey == max(parents) + 1


@pytest.mark.parametrize("name", TAGGED)
def test_what_was_tagged_before_is_found_as_before(name, options):
    with (
        pikepdf.open(DATA / name) as before,
        pikepdf.open(BytesIO(sealed((DATA / name).read_bytes(), options))) as after,
    ):
        old = number_tree(before.Root.StructTreeRoot.ParentTree)
        new = number_tree(after.Root.StructTreeRoot.ParentTree)
        assert {*old} < {*new}
        assert len(new) == len(old) + 1


def test_what_is_drawn_on_further_pages_is_an_artifact(options):
    pdf = (DATA / "libreoffice-tagged.pdf").read_bytes()
    with pikepdf.open(BytesIO(pdf)) as opened:
        pages = len(opened.pages)
    placing = Placing(At(-1, 20, 20), PageRanges.parse("all"))
    data = prepared(pdf, replace(options, visible=VisibleSeal(placing, ring()))).data
    with pikepdf.open(BytesIO(data)) as made:
        for page in made.pages[: pages - 1]:
            assert b"/Artifact BMC" in page.Contents[-1].read_bytes()


def test_documents_that_are_not_tagged_stay_so(pdfs, options):
    with pikepdf.open(BytesIO(prepared(pdfs.fpdf(1), options).data)) as made:
        assert "/StructTreeRoot" not in made.Root
        (field,) = made.Root.AcroForm.Fields
        assert "/StructParent" not in field


def test_what_follows_leaves_the_structure_alone(options):
    mode = SealingMode(parties=PARTIES)
    data = sealed((DATA / "libreoffice-tagged.pdf").read_bytes(), replace(options, mode=mode))
    whole = stamped(validated(party(stamped(data), "Buyer")))
    assert judge(whole).is_whole
    assert b"/StructElem" not in whole[len(data) :]
    assert b"/StructTreeRoot <<" not in whole[len(data) :]


def tagged_pdf(pdfs, root: bytes, more: dict[int, bytes] | None = None) -> bytes:
    objects = pdfs.objects(root=b"/MarkInfo << /Marked true >> /StructTreeRoot 4 0 R")
    return pdfs.hand_made({**objects, 4: b"<< /Type /StructTreeRoot %b >>" % root, **(more or {})})


STRUCTURES = {
    "nothing": (b"", None),
    "an element alone": (b"/K 5 0 R", {5: b"<< /Type /StructElem /S /Document /P 4 0 R >>"}),
    "one in a list": (b"/K [5 0 R]", {5: b"<< /Type /StructElem /S /Document /P 4 0 R /K [] >>"}),
    "several": (
        b"/K [5 0 R 6 0 R]",
        {
            5: b"<< /Type /StructElem /S /P /P 4 0 R >>",
            6: b"<< /Type /StructElem /S /P /P 4 0 R >>",
        },
    ),
    "trees with kids": (
        b"/K [5 0 R] /ParentTree << /Kids [6 0 R] >> /IDTree << /Kids [7 0 R] >>",
        {
            5: b"<< /Type /StructElem /S /Document /P 4 0 R /K [] >>",
            6: b"<< /Limits [7 7] /Nums [7 5 0 R] >>",
            7: b"<< /Limits [(a) (a)] /Names [(a) 5 0 R] >>",
        },
    ),
    "trees as objects": (
        b"/K [5 0 R] /ParentTree 6 0 R /IDTree 7 0 R",
        {
            5: b"<< /Type /StructElem /S /Document /P 4 0 R /K [] >>",
            6: b"<< /Nums [2 5 0 R] >>",
            7: b"<< /Names [(z) 5 0 R] >>",
        },
    ),
}


@pytest.mark.parametrize("name", STRUCTURES)
def test_structures_of_every_shape(pdfs, options, name):
    pdf = tagged_pdf(pdfs, *STRUCTURES[name])
    data = sealed(pdf, replace(options, mode=SealingMode(parties=PARTIES)))
    assert judge(data).is_whole
    with pikepdf.open(BytesIO(data)) as made:
        parents = number_tree(made.Root.StructTreeRoot.ParentTree)
        keys = [int(field.StructParent) for field in made.Root.AcroForm.Fields]
        assert len({*keys}) == 3
        assert {*keys} <= {*parents}
        assert made.Root.StructTreeRoot.ParentTreeNextKey > max(parents)
        if name == "trees with kids":
            assert min(keys) == 8
        names = [key for key, _ in name_tree(made.Root.StructTreeRoot.IDTree)]
        assert names == sorted(names)
