"""Glyphs that reach far: Chrome leaves them out at some zooms."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest

from eseal.documents.pdf.meaning.resources.fonts import compact, programs
from eseal.errors import UnsupportedDocumentError
from tests.odd import originals
from tests.odd.fonts import ROMAN, WIN, bare_cff, composite, open_type, plain, simple
from tests.odd.reach import OF_CFF, true_type, with_cids
from tests.unit.documents.pdf.meaning.made import meaning

NEAR = (11_000, 0)
CFF = b"/Subtype /CIDFontType0C"


def found(pdf: bytes) -> list[str]:
    return [str(each) for each in meaning(pikepdf.open(BytesIO(pdf))).hazards]


@pytest.mark.parametrize("odd", [*originals("reach")], ids=lambda odd: odd.name)
def test_a_glyph_that_reaches_far_is_refused(odd):
    (hazard,) = found(odd.pdf)
    assert "has a glyph that reaches over" in hazard
    assert "times its size" in hazard


@pytest.mark.parametrize(
    "pdf",
    [
        simple(plain(), flags=ROMAN, encoding=WIN),
        simple(true_type(NEAR), flags=ROMAN, encoding=WIN),
        composite(true_type(NEAR)),
        composite(open_type(NEAR), file_entries=b"/Subtype /OpenType", **OF_CFF),
        composite(bare_cff(), file_entries=CFF, **OF_CFF),
        composite(
            with_cids(NEAR),
            file_entries=CFF,
            show=b"<00660067>",
            **OF_CFF,
        ),
    ],
)
def test_others_are_sealed(pdf):
    assert found(pdf) == []


def test_the_numbers_of_glyphs():
    assert list(programs.numbers(bare_cff())) == list(range(11))
    assert list(programs.numbers(open_type())) == list(range(11))
    assert programs.numbers(with_cids(NEAR)) == [0, *range(101, 111)]


def test_broken_programs_are_refused():
    cut = bare_cff()[:90]
    with pytest.raises(UnsupportedDocumentError):
        programs.numbers(cut)
    (hazard,) = found(composite(cut, file_entries=CFF, **OF_CFF))
    assert "has a broken program" in hazard


def test_a_broken_program_that_fonts_share_is_looked_at_once(monkeypatch):
    pdf = pikepdf.open(BytesIO(composite(bare_cff()[:90], file_entries=CFF, **OF_CFF)))
    fonts = pdf.pages[0].obj.Resources.Font
    (name,) = fonts.keys()
    copy = pdf.make_indirect(pikepdf.Dictionary(fonts[name]))
    fonts.Other = copy
    text = pdf.pages[0].obj.Contents.read_bytes()
    pdf.pages[0].obj.Contents = pdf.make_stream(text + text.replace(name.encode(), b"/Other"))
    looked = []
    check = compact.check
    monkeypatch.setattr(compact, "check", lambda *given: looked.append(1) or check(*given))
    (hazard,) = map(str, meaning(pdf).hazards)
    assert "has a broken program: " in hazard
    assert looked == [1]
