import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Subsetter
from fontTools.ttLib import TTCollection, TTFont

from eseal.documents.impressions import PROFILES, Fonts, ImpressionSpec, Language, compose
from eseal.documents.impressions import language_of as of_name
from eseal.documents.impressions.drawing import fonts
from eseal.documents.impressions.drawing.fonts import Style
from eseal.errors import ConfigurationError, InvalidInputError


@pytest.fixture(scope="module")
def small_font(tmp_path_factory):
    """A TrueType font with A, B, a blank that is no blank, and .notdef for C."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.qCurveTo((250, 1400), (500, 0))
    pen.closePath()
    box, empty = pen.glyph(), TTGlyphPen(None).glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "A", "B", "empty"])
    builder.setupCharacterMap({65: "A", 66: "B", 67: ".notdef", 68: "empty"})
    builder.setupGlyf({".notdef": box, "A": box, "B": box, "empty": empty})
    builder.setupHorizontalMetrics(dict.fromkeys((".notdef", "A", "B", "empty"), (600, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Small", "styleName": "Regular", "fullName": "Small"})
    builder.setupOS2()
    builder.setupPost()
    path = tmp_path_factory.mktemp("font") / "small.ttf"
    builder.save(path)
    return path


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("云栖茶业有限公司", "zh"),
        ("株式会社山田", "ja"),
        ("さくら商事", "ja"),
        ("Acme GmbH", "en"),
        ("西门子ABC", "zh"),
    ],
)
def test_language_of_a_name(name, language):
    assert of_name(name) is Language(language)


def test_faces_by_language_and_use():
    installed = Fonts()
    assert installed.face("云栖", Language.CHINESE).name == "Noto Serif SC"
    assert installed.face("さくら", Language.JAPANESE).name == "Noto Serif JP"
    assert installed.face("123", Language.CHINESE, Style.NUMBER).name == "Noto Sans SC"


@pytest.mark.parametrize("character", ["𓀀", "ཀ", "\U0001f600"])
def test_a_missing_glyph_is_named(made, character):
    with pytest.raises(InvalidInputError) as caught:
        made("official-40", f"云栖{character}公司")
    assert f"{character!r} (U+{ord(character):04X})" in str(caught.value)


def test_a_font_of_ones_own(small_font):
    spec = ImpressionSpec(PROFILES["official-40"], "ABBA")
    marks = compose(spec, Fonts(small_font)).marks
    assert [mark.glyph.advance for mark in marks] == [0.6] * 4
    assert any(op == "C" for op, _ in marks[0].glyph.path.segments)


@pytest.mark.parametrize("character", "CDE")
def test_a_box_or_a_hole_is_a_missing_glyph(small_font, character):
    chosen = Fonts(small_font)
    with pytest.raises(InvalidInputError, match=rf"Small has no glyph for '{character}'"):
        chosen.face("A" + character, Language.LATIN)
    with pytest.raises(KeyError):
        chosen.face("A", Language.LATIN).glyph("E")


def test_what_is_no_font_is_said(tmp_path):
    other = tmp_path / "font.ttf"
    other.write_bytes(b"no font at all")
    for path, words in (
        (other, "expected an OpenType font"),
        (tmp_path / "none", "cannot be read"),
    ):
        with pytest.raises(ConfigurationError, match=words):
            Fonts(path).face("A", Language.LATIN)


def test_without_packages_debians_fonts_and_then_an_advice(monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "_packaged", lambda *_: None)
    monkeypatch.setattr(fonts, "_DEBIAN", tmp_path)
    with pytest.raises(ConfigurationError, match=r"install the packages .* fonts-noto-cjk"):
        Fonts().face("A", Language.LATIN)


def test_debians_collection_is_one_file_with_a_face_for_each_language(monkeypatch, tmp_path):
    """A collection in Debian's order, put together from letters of the installed packages."""
    packaged = {
        code: fonts._packaged(fonts._PACKAGES[code], fonts._PACKAGED[code].format(style="Serif"))
        for code in fonts._PACKAGES
    }
    collection = TTCollection()
    for place in range(5):
        font = TTFont(packaged["zh" if place == fonts._DEBIAN_FACE["zh"] else "ja"])
        subset = Subsetter()
        subset.populate(text="云さA")
        subset.subset(font)
        collection.fonts.append(font)
    collection.save(tmp_path / "NotoSerifCJK-Regular.ttc")
    monkeypatch.setattr(fonts, "_packaged", lambda *_: None)
    monkeypatch.setattr(fonts, "_DEBIAN", tmp_path)
    assert Fonts().face("云", Language.CHINESE).name == "Noto Serif SC"
    assert Fonts().face("さ", Language.JAPANESE).name == "Noto Serif JP"
