"""An impression and its QR code, arranged around a point or in a box. Points, as shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from eseal.documents.artwork import POINTS_PER_MM
from eseal.documents.pdf.placing.options import QrCode
from eseal.documents.pdf.placing.stamps import Drawing, Stamp
from eseal.errors import InvalidInputError

_GAP: Final = 1.0 * POINTS_PER_MM
"""Between impression and code, whose quiet zone comes on top."""
_INSIDE: Final = 2.0
"""How many times as wide and high as a code inside it an impression must be, to be known still."""
_ROUNDING: Final = 0.01


Box = tuple[float, float, float, float]
"""x, y, width and height."""


@dataclass(frozen=True, slots=True)
class Layout:
    """An area of a page with drawings on it.

    Attributes:
        x: of the area's lower left corner.
        y: of the area's lower left corner.
        width: of the area.
        height: of the area.
        drawings: the impression first; placed from the area's lower left corner.
    """

    x: float
    y: float
    width: float
    height: float
    drawings: tuple[Drawing, ...]


def beside(
    stamp: Stamp,
    qr: Stamp | None,
    corner: tuple[float, float],
    is_free: Callable[[Box], bool],
    mode: QrCode,
) -> Layout:
    """An impression at a point, and its code wherever there is room beside it.

    Args:
        stamp: the impression.
        qr: its code, or ``None``.
        corner: where the impression's lower left corner stands.
        is_free: whether there is room for the code in a box.
        mode: what was asked for.

    Raises:
        InvalidInputError: a code was asked for, and there is no room.
    """
    x, y = corner
    if qr is None:
        return Layout(x, y, stamp.width, stamp.height, (Drawing(stamp, 0, 0),))
    if mode is QrCode.INSIDE:
        return Layout(x, y, stamp.width, stamp.height, _inside(stamp, qr, 0, 0))
    middle = y + (stamp.height - qr.height) / 2
    centre = x + (stamp.width - qr.width) / 2
    for at_x, at_y in (
        (x + stamp.width + _GAP, middle),
        (x - _GAP - qr.width, middle),
        (centre, y + stamp.height + _GAP),
        (centre, y - _GAP - qr.height),
    ):
        if is_free((at_x, at_y, qr.width, qr.height)):
            left, bottom = min(x, at_x), min(y, at_y)
            return Layout(
                left,
                bottom,
                max(x + stamp.width, at_x + qr.width) - left,
                max(y + stamp.height, at_y + qr.height) - bottom,
                (Drawing(stamp, x - left, y - bottom), Drawing(qr, at_x - left, at_y - bottom)),
            )
    if mode is QrCode.BESIDE:
        raise _no_room(qr, "beside the impression")
    return beside(stamp, None, corner, is_free, mode)


def in_frame(stamp: Stamp, qr: Stamp | None, frame: Box, mode: QrCode) -> Layout:
    """An impression in the middle of a box: in its own size, smaller only if it does not fit.

    Args:
        stamp: the impression.
        qr: its code, or ``None``. It is never made smaller.
        frame: x, y, width and height of the box.
        mode: what was asked for.

    Raises:
        InvalidInputError: a code was asked for, and there is no room.
    """
    x, y, width, height = frame
    if qr is not None and mode is not QrCode.INSIDE:
        for across in (True, False):
            whole_x = stamp.width + _GAP + qr.width if across else max(stamp.width, qr.width)
            whole_y = max(stamp.height, qr.height) if across else stamp.height + _GAP + qr.height
            if whole_x > width + _ROUNDING or whole_y > height + _ROUNDING:
                continue
            left, bottom = (width - whole_x) / 2, (height - whole_y) / 2
            if across:
                art = Drawing(stamp, left, (height - stamp.height) / 2)
                code = Drawing(qr, left + stamp.width + _GAP, (height - qr.height) / 2)
            else:
                art = Drawing(stamp, (width - stamp.width) / 2, bottom + qr.height + _GAP)
                code = Drawing(qr, (width - qr.width) / 2, bottom)
            return Layout(x, y, width, height, (art, code))
        if mode is QrCode.BESIDE:
            raise _no_room(qr, "beside the impression in its box")
    scale = min(1.0, width / stamp.width, height / stamp.height)
    left, bottom = (width - stamp.width * scale) / 2, (height - stamp.height * scale) / 2
    if qr is not None and mode is QrCode.INSIDE:
        return Layout(x, y, width, height, _inside(stamp, qr, left, bottom, scale))
    return Layout(x, y, width, height, (Drawing(stamp, left, bottom, scale),))


def _inside(
    stamp: Stamp, qr: Stamp, left: float, bottom: float, scale: float = 1.0
) -> tuple[Drawing, Drawing]:
    """The code in the middle; the impression is left out there, so that nothing is painted over."""
    width, height = stamp.width * scale, stamp.height * scale
    if min(width / qr.width, height / qr.height) < _INSIDE:
        raise InvalidInputError(
            f"QR code: expected an impression of at least {_INSIDE * _mm(qr.width):.0f} mm to "
            f"stand inside, got {_mm(width):.0f} x {_mm(height):.0f} mm; put it beside",
            field="qr",
        )
    x, y = left + (width - qr.width) / 2, bottom + (height - qr.height) / 2
    hole = (x, y, qr.width, qr.height)
    return Drawing(stamp, left, bottom, scale, hole=hole), Drawing(qr, x, y)


def _no_room(qr: Stamp, where: str) -> InvalidInputError:
    return InvalidInputError(
        f"QR code: there is no room of {_mm(qr.width):.0f} mm for it {where}", field="qr"
    )


def _mm(points: float) -> float:
    return points / POINTS_PER_MM
