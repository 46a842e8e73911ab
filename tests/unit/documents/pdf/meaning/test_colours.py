from __future__ import annotations

import pytest
from pikepdf import Array, Dictionary, Name
from PIL import ImageCms

from eseal.documents.pdf.meaning import put_in_order
from eseal.documents.pdf.meaning.resources.colours.calculator import results
from tests.unit.documents.pdf.meaning.made import (
    BOX,
    codes,
    document,
    drawing,
    form,
    parsed,
    refused,
    stream,
)

POWER = b"<< /FunctionType 2 /Domain [0 1] /C0 [1 1 1] /C1 [1 0 0] /N 1 >>"
CYAN = b"<< /FunctionType 2 /Domain [0 1] /C0 [0 0 0 0] /C1 [1 0 0 0] /N 1 >>"
SPOT = b"[/Separation /Gold /DeviceRGB %b]"


def coloured(space: bytes, paint: bytes) -> set[str]:
    content = b"/C cs %b %b" % (paint, BOX)
    return codes(document(content, resources=b"<< /ColorSpace << /C %b >> >>" % space))


@pytest.mark.parametrize(
    ("space", "paint"),
    [
        (b"/DeviceRGB", b"1 0 0 sc"),
        (b"[/DeviceCMYK]", b"0 0 0 1 scn"),
        (b"[/Indexed /DeviceRGB 1 <ff00000000ff>]", b"1 sc"),
        (b"[/CalGray << /WhitePoint [0.95 1 1.09] /Gamma 2.2 >>]", b"0.5 sc"),
        (b"[/Lab << /WhitePoint [0.95 1 1.09] >>]", b"50 60 0 sc"),
        (SPOT % POWER, b"1 scn"),
        (b"[/DeviceN [/Gold] /DeviceRGB %b]" % POWER, b"1 scn"),
        (b"/DeviceRGB", b"q 0 g /DeviceGray cs 1 sc Q 1 0 0 sc"),
        (b"[/Pattern /DeviceRGB]", b""),
    ],
)
def test_colours_that_fit_their_space(space, paint):
    assert coloured(space, paint) == set()


@pytest.mark.parametrize(
    ("space", "paint"),
    [
        (b"/Odd", b"1 sc"),
        (b"[/Indexed /DeviceRGB 1 <ff00>]", b"1 sc"),
        (b"[/Indexed /DeviceRGB 300 <ff00>]", b"1 sc"),
        (b"[/Indexed /DeviceRGB 1 <ff00000000ff>]", b"9 sc"),
        (b"[/Indexed /DeviceRGB 1 <ff00000000ff>]", b"0.6 sc"),
        (b"[/Indexed /DeviceRGB 1 <ff00000000ff>]", b"-1 sc"),
        (b"[/Separation /None /DeviceRGB %b]" % POWER, b"1 scn"),
        (b"[/Separation /Black /DeviceCMYK %b]" % CYAN, b"1 scn"),
        (b"[/DeviceN [/Gold /None] /DeviceRGB %b]" % POWER, b"1 1 scn"),
        (b"[/Lab << >>]", b"50 60 0 sc"),
        (b"[/CalRGB << /WhitePoint [0.95 1 1.09] /Gamma [9 9 9] >>]", b"1 0 0 sc"),
        (b"[/Lab << /WhitePoint [0.1 1 0.1] >>]", b"50 60 0 sc"),
        (b"[/CalRGB << /WhitePoint [0.95 1 1.09] /Matrix [0 1 0 1 0 0 0 0 1] >>]", b"1 0 0 sc"),
        (b"/DeviceRGB", b"1 sc"),
        (b"/DeviceGray", b"1 0 0 sc"),
        (b"/DeviceRGB", b"q 0 g Q 1 sc"),
    ],
)  # fmt: skip
def test_colours_that_readers_show_differently(space, paint):
    assert "unclear_colour" in coloured(space, paint)


