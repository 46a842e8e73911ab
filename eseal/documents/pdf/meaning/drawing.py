"""Contents and what they draw with, from pages inwards: only what is drawn is looked at."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from pikepdf import Array, Dictionary, Name, Object

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.language import law
from eseal.documents.pdf.language.repair import Named
from eseal.documents.pdf.meaning.desk.desk import Desk, Others
from eseal.documents.pdf.meaning.desk.values import (
    DIRECT,
    Key,
    array,
    box,
    dictionary,
    is_stream,
    key_of,
    name,
    number,
    numbers,
    whole,
)
from eseal.documents.pdf.meaning.resources.colours import colours, painting, states
from eseal.documents.pdf.meaning.resources.fonts import encodings, fonts
from eseal.documents.pdf.meaning.resources.images import images
from eseal.documents.pdf.meaning.work import NO_RULES, ContentRules, Work, shorten

_KINDS: Final = {
    b"Tf": "/Font",
    b"Do": "/XObject",
    b"gs": "/ExtGState",
    b"cs": "/ColorSpace",
    b"CS": "/ColorSpace",
    b"scn": "/Pattern",
    b"SCN": "/Pattern",
    b"sh": "/Shading",
}
"""Operators that name resources, and of which kind (section 7.8.3)."""
_ALONE: Final = {b"DeviceGray", b"DeviceRGB", b"DeviceCMYK", b"Pattern"}
"""Colour spaces that need no resource."""
_BOX: Final = 4
_MATRIX: Final = 6
_UNCOLOURED: Final = 2
_TILINGS: Final = {1, 2, 3}
_UNSEEN: Final = re.compile(rb"(?<!\S)3\s+Tr(?!\S)")
_CLIPPING: Final = re.compile(rb"(?<!\S)[4-7]\s+Tr(?!\S)")
_NO_COLOURS: Final = b"d1"


@dataclass(frozen=True)
class _Scene:
    """Contents that are looked at.

    Attributes:
        facts: what they say.
        resources: what their names stand for.
        what: how to call them.
    """

    facts: law.Facts
    resources: Any
    what: str

    def held(self, operator: bytes, token: bytes) -> Any:
        """What a name stands for; ``None`` if it is not there."""
        return dictionary(dictionary(self.resources).get(_KINDS[operator])).get(_key(token))

    def shown(self, size: int) -> dict[Key, set[int]]:
        """The codes of 1 or 2 bytes shown in each font, under any of its names."""
        return self._pairs if size > 1 else self._bytes

    @cached_property
    def _bytes(self) -> dict[Key, set[int]]:
        return self._codes(1)

    @cached_property
    def _pairs(self) -> dict[Key, set[int]]:
        return self._codes(2)

    def _codes(self, size: int) -> dict[Key, set[int]]:
        found: dict[Key, set[int]] = defaultdict(set)
        for token, codes in encodings.shown(self.facts.data, size).items():
            found[key_of(self.held(b"Tf", token))] |= codes
        return found

    def forget(self, operator: bytes, token: bytes) -> None:
        """Take away what a name stands for."""
        del self.resources[_KINDS[operator]][_key(token)]

    def lend_font(self, token: bytes) -> bool:
        """Let a name stand for the font that PDFium takes for one that is not there."""
        if not isinstance(self.resources, Dictionary):
            return False
        if not isinstance(self.resources.get("/Font"), Dictionary):
            self.resources.Font = Dictionary()
        self.resources.Font[_key(token)] = Dictionary(
            Type=Name.Font,
            Subtype=Name.Type1,
            BaseFont=Name.Helvetica,
            Encoding=Name.WinAnsiEncoding,
        )
        return True


def contents(
    desk: Desk, data: bytes, resources: Any, what: str, *, rules: ContentRules = NO_RULES
) -> bytes | None:
    """Look at contents and all they draw with.

    Args:
        desk: where to put down what is found.
        data: the contents, decoded.
        resources: what their names stand for.
        what: how to call them.
        rules: what is asked of them.

    Returns:
        The contents in order, if they had to be put in order; ``None`` if they were.
    """
    shorten(resources)
    work = Work(desk, data, what, rules)
    scene = _Scene(work.facts, resources, what)
    absent = _look_at_used(desk, scene)
    if rules.bare and law.colours(work.facts):
        desk.report(HazardCode.UNCLEAR_COLOUR, f"{what} sets colours where it must not")
    bare = work.facts.begins.rstrip().endswith(_NO_COLOURS)
    if absent or (bare and law.colours(work.facts)):
        work.repair(colours=not bare, without=absent)
        scene = _Scene(work.facts, resources, what)
    _painted(desk, scene)
    inside = sum(
        count * desk.weights.get(key_of(scene.held(b"Do", token)), 0)
        for token, count in work.facts.drawn.items()
    )
    desk.weight = len(data) + inside
    work.pack_faxes()
    return work.changed


def _look_at_used(desk: Desk, scene: _Scene) -> set[Named]:
    """Look at what contents draw with.

    Returns:
        What is not there, or cannot be drawn.
    """
    absent: set[Named] = set()
    _glyphs_that_are_drawn(desk, scene)
    for token, operator in scene.facts.named:
        value = scene.held(operator, token)
        what = f"{token.decode()[1:]} of {scene.what}"
        if value is not None:
            if not _resource(desk, scene, operator, value, what):
                absent.add((token, operator))
                if key_of(value) in desk.left_out:
                    scene.forget(operator, token)
        elif token[1:] not in _ALONE:
            desk.settle(
                HazardCode.UNCLEAR_CONTENTS,
                f"{scene.what} names {token.decode()}, which is not among its resources",
            )
            if operator != b"Tf" or not scene.lend_font(token):
                absent.add((token, operator))
    for image in scene.facts.images:
        if image.space and scene.held(b"cs", b"/" + image.space) is None:
            desk.report(HazardCode.UNCLEAR_COLOUR, f"{scene.what}: an inline image without colours")
    properties = dictionary(dictionary(scene.resources).get("/Properties"))
    for token in scene.facts.layers:
        belongs(desk, properties.get(_key(token)) if token != b"<<" else None, scene.what)
    return absent


def _glyphs_that_are_drawn(desk: Desk, scene: _Scene) -> None:
    """Glyphs of Type 3 are drawn as text is in some readers: not at all, clipping, in patterns."""
    fonts_ = [scene.held(b"Tf", token) for token, op in scene.facts.named if op == b"Tf"]
    drawn = any(name(dictionary(each).get("/Subtype")) == "Type3" for each in fonts_)
    patterned = any(op == b"scn" for _, op in scene.facts.named)
    if _CLIPPING.search(scene.facts.bare):
        desk.report(HazardCode.UNCLEAR_CONTENTS, f"{scene.what} clips by text")
    if desk.open and encodings.borrows_font(scene.facts.bare):
        desk.report(HazardCode.UNCLEAR_FONT, f"{scene.what} shows text in a font of what draws it")
    if drawn and (patterned or _UNSEEN.search(scene.facts.bare)):
        desk.report(HazardCode.UNCLEAR_CONTENTS, f"{scene.what} shows glyphs that are drawn")


def _painted(desk: Desk, scene: _Scene) -> None:
    """Whether each colour fits its space, and devices' spaces are what they are called."""
    colours.instead(desk, scene.resources)
    spaces = {
        token[1:]: _space_of(desk, scene, token)
        for token, operator in scene.facts.named
        if operator in {b"cs", b"CS"}
    }
    start = painting.GRAY if not desk.open else (painting.UNKNOWN, None)
    odd = painting.odd_colour(scene.facts.bare, spaces, start)
    if odd:
        desk.report(HazardCode.UNCLEAR_COLOUR, f"{scene.what}: a colour not of its space, {odd!r}")


