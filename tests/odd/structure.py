"""Files as such: entries twice, another file inside, words about what is shown, framing."""

from __future__ import annotations

from collections.abc import Iterator

from tests.odd.fonts import WIN, plain, simple
from tests.odd.pdf import BAR, HEADER, Odd, form, one_page, stream, written

BOX = b"20 60 60 40 re f"
OTHER = stream(BAR + b"1 0 0 rg 20 60 60 40 re f")


def duplicates() -> Iterator[Odd]:
    """A key that stands twice in a dictionary."""
    for name, page in (
        ("contents", one_page(BOX, page=b"/Contents 5 0 R", objects={5: OTHER})),
        ("box", one_page(BOX, page=b"/MediaBox [0 0 100 100]")),
        ("spelled-otherwise", one_page(BOX, page=b"/#43ontents 5 0 R", objects={5: OTHER})),
        ("pages", one_page(BOX, root=b"/Pages 5 0 R", objects={
            5: b"<< /Type /Pages /Kids [6 0 R] /Count 1 >>",
            6: b"<< /Type /Page /Parent 5 0 R /MediaBox [0 0 200 200] /Contents 7 0 R >>",
            7: OTHER})),
        ("resources", one_page(b"/X Do", resources=b"/XObject << /X 5 0 R /X 6 0 R >>", objects={
            5: form(BOX, box=b"0 0 200 200"),
            6: form(b"1 0 0 rg " + BOX, box=b"0 0 200 200")})),
        ("filter", one_page(objects={4: stream(BAR + BOX, b"/Filter /ASCIIHexDecode /Filter []")})),
        ("length", one_page(objects={4: b"<< /Length 20 /Length %d >>\nstream\n%b\nendstream"
                                     % (len(BAR + BOX), BAR + BOX)})),
        ("field-value", one_page(page=b"/Annots [5 0 R]", root=b"/AcroForm << /Fields [5 0 R] >>",
         objects={5: b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (1) /V (9) /F 4 /Rect "
                  b"[20 60 120 90] /AP << /N 6 0 R >> >>", 6: form(b"0 0 60 20 re f")})),
        ("null-then-value", one_page(BOX, page=b"/Contents null", objects={5: OTHER})),
        ("trailer-root", one_page(BOX, trailer=b"/Root 5 0 R", objects={
            5: b"<< /Type /Catalog /Pages 6 0 R >>",
            6: b"<< /Type /Pages /Kids [7 0 R] /Count 1 >>",
            7: b"<< /Type /Page /Parent 6 0 R /MediaBox [0 0 200 200] /Contents 8 0 R >>",
            8: OTHER})),
    ):  # fmt: skip
        yield Odd("duplicates", name, page)


