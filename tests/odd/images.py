"""Images whose data and dictionaries contradict one another."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from io import BytesIO

from PIL import Image

from tests.odd.pdf import Odd, one_page, stream

PLACED = b"q 160 0 0 100 20 40 cm /X Do Q"
USED = b"/XObject << /X 5 0 R >>"
SIDE = 16
GREY = b"/ColorSpace /DeviceGray /BitsPerComponent 8"
RGB = b"/ColorSpace /DeviceRGB /BitsPerComponent 8"
SIZED = b"/Width 16 /Height 16"


@cache
def picture(mode: str = "RGB", width: int = SIDE, height: int = SIDE, kind: str = "JPEG", **more):
    """Two colours side by side, as JPEG or JPEG 2000."""
    made = Image.new("RGB", (width, height), (200, 40, 40))
    made.paste((40, 40, 200), (width // 2, 0, width, height))
    out = BytesIO()
    made.convert(mode).save(out, kind, **more)
    return out.getvalue()


def image(data: bytes, entries: bytes, more: dict[int, bytes] | None = None) -> bytes:
    body = stream(data, b"/Type /XObject /Subtype /Image " + entries)
    return one_page(PLACED, resources=USED, objects={5: body} | (more or {}))


def _without_adobe(jpeg: bytes) -> bytes:
    """The picture without its Adobe segment, which says how its colours are coded."""
    start = jpeg.index(b"\xff\xee")
    length = int.from_bytes(jpeg[start + 2 : start + 4], "big")
    return jpeg[:start] + jpeg[start + 2 + length :]


def jpegs() -> Iterator[Odd]:
    dct = b"/Filter /DCTDecode "
    colour, grey, inks = picture(), picture("L"), picture("CMYK")
    turned = Image.Exif()
    turned[0x0112] = 6
    for name, data, entries in (
        ("width-larger", colour, b"/Width 32 /Height 16 " + RGB),
        ("width-smaller", colour, b"/Width 8 /Height 16 " + RGB),
        ("height-smaller", colour, b"/Width 16 /Height 8 " + RGB),
        ("grey-as-rgb", grey, SIZED + RGB),
        ("rgb-as-grey", colour, SIZED + GREY),
        ("rgb-as-cmyk", colour, SIZED + b"/ColorSpace /DeviceCMYK /BitsPerComponent 8"),
        ("cmyk-as-rgb", inks, SIZED + RGB),
        ("bits-four", colour, SIZED + b"/ColorSpace /DeviceRGB /BitsPerComponent 4"),
        ("no-space", colour, SIZED + b"/BitsPerComponent 8"),
        ("no-size", colour, RGB),
        ("cmyk", inks, SIZED + b"/ColorSpace /DeviceCMYK /BitsPerComponent 8"),
        ("cmyk-decoded", inks, SIZED + b"/ColorSpace /DeviceCMYK /BitsPerComponent 8 "
         b"/Decode [1 0 1 0 1 0 1 0]"),
        ("cmyk-without-marker", _without_adobe(inks), SIZED
         + b"/ColorSpace /DeviceCMYK /BitsPerComponent 8"),
        ("transform-none", colour, SIZED + RGB + b" /DecodeParms << /ColorTransform 0 >>"),
        ("cut", colour[: len(colour) - 60], SIZED + RGB),
        ("cut-early", colour[:200], SIZED + RGB),
        ("junk-first", b"\x00\x00junk" + colour, SIZED + RGB),
        ("junk-behind", colour + b"junk", SIZED + RGB),
        ("two-pictures", colour + picture("L"), SIZED + RGB),
        ("no-end", colour[:-2], SIZED + RGB),
        ("turned-by-exif", picture(exif=turned.tobytes()), SIZED + RGB),
        ("progressive", picture(progressive=True), SIZED + RGB),
        ("lines-zero", _lines(colour, 0), SIZED + RGB),
        ("as-mask", grey, SIZED + b"/ImageMask true /BitsPerComponent 1"),
        ("decode-turned", colour, SIZED + RGB + b" /Decode [1 0 1 0 1 0]"),
        ("filter-of-another", picture(kind="PNG"), SIZED + RGB),
    ):  # fmt: skip
        yield Odd("images", f"jpeg-{name}", image(data, dct + entries))


def _lines(jpeg: bytes, lines: int) -> bytes:
    start = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:start] + lines.to_bytes(2, "big") + jpeg[start + 2 :]


def jpeg2000s() -> Iterator[Odd]:
    jpx = b"/Filter /JPXDecode "
    colour = picture(kind="JPEG2000")
    for name, data, entries in (
        ("size", colour, b"/Width 8 /Height 8 " + RGB),
        ("space", colour, SIZED + GREY),
        ("indexed", colour, SIZED + b"/ColorSpace [/Indexed /DeviceRGB 1 <ff000000ff00>]"),
        ("no-space", colour, SIZED),
        ("cut", colour[: len(colour) // 2], SIZED + RGB),
        ("alpha", picture("RGBA", kind="JPEG2000"), SIZED + b"/SMaskInData 1"),
        ("alpha-ignored", picture("RGBA", kind="JPEG2000"), SIZED + RGB),
    ):
        yield Odd("images", f"jpx-{name}", image(data, jpx + entries))


def fax(rows: int) -> bytes:
    """A stair packed by T.6 (ITU-T)."""
    made = Image.new("1", (SIDE, rows))
    for row in range(rows):
        made.paste(1, (row % 7, row, SIDE - row % 5, row + 1))
    out = BytesIO()
    made.save(out, "TIFF", compression="group4", tiffinfo={278: rows})
    with Image.open(BytesIO(out.getvalue())) as opened:
        (start,), (size,) = opened.tag_v2[273], opened.tag_v2[279]
    return out.getvalue()[start : start + size]


T6 = fax(SIDE)
RAMP = bytes(range(0, 256, 16)) * SIDE


def samples() -> Iterator[Odd]:
    """Images as plain samples."""
    half = bytes(SIDE * SIDE // 2) + b"\xff" * (SIDE * SIDE // 2)
    bits = b"\x0f\xf0" * SIDE
    mask = stream(half, b"/Type /XObject /Subtype /Image " + SIZED + GREY)
    mask_bits = b"/Type /XObject /Subtype /Image /ImageMask true /BitsPerComponent 8 " + SIZED
    for name, data, entries, more in (
        ("short", RAMP[:100], GREY, {}),
        ("long", RAMP + RAMP, GREY, {}),
        ("bits-missing", RAMP, b"/ColorSpace /DeviceGray", {}),
        ("bits-three", RAMP, b"/ColorSpace /DeviceGray /BitsPerComponent 3", {}),
        ("bits-sixteen", RAMP * 2, b"/ColorSpace /DeviceGray /BitsPerComponent 16", {}),
        ("decode-turned", RAMP, GREY + b" /Decode [1 0]", {}),
        ("decode-outside", RAMP, GREY + b" /Decode [-1 3]", {}),
        ("decode-short", RAMP, GREY + b" /Decode [1]", {}),
        ("mask-eight-bits", RAMP, b"/ImageMask true /BitsPerComponent 8", {}),
        ("mask-space", bits, b"/ImageMask true /BitsPerComponent 1 /ColorSpace /DeviceRGB", {}),
        ("mask-decode", bits, b"/ImageMask true /BitsPerComponent 1 /Decode [1 0]", {}),
        ("mask-decode-odd", bits, b"/ImageMask true /BitsPerComponent 1 /Decode [0.4 0.6]", {}),
        ("stencil-eight-bits", RAMP, GREY + b" /Mask 6 0 R", {6: stream(half, mask_bits)}),
        ("stencil-not-mask", RAMP, GREY + b" /Mask 6 0 R", {6: mask}),
        ("keyed", RAMP, GREY + b" /Mask [0 100]", {}),
        ("keyed-turned", RAMP, GREY + b" /Mask [100 0]", {}),
        ("keyed-long", RAMP, GREY + b" /Mask [0 100 0 100]", {}),
        ("soft-and-hard", RAMP, GREY + b" /Mask [0 100] /SMask 6 0 R", {6: mask}),
        ("soft-of-colour", RAMP, GREY + b" /SMask 6 0 R",
         {6: stream(RAMP * 3, b"/Type /XObject /Subtype /Image " + SIZED + RGB)}),
        ("soft-matte", RAMP, GREY + b" /SMask 6 0 R",
         {6: mask.replace(b"/Subtype /Image", b"/Subtype /Image /Matte [1]")}),
        ("soft-other-size", RAMP, GREY + b" /SMask 6 0 R",
         {6: mask.replace(b"/Width 16", b"/Width 32")}),
        ("soft-decode", RAMP, GREY + b" /SMask 6 0 R",
         {6: mask.replace(b"/Subtype /Image", b"/Subtype /Image /Decode [1 0]")}),
        ("soft-own-soft", RAMP, GREY + b" /SMask 6 0 R",
         {6: mask.replace(b"/Subtype /Image", b"/Subtype /Image /SMask 6 0 R")}),
        ("alternates", RAMP, GREY + b" /Alternates [<< /Image 6 0 R /DefaultForPrinting true >>]",
         {6: mask}),
        ("interpolated", RAMP, GREY + b" /Interpolate true", {}),
        ("indexed-over", RAMP, (b"/ColorSpace [/Indexed /DeviceRGB 1 <ff000000ff00>] "
         b"/BitsPerComponent 8"), {}),
        ("indexed-short", RAMP, (b"/ColorSpace [/Indexed /DeviceRGB 255 <ff000000ff00>] "
         b"/BitsPerComponent 8"), {}),
        ("indexed-negative", RAMP, (b"/ColorSpace [/Indexed /DeviceRGB -1 <ff0000>] "
         b"/BitsPerComponent 8"), {}),
        ("indexed-twice", RAMP, (b"/ColorSpace [/Indexed [/Indexed /DeviceRGB 1 <ff000000ff00>]"
         b" 1 <0001>] /BitsPerComponent 8"), {}),
        ("space-missing", RAMP, b"/BitsPerComponent 8", {}),
        ("space-unknown", RAMP, b"/ColorSpace /Odd /BitsPerComponent 8", {}),
        ("opi", RAMP, GREY + b" /OPI << /2.0 << /Type /OPI /F (other.tif) >> >>", {}),
    ):  # fmt: skip
        yield Odd("images", name, image(data, SIZED + b" " + entries, more))
    for name, data, entries in (
        ("fax", T6, b"/Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 16 >>"),
        ("fax-rows", b"\x00" * 8, b"/Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 32 >>"),
        ("fax-black", b"\x00\x10\x01\x00\x10\x01", (b"/Filter /CCITTFaxDecode /DecodeParms "
         b"<< /K -1 /Columns 16 /BlackIs1 true >>")),
        ("fax-cut", T6[:-5], b"/Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 16 >>"),
        ("fax-few-rows", fax(6), b"/Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 16 >>"),
        ("fax-rows-said", T6,
         b"/Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 16 /Rows 6 >>"),
        ("fax-row-by-row", T6, b"/Filter /CCITTFaxDecode /DecodeParms << /K 0 /Columns 16 >>"),
        ("fax-aligned", T6, (b"/Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 16"
         b" /EncodedByteAlign true >>")),
        ("fax-damaged", T6[:4] + b"\0\0\x03" + T6[7:],
         b"/Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 16 >>"),
        ("jbig2-broken", b"\x00" * 20, b"/Filter /JBIG2Decode"),
    ):  # fmt: skip
        bits = b" /ColorSpace /DeviceGray /BitsPerComponent 1 " + SIZED
        yield Odd("images", name, image(data, entries + bits))


def images() -> Iterator[Odd]:
    yield from jpegs()
    yield from jpeg2000s()
    yield from samples()
    for name, data in (("whole", T6), ("cut", T6[:-5]), ("few-rows", fax(6))):
        inline = b"BI /W 16 /H 16 /BPC 1 /CS /G /F /CCF /DP << /K -1 /Columns 16 >> ID "
        content = b"q 160 0 0 100 20 40 cm " + inline + data + b"\nEI Q"
        yield Odd("images", f"fax-inline-{name}", one_page(content))