def _space_of(desk: Desk, scene: _Scene, token: bytes) -> painting.Count:
    value = scene.held(b"cs", token)
    if value is None:
        value = Name(token.decode("ascii"))
    if name(value) == "Pattern" or (array(value) and name(value[0]) == "Pattern"):
        return painting.PATTERN, None
    count = colours.components(desk, value, scene.resources)
    return count or painting.UNKNOWN, colours.palette(value, scene.resources)


def _key(token: bytes) -> Any:
    """A name as a key: qpdf's own, where it has escapes."""
    return Object.parse(token) if b"#" in token else token.decode("ascii")


def _resource(desk: Desk, scene: _Scene, operator: bytes, value: Any, what: str) -> bool:
    """Look at a resource that is named; false if it cannot be drawn."""
    match operator:
        case b"Tf":
            _text(desk, scene, value, what)
        case b"Do":
            return external(desk, value, scene.resources, what)
        case b"gs":
            _state(desk, value, scene.resources, what)
        case b"cs" | b"CS":
            if desk.first(value):
                colours.space(desk, value, scene.resources, what)
        case b"scn" | b"SCN":
            pattern(desk, value, scene.resources, what)
        case b"sh":
            states.shading(desk, value, scene.resources, what)
            if "/Background" in dictionary(value):
                desk.report(
                    HazardCode.UNCLEAR_COLOUR, f"{what} has a ground that some readers show"
                )
    return True


