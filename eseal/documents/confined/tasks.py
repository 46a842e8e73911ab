"""What can be asked for: these functions and no others.

A task is a plain function ``task(*files: bytes, **plain_arguments)`` that returns plain values as
JSON knows them, a file (bytes), or both, ``(values, file)``, in which the file may be a tuple of
its pieces, and raises
:class:`~eseal.errors.InvalidInputError` or a class under it. Or it is a generator of steps, which
are functions without arguments that do the same. To register one, give it a line here:
``module:function``, and what the warm process is to call before it is first asked for, so that no
document pays for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Tasks = Mapping[str, tuple[str, ...]]
"""Functions, and for each what makes ready."""

_PDFIUM: Final = ("eseal.documents.pdfium:warm",)
_IMAGES: Final = ("eseal.documents.impressions.uploads.png_reading:warm",)

TASKS: Final[Tasks] = {
    "eseal.documents.viewer.drawn:as_png": _PDFIUM + _IMAGES,
    **{
        f"eseal.documents.pdf.tasks:{task}": (*_PDFIUM, *_IMAGES, "eseal.documents.pdf.tasks:warm")
        for task in (
            "prepare",
            "examine",
            "flatten",
            "read",
            "draw_pages",
        )
    },
    "eseal.documents.impressions.uploads.png_reading:cleaned": _IMAGES,
    "eseal.documents.impressions.uploads.png_reading:unchanged": _IMAGES,
    "eseal.documents.impressions.uploads.svg_reading:shapes_of": _IMAGES,
    "eseal.documents.asic.strangers:survey": (),
    "eseal.documents.cms.confined:try_out": (),
    "eseal.documents.cms.confined:try_out_all": (),
}


def name_of(task: object) -> str:
    """What a function is listed by."""
    return f"{getattr(task, '__module__', '')}:{getattr(task, '__qualname__', '')}"
