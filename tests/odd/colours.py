"""States, spaces and functions of colour; PostScript."""

from __future__ import annotations

from collections.abc import Iterator

from tests.odd.pdf import Odd, form, one_page, stream

BOX = b"20 60 60 40 re f"
RAMP = b"<< /FunctionType 2 /Domain [0 1] /C0 [1] /C1 [0] /N 1 >>"
SOFT = b"/SMask << /Type /Mask /S %b /G 6 0 R %b >>"
HALF = b"0.5 g 0 0 200 200 re f"
GROUP = b"/Group << /S /Transparency /CS /DeviceGray %b >>"

STATES = (
    ("transfer", b"/TR 5 0 R"),
    ("transfer-two", b"/TR2 5 0 R"),
    ("transfer-four", b"/TR [5 0 R 5 0 R 5 0 R 5 0 R]"),
    ("transfer-unknown", b"/TR /Odd"),
    ("black-generation", b"/BG 5 0 R"),
    ("black-generation-two", b"/BG2 5 0 R"),
    ("undercolour", b"/UCR 5 0 R"),
    ("undercolour-two", b"/UCR2 5 0 R"),
    ("halftone", (b"/HT << /Type /Halftone /HalftoneType 1 /Frequency 5 /Angle 45 "
     b"/SpotFunction /Round /TransferFunction 5 0 R >>")),
    ("soft-transfer", SOFT % (b"/Luminosity", b"/TR 5 0 R")),
    ("soft-luminosity", SOFT % (b"/Luminosity", b"")),
    ("soft-alpha", SOFT % (b"/Alpha", b"")),
    ("soft-backdrop", SOFT % (b"/Luminosity", b"/BC [1]")),
    ("soft-backdrop-long", SOFT % (b"/Luminosity", b"/BC [1 1 1]")),
    ("soft-unknown", SOFT % (b"/Odd", b"")),
    ("soft-broken", b"/SMask << /S /Luminosity >>"),
    ("soft-name", b"/SMask /Odd"),
    ("alpha-above-one", b"/ca 7 /CA 7"),
    ("alpha-negative", b"/ca -1"),
    ("alpha-zero", b"/ca 0"),
    ("alpha-as-shape", b"/ca 0.5 /AIS true"),
    ("blend-multiply", b"/BM /Multiply"),
    ("blend-unknown", b"/BM /Odd"),
    ("blend-list", b"/BM [/Odd /Difference]"),
    ("blend-empty-list", b"/BM []"),
    ("overprint", b"/OP true /op true /OPM 1"),
    ("stroke-adjust", b"/SA true /LW 0.1"),
    ("knockout", b"/TK false"),
    ("font-in-state", b"/Font [99 0 R 40]"),
    ("width-negative", b"/LW -5"),
    ("type-wrong", b"/Type /Odd /ca 0.5"),
)  # fmt: skip


def states() -> Iterator[Odd]:
    mask = form(HALF, GROUP % b"", box=b"0 0 200 200")
    content = (
        b"1 0 0 rg 10 50 100 60 re f /G gs 0 0 1 rg " + BOX + b" 0 0.5 0.5 0 k 60 20 60 60 re f"
    )
    for name, state in STATES:
        page = one_page(
            content,
            resources=b"/ExtGState << /G << %b >> >>" % state,
            objects={5: RAMP, 6: mask},
        )
        yield Odd("states", name, page)
    group = form(b"0.5 g 0 0 60 60 re f 0 g 30 30 60 60 re f", b"%b", box=b"0 0 200 200")
    for name, entries in (
        ("group-knockout", GROUP % b"/K true"),
        ("group-isolated", GROUP % b"/I true"),
        ("group-cmyk", b"/Group << /S /Transparency /CS /DeviceCMYK >>"),
        ("group-bad-space", b"/Group << /S /Transparency /CS /Odd >>"),
        ("group-direct-null", b"/Group null"),
    ):
        page = one_page(
            b"1 0 0 rg 10 50 100 60 re f /G gs /X Do",
            resources=b"/ExtGState << /G << /ca 0.5 /BM /Multiply >> >> /XObject << /X 5 0 R >>",
            objects={5: group.replace(b"%b", entries)},
        )
        yield Odd("states", name, page)