@pytest.mark.parametrize(
    "function",
    [
        b"null",
        b"<< /FunctionType 9 /Domain [0 1] >>",
        b"<< /FunctionType 2 /C0 [1 1 1] /C1 [1 0 0] /N 1 >>",
        b"<< /FunctionType 2 /Domain [1 0] /C0 [1 1 1] /C1 [1 0 0] /N 1 >>",
        b"<< /FunctionType 2 /Domain [0 1] /C0 [1 1 1] /C1 [1 0 0] /N -1 >>",
        b"<< /FunctionType 2 /Domain [0 1] /N 1 >>",
        b"<< /FunctionType 2 /Domain [0 1] /C0 [1 1 1] /C1 [0] /N 1 >>",
        b"<< /FunctionType 3 /Domain [0 1] /Functions [%b] /Bounds [] /Encode [0] >>" % POWER,
        b"<< /FunctionType 3 /Domain [0 1] /Functions [%b %b] /Bounds [2] /Encode [0 1 0 1] >>"
        % (POWER, POWER),
    ],
)
def test_functions_that_readers_compute_differently(function):
    assert coloured(SPOT % function, b"1 scn") == {"unclear_colour"}


@pytest.mark.parametrize(
    ("entries", "data", "fine"),
    [
        (b"/FunctionType 0 /Size [2] /BitsPerSample 8", b"\0" * 6, True),
        (b"/FunctionType 0 /Size [2] /BitsPerSample 8", b"\0" * 5, False),
        (b"/FunctionType 0 /Size [0] /BitsPerSample 8", b"\0", False),
        (b"/FunctionType 0 /Size [2] /BitsPerSample 7", b"\0" * 6, False),
        (b"/FunctionType 4", b"{ dup 2 div 1 exch 0 }", False),
        (b"/FunctionType 4", b"{ dup 2 div exch 0 exch }", True),
    ],
)
def test_functions_in_streams(entries, data, fine):
    pdf = document(b"/C cs 1 scn " + BOX)
    given = stream(pdf, data, b"<< /Domain [0 1] /Range [0 1 0 1 0 1] %b >>" % entries)
    spot = Array([Name.Separation, Name.Gold, Name.DeviceRGB, given])
    pdf.pages[0].obj.Resources.ColorSpace = Dictionary(C=spot)
    assert codes(pdf) == (set() if fine else {"unclear_colour"})


@pytest.mark.parametrize(
    ("program", "inputs", "left"),
    [
        (b"{}", 1, 1),
        (b"{ 0 0 }", 1, 3),
        (b"{ 1 index 1 cvr exch sub 3 1 roll pop }", 2, 2),
        (b"{ 2 copy add 3 1 roll pop pop }", 2, 1),
        (b"{ dup 1 gt { pop 1 } if }", 1, 1),
        (b"{ dup 0.5 lt { 2 mul } { pop 1 } ifelse }", 1, 1),
        (b"{ true { 0 } { 1 } ifelse }", 0, 1),
        (b"{ pop pop }", 1, 0),
        (b"{ add }", 1, 0),
        (b"{ 0 div }", 1, 0),
        (b"{ 3 index }", 1, 0),
        (b"{ dup roll }", 2, 0),
        (b"{ dup index }", 1, 0),
        (b"{ 0 lt { 1 } if }", 2, 0),
        (b"{ { 1 } }", 1, 0),
        (b"{ { 1 } { 2 } }", 1, 0),
        (b"{ odd }", 1, 0),
        (b"{ 1", 1, 0),
        (b"{ 1 } }", 1, 0),
        (b"1 }", 1, 0),
        (b"", 1, 0),
        (b"{" * 99, 1, 0),
        (b"{ " + b"1 " * 200 + b"}", 1, 0),
    ],
)
def test_programs_leave_so_many_values(program, inputs, left):
    assert results(program, inputs) == left


def profiled(data: bytes, count: int) -> set[str]:
    pdf = document(b"/C cs 1 0 0 scn " + BOX)
    profile = stream(pdf, data, b"<< /N %d >>" % count)
    pdf.pages[0].obj.Resources.ColorSpace = Dictionary(C=Array([Name.ICCBased, profile]))
    return codes(pdf)


def test_colour_profiles():
    good = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert profiled(good, 3) == set()
    assert profiled(good[:-400], 3) == {"unclear_colour"}
    assert profiled(b"junk" * 99, 3) == {"unclear_colour"}
    assert profiled(good.replace(b"RGB ", b"CMYK", 1), 3) == {"unclear_colour"}
    assert profiled(good, 2) == {"unclear_colour"}


def test_no_space_stands_for_a_device():
    resources = b"<< /ColorSpace << /DefaultRGB [/Lab << /WhitePoint [1 1 1] >>] >> >>"
    assert codes(document(resources=resources)) == {"unclear_colour"}


