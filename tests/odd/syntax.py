"""Content streams that every reader forgives in a way of its own, and streams that decode oddly."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator

from tests.odd.fonts import WIN, plain, simple
from tests.odd.pdf import BAR, Odd, deflated, form, one_page, stream

WRITTEN = (
    ("minus-twice", b"--20 60 60 40 re f"),
    ("minus-inside", b"20 60 60-20 40 re f"),
    ("minus-behind", b"20- 60 60 40 re f"),
    ("plus-minus", b"+-20 60 60 40 re f"),
    ("number-joined", b"20 60 60 40re f"),
    ("number-joined-to-name", b"q/G0 gs 20 60 60 40 re f Q"),
    ("points-twice", b"20.5.5 60 60 40 re f"),
    ("point-alone", b". 60 60 40 re f"),
    ("minus-alone", b"20 60 60 40 re - f"),
    ("exponent", b"2e1 60 60 40 re f"),
    ("hexadecimal", b"0x14 60 60 40 re f"),
    ("radix", b"16#14 60 60 40 re f"),
    ("number-huge", b"20 60 60 99999999999999999999 re f"),
    ("number-wraps", b"4294967316 60 60 40 re f"),
    ("number-wraps-sixteen", b"65556 60 60 40 re f"),
    ("number-many-digits", b"20.00000000000000000000000000000001 60 60 40 re f"),
    ("number-comma", b"20,5 60 60 40 re f"),
    ("operands-few", b"20 60 60 re f 100 20 30 30 re f"),
    ("operands-many", b"7 7 20 60 60 40 re f"),
    ("operand-name", b"/Twenty 60 60 40 re f 100 20 30 30 re f"),
    ("operand-string", b"(20) 60 60 40 re f 100 20 30 30 re f"),
    ("operand-of-colour", b"1 0 rg 20 60 60 40 re f"),
    ("operator-unknown", b"20 60 60 40 re xyz f 1 0 0 rg 100 20 30 30 re f"),
    ("operator-longer", b"20 60 60 40 re fill 1 0 0 rg 100 20 30 30 re f"),
    ("operator-upper", b"20 60 60 40 RE f 20 20 30 30 re F"),
    ("compatibility", b"BX 20 60 60 40 re xyz f EX 100 20 30 30 re f"),
    ("restore-stray", b"Q Q 20 60 60 40 re f"),
    ("save-open", b"q 1 0 0 rg q 2 0 0 2 0 0 cm 10 30 30 20 re f"),
    ("restore-in-text", b"q BT /F1 40 Tf 1 0 0 rg Q 20 60 60 40 re f ET"),
    ("save-deep", b"q " * 600 + b"1 0 0 rg " + b"Q " * 600 + b"20 60 60 40 re f"),
    ("text-open", b"BT 1 0 0 rg 20 60 60 40 re f"),
    ("text-twice", b"BT BT 1 0 0 1 20 60 Tm ET ET 20 60 60 40 re f"),
    ("path-left", b"20 60 60 40 re 1 0 0 rg q f Q"),
    ("path-across-text", b"20 60 m 80 60 l BT ET 80 100 l f"),
    ("path-without-start", b"80 60 l 80 100 l 20 100 l f"),
    ("clip-unpainted", b"20 60 60 40 re W 0 0 200 100 re f"),
    ("clip-empty", b"W n 20 60 60 40 re f"),
    ("clip-of-text", b"BT 7 Tr ET 20 60 60 40 re f"),
    ("space-vertical-tab", b"20\x0b60 60 40 re f 100 20 30 30 re f"),
    ("space-backspace", b"20\x0860 60 40 re f 100 20 30 30 re f"),
    ("space-nbsp", b"20\xa060 60 40 re f 100 20 30 30 re f"),
    ("space-nul", b"20\x0060\x0060\x0040\x00re\x00f"),
    ("space-form-feed", b"20\x0c60 60 40 re f"),
    ("comment-ended-by-return", b"%\r20 60 60 40 re f"),
    ("comment-ended-by-feed", b"% \x0c20 60 60 40 re f\n100 20 30 30 re f"),
    ("comment-in-name", b"/G%x\n0 gs 20 60 60 40 re f"),
    ("name-with-hash", b"/G#30 gs 20 60 60 40 re f"),
    ("name-with-broken-hash", b"/G#zz gs 20 60 60 40 re f"),
    ("name-empty", b"/ gs 20 60 60 40 re f"),
    ("dash-negative", b"[-5 5] 0 d 10 w 20 80 m 180 80 l S"),
    ("dash-zero", b"[0 0] 0 d 10 w 20 80 m 180 80 l S"),
    ("dash-open", b"[5 5 0 d 10 w 20 80 m 180 80 l S"),
    ("width-negative", b"-10 w 20 80 m 180 80 l S"),
    ("width-zero", b"0 w 20 80 m 180 80 l S"),
    ("cap-unknown", b"20 w 7 J 7 j 40 80 m 160 80 l S"),
    ("miter-zero", b"20 w 0 M 40 40 m 100 120 l 160 40 l S"),
    ("flatness", b"100 i 20 60 m 60 140 140 140 180 60 c f"),
    ("matrix-singular", b"q 1 0 1 0 0 0 cm 20 60 60 40 re f 20 w 0 0 m 100 100 l S Q"),
    ("rectangle-negative", b"80 100 -60 -40 re f"),
    ("rectangle-flat", b"20 60 160 0 re f 20 20 0 30 re f"),
    ("even-odd", b"20 60 60 40 re 40 70 20 20 re f*"),
    ("paint-twice", b"20 60 60 40 re f f 1 0 0 rg f"),
    ("array-as-operand", b"[20 60 60 40] re f 100 20 30 30 re f"),
    ("dictionary-open", b"/P << /A 1 BDC 20 60 60 40 re f EMC"),
    ("string-open", b"20 60 60 40 re f (open 1 0 0 rg 100 20 30 30 re f"),
    ("bracket-stray", b"20 60 60 40 ] re f 100 20 30 30 re f"),
    ("brace-stray", b"{ 20 60 60 40 re f } 100 20 30 30 re f"),
    ("hex-odd", b"<4> pop 20 60 60 40 re f"),
    ("marked-unbalanced", b"EMC EMC /P BMC 20 60 60 40 re f"),
    ("boolean", b"true 20 60 60 40 re false f"),
    ("reference", b"5 0 R 20 60 60 40 re f"),
    ("endstream-inside", b"20 60 60 40 re f\nendstream\n1 0 0 rg 100 20 30 30 re f"),
)
"""Name and what is drawn after the bar. A black box where it is read as the author says."""

INLINE = (
    ("keys-twice", b"/W 4 /W 2 /H 2 /BPC 8 /CS /G"),
    ("keys-both-names", b"/W 4 /Width 2 /H 2 /BPC 8 /CS /G"),
    ("keys-wrong", b"/W 4 /H 2 /BPC 8 /CS /G /Length 3"),
    ("width-missing", b"/H 2 /BPC 8 /CS /G"),
    ("bits-missing", b"/W 4 /H 2 /CS /G"),
    ("bits-odd", b"/W 4 /H 2 /BPC 3 /CS /G"),
    ("bits-of-mask", b"/W 4 /H 2 /BPC 8 /IM true"),
    ("space-unknown", b"/W 4 /H 2 /BPC 8 /CS /Odd"),
    ("filter-unknown", b"/W 4 /H 2 /BPC 8 /CS /G /F /Odd"),
    ("decode-turned", b"/W 4 /H 2 /BPC 8 /CS /G /D [1 0]"),
    ("decode-short", b"/W 4 /H 2 /BPC 8 /CS /G /D [1]"),
    ("interpolated", b"/W 4 /H 2 /BPC 8 /CS /G /I true"),
)
GREYS = b"\x00\x40\x80\xc0\xc0\x80\x40\x00"

TEXT = (
    ("size-zero", b"BT /F1 0 Tf 20 60 Td (1234) Tj ET"),
    ("size-negative", b"BT /F1 -40 Tf 120 60 Td (1234) Tj ET"),
    ("size-missing", b"BT /F1 Tf 20 60 Td (1234) Tj ET"),
    ("font-unset", b"BT 20 60 Td (1234) Tj ET"),
    ("scale-zero", b"BT /F1 40 Tf 0 Tz 20 60 Td (1234) Tj ET"),
    ("scale-negative", b"BT /F1 40 Tf -100 Tz 120 60 Td (1234) Tj ET"),
    ("render-unknown", b"BT /F1 40 Tf 9 Tr 20 60 Td (1234) Tj ET"),
    ("render-unseen", b"BT /F1 40 Tf 3 Tr 20 60 Td (1234) Tj ET"),
    ("outside-text", b"/F1 40 Tf 1 0 0 1 20 60 Tm (1234) Tj"),
    ("matrix-singular", b"BT /F1 40 Tf 0 0 0 1 20 60 Tm (1234) Tj ET"),
    ("spacing-huge", b"BT /F1 40 Tf 1e3 Tc 20 60 Td (1234) Tj ET"),
    ("array-with-names", b"BT /F1 40 Tf 20 60 Td [(12) /X -200 (34)] TJ ET"),
    ("array-huge", b"BT /F1 40 Tf 20 60 Td [(12) 999999 -999999 (34)] TJ ET"),
    ("string-octal", b"BT /F1 40 Tf 20 60 Td (\\61\\62\\0633\\4) Tj ET"),
    ("string-octal-over", b"BT /F1 40 Tf 20 60 Td (\\461\\462) Tj ET"),
    ("string-line-ends", b"BT /F1 40 Tf 20 60 Td (1\r\n2\\\r\n3\r4) Tj ET"),
    ("string-hex-junk", b"BT /F1 40 Tf 20 60 Td <31 zz 32 3> Tj ET"),
    ("quote-few", b'BT /F1 40 Tf 20 60 Td (1234) " ET'),
)


def syntax() -> Iterator[Odd]:
    state = b"/ExtGState << /G0 << /LW 1 >> >>"
    for name, content in WRITTEN:
        yield Odd("syntax", name, one_page(content, resources=state))
    for name, keys in INLINE:
        shown = b"q 80 0 0 40 20 60 cm BI %b ID %b EI Q" % (keys, GREYS)
        yield Odd("syntax", f"inline-{name}", one_page(shown))
    for name, shown in (
        ("end-inside", b"BI /W 4 /H 2 /BPC 8 /CS /G ID \x00 EI \x40\x80\xc0 EI"),
        ("end-joined", b"BI /W 4 /H 2 /BPC 8 /CS /G ID %bEI" % GREYS),
        ("start-without-space", b"BI /W 4 /H 2 /BPC 8 /CS /G ID%b EI" % GREYS),
        ("start-two-spaces", b"BI /W 4 /H 2 /BPC 8 /CS /G ID\r\n%b EI" % GREYS),
        ("data-short", b"BI /W 4 /H 2 /BPC 8 /CS /G ID %b EI" % GREYS[:5]),
        ("data-long", b"BI /W 4 /H 2 /BPC 8 /CS /G ID %b%b EI" % (GREYS, GREYS)),
    ):
        page = one_page(b"q 80 0 0 40 20 60 cm %b Q 100 20 30 30 re f" % shown)
        yield Odd("syntax", f"inline-{name}", page)
    for name, content in TEXT:
        yield Odd("syntax", f"text-{name}", simple(plain(), flags=32, encoding=WIN, show=content))


BOX = b"20 60 60 40 re f"


def filters() -> Iterator[Odd]:
    raw = BAR + BOX
    packed = zlib.compress(raw)
    damaged = packed[:20] + bytes(4) + packed[24:]
    hexed = raw.hex().encode()
    runs = bytes([len(raw) - 1]) + raw + b"\x80"
    for name, data, entries in (
        ("unknown", raw, b"/Filter /OddDecode"),
        ("abbreviated", packed, b"/Filter /Fl"),
        ("null", raw, b"/Filter null"),
        ("empty-array", raw, b"/Filter []"),
        ("array-with-null", packed, b"/Filter [null /FlateDecode]"),
        ("nested-array", packed, b"/Filter [[/FlateDecode]]"),
        ("twice", zlib.compress(packed), b"/Filter [/FlateDecode /FlateDecode]"),
        ("string", packed, b"/Filter (FlateDecode)"),
        ("short-key", packed, b"/F /FlateDecode"),
        ("short-key-runs", runs, b"/F /RunLengthDecode"),
        ("short-parameters", packed, b"/Filter /FlateDecode /DP << /Predictor 12 /Columns 5 >>"),
        ("parameters-short-keys", packed, b"/Filter /FlateDecode /FDecodeParms << /Predictor 2 >>"),
        ("predictor-unknown", packed, b"/Filter /FlateDecode /DecodeParms << /Predictor 99 >>"),
        ("predictor-odd-columns", packed,
         b"/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 0 >>"),
        ("parameters-array-long", packed,
         b"/Filter /FlateDecode /DecodeParms [null << /Predictor 12 /Columns 5 >>]"),
        ("parameters-no-filter", raw, b"/DecodeParms << /Predictor 12 /Columns 5 >>"),
        ("flate-cut", packed[:-8], b"/Filter /FlateDecode"),
        ("flate-wrong-sum", packed[:-4] + b"\x00\x00\x00\x00", b"/Filter /FlateDecode"),
        ("flate-damaged", damaged, b"/Filter /FlateDecode"),
        ("flate-with-tail", packed + zlib.compress(b"1 0 0 rg 100 20 30 30 re f"),
         b"/Filter /FlateDecode"),
        ("flate-no-header", packed[2:-4], b"/Filter /FlateDecode"),
        ("flate-junk-first", b"\n\n" + packed, b"/Filter /FlateDecode"),
        ("hex-junk", hexed[:20] + b"zz--" + hexed[20:] + b">", b"/Filter /ASCIIHexDecode"),
        ("hex-after-end", hexed + b">31203020302072672031303020323020333020333020726520660a",
         b"/Filter /ASCIIHexDecode"),
        ("hex-no-end", hexed, b"/Filter /ASCIIHexDecode"),
        ("base85-junk", base64.a85encode(raw) + b"\xff~>", b"/Filter /ASCII85Decode"),
        ("base85-started", b"<~" + base64.a85encode(raw) + b"~>", b"/Filter /ASCII85Decode"),
        ("runs-no-end", runs[:-1], b"/Filter /RunLengthDecode"),
        ("runs-cut", runs[:30], b"/Filter /RunLengthDecode"),
        ("lzw-early", _lzw(raw), b"/Filter /LZWDecode /DecodeParms << /EarlyChange 0 >>"),
        ("crypt", raw, b"/Filter /Crypt"),
        ("crypt-identity", packed, (b"/Filter [/Crypt /FlateDecode] /DecodeParms "
         b"[<< /Type /CryptFilterDecodeParms /Name /Odd >> null]")),
        ("of-images", raw, b"/Filter /DCTDecode"),
        ("external", raw, b"/FFilter /FlateDecode /F (other.bin)"),
    ):  # fmt: skip
        yield Odd("filters", name, one_page(objects={4: stream(data, entries)}))
    yield Odd("filters", "length-short", one_page(objects={4: _of_length(raw, len(raw) - 10)}))
    yield Odd("filters", "length-long", one_page(objects={4: _of_length(raw, len(raw) + 10)}))
    yield Odd("filters", "length-missing", one_page(objects={4: _of_length(raw, None)}))
    yield Odd("filters", "length-of-nothing", one_page(objects={4: _of_length(raw, 0)}))


def _lzw(data: bytes) -> bytes:
    """Codes of nine bits, cleared before they would grow: what LZW without compressing is."""
    codes = [256]
    for count, byte in enumerate(data):
        codes += [256, byte] if count % 200 == 199 else [byte]
    bits = "".join(f"{code:09b}" for code in [*codes, 257])
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _of_length(data: bytes, length: int | None) -> bytes:
    entry = b"" if length is None else b"/Length %d" % length
    return b"<< %b >>\nstream\n%b\nendstream" % (entry, data)


def contents() -> Iterator[Odd]:
    more = {5: stream(BOX), 6: stream(b"1 0 0 rg 100 20 30 30 re f")}
    for name, entry, objects in (
        ("nested", b"[4 0 R [5 0 R 6 0 R]]", more),
        ("array-of-arrays", b"[[4 0 R] [5 0 R]]", more),
        ("indirect-nested", b"[4 0 R 7 0 R]", more | {7: b"[5 0 R 6 0 R]"}),
        ("indirect-twice", b"7 0 R", more | {7: b"8 0 R", 8: b"[4 0 R 5 0 R]"}),
        ("with-null", b"[4 0 R null 5 0 R]", more),
        ("with-missing", b"[4 0 R 99 0 R 5 0 R]", more),
        ("with-number", b"[4 0 R 7 5 0 R]", more),
        ("with-dictionary", b"[4 0 R << >> 5 0 R]", more),
        ("twice-the-same", b"[4 0 R 5 0 R 5 0 R]", more | {5: stream(b"1 0 0 1 30 0 cm " + BOX)}),
        ("token-across", b"[4 0 R 5 0 R 6 0 R]", more | {5: stream(b"20 60 6"),
                                                         6: stream(b"0 40 re f")}),
        ("operator-across", b"[4 0 R 5 0 R 6 0 R]", more | {5: stream(b"20 60 60 40 r"),
                                                            6: stream(b"e f")}),
        ("string-across", b"[4 0 R 5 0 R 6 0 R]", more | {5: stream(b"(open"),
                                                          6: stream(b") pop " + BOX)}),
        ("broken-between", b"[4 0 R 5 0 R 6 0 R]",
         more | {5: stream(zlib.compress(BOX * 40)[:20], b"/Filter /FlateDecode")}),
        ("missing", b"99 0 R", more),
        ("dictionary", b"7 0 R", more | {7: b"<< >>"}),
        ("twice-in-page", b"4 0 R /Contents 5 0 R", more),
    ):  # fmt: skip
        yield Odd("contents", name, one_page(contents=entry, objects=objects))
    loop = form(b"0 0 40 30 re f /X Do", b"/Resources << /XObject << /X 5 0 R >> >>")
    drawn = b"q 1 0 0 1 20 60 cm /X Do Q"
    use = b"/XObject << /X 5 0 R >>"
    inner = b"/G0 gs 0 0 60 40 re f"
    for name, body in (
        ("form-draws-itself", loop),
        ("form-without-resources", form(inner)),
        ("form-without-box", stream(b"0 0 60 40 re f", b"/Type /XObject /Subtype /Form")),
        ("form-box-turned", form(b"0 0 60 40 re f", box=b"100 30 0 0")),
        ("form-box-empty", form(b"0 0 60 40 re f", box=b"0 0 0 0")),
        ("form-matrix-singular", form(b"0 0 60 40 re f", b"/Matrix [0 0 0 0 0 0]")),
        ("form-state-leaks", form(b"q 1 0 0 rg 0 0 60 40 re f")),
        ("form-stray-restore", form(b"Q Q 0 0 60 40 re f")),
        ("form-no-subtype", stream(b"0 0 60 40 re f", b"/Type /XObject /BBox [0 0 60 40]")),
        ("form-reference", form(b"0 0 60 40 re f", b"/Ref << /F (other.pdf) /Page 0 >>")),
        ("form-compressed-twice", deflated(zlib.compress(b"0 0 60 40 re f"),
                                           b"/Subtype /Form /BBox [0 0 60 40]")),
    ):  # fmt: skip
        page = one_page(
            drawn + b" 120 20 30 30 re f",
            resources=use + b" /ExtGState << /G0 << /CA 0.5 /ca 0.5 >> >>",
            objects={5: body},
        )
        yield Odd("contents", name, page)
