"""Annotations and form fields: what a reader draws that has to make up the look by itself."""

from __future__ import annotations

from collections.abc import Iterator

from tests.odd.fonts import embedded
from tests.odd.pdf import Odd, form, one_page, stream

RECT = b"/Rect [20 60 120 90]"
RED, BLUE = form(b"1 0 0 rg 0 0 100 30 re f"), form(b"0 0 1 rg 0 0 100 30 re f")
LOOK = b"/AP << /N 6 0 R >>"

BARE = (
    ("text", b"/Subtype /Text /Contents (note) /Name /Note"),
    ("text-open", b"/Subtype /Text /Contents (note) /Open true"),
    ("free-text", b"/Subtype /FreeText /Contents (1234) /DA (/Helv 20 Tf 0 g)"),
    ("free-text-rich", (b"/Subtype /FreeText /Contents (1) /RC (<body><p>9999</p></body>) "
     b"/DA (/Helv 20 Tf 0 g)")),
    ("free-text-unset", b"/Subtype /FreeText /Contents (1234)"),
    ("line", b"/Subtype /Line /L [20 60 120 90] /LE [/ClosedArrow /Circle] /C [1 0 0]"),
    ("square", b"/Subtype /Square /IC [1 0 0] /C [0 0 1] /BS << /W 5 >>"),
    ("square-cloudy", b"/Subtype /Square /IC [1 0 0] /C [0 0 1] /BE << /S /C /I 2 >>"),
    ("circle", b"/Subtype /Circle /IC [1 0 0] /C [0 0 1]"),
    ("polygon", b"/Subtype /Polygon /Vertices [20 60 120 60 70 90] /IC [1 0 0] /C [0 0 1]"),
    ("polyline", b"/Subtype /PolyLine /Vertices [20 60 120 60 70 90] /C [0 0 1]"),
    ("highlight", b"/Subtype /Highlight /QuadPoints [20 90 120 90 20 60 120 60] /C [1 1 0]"),
    ("highlight-no-quads", b"/Subtype /Highlight /C [1 1 0]"),
    ("highlight-elsewhere", (b"/Subtype /Highlight /QuadPoints [20 190 120 190 20 160 120 160]"
     b" /C [1 1 0]")),
    ("underline", b"/Subtype /Underline /QuadPoints [20 90 120 90 20 60 120 60] /C [1 0 0]"),
    ("squiggly", b"/Subtype /Squiggly /QuadPoints [20 90 120 90 20 60 120 60] /C [1 0 0]"),
    ("strike-out", b"/Subtype /StrikeOut /QuadPoints [20 190 180 190 20 160 180 160] /C [1 0 0]"),
    ("stamp", b"/Subtype /Stamp /Name /Approved"),
    ("caret", b"/Subtype /Caret /C [1 0 0]"),
    ("ink", b"/Subtype /Ink /InkList [[20 60 120 90 120 60]] /C [1 0 0]"),
    ("popup", b"/Subtype /Popup /Open true"),
    ("file", b"/Subtype /FileAttachment /FS << /Type /Filespec /F (a.txt) /EF << /F 8 0 R >> >>"),
    ("sound", b"/Subtype /Sound"),
    ("movie", b"/Subtype /Movie /Movie << /F (a.avi) /Poster true >>"),
    ("screen", b"/Subtype /Screen /MK << /BG [1 0 0] >>"),
    ("watermark", b"/Subtype /Watermark"),
    ("redact", b"/Subtype /Redact /IC [0 0 0] /OverlayText (REDACTED) /DA (/Helv 10 Tf 0 g)"),
    ("redact-quads", b"/Subtype /Redact /IC [0 0 0] /QuadPoints [20 190 180 190 20 160 180 160]"),
    ("projection", b"/Subtype /Projection"),
    ("rich-media", b"/Subtype /RichMedia"),
    ("three-d", b"/Subtype /3D"),
    ("trap-net", b"/Subtype /TrapNet"),
    ("printer-mark", b"/Subtype /PrinterMark"),
    ("unknown", b"/Subtype /Odd /C [1 0 0]"),
    ("no-subtype", b"/C [1 0 0] /Border [0 0 5]"),
    ("link-border", b"/Subtype /Link /Border [0 0 8] /C [1 0 0]"),
    ("link-border-default", b"/Subtype /Link"),
    ("link-into-file", b"/Subtype /Link /A << /S /GoToR /F (b.pdf) /D [0 /Fit] >>"),
    ("link-into-attachment", b"/Subtype /Link /A << /S /GoToE /D [0 /Fit] >>"),
    ("link-script", b"/Subtype /Link /A << /S /URI /URI (javascript:alert\\(1\\)) >>"),
    ("link-program", b"/Subtype /Link /A << /S (Launch) /F (evil.exe) >>"),
    ("link-two-targets", (b"/Subtype /Link /A << /S /URI /URI (https://example.org) >> "
     b"/Dest [3 0 R /Fit] /PA << /S /URI /URI (file:///etc/passwd) >>")),
    ("link-quads", b"/Subtype /Link /QuadPoints [20 190 180 190 20 160 180 160] /Border [0 0 4]"),
)  # fmt: skip
"""Annotations without a look."""