def collections() -> Iterator[Odd]:
    """Portfolios: another file is what opens."""
    spec = b"<< /Type /Filespec /F (b.pdf) /UF (b.pdf) /EF << /F 6 0 R >> %b >>"
    inner = one_page(b"1 0 0 rg " + BOX)
    files = {5: spec % b"", 6: stream(inner, b"/Type /EmbeddedFile /Subtype /application#2fpdf")}
    names = b"/Names << /EmbeddedFiles << /Names [(b.pdf) 5 0 R] >> >> "
    for name, root in (
        ("details", b"/Collection << /Type /Collection /View /D /D (b.pdf) >>"),
        ("hidden-view", b"/Collection << /View /H /D (b.pdf) >>"),
        ("empty", b"/Collection << >>"),
        ("null", b"/Collection null"),
        ("with-associated", b"/AF [5 0 R] /Collection << /View /D /D (b.pdf) >>"),
        ("files-pane", b"/PageMode /UseAttachments"),
        (
            "opens-other",
            b"/OpenAction << /S /GoToE /NewWindow false /D [0 /Fit] /T << /R /C /N (b.pdf) >> >>",
        ),
    ):
        yield Odd("collections", name, one_page(BOX, root=names + root, objects=files))
    for name, tree in (
        ("names-twice", b"/Names [(b.pdf) 5 0 R (b.pdf) 7 0 R]"),
        ("names-unsorted", b"/Names [(z) 5 0 R (a) 7 0 R]"),
        ("names-limits", b"/Kids [<< /Limits [(x) (y)] /Names [(b.pdf) 5 0 R] >>]"),
        ("names-odd", b"/Names [(b.pdf) 5 0 R (c.pdf)]"),
    ):
        root = b"/Names << /EmbeddedFiles << %b >> >>" % tree
        more = {7: spec % b"/Desc (other)"}
        yield Odd("collections", name, one_page(BOX, root=root, objects=files | more))
    for name, other in (
        ("two-names", b"<< /Type /Filespec /F (a.txt) /UF (b.exe) /EF << /F 6 0 R >> >>"),
        ("two-files", b"<< /Type /Filespec /F (b.pdf) /EF << /F 6 0 R /UF 8 0 R >> >>"),
        ("platform-names", b"<< /Type /Filespec /DOS (a.txt) /Unix (b.exe) /EF << /F 6 0 R >> >>"),
        ("name-with-path", b"<< /Type /Filespec /F (../../b.pdf) /EF << /F 6 0 R >> >>"),
        ("name-empty", b"<< /Type /Filespec /F () /EF << /F 6 0 R >> >>"),
        ("url", b"<< /Type /Filespec /FS /URL /F (http://localhost/) >>"),
    ):
        page = one_page(BOX, root=names, objects=files | {5: other, 8: stream(b"other")})
        yield Odd("collections", name, page)


def told() -> Iterator[Odd]:
    """Text, titles and labels that tell something else than is seen."""
    unicode = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n1 begincodespacerange <00> "
        b"<ff> endcodespacerange\n1 beginbfrange <30> <39> %b endbfrange\nendcmap end end"
    )
    mapped = b"/ToUnicode 9 0 R"
    span = b"/Span << /ActualText (9999) >> BDC BT /F1 40 Tf 20 60 Td (1234) Tj ET EMC"
    for name, encoding, show, text in (
        ("tounicode", WIN + mapped, None, unicode % b"<0041>"),
        ("tounicode-empty", WIN + mapped, None, unicode % b"<0000>"),
        ("tounicode-private", WIN + mapped, None, unicode % b"<e000>"),
        ("tounicode-strings", WIN + mapped, None, unicode % b"[<00390039> <0038> <0037>]"),
        ("tounicode-broken", WIN + mapped, None, b"no such program"),
        ("tounicode-identity", WIN + b"/ToUnicode /Identity-H", None, b""),
        ("actual-text", WIN, span, b""),
        ("actual-text-empty", WIN, span.replace(b"(9999)", b"()"), b""),
        ("actual-text-nested", WIN, b"/Span << /ActualText (77) >> BDC " + span + b" EMC", b""),
        ("actual-text-open", WIN, span[: -len(b" EMC")], b""),
        ("alternate", WIN, span.replace(b"ActualText", b"Alt"), b""),
        ("expansion", WIN, span.replace(b"ActualText", b"E"), b""),
        ("artifact", WIN, b"/Artifact" + span[5:], b""),
        ("reversed", WIN, b"/ReversedChars BMC BT /F1 40 Tf 20 60 Td (4321) Tj ET EMC", b""),
        ("white", WIN, b"1 g BT /F1 40 Tf 20 60 Td (1234) Tj ET", b""),
        ("covered", WIN, b"BT /F1 40 Tf 20 60 Td (1234) Tj ET 1 g 0 40 200 80 re f", b""),
        ("tiny", WIN, b"BT /F1 0.1 Tf 20 60 Td (1234) Tj ET", b""),
        ("outside", WIN, b"BT /F1 40 Tf 20 600 Td (1234) Tj ET", b""),
    ):  # fmt: skip
        more = {9: stream(text)} if text else {}
        drawn = {"show": show} if show else {}
        pdf = simple(plain(), flags=32, encoding=encoding, more=more, **drawn)
        yield Odd("told", name, pdf)
    for name, root, trailer in (
        ("labels", b"/PageLabels << /Nums [0 << /S /D /St 99 /P (of ) >>] >>", b""),
        ("labels-broken", b"/PageLabels << /Nums [5 << /S /Odd >>] >>", b""),
        ("title", b"/ViewerPreferences << /DisplayDocTitle true >>", b"/Info 5 0 R"),
        ("outline", b"/Outlines 6 0 R /PageMode /UseOutlines", b""),
        ("language", b"/Lang (xx-odd)", b""),
        ("direction", b"/ViewerPreferences << /Direction /R2L /ViewArea /ArtBox >>",
         b""),
        ("structure-alternate", (b"/MarkInfo << /Marked true >> /StructTreeRoot << /Type "
         b"/StructTreeRoot /K << /S /Figure /Alt (9999) /Pg 3 0 R /K 0 >> >>"), b""),
        ("requirements", b"/Requirements [<< /Type /Requirement /S /EnableJavaScripts >>]", b""),
        ("unknown-key", b"/Odd << /Key 5 0 R >>", b""),
        ("extensions", b"/Extensions << /ADBE << /BaseVersion /1.7 /ExtensionLevel 99 >> >>", b""),
        ("version", b"/Version /9.9", b""),
    ):  # fmt: skip
        objects = {
            5: b"<< /Title (Contract over 9999) >>",
            6: b"<< /Type /Outlines /First 7 0 R /Last 7 0 R /Count 1 >>",
            7: b"<< /Title (9999) /Parent 6 0 R /Dest [3 0 R /Fit] >>",
        }
        yield Odd("told", name, one_page(BOX, root=root, trailer=trailer, objects=objects))


