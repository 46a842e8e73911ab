"""PDFium: its one lock, and the fonts in which it shows text that brings none.

Many Chinese documents name a font that every viewer is expected to have. Without one PDFium loses
such text, so it is given the font that impressions are made of: a keyword is then found, and a page
looks the same, on every machine.
"""

from __future__ import annotations

import ctypes
import importlib.util
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any, Final

LOCK: Final = RLock()
"""Held by whoever calls PDFium, from opening a document to closing it: it is not thread-safe."""
_FONT_PACKAGE: Final = "pylopdf_fonts_zh_cn"
_SYSTEM_FONTS: Final = ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts")
"""Where PDFium looks if it is told nothing (its CLinuxPlatform)."""
_CONFIG_VERSION: Final = 2

_PAGE: Final = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R"
    b"/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
    b"4 0 obj<</Length 26>>stream\nBT/F 9 Tf 9 9 Td(a)Tj ET  \nendstream endobj\n"
    b"5 0 obj<</Type/Font/Subtype/TrueType/BaseFont/SimSun>>endobj\n"
    b"trailer<</Root 1 0 R/Size 6>>\n%%EOF\n"
)
"""A letter in a font that the page does not bring."""


def library() -> Any:
    """PDFium's Python binding; loads several megabytes when first called."""
    import pypdfium2

    with LOCK:
        _choose_fonts()
    return pypdfium2


@cache
def _choose_fonts() -> object:
    """Initialise PDFium anew; what it may still point to is returned, and so kept."""
    from pypdfium2 import raw
    from pypdfium2.internal.bases import ObjectTracker

    packaged = _packaged()
    if not packaged or any(ObjectTracker.values()):
        return None  # no fonts to offer; or the program around us uses PDFium already, as it likes
    paths = [str(Path(path)).encode() for path in font_directories()]
    listed = (ctypes.POINTER(ctypes.c_char) * (len(paths) + 1))()
    for position, path in enumerate(paths):
        listed[position] = ctypes.cast(ctypes.c_char_p(path), ctypes.POINTER(ctypes.c_char))
    # The binding has initialised it on import; paths are taken at that moment only.
    raw.FPDF_DestroyLibrary()
    raw.FPDF_InitLibraryWithConfig(
        raw.FPDF_LIBRARY_CONFIG(version=_CONFIG_VERSION, m_pUserFontPaths=listed)
    )
    return paths, listed


def warm() -> None:
    """Load PDFium, and let it look through the fonts, by showing a page of ours."""
    pdfium = library()
    with LOCK:
        document = pdfium.PdfDocument(_PAGE)
        document[0].render(scale=0.1).close()
        document.close()


def font_directories() -> list[str]:
    """Where PDFium looks for fonts."""
    return [*_packaged(), *_SYSTEM_FONTS]


def _packaged() -> list[str]:
    found = importlib.util.find_spec(_FONT_PACKAGE)
    return list((found and found.submodule_search_locations) or ())