def _text(desk: Desk, scene: _Scene, value: Any, what: str) -> None:
    """Look at a font, and at what is shown in it where that matters."""
    doubtful, key = font(desk, value, what), key_of(value)
    if doubtful:
        codes = scene.shown(getattr(doubtful, "size", 1))[key]
        fonts.doubt(desk, value, doubtful & codes, what)
    if key in desk.pairs:
        desk.pairs[key] |= scene.shown(2)[key]


def external(desk: Desk, value: Any, resources: Any, what: str) -> bool:
    """Look at an external object (section 8.8); false if it cannot be drawn."""
    entries = dictionary(value)
    belongs_if_any(desk, entries, what)
    kind = name(entries.get("/Subtype"))
    if kind == "PS" or "/PS" in entries or name(entries.get("/Subtype2")) == "PS":
        desk.report(HazardCode.POSTSCRIPT, what)
        return True
    if is_stream(value) and kind == "Image":
        with desk.leaving_out(value):
            images.judge(desk, value, resources, what)
        return key_of(value) not in desk.left_out
    if is_stream(value) and kind == "Form":
        return form(desk, value, resources, what)
    desk.settle(HazardCode.UNCLEAR_CONTENTS, f"{what} is neither image nor drawing")
    return False


def form(desk: Desk, value: Any, resources: Any, what: str) -> bool:
    """Look at a form (section 8.10), the look of an annotation included; false if it draws nothing.

    A box that is empty shows nothing in all readers, and stays.
    """
    if "/Resources" not in value and isinstance(resources, Dictionary):
        value.Resources = resources  # as readers do: those of what draws it
    own = value.get("/Resources")
    with desk.within(value) as fine:
        if not fine:
            desk.settle(HazardCode.UNCLEAR_CONTENTS, f"{what} is drawn inside itself, or too deep")
            return False
        if key_of(value) in desk.left_out:
            return False
        if not desk.first(value):
            return True
        matrix = value.get("/Matrix")
        if len(numbers(value.get("/BBox")) or ()) != _BOX or (
            matrix is not None and len(numbers(matrix) or ()) != _MATRIX
        ):
            desk.settle(HazardCode.UNCLEAR_CONTENTS, f"{what} has no proper box or matrix")
            desk.left_out.add(key_of(value))
            return False
        group = dictionary(value.get("/Group"))
        if group.get("/K") is True:
            desk.settle(HazardCode.UNCLEAR_COLOUR, f"{what} lets what is drawn later take away")
            del group["/K"]
        if "/CS" in group:
            colours.space(desk, group.get("/CS"), own, f"the colours of {what}")
        _rewrite(desk, value, own, what)
        return True


def _rewrite(
    desk: Desk, stream: Any, resources: Any, what: str, *, rules: ContentRules = NO_RULES
) -> None:
    data = desk.contents(stream, what)
    changed = contents(desk, data, resources, what, rules=rules)
    desk.weigh(stream)
    if changed is not None:
        desk.streams.pack(stream, changed)
        desk.touch()