DRESSED = (
    ("popup", b"/Subtype /Popup /F 4 " + LOOK),
    ("popup-open", b"/Subtype /Popup /Open true /F 4 " + LOOK),
    ("link", b"/Subtype /Link /F 4 " + LOOK),
    ("no-subtype", b"/F 4 " + LOOK),
    ("unknown-subtype", b"/Subtype /Odd /F 4 " + LOOK),
    ("unknown-invisible", b"/Subtype /Odd /F 5 " + LOOK),
    ("stamp-invisible", b"/Subtype /Stamp /F 5 " + LOOK),
    ("stamp-hidden", b"/Subtype /Stamp /F 6 " + LOOK),
    ("stamp-no-view", b"/Subtype /Stamp /F 36 " + LOOK),
    ("stamp-no-print", b"/Subtype /Stamp " + LOOK),
    ("stamp-print-zero", b"/Subtype /Stamp /F 0 " + LOOK),
    ("stamp-toggled", b"/Subtype /Stamp /F 292 " + LOOK),
    ("stamp-no-zoom", b"/Subtype /Stamp /F 12 " + LOOK),
    ("stamp-no-rotate", b"/Subtype /Stamp /F 20 " + LOOK),
    ("stamp-flags-real", b"/Subtype /Stamp /F 6.0 " + LOOK),
    ("stamp-flags-negative", b"/Subtype /Stamp /F -1 " + LOOK),
    ("stamp-flags-name", b"/Subtype /Stamp /F /Print " + LOOK),
    ("stamp-blend", b"/Subtype /Stamp /F 4 /BM /Multiply " + LOOK),
    ("stamp-alpha", b"/Subtype /Stamp /F 4 /CA 0.3 /ca 0.3 " + LOOK),
    ("stamp-layer", b"/Subtype /Stamp /F 4 /OC << /Type /OCMD >> " + LOOK),
    ("states-no-state", b"/Subtype /Stamp /F 4 /AP << /N << /On 6 0 R /Off 7 0 R >> >>"),
    ("states-unknown", b"/Subtype /Stamp /F 4 /AS /Odd /AP << /N << /On 6 0 R /Off 7 0 R >> >>"),
    ("states-single", b"/Subtype /Stamp /F 4 /AP << /N << /On 6 0 R >> >>"),
    ("states-string", b"/Subtype /Stamp /F 4 /AS (On) /AP << /N << /On 6 0 R /Off 7 0 R >> >>"),
    ("state-of-stream", b"/Subtype /Stamp /F 4 /AS /Off " + LOOK),
    ("only-rollover", b"/Subtype /Stamp /F 4 /AP << /R 6 0 R >>"),
    ("only-down", b"/Subtype /Stamp /F 4 /AP << /D 6 0 R >>"),
    ("look-direct", b"/Subtype /Stamp /F 4 /AP 6 0 R"),
    ("look-null", b"/Subtype /Square /IC [1 0 0] /F 4 /AP << /N null >>"),
    ("look-missing", b"/Subtype /Square /IC [1 0 0] /F 4 /AP << /N 99 0 R >>"),
    ("look-untyped", b"/Subtype /Stamp /F 4 /AP << /N 9 0 R >>"),
    ("look-image", b"/Subtype /Stamp /F 4 /AP << /N 10 0 R >>"),
    ("look-box-empty", b"/Subtype /Stamp /F 4 /AP << /N 11 0 R >>"),
    ("look-matrix-singular", b"/Subtype /Stamp /F 4 /AP << /N 12 0 R >>"),
    ("look-box-missing", b"/Subtype /Stamp /F 4 /AP << /N 13 0 R >>"),
    ("look-turned", b"/Subtype /Stamp /F 4 /AP << /N 14 0 R >>"),
    ("look-compressed-badly", b"/Subtype /Stamp /F 4 /AP << /N 15 0 R >>"),
    ("rect-turned", b"/Subtype /Stamp /F 4 /Rect [120 90 20 60] " + LOOK),
    ("rect-empty", b"/Subtype /Stamp /F 4 /Rect [20 60 20 60] " + LOOK),
    ("rect-short", b"/Subtype /Stamp /F 4 /Rect [20 60 120] " + LOOK),
    ("rect-outside", b"/Subtype /Stamp /F 4 /Rect [500 500 600 600] " + LOOK),
    ("square-contradicts", b"/Subtype /Square /IC [0 1 0] /C [0 1 0] /F 4 " + LOOK),
    ("free-text-contradicts", b"/Subtype /FreeText /Contents (9999) /DA (/Helv 20 Tf 0 g) /F 4 "
     + LOOK),
    ("highlight-contradicts", b"/Subtype /Highlight /QuadPoints [20 190 180 190 20 160 180 160] "
     b"/C [1 1 0] /F 4 " + LOOK),
    ("watermark-fixed", b"/Subtype /Watermark /F 4 /FixedPrint << /Type /FixedPrint /H 0.5 /V 0.5 "
     b">> " + LOOK),
    ("reply", b"/Subtype /Text /IRT 5 0 R /RT /Group /F 4 " + LOOK),
    ("redact", b"/Subtype /Redact /RO 7 0 R /F 4 " + LOOK),
)  # fmt: skip
"""Annotations whose look, flags and states do not fit together."""