ICC = b"[/ICCBased 5 0 R]"
SPACES = (
    ("separation-none", b"[/Separation /None /DeviceRGB 6 0 R]", b"1 scn"),
    ("separation-all", b"[/Separation /All /DeviceRGB 6 0 R]", b"1 scn"),
    ("separation-black", b"[/Separation /Black /DeviceRGB 6 0 R]", b"1 scn"),
    ("separation-spot", b"[/Separation /Gold /DeviceRGB 6 0 R]", b"1 scn"),
    ("separation-no-function", b"[/Separation /Gold /DeviceRGB]", b"1 scn"),
    ("separation-pattern", b"[/Separation /Gold /Pattern 6 0 R]", b"1 scn"),
    ("devicen-none", b"[/DeviceN [/None /None] /DeviceRGB 7 0 R]", b"1 1 scn"),
    ("devicen-process", b"[/DeviceN [/Cyan /Black] /DeviceRGB 7 0 R]", b"1 0 scn"),
    ("devicen-twice", b"[/DeviceN [/Gold /Gold] /DeviceRGB 7 0 R]", b"1 0 scn"),
    ("devicen-many", b"[/DeviceN [%b] /DeviceRGB 7 0 R]" % (b"/Gold " * 40), b"1 " * 40 + b"scn"),
    ("indexed-over", b"[/Indexed /DeviceRGB 1 <ff00000000ff>]", b"9 sc"),
    ("indexed-negative", b"[/Indexed /DeviceRGB 1 <ff00000000ff>]", b"-1 sc"),
    ("indexed-fraction", b"[/Indexed /DeviceRGB 1 <ff00000000ff>]", b"0.6 sc"),
    ("icc-broken", ICC, b"1 0 0 scn"),
    ("icc-components", b"[/ICCBased 8 0 R]", b"1 0 0 scn"),
    ("icc-missing", b"[/ICCBased 99 0 R]", b"1 0 0 scn"),
    ("lab-range", b"[/Lab << /WhitePoint [0.96 1 0.82] /Range [-500 500 -500 500] >>]",
     b"50 400 0 scn"),
    ("lab-no-white", b"[/Lab << >>]", b"50 60 0 scn"),
    ("calrgb-gamma", b"[/CalRGB << /WhitePoint [0.95 1 1.09] /Gamma [9 9 9] >>]", b".5 .5 .9 scn"),
    ("calgray-gamma", b"[/CalGray << /WhitePoint [0.95 1 1.09] /Gamma 9 >>]", b"0.5 scn"),
    ("name-unknown", b"/Odd", b"1 0 0 scn"),
    ("array-of-device", b"[/DeviceRGB]", b"1 0 0 scn"),
    ("components-few", b"/DeviceRGB", b"1 scn"),
    ("components-many", b"/DeviceGray", b"1 0 0 scn"),
    ("components-over", b"/DeviceRGB", b"255 0 0 scn"),
    ("default-rgb", b"/DeviceRGB", b"1 0 0 scn"),
)  # fmt: skip


def spaces() -> Iterator[Odd]:
    tint = b"<< /FunctionType 2 /Domain [0 1] /C0 [1 1 1] /C1 [1 0 0] /N 1 >>"
    two = stream(b"{ pop dup 0 exch }", b"/FunctionType 4 /Domain [0 1 0 1] /Range [0 1 0 1 0 1]")
    for name, space, paint in SPACES:
        default = (
            b"/DefaultRGB [/CalRGB << /WhitePoint [0.95 1 1.09] /Matrix [0 1 0 1 0 0 0 0 1] >>]"
        )
        extra = default if name == "default-rgb" else b""
        page = one_page(
            b"/C cs %b 20 60 60 40 re f" % paint,
            resources=b"/ColorSpace << /C %b %b >>" % (space, extra),
            objects={
                5: stream(b"no profile at all" * 20, b"/N 3 /Alternate /DeviceRGB"),
                6: tint,
                7: two,
                8: stream(b"no profile at all" * 20, b"/N 1 /Alternate /DeviceRGB"),
            },
        )
        yield Odd("spaces", name, page)


