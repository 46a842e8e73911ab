import pytest

from eseal.cli.sealing import placements as place
from eseal.documents.pdf import (
    At,
    AtKeyword,
    Automatic,
    CrossPage,
    Edge,
    InField,
    Occurrence,
    PageRanges,
    Placing,
    QrCode,
    SealBox,
    read,
)
from eseal.errors import InvalidInputError

NO_SPOT = {
    "visible": False, "at": None, "keyword": None, "occurrence": None, "field": None, "auto": False,
}  # fmt: skip
NO_CROSS = {
    "pages": None, "edge": None, "height": None, "first": None, "group": None,
    "double_sided": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "spot"),
    [
        ({}, None),
        ({"visible": True}, SealBox(-1, 20, 20, 60, 25)),
        ({"at": "-1,120,40.5"}, At(-1, 120, 40.5)),
        ({"at": "2, 0, 7"}, At(1, 0, 7)),
        ({"keyword": "Seal:"}, AtKeyword("Seal:")),
        (
            {"keyword": "x", "occurrence": "every-page"},
            AtKeyword("x", Occurrence.EVERY_PAGE),
        ),
        ({"keyword": "x", "occurrence": "2"}, AtKeyword("x", 2)),
        ({"field": "Buyer"}, InField("Buyer")),
        ({"auto": True}, Automatic()),
    ],
)
def test_one_place(given, spot):
    assert place.spot_of(**NO_SPOT | given) == spot


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"at": "1,2"}, "PAGE,X,Y"),
        ({"at": "0,1,2"}, "PAGE,X,Y"),
        ({"at": "1,-2,3"}, "a number"),
        ({"at": "1,nan,3"}, "a number"),
        ({"auto": True, "field": "x"}, "--auto and --field"),
        ({"keyword": "x", "visible": True}, "--keyword and --visible"),
        ({"occurrence": "1"}, "--keyword beside"),
        ({"keyword": "x", "occurrence": "-1"}, "first, last"),
        ({"keyword": "x", "occurrence": "some"}, "first, last"),
    ],
)
def test_places_that_cannot_be(given, named):
    with pytest.raises(InvalidInputError, match=named):
        place.spot_of(**NO_SPOT | given)


@pytest.mark.parametrize(
    ("given", "cross"),
    [
        ({}, None),
        ({"pages": "all"}, CrossPage()),
        (
            {
                "pages": "1-4",
                "edge": "left",
                "height": "120",
                "first": "1.5",
                "group": 3,
                "double_sided": True,
            },
            CrossPage(PageRanges.parse("1-4"), Edge.LEFT, 120, 0.5, True, 1.5, 3),
        ),
        ({"pages": "all", "height": "25%"}, CrossPage(share=0.25)),
    ],
)
def test_a_cross_page_seal(given, cross):
    assert place.cross_page_of(**NO_CROSS | given) == cross


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"edge": "left"}, "--cross-page PAGES beside"),
        ({"double_sided": True}, "--cross-page PAGES beside"),
        ({"pages": "x"}, "--cross-page"),
        ({"pages": "all", "edge": "top"}, "right or left"),
        ({"pages": "all", "height": "x%"}, "--cross-height"),
        ({"pages": "all", "first": "big"}, "--cross-first"),
    ],
)
def test_cross_page_seals_that_cannot_be(given, named):
    with pytest.raises(InvalidInputError, match=named):
        place.cross_page_of(**NO_CROSS | given)


def test_all_together():
    asked = {"pages": None, "qr": None, "qr_inside": False}
    assert place.placing_of(None, None, **asked) is None
    assert place.placing_of(Automatic(), None, **asked) == Placing(Automatic())
    assert place.placing_of(None, CrossPage(), **asked) == Placing(cross_page=CrossPage())
    all_pages = place.placing_of(Automatic(), None, pages="all", qr=True, qr_inside=False)
    assert all_pages == Placing(Automatic(), PageRanges.parse("all"), qr=QrCode.BESIDE)
    for qr, inside, mode in ((False, False, QrCode.OFF), (None, True, QrCode.INSIDE)):
        asked = {"pages": None, "qr": qr, "qr_inside": inside}
        assert place.placing_of(Automatic(), None, **asked).qr is mode
    for pages, qr, inside in (("all", None, False), (None, True, False), (None, None, True)):
        with pytest.raises(InvalidInputError, match="a place beside"):
            place.placing_of(None, CrossPage(), pages=pages, qr=qr, qr_inside=inside)
    with pytest.raises(InvalidInputError, match="got both"):
        place.placing_of(Automatic(), None, pages=None, qr=False, qr_inside=True)


@pytest.fixture
def latin(eseal):
    added = ("company", "add", "--name", "Elbe Teekontor GmbH", "--id", "vat:DE136695976")
    (seal,) = eseal(*added, "--country", "DE", "--seals", "contract", "--json").json["seals"]
    return seal["id"]


def test_a_seal_over_a_keyword_on_the_command_line(eseal, latin, tmp_path, sample_pdf):
    pdf = tmp_path / "contract.pdf"
    pdf.write_bytes(sample_pdf)
    shown = eseal("apply", pdf, "--seal", latin, "--keyword", "page 2", "--pages", "all")
    assert shown.code == 0, shown.out
    sealed = (tmp_path / "contract.sealed.pdf").read_bytes()
    assert len(read(sealed).seals) == 1
    refused = eseal("apply", pdf, "--seal", latin, "--keyword", "nowhere", "--force")
    assert refused.code == 1
    assert "'nowhere' stands nowhere" in refused.out
    wrong = eseal("apply", pdf, "--seal", latin, "--at", "1")
    assert wrong.code == 2
    assert "PAGE,X,Y" in wrong.err
    uses = eseal("history", "--seal", latin, "--json").json
    assert len(uses) == 1, "what was refused is not on record"