def framing() -> Iterator[Odd]:
    """What our own reading of files once tripped over, before it was qpdf's."""
    deep = b"(" * 6 + b"x" + b")" * 6
    javascript = b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"
    base = one_page(BOX)
    spaced = one_page(BOX, objects={5: b"<< /Length 12 >>\nstream \nBT ET q Q  \nendstream"})
    for name, pdf in (
        ("string-nested", one_page(BOX, root=b"/Odd %b %b" % (deep, javascript))),
        ("string-nested-before-catalog", one_page(BOX, objects={1: b"<< /Odd %b /Type /Catalog "
         b"/Pages 2 0 R %b >>" % (deep, javascript)})),
        ("stream-and-space", spaced),
        ("stream-contents-and-space", base.replace(b">>\nstream\n", b">>\nstream \n", 1)),
        ("stream-carriage-return", base.replace(b">>\nstream\n", b">>\nstream\r", 1)),
        ("names-content-as-certificate", one_page(BOX, root=b"/DSS << /Certs [4 0 R] >>")),
        ("names-content-as-metadata", one_page(BOX, root=b"/Metadata 4 0 R")),
        ("page-metadata-missing", one_page(BOX, page=b"/Metadata 99 0 R")),
        ("info-is-the-page", one_page(BOX, trailer=b"/Info 3 0 R")),
        ("info-is-the-catalog", one_page(BOX, trailer=b"/Info 1 0 R")),
        ("fields-is-annotations", one_page(BOX, root=b"/AcroForm << /Fields 5 0 R >>",
                                           page=b"/Annots 5 0 R", objects={5: b"[]"})),
        ("action-in-nested-string", _acting(b"<< /Odd %b /S /JavaScript /JS (app.alert\\(1\\)) >>"
                                            % deep)),
        ("launch-in-nested-string", _acting(b"<< /Odd %b /S /Launch /F (a.exe) >>" % deep)),
        ("action-behind-space", _acting(b"<< /S /JavaScript /JS (1) /Length 1 >>\nstream \nx\n"
                                        b"endstream")),
        ("linearized-by-name", _linearized()),
        ("no-object-one", _shifted()),
        ("no-object-one-table", _shifted().replace(b"xref\n0 6\n0000000000 65535 f \n",
                                                   b"xref\n1 5\n")),
        ("no-end-line", base[:-1]),
        ("junk-first", b"junk\n" + base),
        ("junk-behind", base + b"\n" * 1010),
        ("free-entry-65536", base.replace(b"65535 f", b"65536 f", 1)),
        ("table-off", base.replace(b"startxref\n", b"startxref\n7")),
        ("header-missing", base[9:]),
        ("version-odd", base.replace(b"%PDF-1.7", b"%PDF-9.9")),
        ("old-revision", _twice(base)),
        ("encrypted-name-only", one_page(BOX, trailer=b"/Encrypt << /Filter /Odd >>")),
        ("words-of-framing", one_page(BOX + b" % 4 0 obj endobj xref trailer startxref %%EOF")),
    ):  # fmt: skip
        yield Odd("framing", name, pdf)