FUNCTIONS = (
    ("missing", b"null"),
    ("type-unknown", b"<< /FunctionType 7 /Domain [0 1] >>"),
    ("domain-missing", b"<< /FunctionType 2 /C0 [1 1 1] /C1 [1 0 0] /N 1 >>"),
    ("domain-turned", b"<< /FunctionType 2 /Domain [1 0] /C0 [1 1 1] /C1 [1 0 0] /N 1 >>"),
    ("exponent-negative", b"<< /FunctionType 2 /Domain [0 1] /C0 [1 1 1] /C1 [1 0 0] /N -1 >>"),
    ("outputs-few", b"<< /FunctionType 2 /Domain [0 1] /C0 [1] /C1 [0] /N 1 >>"),
    ("outputs-uneven", b"<< /FunctionType 2 /Domain [0 1] /C0 [1 1 1] /C1 [0] /N 1 >>"),
    ("stitched-bounds", (b"<< /FunctionType 3 /Domain [0 1] /Functions [6 0 R 6 0 R] /Bounds [2] "
     b"/Encode [0 1 1 0] >>")),
    ("stitched-short", (b"<< /FunctionType 3 /Domain [0 1] /Functions [6 0 R 6 0 R] /Bounds [] "
     b"/Encode [0 1] >>")),
    ("stitched-itself", (b"<< /FunctionType 3 /Domain [0 1] /Functions [5 0 R] /Bounds [] "
     b"/Encode [0 1] >>")),
    ("sampled-short", stream(b"\xff\x00", b"/FunctionType 0 /Domain [0 1] /Range [0 1 0 1 0 1] "
     b"/Size [2] /BitsPerSample 8")),
    ("sampled-size-zero", stream(b"", b"/FunctionType 0 /Domain [0 1] /Range [0 1 0 1 0 1] "
     b"/Size [0] /BitsPerSample 8")),
    ("sampled-cubic", stream(b"\xff\x00\x00\x00\xff\x00", b"/FunctionType 0 /Domain [0 1] /Order 3 "
     b"/Range [0 1 0 1 0 1] /Size [2] /BitsPerSample 8")),
    ("calculator-broken", stream(b"{ dup odd }", b"/FunctionType 4 /Domain [0 1] "
     b"/Range [0 1 0 1 0 1]")),
    ("calculator-open", stream(b"{ 0 0", b"/FunctionType 4 /Domain [0 1] /Range [0 1 0 1 0 1]")),
    ("calculator-overflow", stream(b"{ 0 div dup dup }", b"/FunctionType 4 /Domain [0 1] "
     b"/Range [0 1 0 1 0 1]")),
    ("calculator-few", stream(b"{ }", b"/FunctionType 4 /Domain [0 1] /Range [0 1 0 1 0 1]")),
    ("calculator-range", stream(b"{ 0 0 }", b"/FunctionType 4 /Domain [0 1]")),
)  # fmt: skip