LOOKS = {
    6: RED,
    7: BLUE,
    8: stream(b"attached", b"/Type /EmbeddedFile"),
    9: stream(b"1 0 0 rg 0 0 100 30 re f", b"/BBox [0 0 100 30]"),
    10: stream(b"\xff\x00\x00", b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace "
               b"/DeviceRGB /BitsPerComponent 8"),
    11: form(b"1 0 0 rg 0 0 100 30 re f", box=b"0 0 0 0"),
    12: form(b"1 0 0 rg 0 0 100 30 re f", b"/Matrix [0 0 0 0 0 0]"),
    13: stream(b"1 0 0 rg 0 0 100 30 re f", b"/Type /XObject /Subtype /Form"),
    14: form(b"1 0 0 rg 0 0 50 30 re f", b"/Matrix [0.7 0.7 -0.7 0.7 0 0]"),
    15: stream(b"no deflate", b"/Subtype /Form /BBox [0 0 100 30] /Filter /FlateDecode"),
}  # fmt: skip


def annotated(
    annotation: bytes,
    listed: bytes = b"[5 0 R]",
    root: bytes = b"",
    more: dict[int, bytes] | None = None,
) -> bytes:
    """A page with one annotation, object 5, over looks that it may use."""
    place = b"" if b"/Rect" in annotation else RECT
    body = b"<< /Type /Annot %b %b >>" % (place, annotation)
    objects = {5: body} | LOOKS | (more or {})
    return one_page(page=b"/Annots " + listed, root=root, objects=objects)


