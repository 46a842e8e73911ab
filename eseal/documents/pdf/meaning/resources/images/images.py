"""Images (ISO 32000-1 section 8.9): what they say of themselves is what the document says."""

from __future__ import annotations

from typing import Any, Final

from pikepdf import Array, Name

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.language import image_headers
from eseal.documents.pdf.meaning.desk.desk import Desk
from eseal.documents.pdf.meaning.desk.streams import DamagedStreamError
from eseal.documents.pdf.meaning.desk.values import (
    array,
    dictionary,
    is_stream,
    name,
    numbers,
    whole,
)
from eseal.documents.pdf.meaning.resources.colours import colours
from eseal.documents.pdf.meaning.resources.images import faxes

_DEPTHS: Final = {1, 2, 4, 8, 16}
_MAX_SIDE: Final = 1 << 17
_LARGE: Final = 1 << 24
"""Pixels: a page of A4 at 400 dots per inch has 15 million."""
_BYTE: Final = 8
_PLAIN_COMPONENTS: Final = {1, 3}
"""Gray and RGB; four can be CMYK, or RGB with transparency."""


def judge(desk: Desk, image: Any, resources: Any, what: str) -> None:
    """Look at an image that is drawn.

    Args:
        desk: where to put down what is found.
        image: a stream of subtype ``Image``.
        resources: where its colour space may have a name.
        what: how to call it.
    """
    if not desk.first(image):
        return
    size = _measured(desk, image, what)
    data = desk.decoded(image, what) if size is None else b""
    if data is None:
        return
    odd = _odd(desk, image, data, len(data) if size is None else size, resources)
    if odd:
        desk.report(HazardCode.UNCLEAR_IMAGE, f"{what}: {odd}")
    elif _image_filter(image) == "CCITTFaxDecode":
        faxes.put_in_order(desk, image, _parameters(image), what)
    for key in ("/SMask", "/Mask"):
        mask = image.get(key)
        if is_stream(mask):
            if key == "/Mask" and mask.get("/ImageMask") is not True:
                desk.report(HazardCode.UNCLEAR_IMAGE, f"{what}: its mask is none")
            if key == "/SMask" and name(mask.get("/ColorSpace")) not in {"DeviceGray", "CalGray"}:
                desk.report(HazardCode.UNCLEAR_IMAGE, f"{what}: its soft mask is not gray")
            if key == "/SMask" and {"/ImageMask", "/Mask", "/SMask"} & mask.keys():
                desk.report(HazardCode.UNCLEAR_IMAGE, f"{what}: its soft mask is masked")
            judge(desk, mask, resources, f"the mask of {what}")


def _measured(desk: Desk, image: Any, what: str) -> int | None:
    """How many bytes a large image has; ``None`` of one that has to be read."""
    sides = [whole(image.get(key)) or 0 for key in ("/Width", "/Height")]
    if sides[0] * sides[1] <= _LARGE or not isinstance(image.get("/ColorSpace"), Name):
        return None
    try:
        return desk.streams.measured(image)
    except DamagedStreamError as error:
        desk.report(HazardCode.DAMAGED_STREAM, f"{what}: {error}")
        return 0


def _odd(desk: Desk, image: Any, data: bytes, size: int, resources: Any) -> str:
    """What is wrong with an image; empty if nothing is."""
    width, height = whole(image.get("/Width")), whole(image.get("/Height"))
    if not width or not height or not (0 < width < _MAX_SIDE and 0 < height < _MAX_SIDE):
        return f"expected a size, got {width} by {height}"
    mask = image.get("/ImageMask") is True
    depth = whole(image.get("/BitsPerComponent", 1 if mask else None))
    space = image.get("/ColorSpace")
    if mask and (depth != 1 or "/SMask" in image or "/Mask" in image):
        return f"expected a mask of one bit, got {depth}"
    components = 1 if mask else colours.components(desk, space, resources)
    kind = _image_filter(image)
    if components == 0 and (kind != "JPXDecode" or space is not None):
        return "its colour space is not known"
    if kind != "JPXDecode" and depth not in _DEPTHS and not (kind and depth is None):
        return f"expected 1, 2, 4, 8 or 16 bits, got {depth}"
    return (
        _tables(image, components, space, mask=mask)
        or _keyed(image, depth or _BYTE, resources)
        or _data(image, kind, data, size, (width, height, depth, components))
        or _overflows(image, data, (kind, width, height, depth or 0), resources)
    )


def _image_filter(image: Any) -> str:
    value = image.get("/Filter")
    kind = name(array(value)[0] if isinstance(value, Array) and len(value) == 1 else value)
    return kind if kind in {"DCTDecode", "JPXDecode", "CCITTFaxDecode", "JBIG2Decode"} else ""