@pytest.mark.parametrize(
    ("entries", "fine"),
    [
        (b"/TR /Identity /TR2 /Default /BG2 /Default /UCR2 /Default", True),
        (b"/ca 0.5 /CA 1 /LW 0 /LC 2 /LJ 1 /ML 10 /D [[3 2] 0] /OP true", True),
        (b"/BM /Multiply /SMask /None", True),
        (b"/BM /ColorBurn", False),
        (b"/BM [/Odd /Difference]", False),
        (b"/TR %b" % POWER, False),
        (b"/TR2 %b" % POWER, False),
        (b"/BG %b" % POWER, False),
        (b"/UCR %b" % POWER, False),
        (b"/ca -1", False),
        (b"/CA 2", False),
        (b"/LW -1", False),
        (b"/LC 7", False),
        (b"/ML 0", False),
        (b"/D [[-3 2] 0]", False),
        (b"/SMask << /S /Luminosity >>", False),
    ],
)
def test_graphics_states(entries, fine):
    resources = b"<< /ExtGState << /G << %b >> >> >>" % entries
    found = codes(document(b"/G gs " + BOX, resources=resources))
    assert found == (set() if fine else {"unclear_colour"})


def test_a_page_is_not_shown_in_gray():
    pdf = document(page=b"<< /Group << /S /Transparency /CS /DeviceGray >> >>")
    assert codes(pdf) == {"unclear_colour"}
    assert "/CS" not in pdf.pages[0].obj.Group


def test_a_state_sets_no_font():
    resources = b"<< /ExtGState << /G << /Font [<< /Type /Font >> 9] >> >> >>"
    assert "unclear_font" in refused(document(b"/G gs " + BOX, resources=resources))


def test_groups_in_which_later_drawing_takes_away():
    pdf = document()
    group = form(pdf, entries=b"<< /Group << /S /Transparency /K true >> >>")
    assert codes(drawing(pdf, group)) == {"unclear_colour"}
    assert "/K" not in group.Group


def test_a_mask_of_light_has_colours():
    for space, fine in ((b"/CS /DeviceGray", True), (b"", False)):
        pdf = document(b"/G gs " + BOX)
        light = form(pdf, entries=b"<< /Group << /S /Transparency %b >> >>" % space)
        state = Dictionary(SMask=Dictionary(S=Name.Luminosity, G=light))
        pdf.pages[0].obj.Resources.ExtGState = Dictionary(G=state)
        assert codes(pdf) == (set() if fine else {"unclear_colour"})


def test_of_several_ways_to_blend_the_first_that_is_known_stays():
    pdf = document(
        b"/G gs", resources=b"<< /ExtGState << /G << /BM [/Odd /Multiply /Screen] >> >> >>"
    )
    put_in_order(pdf)
    assert str(pdf.pages[0].obj.Resources.ExtGState.G.BM) == "/Multiply"


def test_a_mask_that_a_function_changes_is_refused():
    pdf = document(b"/G gs " + BOX)
    mask = Dictionary(S=Name.Alpha, G=form(pdf))
    pdf.pages[0].obj.Resources.ExtGState = Dictionary(G=Dictionary(SMask=mask))
    assert codes(pdf) == set()
    mask.TR = parsed(POWER)
    pdf.pages[0].obj.Resources.ExtGState.G.SMask = mask
    assert codes(pdf) == {"unclear_colour"}


@pytest.mark.parametrize(
    ("entries", "fine"),
    [
        (b"/ShadingType 2 /Coords [20 0 180 0] /Function %b" % POWER, True),
        (b"/ShadingType 3 /Coords [9 9 0 9 9 9] /Function %b" % POWER, True),
        (b"/ShadingType 3 /Coords [9 9 -2 9 9 9] /Function %b" % POWER, False),
        (b"/ShadingType 2 /Coords [20 0 20 0] /Function %b" % POWER, False),
        (b"/ShadingType 3 /Coords [9 9 5 9 9 5] /Function %b" % POWER, False),
        (b"/ShadingType 2 /Coords [20 0] /Function %b" % POWER, False),
        (b"/ShadingType 2 /Coords [20 0 180 0]", False),
        (b"/ShadingType 9 /Coords [20 0 180 0] /Function %b" % POWER, False),
        (b"/ShadingType 2 /Coords [20 0 180 0] /Background [1 0 0] /Function %b" % POWER, False),
    ],
)
def test_shadings(entries, fine):
    resources = b"<< /Shading << /S << /ColorSpace /DeviceRGB %b >> >> >>" % entries
    found = codes(document(b"/S sh", resources=resources))
    assert found == (set() if fine else {"unclear_colour"})
