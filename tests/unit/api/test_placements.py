import re

import orjson
import pytest

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
)
from eseal.errors import InvalidFormatError
from eseal_api.schemas.orders import EXAMPLE_PLACEMENT, DocumentFields
from eseal_api.schemas.placements import PlacementIn
from eseal_api.schemas.reading import read

ALL = PageRanges.parse("all")


def parse_placement(text) -> Placing:
    return read(DocumentFields, {"placement": text}).placement.placing()


def parse(value) -> Placing:
    return parse_placement(orjson.dumps(value).decode())


@pytest.mark.parametrize(
    ("asked", "placing"),
    [
        ({"at": {"page": 1, "x": 12, "y": 3.5}}, Placing(At(0, 12, 3.5))),
        (
            {"at": {"page": -1, "x": 1, "y": 2, "centred": True}, "pages": "all", "qr": False},
            Placing(At(-1, 1, 2, True), ALL, qr=QrCode.OFF),
        ),
        ({"keyword": {"text": "盖章处"}}, Placing(AtKeyword("盖章处"))),
        (
            {"keyword": {"text": "x", "occurrence": "every-page"}, "qr": True},
            Placing(AtKeyword("x", Occurrence.EVERY_PAGE), qr=QrCode.BESIDE),
        ),
        ({"keyword": {"text": "x", "occurrence": 3}}, Placing(AtKeyword("x", 3))),
        ({"field": "Buyer", "qr": "inside"}, Placing(InField("Buyer"), qr=QrCode.INSIDE)),
        ({"auto": True}, Placing(Automatic())),
        ({"cross_page": {}}, Placing(cross_page=CrossPage())),
        ({"auto": False, "cross_page": {}}, Placing(cross_page=CrossPage())),
        (
            {
                "auto": True,
                "cross_page": {
                    "pages": "all",
                    "edge": "left",
                    "height": 100,
                    "double_sided": True,
                    "first": 1.5,
                    "group": 9,
                    "min_slice": 3,
                },
            },
            Placing(Automatic(), None, CrossPage(ALL, Edge.LEFT, 100, 0.5, True, 1.5, 9, 3)),
        ),
        ({"cross_page": {"share": 0.25}}, Placing(cross_page=CrossPage(share=0.25))),
    ],
)
def test_what_may_be_asked_for(asked, placing):
    assert parse(asked) == placing


AT = {"page": 1, "x": 1, "y": 1}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ([], "placement"),
        ({}, "placement"),
        ({"auto": False}, "placement"),
        ({"pages": "all"}, "placement"),
        ({"auto": True, "field": "x"}, "placement"),
        ({"more": 1}, "more"),
        ({"at": 1}, "placement.at"),
        ({"at": {**AT, "z": 1}}, "z"),
        ({"at": {**AT, "page": 0}}, "placement.at.page"),
        ({"at": {**AT, "page": True}}, "placement.at.page"),
        ({"at": {**AT, "x": -1}}, "placement.at.x"),
        ({"at": {"page": 1, "x": 1}}, "placement.at.y"),
        ({"at": {**AT, "y": True}}, "placement.at.y"),
        ({"at": {**AT, "centred": 1}}, "placement.at.centred"),
        ({"keyword": "x"}, "placement.keyword"),
        ({"keyword": {}}, "placement.keyword.text"),
        ({"keyword": {"text": " "}}, "placement.keyword.text"),
        ({"keyword": {"text": "x", "occurrence": 0}}, "placement.keyword.occurrence"),
        ({"keyword": {"text": "x", "occurrence": "some"}}, "placement.keyword.occurrence"),
        ({"field": 1}, "placement.field"),
        ({"auto": "yes"}, "placement.auto"),
        ({"auto": True, "pages": "x"}, "placement.pages"),
        ({"auto": True, "pages": 1}, "placement.pages"),
        ({"auto": True, "qr": "beside"}, "placement.qr"),
        ({"auto": True, "qr": 2}, "placement.qr"),
        ({"cross_page": True}, "placement.cross_page"),
        ({"cross_page": {"edge": "top"}}, "placement.cross_page.edge"),
        ({"cross_page": {"edge": ["left"]}}, "placement.cross_page.edge"),
        ({"cross_page": {"height": 1, "share": 0.5}}, "placement.cross_page"),
        ({"cross_page": {"height": None}}, "placement.cross_page.height"),
        ({"cross_page": {"share": 2}}, "placement.cross_page.share"),
        ({"cross_page": {"first": 0}}, "placement.cross_page.first"),
        ({"cross_page": {"group": 1}}, "placement.cross_page.group"),
        ({"cross_page": {"group": 2.5}}, "placement.cross_page.group"),
        ({"cross_page": {"min_slice": 0}}, "placement.cross_page.min_slice"),
        ({"cross_page": {"double_sided": 1}}, "placement.cross_page.double_sided"),
        ({"cross_page": {"pages": "0"}}, "placement.cross_page.pages"),
    ],
)
def test_anything_else_is_refused_and_the_member_named(asked, field):
    with pytest.raises(InvalidFormatError, match="expected") as caught:
        parse(asked)
    assert caught.value.field == field


@pytest.mark.parametrize("text", ["", "{", "nonsense", '{"at": NaN}'])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(InvalidFormatError, match="a JSON object"):
        parse_placement(text)


def test_every_member_is_described_and_the_example_works():
    for name in ("at", "keyword", "field", "auto", "pages", "cross_page", "qr"):
        assert re.search(rf"`{name}`", PlacementIn.__doc__)
    parse_placement(EXAMPLE_PLACEMENT)