def _tables(image: Any, components: int, space: Any, *, mask: bool) -> str:
    """Whether arrays have as many numbers as the image has components."""
    decode = image.get("/Decode")
    if decode is not None:
        values = numbers(decode)
        if values is None or (components and len(values) != 2 * components):
            return "its /Decode does not fit its colours"
        if mask and values not in ([0.0, 1.0], [1.0, 0.0]):
            return "its /Decode is not one of a mask"
    elif components == 3 and name(array(space)[0] if array(space) else None) == "Lab":  # noqa: PLR2004
        return "its colours have no /Decode, and not all readers know which to take"
    keyed = image.get("/Mask")
    if isinstance(keyed, Array) and len(numbers(keyed) or ()) != 2 * components:
        return "its colour key does not fit its colours"
    return ""


def _keyed(image: Any, depth: int, resources: Any) -> str:
    """Whether a colour key (section 8.9.6.4) is one that all readers take for the same colours."""
    keyed = image.get("/Mask")
    if not isinstance(keyed, Array):
        return ""
    limits = [whole(each) for each in keyed]
    known = [each for each in limits if each is not None and 0 <= each < 1 << depth]
    if len(known) != len(limits) or any(
        low > high for low, high in zip(known[::2], known[1::2], strict=True)
    ):
        return "its colour key means no colours"
    indexed = colours.palette(image.get("/ColorSpace"), resources) is not None
    if indexed and depth < _BYTE and any(known):
        return "not all readers find its colour key in its palette"
    return ""


def _data(
    image: Any, kind: str, data: bytes, size: int, said: tuple[int, int, int | None, int]
) -> str:
    """Whether the data are as many, or of the kind, that the dictionary says."""
    width, height, depth, components = said
    match kind:
        case "DCTDecode":
            found = image_headers.jpeg(data)
            return _compared(found, (width, height, depth or _BYTE, components)) or _adobe(
                image, found
            )
        case "JPXDecode":
            return _compared(image_headers.jpx(data), (width, height, 0, components)) or _jpx(
                image, data
            )
        case "CCITTFaxDecode":
            return _fax(_parameters(image), width, depth, components)
        case "JBIG2Decode":
            return _compared(image_headers.jbig2(data), (width, height, 0, 0))
        case _:
            expected = (width * (depth or 0) * components + 7) // 8 * height
            if size < expected:
                return f"expected {expected} bytes, got {size}"
            return ""


def _compared(found: image_headers.Header | None, said: tuple[int, int, int, int]) -> str:
    if found is None:
        return "its data do not begin as an image that readers know"
    width, height, depth, components = said
    if (found.width, found.height) != (width, height):
        return f"expected {width} by {height}, got {found.width} by {found.height}"
    if depth and found.depth != depth:
        return f"expected {depth} bits, got {found.depth}"
    if components and found.components != components:
        return f"expected {components} components, got {found.components}"
    return "" if found.ends else "its data are cut"


def _fax(parameters: Any, width: int, depth: int | None, components: int) -> str:
    if depth not in {1, None} or components != 1:
        return "a fax is of one bit"
    return faxes.odd(parameters, width)


def _jpx(image: Any, data: bytes) -> str:
    """What a JPEG 2000 image holds beside its colours, or instead of them (section 7.4.9)."""
    found = image_headers.jpx(data)
    if colours.palette(image.get("/ColorSpace"), None) is not None:
        return "its palette is not its own"
    if isinstance(image.get("/Mask"), Array) or {"/Decode", "/ImageMask"} & image.keys():
        return "its colours are changed, which some readers do not do"
    if whole(image.get("/SMaskInData", 0)) != 0:
        return "it is transparent by itself"
    plain = found is not None and found.components in _PLAIN_COMPONENTS
    return "" if plain or "/ColorSpace" in image else "its colours are not known"


def _adobe(image: Any, found: image_headers.Header | None) -> str:
    """Whether dictionary and data ask for different colour transforms (table 13)."""
    if found is not None and found.unclear and found.components == 3:  # noqa: PLR2004
        return "it does not say clearly which colours its data are"
    asked = _parameters(image).get("/ColorTransform")
    if asked is None or found is None:
        return ""
    default = 1 if found.components == 3 else 0  # noqa: PLR2004
    own = default if found.transform is None else found.transform
    return "" if bool(asked) == bool(own) else "its /ColorTransform is not that of its data"


def _overflows(image: Any, data: bytes, said: tuple[str, int, int, int], resources: Any) -> str:
    """Whether pixels lie beyond a palette (section 8.6.6.3)."""
    kind, width, height, depth = said
    last = colours.palette(image.get("/ColorSpace"), resources)
    if kind or last is None or depth > _BYTE or last >= (1 << depth) - 1:
        return ""
    row = (width * depth + 7) // 8
    fine = bytes(byte for byte in range(256) if _highest(byte, depth) <= last)
    beyond = data[: row * height].translate(None, fine)
    return "its pixels lie beyond its palette" if beyond else ""


def _highest(byte: int, depth: int) -> int:
    return max(byte >> shift & ((1 << depth) - 1) for shift in range(0, _BYTE, depth))


def _parameters(image: Any) -> Any:
    value = image.get("/DecodeParms")
    return dictionary(value[0] if isinstance(value, Array) and len(value) else value)
