"""Pages whose boxes, turns and units readers take differently, and what else decides their look."""

from __future__ import annotations

from collections.abc import Iterator

from tests.odd.pdf import BAR, Odd, form, one_page, stream

BOX = b"20 60 60 40 re f"
WHOLE = b"/MediaBox [0 0 200 200]"

ENTRIES = (
    ("rotate-45", b"/Rotate 45"),
    ("rotate-minus", b"/Rotate -90"),
    ("rotate-450", b"/Rotate 450"),
    ("rotate-real", b"/Rotate 90.0"),
    ("rotate-fraction", b"/Rotate 90.7"),
    ("rotate-name", b"/Rotate /Ninety"),
    ("rotate-huge", b"/Rotate 2147483730"),
    ("unit-two", b"/UserUnit 2"),
    ("unit-zero", b"/UserUnit 0"),
    ("unit-negative", b"/UserUnit -1"),
    ("unit-small", b"/UserUnit 0.5"),
    ("crop-outside", b"/CropBox [-50 -50 250 250]"),
    ("crop-elsewhere", b"/CropBox [300 300 400 400]"),
    ("crop-turned", b"/CropBox [180 180 20 20]"),
    ("crop-empty", b"/CropBox [50 50 50 50]"),
    ("crop-short", b"/CropBox [20 20 180]"),
    ("crop-long", b"/CropBox [20 20 180 180 7]"),
    ("crop-names", b"/CropBox [/a /b /c /d]"),
    ("crop-huge", b"/CropBox [0 0 99999999 200]"),
    ("trim-small", b"/TrimBox [50 50 100 100] /ArtBox [60 60 90 90]"),
    ("view-state", b"/VP [<< /BBox [0 0 10 10] >>] /Tabs /Q"),
    ("group-knockout", b"/Group << /S /Transparency /K true /I true /CS /DeviceGray >>"),
    ("group-unknown", b"/Group << /S /Odd >>"),
    ("thumb", b"/Thumb 5 0 R"),
    ("box-twice", b"/MediaBox [0 0 100 100]"),
)

BOXES = (
    ("media-missing", b""),
    ("media-turned", b"/MediaBox [200 200 0 0]"),
    ("media-short", b"/MediaBox [0 0 200]"),
    ("media-empty", b"/MediaBox [0 0 0 0]"),
    ("media-offset", b"/MediaBox [-100 -100 100 100]"),
    ("media-reals", b"/MediaBox [0.4 0.4 199.6 199.6]"),
    ("media-tiny", b"/MediaBox [0 0 0.5 0.5]"),
    ("media-huge", b"/MediaBox [0 0 20000 20000]"),
    ("media-indirect-parts", b"/MediaBox [0 0 5 0 R 5 0 R]"),
    ("media-strings", b"/MediaBox [(0) (0) (200) (200)]"),
)


def pages() -> Iterator[Odd]:
    for name, entries in ENTRIES:
        yield Odd("pages", name, one_page(BOX, page=entries, objects={5: b"<< >>"}))
    for name, box in BOXES:
        yield Odd("pages", name, one_page(BOX, box=box, objects={5: b"200"}))
    yield from inherited()
    yield from trees()


def inherited() -> Iterator[Odd]:
    """What pages take from their parents, and what should not be taken."""
    tree = b"<< /Type /Pages /Kids [3 0 R] /Count 1 %b >>"
    bare = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R %b >>"
    for name, above, own in (
        ("inherits-all", b"/MediaBox [0 0 200 200] /Rotate 90 /Resources << >>", b""),
        ("inherits-crop", WHOLE + b" /CropBox [10 60 100 190] /Resources << >>", b""),
        ("inherits-null", WHOLE + b" /Rotate 90 /Resources << >>", b"/Rotate null"),
        ("inherits-unit", WHOLE + b" /UserUnit 3 /Resources << >>", b""),
        ("inherits-contents", WHOLE + b" /Contents 4 0 R", b"/Resources << >> /Contents null"),
        ("inherits-annots", WHOLE + b" /Annots [6 0 R]", b"/Resources << >>"),
        ("inherits-group", WHOLE + b" /Group << /S /Transparency /CS /DeviceCMYK >>", b""),
        ("resources-nowhere", WHOLE, b""),
        ("parent-missing", WHOLE + b" /Rotate 90", b"/Parent 99 0 R"),
    ):
        annotation = {
            5: form(b"1 0 0 rg 0 0 100 30 re f"),
            6: b"<< /Type /Annot /Subtype /Stamp /Rect [90 20 190 50] /F 4 /AP << /N 5 0 R >> >>",
        }
        objects = {2: tree % above, 3: bare % own} | annotation
        yield Odd("pages", name, one_page(BOX, objects=objects))