def _acting(action: bytes) -> bytes:
    """A link whose action is object 5."""
    link = b"/Annots [<< /Type /Annot /Subtype /Link /F 4 /Rect [20 60 120 90] /A 5 0 R >>]"
    return one_page(BOX, page=link, objects={5: action})


FORETOLD = 120_000
"""The length that the file below says it has: more than it is after sealing, so there is room."""


def _linearized() -> bytes:
    """A file that counts as linearized once it has a certain length: then its first table counts.

    By that the contents, object 4, are red; an update at the end makes them black.
    """
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R >>",
        4: OTHER,
    }
    first = b"5 0 obj\n<< /Linearized 1 /L %d /H [0 10] /O 3 /E %d /N 1 /T %d >>\nendobj\n"
    table = (
        b"xref\n0 6\n0000000000 65535 f \n%btrailer\n<< /Size 6 /Root 1 0 R >>\n"
        b"startxref\n0\n%%%%EOF\n"
    )
    front = HEADER + first % (FORETOLD, FORETOLD - 1, FORETOLD - 2)
    start, body, places = len(front) + len(table % (b"." * 100)), b"", {5: len(HEADER)}
    for number, content in objects.items():
        places[number] = start + len(body)
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    entries = b"".join(b"%010d 00000 n \n" % places[number] for number in sorted(places))
    old = front + table % entries + body
    changed = b"4 0 obj\n%b\nendobj\n" % stream(BAR + BOX)
    update = (
        b"xref\n4 1\n%010d 00000 n \ntrailer\n<< /Size 6 /Root 1 0 R /Prev %d >>\nstartxref\n%d"
    )
    update %= len(old), len(front), len(old) + len(changed)
    return old + changed + update + b"\n%%EOF\n"


def _shifted() -> bytes:
    """A file whose objects begin with 2: its table says that 1 is free."""
    return written(
        {
            2: b"<< /Type /Catalog /Pages 3 0 R >>",
            3: b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
            4: b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 200 200] /Contents 5 0 R >>",
            5: stream(BAR + BOX),
        }
    ).replace(b"/Root 1 0 R", b"/Root 2 0 R")


def _twice(base: bytes) -> bytes:
    """A revision that replaced the contents."""
    start = len(base)
    changed = b"4 0 obj\n%b\nendobj\n" % OTHER
    table = b"xref\n4 1\n%010d 00000 n \ntrailer\n<< /Size 5 /Root 1 0 R /Prev %d >>\n"
    old = int(base.rsplit(b"startxref\n", 1)[1].split()[0])
    end = b"startxref\n%d\n%%%%EOF\n" % (start + len(changed))
    return base + changed + table % (start, old) + end