def annotations() -> Iterator[Odd]:
    for name, entries in BARE:
        yield Odd("annotations", f"bare-{name}", annotated(entries + b" /F 4"))
    for name, entries in DRESSED:
        yield Odd("annotations", name, annotated(entries))
    stamp = b"/Subtype /Stamp /F 4 " + LOOK
    for name, listed in (
        ("list-nested", b"[[5 0 R]]"),
        ("list-single", b"5 0 R"),
        ("list-with-null", b"[null 99 0 R 5 0 R]"),
        ("list-twice", b"[5 0 R 5 0 R]"),
        (
            "list-direct",
            (
                b"[<< /Type /Annot /Subtype /Stamp /F 4 /Rect [20 20 60 40] /AP << /N 7 0 R"
                b" >> >> 5 0 R]"
            ),
        ),
    ):
        yield Odd("annotations", name, annotated(stamp, listed))


WIDGET = b"/Subtype /Widget /FT "
TEXT = WIDGET + b"/Tx /T (price) /DA (/Helv 20 Tf 0 g) /F 4 "
BOX = WIDGET + b"/Btn /T (agreed) /F 4 /AP << /N << /Yes 6 0 R /Off 7 0 R >> >> "
RADIO = WIDGET + b"/Btn /Ff 49152 /T (choice) /F 4 /AP << /N << /A 6 0 R /Off 7 0 R >> >> "
FIELDS = b"/Fields [5 0 R] /DA (/Helv 0 Tf 0 g) "
NEED = b"/NeedAppearances true "

