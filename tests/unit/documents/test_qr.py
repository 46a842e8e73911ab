import pytest

from eseal.documents.artwork import POINTS_PER_MM
from eseal.documents.qr import MIN_SIDE_MM, MODULE_MM, qr_artwork
from eseal.errors import InvalidInputError


def test_it_is_large_enough_to_scan_and_keeps_its_zone_quiet():
    art = qr_artwork("https://seals.example.org/u/" + "a" * 26)
    assert art.width == art.height == pytest.approx((33 + 8) * MODULE_MM)
    assert art.width >= MIN_SIDE_MM
    runs = [line.split() for line in art.content.decode().splitlines() if line.endswith("re")]
    spans = [(float(x), float(x) + float(width)) for x, _, width, _, _ in runs]
    assert (min(start for start, _ in spans), max(end for _, end in spans)) == (4, 37)
    scale = float(art.content.split()[0])
    assert scale * 41 == pytest.approx(art.width * POINTS_PER_MM, abs=0.01)


def test_a_short_one_is_not_smaller_than_phones_read():
    assert qr_artwork("http://a.de").width == MIN_SIDE_MM


def test_an_address_too_long_is_refused():
    with pytest.raises(InvalidInputError, match="at most 200"):
        qr_artwork("https://" + "a" * 200)
