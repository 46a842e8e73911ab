"""For every reason for a refusal at least one file that gives it."""

from __future__ import annotations

from PIL import Image

from eseal.documents.pdf.examination.hazards import HazardCode
from tests.unit.documents.pdf.examination.dangers import (
    ACTION,
    COVER,
    FILLED,
    FORM,
    SHOWS_100,
    WHITE,
    clickable,
    embedded,
    field,
    image,
    layer,
    stream,
    ticked,
    two_fields,
    with_fonts,
    with_objects,
    with_text,
)
from tests.unit.documents.pdf.pictures import ALL, PRICE, over, page_with

HAZARDS = {
    "names tree": (
        lambda p: with_objects(
            p,
            {4: b"<< /Names [(a) 5 0 R] >>", 5: ACTION % (b"JavaScript", b"/JS (app.alert)")},
            root=b"/Names << /JavaScript 4 0 R >>",
        ),
        HazardCode.JAVASCRIPT,
    ),
    "script on opening": (
        lambda p: with_objects(
            p, {4: ACTION % (b"JavaScript", b"/JS (x)")}, root=b"/OpenAction 4 0 R"
        ),
        HazardCode.JAVASCRIPT,
    ),
    "script in a field": (
        lambda p: with_objects(
            p,
            {4: field(b"/AA << /K << /S /JavaScript /JS (x) >> >>")},
            root=b"/AcroForm << /Fields [4 0 R] >>",
        ),
        HazardCode.JAVASCRIPT,
    ),
    "script whose name is spelt oddly": (
        lambda p: clickable(p, b"<< /S /Java#53cript /J#53 (x) >>"),
        HazardCode.JAVASCRIPT,
    ),
    "address on opening": (
        lambda p: with_objects(p, {}, root=b"/OpenAction << /S /URI /URI (https://example.org) >>"),
        HazardCode.AUTOMATIC_ACTION,
    ),
    "something follows the opening": (
        lambda p: with_objects(
            p, {}, root=b"/OpenAction << /S /GoTo /D [3 0 R] /Next << /S /Named /N /Print >> >>"
        ),
        HazardCode.AUTOMATIC_ACTION,
    ),
    "page action": (
        lambda p: with_objects(p, {}, page=b"/AA << /O << /S /Named /N /Print >> >>"),
        HazardCode.AUTOMATIC_ACTION,
    ),
    "launch": (
        lambda p: clickable(p, ACTION % (b"Launch", b"/F (run.exe)")),
        HazardCode.LAUNCH_ACTION,
    ),
    "submit": (
        lambda p: clickable(p, ACTION % (b"SubmitForm", b"/F (https://example.org)")),
        HazardCode.FORM_DATA_ACTION,
    ),
    "import": (
        lambda p: clickable(p, ACTION % (b"ImportData", b"/F (a.fdf)")),
        HazardCode.FORM_DATA_ACTION,
    ),
    "hide": (
        lambda p: clickable(p, ACTION % (b"Hide", b"/T (Price)")),
        HazardCode.DISPLAY_ACTION,
    ),
    "layer switch": (
        lambda p: clickable(p, ACTION % (b"SetOCGState", b"/State [/OFF]")),
        HazardCode.DISPLAY_ACTION,
    ),
    "another file": (
        lambda p: clickable(p, ACTION % (b"GoToR", b"/F (annex.pdf)")),
        HazardCode.OTHER_FILE_ACTION,
    ),
    "an embedded target": (
        lambda p: clickable(p, ACTION % (b"GoToE", b"/T << >>")),
        HazardCode.OTHER_FILE_ACTION,
    ),
    "sound": (
        lambda p: clickable(p, ACTION % (b"Sound", b"")),
        HazardCode.MULTIMEDIA,
    ),
    "three dimensions": (
        lambda p: with_objects(
            p,
            {4: b"<< /Type /Annot /Subtype /3D /Rect [0 0 9 9] >>"},
            page=b"/Annots [4 0 R]",
        ),
        HazardCode.MULTIMEDIA,
    ),
    "attachment": (embedded, HazardCode.EMBEDDED_FILE),
    "attachment of a PDF/A-1": (
        lambda p: embedded(p, b"/AF [4 0 R]", b"1"),
        HazardCode.EMBEDDED_FILE,
    ),
    "attachment on a page": (
        lambda p: with_objects(
            p,
            {4: b"<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] >>"},
            page=b"/Annots [4 0 R]",
        ),
        HazardCode.EMBEDDED_FILE,
    ),
    "stream in another file": (
        lambda p: image(p, b"/F (picture.jpg)"),
        HazardCode.EXTERNAL_CONTENT,
    ),
    "page of another file": (
        lambda p: with_objects(
            p,
            {
                4: stream(
                    b"", b"/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Ref << /F (a.pdf) >>"
                )
            },
            page=b"/Resources << /XObject << /X 4 0 R >> >>",
        ),
        HazardCode.EXTERNAL_CONTENT,
    ),
    "image of another file": (
        lambda p: image(p, b"/OPI << >>"),
        HazardCode.EXTERNAL_CONTENT,
    ),
    "another image on paper": (
        lambda p: image(p, b"/Alternates [<< /Image 4 0 R /DefaultForPrinting true >>]"),
        HazardCode.ALTERNATE_IMAGE,
    ),
    "dynamic form": (
        lambda p: with_objects(p, {}, root=b"/AcroForm << /Fields [] /XFA (form) >>"),
        HazardCode.DYNAMIC_FORM,
    ),
    "hidden field": (
        lambda p: with_objects(
            p,
            {5: field(b"/V (100)").replace(b"/F 4", b"/F 2")},
            page=b"/Annots [5 0 R]",
            root=b"/AcroForm << /Fields [5 0 R] >>",
        ),
        HazardCode.HIDDEN_FIELD,
    ),
    "field without a size": (
        lambda p: with_objects(
            p,
            {5: field(b"/V (100)", b"0 0 0 0")},
            page=b"/Annots [5 0 R]",
            root=b"/AcroForm << /Fields [5 0 R] >>",
        ),
        HazardCode.HIDDEN_FIELD,
    ),
    "field on no page": (
        lambda p: with_objects(
            p, {5: b"<< /FT /Tx /T (A) /V (1) >>"}, root=b"/AcroForm << /Fields [5 0 R] >>"
        ),
        HazardCode.HIDDEN_FIELD,
    ),
    "field over field": (
        lambda p: two_fields(p, b"100 505 280 525"),
        HazardCode.OVERLAPPING_FIELDS,
    ),
    "field that shows another value": (
        lambda p: with_text(p, field(b"/V (999) /AP << /N 6 0 R >>"), SHOWS_100, root=FORM),
        HazardCode.FIELD_VALUE_DIFFERS,
    ),
    "field that holds a name": (
        lambda p: with_text(p, field(b"/V /A100 /AP << /N 6 0 R >>"), SHOWS_100, root=FORM),
        HazardCode.FIELD_VALUE_DIFFERS,
    ),
    "field that holds less": (
        lambda p: with_text(p, field(b"/V (1.00) /AP << /N 6 0 R >>"), SHOWS_100, root=FORM),
        HazardCode.FIELD_VALUE_DIFFERS,
    ),
    "field that holds a debt": (
        lambda p: with_text(p, field(b"/V (-100) /AP << /N 6 0 R >>"), SHOWS_100, root=FORM),
        HazardCode.FIELD_VALUE_DIFFERS,
    ),
    "layer that is off": (
        lambda p: layer(p, b"/OFF [4 0 R]"),
        HazardCode.HIDDEN_LAYER,
    ),
    "all layers off": (lambda p: layer(p, b"/BaseState /OFF"), HazardCode.HIDDEN_LAYER),
    "layers off by what is no name": (
        lambda p: layer(p, b"/BaseState (OFF)"),
        HazardCode.HIDDEN_LAYER,
    ),
    "layer off for the screen by what is no name": (
        lambda p: layer(p, b"", b"/Usage << /View << /ViewState (OFF) >> >>"),
        HazardCode.HIDDEN_LAYER,
    ),
    "layer meant for something else": (
        lambda p: layer(p, b"", b"/Intent [/Design]"),
        HazardCode.HIDDEN_LAYER,
    ),
    "layers meant for something else": (
        lambda p: layer(p, b"/Intent /Design"),
        HazardCode.HIDDEN_LAYER,
    ),
    "layer off in another configuration": (
        lambda p: layer(p, b"", root=b"/Configs [<< /OFF [4 0 R] >>]"),
        HazardCode.HIDDEN_LAYER,
    ),
    "layer for paper only": (
        lambda p: layer(p, b"", b"/Usage << /View << /ViewState /OFF >> >>"),
        HazardCode.HIDDEN_LAYER,
    ),
    "content where layers are off": (
        lambda p: with_objects(
            p,
            {
                4: b"<< /Type /OCG /Name (A) >>",
                5: b"<< /Type /OCMD /OCGs [4 0 R] /P /AllOff >>",
            },
            page=b"/Resources << /Properties << /P 5 0 R >> >>",
            root=b"/OCProperties << /OCGs [4 0 R] /D << >> >>",
        ),
        HazardCode.HIDDEN_LAYER,
    ),
    "hidden stamp": (
        lambda p: with_text(p, (COVER % b"Stamp").replace(b"/F 4", b"/F 34"), WHITE),
        HazardCode.HIDDEN_ANNOTATION,
    ),
    "stamp over text": (
        lambda p: with_text(p, COVER % b"Stamp", WHITE),
        HazardCode.OVERLAY,
    ),
    "empty signature field over text": (
        lambda p: with_text(
            p,
            field(b"/AP << /N 6 0 R >>", b"90 690 290 720").replace(b"/FT /Tx", b"/FT /Sig"),
            WHITE,
            root=FORM,
        ),
        HazardCode.OVERLAY,
    ),
    "stamp over a digit": (
        lambda p: with_text(p, (COVER % b"Stamp").replace(b"90 690 290", b"163 690 173"), WHITE),
        HazardCode.OVERLAY,
    ),
    "a spot in a large clear stamp": (
        lambda p: with_text(p, COVER % b"Stamp", b"1 g 70 0 24 30 re f"),
        HazardCode.OVERLAY,
    ),
    "many colours over text": (
        lambda p: with_text(
            p,
            COVER % b"Stamp",
            b"".join(b"0.%d g %d 0 4 30 re f " % (x % 9 + 1, x * 4) for x in range(50)),
        ),
        HazardCode.OVERLAY,
    ),
    "marked with white": (lambda p: with_text(p, COVER % b"Highlight", WHITE), HazardCode.OVERLAY),
    "link that looks white": (lambda p: with_text(p, COVER % b"Link", WHITE), HazardCode.OVERLAY),
    "square that viewers fill": (
        lambda p: with_text(p, FILLED % b"Square", b""),
        HazardCode.OVERLAY,
    ),
    "polygon that viewers fill": (
        lambda p: with_text(p, FILLED % b"Polygon", b""),
        HazardCode.OVERLAY,
    ),
    "note that viewers fill each in its own way": (
        lambda p: with_text(p, FILLED % b"FreeText", b""),
        HazardCode.OVERLAY,
    ),
    "note that says something else": (
        lambda p: with_text(
            p, COVER % b"FreeText", WHITE + b" 0 g BT /F1 12 Tf 10 10 Td (Free) Tj ET"
        ),
        HazardCode.OVERLAY,
    ),
    "field over text": (
        lambda p: with_text(p, field(b"/AP << /N 6 0 R >>", b"90 690 290 720"), WHITE, root=FORM),
        HazardCode.OVERLAY,
    ),
    "page in waiting": (
        lambda p: with_objects(
            p, {4: b"<< /Type /P#61ge /Parent 2 0 R >>"}, root=b"/PieceInfo << /More 4 0 R >>"
        ),
        HazardCode.UNREACHABLE_PAGE,
    ),
    "page in waiting behind a comment": (
        lambda p: with_objects(
            p, {4: b"<< /Type% is\n/Page /Parent 2 0 R >>"}, page=b"/Annots [<< /Dest [4 0 R] >>]"
        ),
        HazardCode.UNREACHABLE_PAGE,
    ),
    "signature beside the form": (
        lambda p: with_objects(
            p, {4: b"<< /ByteRange [0 1 2 3] /Contents <00> >>"}, root=b"/PieceInfo 4 0 R"
        ),
        HazardCode.STRAY_SIGNATURE,
    ),
    "folder of files": (
        lambda p: embedded(p, b"/AF [4 0 R] /Collection << /View /H /D (a.xml) >>", b"3"),
        HazardCode.PORTFOLIO,
    ),
    "filled field without a look": (
        lambda p: with_text(p, field(b"/V (100)"), WHITE, root=FORM),
        HazardCode.FIELD_NOT_DRAWN,
    ),
    "choice that viewers are to draw anew": (
        lambda p: with_text(
            p,
            field(b"/V (100) /AP << /N 6 0 R >>").replace(b"/FT /Tx", b"/FT /Ch"),
            SHOWS_100,
            root=FORM.replace(b"/Fields", b"/NeedAppearances true /Fields"),
        ),
        HazardCode.FIELD_NOT_DRAWN,
    ),
    "field of Chinese that shows nothing": (
        lambda p: with_text(
            p,
            field(b"/V <FEFF516C53F8> /AP << /N 6 0 R >>"),
            SHOWS_100.replace(b"(100)", b"(  )"),
            root=FORM,
        ),
        HazardCode.FIELD_VALUE_DIFFERS,
    ),
    "field whose text is not painted": (
        lambda p: with_text(
            p,
            field(b"/V (100) /AP << /N 6 0 R >>"),
            SHOWS_100.replace(b"BT", b"BT 3 Tr"),
            root=FORM,
        ),
        HazardCode.FIELD_VALUE_DIFFERS,
    ),
    "field whose look only a viewer can read": (
        lambda p: with_text(p, field(b"/V (999) /AP << /N 6 0 R >>"), SHOWS_100, root=FORM).replace(
            b"WinAnsiEncoding", b"Odd"
        ),
        HazardCode.FIELD_VALUE_DIFFERS,
    ),
    "choice that shows another": (
        lambda p: with_text(
            p,
            field(b"/V (100) /Opt [[(100) (900)]] /Ff 131072 /AP << /N 6 0 R >>").replace(
                b"/FT /Tx", b"/FT /Ch"
            ),
            SHOWS_100,
            root=FORM,
        ),
        HazardCode.FIELD_VALUE_DIFFERS,
    ),
    "box that is ticked and holds nothing": (
        lambda p: with_text(p, ticked(b"/AS /Yes"), WHITE, root=FORM),
        HazardCode.FIELD_VALUE_DIFFERS,
    ),
    "box whose state has no look": (
        lambda p: with_text(p, ticked(b"/AS /Perhaps"), WHITE, root=FORM),
        HazardCode.FIELD_VALUE_DIFFERS,
    ),
    "layers by language": (
        lambda p: layer(p, b"/AS [<< /Event /View /OCGs [4 0 R] /Category [/Language] >>]"),
        HazardCode.HIDDEN_LAYER,
    ),
    "content of no layer": (
        lambda p: with_objects(
            p,
            {5: b"<< /Type /OCMD /OCGs [] >>"},
            page=b"/Resources << /Properties << /P 5 0 R >> >>",
        ),
        HazardCode.HIDDEN_LAYER,
    ),
    "strings in strings in strings in strings": (
        lambda p: clickable(p, b"<< /Note (a(b(c(d(e))))) /S /Launch /F (run.exe) >>"),
        HazardCode.LAUNCH_ACTION,
    ),
    "script behind strings in strings": (
        lambda p: clickable(p, b"<< /Note (((((\\)))))) /S /JavaScript /JS (x) >>"),
        HazardCode.JAVASCRIPT,
    ),
    "page in waiting behind strings in strings": (
        lambda p: with_objects(
            p, {4: b"<< /Note ((((())))) /Type /Page >>"}, root=b"/PieceInfo << /More 4 0 R >>"
        ),
        HazardCode.UNREACHABLE_PAGE,
    ),
    "stream whose keyword is followed by a space": (
        lambda p: with_objects(
            p,
            {
                4: stream(b"q Q", b"/More << /S /Launch /F (run.exe) >>").replace(
                    b"stream\nq", b"stream \nq"
                )
            },
            page=b"/Contents 4 0 R",
        ),
        HazardCode.LAUNCH_ACTION,
    ),
    "picture over text": (
        lambda p: page_with(p, PRICE + over(ALL), Image.new("L", (1, 1), 255)),
        HazardCode.COVERED_TEXT,
    ),
    "form over text": (
        lambda p: page_with(
            p, PRICE + b"q 1 0 0 1 90 690 cm /Paint Do Q", Image.new("L", (1, 1), 255)
        ),
        HazardCode.COVERED_TEXT,
    ),
    "font from two sources": (
        lambda p: with_fonts(p, (b"ABCDEF+Serif", b"ABCDEF+Serif")),
        HazardCode.FONT_TWICE,
    ),
}