def functions() -> Iterator[Odd]:
    """Functions, and the shadings and patterns that use them."""
    yield from patterns()
    fine = b"<< /FunctionType 2 /Domain [0 1] /C0 [1 1 1] /C1 [1 0 0] /N 1 >>"
    for name, body in FUNCTIONS:
        page = one_page(
            b"/C cs 0.7 scn 20 60 60 40 re f q 100 20 80 80 re W n /S sh Q",
            resources=b"/ColorSpace << /C [/Separation /Gold /DeviceRGB 5 0 R] >> /Shading << /S "
            b"<< /ShadingType 2 /ColorSpace /DeviceRGB /Coords [100 0 180 0] /Function 5 0 R >> >>",
            objects={5: body, 6: fine},
        )
        yield Odd("functions", name, page)
    shading = b"/Shading << /S << /ShadingType %b /ColorSpace /DeviceRGB %b >> >>"
    for name, kind, entries in (
        ("shading-type-unknown", b"9", b"/Function 5 0 R"),
        ("shading-no-coordinates", b"2", b"/Function 5 0 R"),
        ("shading-extended", b"2", b"/Coords [80 0 120 0] /Extend [true true] /Function 5 0 R"),
        ("shading-background", b"3", (b"/Coords [100 60 0 100 60 30] /Background [0 1 0] "
         b"/Function 5 0 R")),
        ("shading-radii-negative", b"3", b"/Coords [100 60 -20 100 60 30] /Function 5 0 R"),
        ("shading-box", b"2", b"/Coords [20 0 180 0] /BBox [40 40 60 60] /Function 5 0 R"),
    ):  # fmt: skip
        page = one_page(
            b"q 20 20 160 120 re W n /S sh Q",
            resources=shading % (kind, entries),
            objects={5: fine},
        )
        yield Odd("functions", name, page)


def patterns() -> Iterator[Odd]:
    base = b"/Type /Pattern /PatternType 1 /PaintType %d /TilingType 1 /BBox %b /XStep %b /YStep %b"
    for name, paint, box, step, content, entries in (
        ("step-zero", 1, b"[0 0 10 10]", b"0", b"1 0 0 rg 0 0 5 5 re f", b""),
        ("step-negative", 1, b"[0 0 10 10]", b"-10", b"1 0 0 rg 0 0 5 5 re f", b""),
        ("step-small", 1, b"[0 0 10 10]", b"2", b"1 0 0 rg 0 0 5 5 re f", b""),
        ("box-empty", 1, b"[0 0 0 0]", b"10", b"1 0 0 rg 0 0 5 5 re f", b""),
        ("uncoloured-paints", 2, b"[0 0 10 10]", b"10", b"1 0 0 rg 0 0 5 5 re f", b""),
        ("paint-unknown", 7, b"[0 0 10 10]", b"10", b"1 0 0 rg 0 0 5 5 re f", b""),
        ("draws-itself", 1, b"[0 0 10 10]", b"10", b"/Pattern cs /P scn 0 0 5 5 re f",
         b"/Resources << /Pattern << /P 5 0 R >> >>"),
        ("matrix-singular", 1, b"[0 0 10 10]", b"10", b"1 0 0 rg 0 0 5 5 re f",
         b"/Matrix [0 0 0 0 0 0]"),
    ):  # fmt: skip
        page = one_page(
            b"/Pattern cs /P scn 20 40 160 100 re f",
            resources=b"/Pattern << /P 5 0 R >>",
            objects={5: stream(content, base % (paint, box, step, step) + b" " + entries)},
        )
        yield Odd("functions", f"pattern-{name}", page)


def postscript() -> Iterator[Odd]:
    code = b"newpath 20 60 moveto 80 60 lineto 80 100 lineto fill"
    for name, body in (
        ("own-type", stream(code, b"/Type /XObject /Subtype /PS")),
        ("within-form", stream(b"0 0 60 40 re f", b"/Type /XObject /Subtype /Form /Subtype2 /PS "
                               b"/BBox [0 0 60 40] /PS 6 0 R")),
        ("level-one", stream(code, b"/Type /XObject /Subtype /PS /Level1 6 0 R")),
        ("unknown-type", stream(code, b"/Type /XObject /Subtype /Odd")),
    ):  # fmt: skip
        page = one_page(
            b"q 1 0 0 1 20 60 cm /X Do Q 100 20 30 30 re f",
            resources=b"/XObject << /X 5 0 R >>",
            objects={5: body, 6: stream(code)},
        )
        yield Odd("postscript", name, page)