def trees() -> Iterator[Odd]:
    """Page trees that readers walk to different ends."""
    other = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Resources << >> /Contents 5 0 R >>"
    )
    more = {5: stream(BAR + b"1 0 0 rg 100 20 30 30 re f"), 6: other}
    for name, tree, objects in (
        ("count-small", b"/Kids [3 0 R 6 0 R] /Count 1", {}),
        ("count-large", b"/Kids [3 0 R] /Count 2", {}),
        ("count-negative", b"/Kids [3 0 R 6 0 R] /Count -2", {}),
        ("count-missing", b"/Kids [3 0 R 6 0 R]", {}),
        ("kid-null", b"/Kids [3 0 R null 6 0 R] /Count 3", {}),
        ("kid-missing", b"/Kids [3 0 R 99 0 R 6 0 R] /Count 3", {}),
        ("kid-twice", b"/Kids [3 0 R 3 0 R] /Count 2", {}),
        ("kid-untyped", b"/Kids [3 0 R 7 0 R] /Count 2", {7: other.replace(b"/Type /Page ", b"")}),
        ("kid-of-other-type", b"/Kids [3 0 R 7 0 R] /Count 2",
         {7: other.replace(b"/Type /Page ", b"/Type /Template ")}),
        ("kid-empty-tree", b"/Kids [3 0 R 7 0 R] /Count 1",
         {7: b"<< /Type /Pages /Parent 2 0 R /Kids [] /Count 0 >>"}),
        ("kid-direct", (b"/Kids [3 0 R << /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] "
         b"/Contents 5 0 R >>] /Count 2"), {}),
        ("kids-loop", b"/Kids [3 0 R 7 0 R] /Count 2",
         {7: b"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 1 >>"}),
    ):  # fmt: skip
        made = {2: b"<< /Type /Pages %b >>" % tree} | more | objects
        yield Odd("pages", f"tree-{name}", one_page(BOX, objects=made))


VISIBLE, CLOSED = b"<< /Type /OCG /Name (on) >>", b"<< /Type /OCG /Name (off) >>"
CONFIGURED = b"/OCProperties << /OCGs [5 0 R 6 0 R] /D << /ON [5 0 R] /OFF [6 0 R] %b >> >>"


def layers() -> Iterator[Odd]:
    for name, member, default in (
        ("empty", b"<< /Type /OCMD >>", b""),
        ("empty-groups", b"<< /Type /OCMD /OCGs [] >>", b""),
        ("null-groups", b"<< /Type /OCMD /OCGs null >>", b""),
        ("missing-group", b"<< /Type /OCMD /OCGs [99 0 R] >>", b""),
        ("all-on", b"<< /Type /OCMD /OCGs [5 0 R 6 0 R] /P /AllOn >>", b""),
        ("any-off", b"<< /Type /OCMD /OCGs [5 0 R 6 0 R] /P /AnyOff >>", b""),
        ("unknown-policy", b"<< /Type /OCMD /OCGs [6 0 R] /P /Odd >>", b""),
        ("expression", b"<< /Type /OCMD /OCGs [5 0 R] /VE [/Not 5 0 R] >>", b""),
        ("expression-deep", b"<< /Type /OCMD /VE [/And [/Or 5 0 R 6 0 R] [/Not 5 0 R]] >>", b""),
        ("expression-broken", b"<< /Type /OCMD /OCGs [6 0 R] /VE [/Odd 5 0 R] >>", b""),
        ("of-a-member", b"<< /Type /OCMD /OCGs 8 0 R >>", b""),
        ("base-state-off", b"<< /Type /OCG /Name (third) >>", b"/BaseState /OFF"),
        ("base-state-unchanged", b"<< /Type /OCG /Name (third) >>", b"/BaseState /Unchanged"),
        ("on-and-off", b"<< /Type /OCMD /OCGs [5 0 R] >>", b"/OFF [5 0 R]"),
        ("automatic", b"<< /Type /OCG /Name (p) /Usage << /Print << /PrintState /OFF >> >> >>",
         b"/AS [<< /Event /Print /Category [/Print] /OCGs [7 0 R] >>]"),
        ("automatic-view", b"<< /Type /OCG /Name (v) /Usage << /View << /ViewState /OFF >> >> >>",
         b"/AS [<< /Event /View /Category [/View] /OCGs [7 0 R] >>]"),
        ("zoom", b"<< /Type /OCG /Name (z) /Usage << /Zoom << /min 4 >> >> >>",
         b"/AS [<< /Event /View /Category [/Zoom] /OCGs [7 0 R] >>]"),
        ("intent-design", b"<< /Type /OCG /Name (d) /Intent /Design >>", b"/OFF [7 0 R]"),
    ):  # fmt: skip
        page = one_page(
            b"/OC /M BDC " + BOX + b" EMC",
            resources=b"/Properties << /M 7 0 R >>",
            root=CONFIGURED % default,
            objects={
                5: VISIBLE,
                6: CLOSED,
                7: member,
                8: b"<< /Type /OCMD /OCGs 6 0 R >>",
            },
        )
        yield Odd("layers", name, page)
    hidden = form(b"0 0 60 40 re f", b"/OC 6 0 R")
    unlisted = one_page(
        b"/OC /M BDC " + BOX + b" EMC",
        resources=b"/Properties << /M 5 0 R >>",
        objects={5: CLOSED},
    )
    yield Odd("layers", "no-properties", unlisted)
    yield Odd(
        "layers",
        "form-off",
        one_page(
            b"q 1 0 0 1 20 60 cm /X Do Q",
            resources=b"/XObject << /X 7 0 R >>",
            root=CONFIGURED % b"",
            objects={5: VISIBLE, 6: CLOSED, 7: hidden},
        ),
    )