FORMS = (
    ("text-without-look", TEXT + b"/V (1234)", FIELDS),
    ("text-without-look-needed", TEXT + b"/V (1234)", FIELDS + NEED),
    ("text-stale", TEXT + b"/V (9999) " + LOOK, FIELDS),
    ("text-stale-needed", TEXT + b"/V (9999) " + LOOK, FIELDS + NEED),
    ("text-default-only", TEXT + b"/DV (1234)", FIELDS + NEED),
    ("text-name-value", TEXT + b"/V /Name " + LOOK, FIELDS),
    ("text-stream-value", TEXT + b"/V 8 0 R", FIELDS + NEED),
    ("text-rich", TEXT + b"/Ff 33554432 /V (1) /RV (<body><p>9999</p></body>)", FIELDS + NEED),
    ("text-password", TEXT + b"/Ff 8192 /V (1234)", FIELDS + NEED),
    ("text-comb", TEXT + b"/Ff 16777216 /MaxLen 8 /V (1234)", FIELDS + NEED),
    ("text-too-long", TEXT + b"/MaxLen 2 /V (1234)", FIELDS + NEED),
    ("text-lines", TEXT + b"/Ff 4096 /V (12\r34\n56)", FIELDS + NEED),
    ("text-background", TEXT + b"/MK << /BG [1 0 0] /BC [0 0 1] /R 90 >>", FIELDS),
    ("text-no-default-look", WIDGET + b"/Tx /T (price) /F 4 /V (1234)",
     b"/Fields [5 0 R]"),
    ("text-font-missing", WIDGET + b"/Tx /T (price) /F 4 /V (1234) /DA (/No 20 Tf)",
     FIELDS + NEED),
    ("text-unlisted", TEXT + b"/V (1234) " + LOOK, b"/Fields []"),
    ("text-no-form", TEXT + b"/V (1234) " + LOOK, None),
    ("text-no-name", WIDGET + b"/Tx /F 4 /V (1234) " + LOOK, FIELDS),
    ("text-other-script", TEXT + b"/V <FEFF516C53F8> " + LOOK, FIELDS),
    ("text-listed-twice", TEXT + b"/V (1234) " + LOOK, b"/Fields [5 0 R 5 0 R]"),
    ("text-hidden", TEXT.replace(b"/F 4", b"/F 2") + b"/V (1234) " + LOOK, FIELDS),
    ("text-calculated-order", TEXT + b"/V (1234) " + LOOK, FIELDS + b"/CO [5 0 R]"),
    ("box-state-unknown", BOX + b"/V /Yes /AS /Odd", FIELDS),
    ("box-state-missing", BOX + b"/V /Yes", FIELDS),
    ("box-state-against-value", BOX + b"/V /Yes /AS /Off", FIELDS),
    ("box-shown-only", BOX + b"/AS /Yes", FIELDS),
    ("box-value-unknown", BOX + b"/V /Odd /AS /Yes", FIELDS),
    ("box-value-string", BOX + b"/V (Yes) /AS /Yes", FIELDS),
    ("box-without-look", (WIDGET + b"/Btn /T (agreed) /F 4 /V /Yes /AS /Yes /MK << /CA (4)"
     b" >>"), FIELDS + NEED),
    ("box-no-off", (WIDGET + b"/Btn /T (agreed) /F 4 /AS /Off /AP << /N << /Yes 6 0 R >>"
     b" >>"), FIELDS),
    ("box-options", BOX + b"/V /0 /AS /Yes /Opt [(first)]", FIELDS),
    ("radio-state-unknown", RADIO + b"/V /B /AS /A", FIELDS),
    ("radio-parent-missing", RADIO + b"/Parent 99 0 R /AS /A", FIELDS),
    ("button-icon", (WIDGET + b"/Btn /Ff 65536 /T (push) /F 4 /MK << /CA (9999) /I 6 0 R "
     b">>"), FIELDS + NEED),
    ("list-value", (WIDGET + b"/Ch /T (list) /F 4 /DA (/Helv 12 Tf 0 g) /Opt [(11) (22)]"
     b" /V (22) /I [0]"), FIELDS + NEED),
    ("list-export", (WIDGET + b"/Ch /Ff 131072 /T (list) /F 4 /DA (/Helv 12 Tf 0 g) "
     b"/Opt [[(1) (11)] [(2) (22)]] /V (2)"), FIELDS + NEED),
    ("list-unknown", (WIDGET + b"/Ch /T (list) /F 4 /DA (/Helv 12 Tf 0 g) /Opt [(11)] "
     b"/V (99)"), FIELDS + NEED),
    ("signature-empty-box", WIDGET + b"/Sig /T (sign) /F 4", FIELDS),
    ("signature-unsigned-look", WIDGET + b"/Sig /T (sign) /F 4 " + LOOK, FIELDS),
    ("signature-empty-value", WIDGET + b"/Sig /T (sign) /F 4 /V << /Type /Sig >>", FIELDS),
    ("signature-flag", WIDGET + b"/Sig /T (sign) /F 4 " + LOOK, FIELDS + b"/SigFlags 3 "),
    ("signature-locks", WIDGET + b"/Sig /T (sign) /F 4 /Lock << /Action /All >>", FIELDS),
    ("type-unknown", WIDGET + b"/Odd /T (odd) /F 4 " + LOOK, FIELDS),
    ("type-missing", b"/Subtype /Widget /T (odd) /F 4 /V (1234) " + LOOK, FIELDS),
    ("xfa", TEXT + b"/V (1234) " + LOOK, FIELDS + b"/XFA 8 0 R "),
    ("fields-null", TEXT + b"/V (1234) " + LOOK, b"/Fields [null 5 0 R 99 0 R]"),
)  # fmt: skip


def shown(text: bytes) -> bytes:
    return b"BT /Helv 20 Tf 2 5 Td %b ET" % text


