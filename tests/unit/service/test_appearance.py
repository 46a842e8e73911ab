import pytest
import zxingcpp

from eseal.documents.artwork import Artwork
from eseal.documents.impressions.drawing.fonts import Fonts
from eseal.documents.pdf import (
    At,
    AtKeyword,
    CrossPage,
    InField,
    PageRanges,
    Placing,
    QrCode,
    SealBox,
)
from eseal.errors import ConfigurationError, ESealError
from eseal.service.sealing.appearance import use_url, visible_seal
from eseal.store.repositories.uses import UseRepository
from eseal.verify import Finding
from tests.actors import acting
from tests.artwork import by_pdfium, ring, seen

PUBLIC = "https://seals.example.org/office/"


class Rings:
    """A source of impressions: everybody's is the ring."""

    def artwork(self, seal_id: str) -> Artwork:
        del seal_id
        return ring()


@pytest.fixture
def drawing(open_world, data_dir):
    """An instance with a public address."""
    world = open_world(data_dir, public_url=PUBLIC)
    return world, world.service.sealing


def test_the_code_leads_to_the_use_on_record(drawing, sample_pdf):
    world, sealing = drawing
    sealed = sealing.seal_document(
        world.contract.id,
        sample_pdf,
        filename="a.pdf",
        actor=acting("a"),
        visible=Placing(At(0, 60, 100)),
    )
    (code,) = zxingcpp.read_barcodes(by_pdfium(sealed.data))
    assert code.text == f"https://seals.example.org/office/u/{sealed.use.id}"
    assert world.service.records.use(sealed.use.id).use.id == sealed.use.id
    assert seen(by_pdfium(sealed.data)) == pytest.approx((60, 100, 38, 38), abs=0.5)


def test_it_is_the_impression_of_this_seal(drawing, sample_pdf):
    world, sealing = drawing
    for seal, size in ((world.contract, 38), (world.finance, 25)):
        sealed = sealing.seal_document(
            seal.id,
            sample_pdf,
            filename="a.pdf",
            actor=acting("a"),
            visible=Placing(At(0, 60, 100)),
        )
        assert seen(by_pdfium(sealed.data)) == pytest.approx((60, 100, size, size), abs=0.5)


def test_what_cannot_be_placed_is_not_recorded(world, sample_pdf):
    with world.service.context.database.read() as connection:
        count = UseRepository(connection).count()
    for placing in (
        Placing(At(0, 500, 20)),
        Placing(At(7, 20, 20)),
        Placing(AtKeyword("nowhere")),
        Placing(InField("Buyer")),
        Placing(At(0, 20, 20), qr=QrCode.BESIDE),
        Placing(cross_page=CrossPage(PageRanges.parse("1"))),
        Placing(),
    ):
        with pytest.raises(ESealError):
            world.service.sealing.seal_document(
                world.contract.id, sample_pdf, filename="a.pdf", actor=acting("a"), visible=placing
            )
    with world.service.context.database.read() as connection:
        assert UseRepository(connection).count() == count


def test_what_shows_across_pages_is_under_the_seal(drawing, sample_pdf):
    world, sealing = drawing
    placing = Placing(At(-1, 60, 100), PageRanges.parse("all"), CrossPage())
    sealed = sealing.seal_document(
        world.contract.id, sample_pdf, filename="a.pdf", actor=acting("a"), visible=placing
    )
    assert world.service.verification.document(sealed.data).finding is Finding.ANCHOR_PENDING
    moved = sealed.data.replace(b"/EsealArt0", b"/EsealArt9", 1)
    assert moved != sealed.data
    report = world.service.verification.document(moved)
    assert report.finding is Finding.DOCUMENT_ALTERED


def test_a_box_alone_is_a_placing_too():
    box = SealBox(0, 1, 2, 3, 4)
    shown = visible_seal(box, ring(), use_id="u", public_url=None, fonts=Fonts())
    assert shown.placing.spot == box
    assert (shown.artwork, shown.qr) == (ring(), None)


def test_the_address_of_a_use():
    assert use_url("https://a.example", "x") == "https://a.example/u/x"
    assert use_url("https://a.example/b/", "x") == "https://a.example/b/u/x"


@pytest.mark.parametrize(
    "url",
    [
        "seals.example.org", "ftp://seals.example.org", "https://", "https://a b", "https://a?b=1",
        "https://a#b", "https://user:secret@a", "https://a:port", "https://\u516c", "https://[",
    ],
)  # fmt: skip
def test_a_public_address_must_be_one(open_world, data_dir, url):
    with pytest.raises(ConfigurationError, match="ESEAL_PUBLIC_URL") as caught:
        open_world(data_dir, public_url=url)
    assert "secret" not in str(caught.value)
