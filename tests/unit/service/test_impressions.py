from __future__ import annotations

import hashlib
import io

import pytest
from PIL import Image
from sqlalchemy import update

from eseal.documents.impressions import Outline, png
from eseal.documents.impressions.templates.choice import Choice
from eseal.errors import ConfigurationError, CorruptionError, InvalidInputError, NotFoundError
from eseal.model.ids import new_id
from eseal.model.seal import SealType
from eseal.service.seals.onboarding import SealOrder
from eseal.store.repositories.impressions import ImpressionRepository
from eseal.store.schema.tables import impressions
from tests.actors import acting

SQUARE = (
    b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="6" fill="#c00"/>'
    b"<script/></svg>"
)
RECTANGLE = SQUARE.replace(b"<script/>", b"")


@pytest.fixture
def ours(shared_world):
    return shared_world.service.impressions


@pytest.fixture(scope="module")
def issued(shared_world):
    order = SealOrder(SealType.OTHER, "own", "3301061234567")
    (made,) = shared_world.service.onboarding.issue(shared_world.company, [order], actor=acting())
    return made


@pytest.fixture
def seal(ours, issued):
    """A seal with the usual template."""
    ours.choose(issued.id, Choice(), actor=acting())
    return issued


def test_a_seal_has_the_template_of_its_type(ours, shared_world):
    shown = ours.of_seal(shared_world.contract.id)
    assert (shown.source, shown.profile) == ("template", "contract-38")
    assert shown.spec.name == shared_world.company.name
    assert shown.spec.lines == ("合同专用章",)
    assert (shown.artwork.width, shown.artwork.height) == (38, 38)
    assert ours.artwork(shared_world.contract.id).content == shown.artwork.content
    assert shown.hash == hashlib.sha256(shown.render("svg")).digest()
    assert ours.of_seal(shared_world.finance.id).drawing.width == 25


def test_label_and_code_of_the_seal_are_shown(ours, seal):
    spec = ours.of_seal(seal.id).spec
    assert (spec.lines, spec.code) == ((seal.label,), "3301061234567")


def test_what_is_chosen_is_kept_and_taken_back(ours, seal):
    usual = ours.of_seal(seal.id)
    chosen = ours.choose(seal.id, Choice(colour="blue", outline=Outline.OVAL), actor=acting())
    assert ours.of_seal(seal.id).hash == chosen.hash != usual.hash
    assert chosen.spec.profile.outline is Outline.OVAL
    assert ours.choose(seal.id, Choice(), actor=acting()).hash == usual.hash
    assert ours.of_seal(seal.id).hash == usual.hash


def test_what_cannot_be_drawn_is_not_kept(ours, seal):
    before = ours.of_seal(seal.id)
    with pytest.raises(InvalidInputError, match="cannot be read"):
        ours.choose(seal.id, Choice(width=12.0, name="云" * 40, lines=()), actor=acting())
    assert ours.of_seal(seal.id) == before


def test_an_upload_is_stored_once_by_its_hash(ours, seal, shared_world):
    first = ours.upload(seal.id, RECTANGLE, width=30.0, actor=acting())
    assert (first.source, first.media_type, first.profile) == ("upload", "image/svg+xml", None)
    assert (first.drawing.width, first.drawing.height) == (30, pytest.approx(20))
    with shared_world.service.context.database.read() as connection:
        repository = ImpressionRepository(connection)
        kind, content = repository.content(first.hash)
        decided = repository.of_seal(seal.id)
    assert (kind, hashlib.sha256(content).digest()) == ("image/svg+xml", first.hash)
    assert (decided.impression, decided.actor, decided.template) == (first.hash, "test", None)
    assert (decided.width, decided.height) == (30, pytest.approx(20))
    again = ours.upload(seal.id, RECTANGLE, width=30.0, actor=acting())
    assert again.hash == first.hash
    image = png(first.artwork, 300)
    of_png = ours.upload(seal.id, image, width=30.0, actor=acting())
    assert (of_png.media_type, of_png.drawing.image is not None) == ("image/png", True)
    assert of_png.artwork.pictures
    assert ours.of_seal(seal.id).hash == of_png.hash
    assert ours.choose(seal.id, Choice(), actor=acting()).source == "template"


@pytest.mark.parametrize(
    ("data", "width", "words"),
    [
        (b"%PDF-1.7", 40.0, "neither"),
        (SQUARE, 40.0, "<script>"),
        (b"\x89PNG\r\n\x1a\n", 40.0, "PNG"),
        (RECTANGLE, 4.0, "width"),
        (RECTANGLE, 101.0, "width"),
        (RECTANGLE, float("nan"), "width"),
        (RECTANGLE.replace(b'"9"', b'"99"'), 40.0, "height"),
    ],
)
def test_a_bad_upload_changes_nothing(ours, seal, data, width, words):
    before = ours.of_seal(seal.id)
    with pytest.raises(InvalidInputError, match=words):
        ours.upload(seal.id, data, width=width, actor=acting())
    assert ours.of_seal(seal.id) == before


def test_a_seal_that_is_not_there(ours):
    nobody = new_id()
    for ask in (
        lambda: ours.of_seal(nobody),
        lambda: ours.choose(nobody, Choice(), actor=acting()),
        lambda: ours.upload(nobody, RECTANGLE, width=30.0, actor=acting()),
    ):
        with pytest.raises(NotFoundError):
            ask()


def test_forms(ours, shared_world):
    shown = ours.of_seal(shared_world.contract.id)
    assert shown.render("svg").startswith(b"<svg")
    assert shown.render("pdf").startswith(b"%PDF-1.4")
    assert Image.open(io.BytesIO(shown.render("png", dpi=72))).width == 108
    with pytest.raises(InvalidInputError, match="format"):
        shown.render("gif")


def test_content_that_was_exchanged_is_corruption(world):
    service = world.service
    service.impressions.upload(world.contract.id, RECTANGLE, width=30.0, actor=acting())
    with service.context.database.write() as connection:
        connection.execute(update(impressions).values(content=RECTANGLE))
    again = type(service.impressions)(service.context)
    with pytest.raises(CorruptionError, match="another impression"):
        again.of_seal(world.contract.id)


def test_the_setting_names_the_font(data_dir, open_world, tmp_path):
    other = open_world(data_dir, font=tmp_path / "none.otf")
    with pytest.raises(ConfigurationError, match="ESEAL_FONT"):
        other.service.impressions.of_seal(other.contract.id)