def pattern(desk: Desk, value: Any, resources: Any, what: str) -> None:
    """Look at a pattern (section 8.7)."""
    entries = dictionary(value)
    if whole(entries.get("/PatternType")) == 2:  # noqa: PLR2004
        if desk.first(value):
            states.shading(desk, entries.get("/Shading"), resources, what)
            if "/ExtGState" in entries:
                _state(desk, entries.get("/ExtGState"), resources, what)
        return
    steps = [number(entries.get(key)) for key in ("/XStep", "/YStep")]
    paint, tiling = whole(entries.get("/PaintType")), whole(entries.get("/TilingType", 1))
    known = paint in {1, _UNCOLOURED} and tiling in _TILINGS
    if not is_stream(value) or not known or not all(steps) or box(entries.get("/BBox")) is None:
        desk.report(HazardCode.UNCLEAR_CONTENTS, f"{what} is no proper pattern")
        return
    with desk.within(value) as fine:
        if not fine:
            desk.report(HazardCode.UNCLEAR_CONTENTS, f"{what} is drawn inside itself, or too deep")
        elif desk.first(value):
            bare = paint == _UNCOLOURED
            _rewrite(desk, value, value.get("/Resources"), what, rules=ContentRules(bare=bare))


def _state(desk: Desk, value: Any, resources: Any, what: str) -> None:
    if not desk.first(value):
        return
    states.graphics_state(desk, value, what)
    mask = dictionary(value).get("/SMask")
    if isinstance(mask, Dictionary) and is_stream(mask.get("/G")):
        form(desk, mask.get("/G"), resources, f"the mask of {what}")
    parts = array(dictionary(value).get("/Font"))
    if parts:
        font(desk, parts[0], what)


def font(desk: Desk, value: Any, what: str) -> frozenset[int] | Others:
    """Look at a font, and at the contents of its glyphs if it has such.

    Returns:
        The codes whose glyph readers may differ on.
    """
    key = key_of(value)
    if key != DIRECT and key in desk.open:
        desk.report(HazardCode.UNCLEAR_FONT, f"{what} is drawn inside itself")
    if not desk.first(value):
        return desk.doubtful.get(key, frozenset())
    entries = dictionary(value)
    doubtful = fonts.judge(desk, entries, what)
    if key != DIRECT and doubtful:
        desk.doubtful[key] = doubtful
    if name(entries.get("/Subtype")) == "Type3":
        _glyphs(desk, value, what)
    return doubtful


def _glyphs(desk: Desk, value: Any, what: str) -> None:
    own = value.get("/Resources")
    with desk.within(value) as fine:
        if not fine:
            desk.report(HazardCode.UNCLEAR_FONT, f"{what} is drawn inside itself, or too deep")
            return
        for glyph in dictionary(value.get("/CharProcs")).values():
            if is_stream(glyph) and desk.first(glyph):
                _rewrite(desk, glyph, own, f"a glyph of {what}", rules=ContentRules(glyph=True))


def belongs_if_any(desk: Desk, entries: Any, what: str) -> None:
    """Look at the layer something is in, if it is in one."""
    layer = entries.get("/OC")
    if layer is not None:
        belongs(desk, layer, what)


def belongs(desk: Desk, layer: Any, what: str) -> None:
    """What is in a layer must be shown where the layer is on (section 8.11.2), and nowhere else.

    A layer the document does not list is on for all readers.
    """
    desk.layered = True
    entries = dictionary(layer)
    kind = name(entries.get("/Type"))
    if kind == "OCG":
        return
    groups = entries.get("/OCGs")
    members = array(groups) if isinstance(groups, Array) else [groups]
    plain = name(entries.get("/P", Name.AnyOn)) == "AnyOn" and "/VE" not in entries
    known = [name(dictionary(member).get("/Type")) == "OCG" for member in members]
    if kind != "OCMD" or not plain or not known or not all(known):
        desk.report(HazardCode.HIDDEN_LAYER, f"{what} shows on a condition")