SHOWN = (
    ("same", b"1234", shown(b"(1234) Tj")),
    ("less", b"1234", shown(b"(123) Tj")),
    ("more", b"1", shown(b"(1234) Tj")),
    ("in-white", b"1234", shown(b"(12) Tj 1 g (34) Tj")),
    ("in-nothing", b"1234", shown(b"(12) Tj 3 Tr (34) Tj")),
    ("tiny", b"1234", shown(b"(12) Tj /Helv 0.01 Tf (34) Tj")),
    ("off", b"1234", shown(b"(12) Tj 500 0 Td (34) Tj")),
    ("cut-off", b"1234", b"q 0 0 23 30 re W n " + shown(b"(1234) Tj") + b" Q"),
    ("cut-through", b"1238", b"q 0 0 37 30 re W n " + shown(b"(1238) Tj") + b" Q"),
    ("covered", b"1234", shown(b"(1234) Tj") + b" 1 g 23 0 90 30 re f"),
    ("set-back", b"1234", shown(b"30 0 Td (12) Tj -30 0 Td (34) Tj")),
    ("one-on-another", b"123", shown(b"(1) Tj (2) Tj -8 0 Td (3) Tj")),
    ("upside-down", b"69", b"BT -1 0 0 -1 90 25 Tm /Helv 20 Tf (69) Tj ET"),
    ("in-a-mirror", b"25", b"BT -1 0 0 1 90 5 Tm /Helv 20 Tf (25) Tj ET"),
)
"""What a field holds, and a look that shows that, or something else to eyes."""


def forms() -> Iterator[Odd]:
    # A font that is embedded: which other one a reader takes is no matter here.
    font, digits = b"/DR << /Font << /Helv 20 0 R >> >>", embedded(20)
    for name, widget, fields in FORMS:
        root = b"" if fields is None else b"/AcroForm << %b %b >>" % (fields, font)
        yield Odd("forms", name, annotated(widget, root=root, more=digits))
    for name, held, look in SHOWN:
        objects = {6: form(look, b"/Resources << /Font << /Helv 20 0 R >> >>")} | digits
        widget = TEXT + b"/V (%b) " % held + LOOK
        root = b"/AcroForm << %b %b >>" % (FIELDS, font)
        yield Odd("forms", f"text-shown-{name}", annotated(widget, root=root, more=objects))
    for name, parent, own in (
        ("kids-two-values", b"/V (1111)", b"/V (9999)"),
        ("kids-not-back", b"/V (1111) /Kids [5 0 R]", b""),
        ("kids-loop", b"/V (1111) /Kids [16 0 R 5 0 R]", b""),
    ):
        # The field is apart from its widget, and both say what it holds.
        widget = b"/Subtype /Widget /F 4 /Parent 16 0 R /DA (/Helv 20 Tf 0 g) " + own
        field = {16: b"<< /FT /Tx /T (price) /Kids [5 0 R] %b >>" % parent}
        objects = {5: b"<< /Type /Annot %b %b >>" % (RECT, widget)} | LOOKS | field | digits
        root = b"/AcroForm << /Fields [16 0 R] %b %b >>" % (NEED, font)
        yield Odd("forms", name, one_page(page=b"/Annots [5 0 R]", root=root, objects=objects))
    for name, second in (
        ("one-name-one-value", b"/V (1234)"),
        ("one-name-two-values", b"/V (9999)"),
        ("on-no-page", None),
    ):
        twin = TEXT.replace(b"(price)", b"(total)") + b"/V (9999)"
        if second is not None:
            twin = TEXT + second + b" /Rect [20 20 120 50] " + LOOK
        objects = {5: b"<< /Type /Annot %b %b >>" % (RECT, TEXT + b"/V (1234) " + LOOK)} | LOOKS
        objects |= {16: b"<< /Type /Annot %b >>" % twin} | digits
        listed = b"/Annots [5 0 R]" if second is None else b"/Annots [5 0 R 16 0 R]"
        objects[6] = form(b"BT /Helv 20 Tf (1234) Tj ET", b"/Resources " + font[4:])
        root = b"/AcroForm << /Fields [5 0 R 16 0 R] %b >>" % font
        yield Odd("forms", name, one_page(page=listed, root=root, objects=objects))
