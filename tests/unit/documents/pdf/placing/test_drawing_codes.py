"""The QR code that leads to a use's page: beside its impression, inside it, or not there."""

from dataclasses import replace

import pytest

from eseal.documents.artwork import POINTS_PER_MM
from eseal.documents.pdf import (
    At,
    Automatic,
    CrossPage,
    Placing,
    QrCode,
    SealBox,
    VisibleSeal,
)
from eseal.documents.qr import qr_artwork
from eseal.errors import InvalidInputError
from tests.artwork import FIELD, URL, by_pdfium, field_mm, red, ring, seen
from tests.unit.documents.pdf.workshop import prepared

CODE = qr_artwork(URL)


class TestQrCode:
    @pytest.mark.parametrize(
        ("x", "y", "size"),
        [(20, 20, (57.4, 40)), (165, 20, (57.4, 40)), (85, 20, (57.4, 40))],
    )
    def test_beside_the_impression_where_the_page_has_room(self, pdfs, show, x, y, size):
        data = show(pdfs.fpdf(1), Placing(At(0, x, y)), code=CODE)
        assert field_mm(data) == pytest.approx(size, abs=0.01)
        assert seen(by_pdfium(data)) == pytest.approx((x, y, 40, 40), abs=0.3)

    def test_above_or_below_on_a_narrow_page(self, pdfs, show):
        objects = pdfs.objects(page=b"/MediaBox [0 0 120 400]")
        for y, bottom in ((20, 20), (95, 77.6)):
            data = show(pdfs.hand_made(objects), Placing(At(0, 1, y)), code=CODE)
            assert field_mm(data) == pytest.approx((40, 57.4), abs=0.01)
            low = [float(one) for one in FIELD.findall(data)[-1].split()][1]
            assert low / POINTS_PER_MM == pytest.approx(bottom, abs=0.1)

    def test_it_gives_way_unless_it_was_asked_for(self, pdfs, show):
        pdf = pdfs.hand_made(pdfs.objects(page=b"/MediaBox [0 0 120 120]"))
        place = At(0, 1, 1)
        assert field_mm(show(pdf, Placing(place), code=CODE)) == pytest.approx((40, 40), abs=0.01)
        with pytest.raises(InvalidInputError, match="no room of 16 mm"):
            show(pdf, Placing(place, qr=QrCode.BESIDE), code=CODE)

    def test_in_a_box_only_in_full_size(self, pdfs, show):
        for size, room in (((60, 42), True), ((42, 60), True), ((50, 50), False)):
            box = SealBox(0, 20, 20, *size)
            data = show(pdfs.fpdf(1), Placing(box), code=CODE)
            assert (b"/Art1 " in data) is room
            if not room:
                with pytest.raises(InvalidInputError, match="in its box"):
                    show(pdfs.fpdf(1), Placing(box, qr=QrCode.BESIDE), code=CODE)

    @pytest.mark.parametrize("spot", [At(0, 20, 20), SealBox(0, 20, 20, 50, 50), Automatic()])
    def test_inside_nothing_of_the_impression_is_under_it(self, pdfs, show, spot):
        data = show(pdfs.fpdf(1), Placing(spot, qr=QrCode.INSIDE), code=CODE)
        image = by_pdfium(data)
        x, y, width, height = seen(image)
        assert (width, height) == pytest.approx((40, 40), abs=0.3)
        scale = 150 / 25.4
        middle = ((x + 20) * scale, image.height - (y + 20) * scale)
        half = 8 * scale
        crop = (middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half)
        assert red(image.crop(tuple(map(round, crop)))).getbbox() is None

    def test_inside_only_where_the_impression_is_still_known(self, pdfs, show):
        with pytest.raises(InvalidInputError, match="at least 33 mm"):
            show(pdfs.fpdf(1), Placing(At(0, 20, 20), qr=QrCode.INSIDE), ring(30), code=CODE)

    @pytest.mark.parametrize("mode", [QrCode.BESIDE, QrCode.INSIDE])
    def test_without_an_address_or_an_impression_there_is_none(self, pdfs, show, mode):
        with pytest.raises(InvalidInputError, match="ESEAL_PUBLIC_URL"):
            show(pdfs.fpdf(2), Placing(At(0, 20, 20), qr=mode))
        with pytest.raises(InvalidInputError, match="slices"):
            show(pdfs.fpdf(2), Placing(cross_page=CrossPage(), qr=mode), code=CODE)

    def test_off_it_is_off(self, pdfs, show):
        data = show(pdfs.fpdf(1), Placing(At(0, 20, 20), qr=QrCode.OFF), code=CODE)
        assert field_mm(data) == pytest.approx((40, 40), abs=0.01)

    def test_beside_text_if_asked_for(self, pdfs, options):
        for mode, width in ((QrCode.AUTOMATIC, 60), (QrCode.BESIDE, 77.4)):
            visible = VisibleSeal(Placing(At(0, 20, 20), qr=mode), None, CODE)
            data = prepared(pdfs.fpdf(1), replace(options, visible=visible)).data
            assert field_mm(data)[0] == pytest.approx(width, abs=0.01)
