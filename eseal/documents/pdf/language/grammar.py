"""The grammar of contents that every reader reads alike (ISO 32000-1 section 7.8.2, annex A).

It is narrower than the standard where readers differ: each operator has exactly its operands, text
is shown in text objects only, a path is begun before it is continued, and painted before anything
else is drawn. Regular expressions judge contents at some 100 MB/s, which Python code cannot; what
they do not match is put in order by :mod:`.repair`, and judged again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

SPACE: Final = r"[\0\t\n\f\r ]"
"""Table 1. Vertical tab, backspace and no-break space are none, though some readers skip them."""
NUMBER: Final = r"[-+]?[0-9]{0,9}+(?:\.[0-9]{0,40}+)?+(?<=[0-9])"
"""More digits overflow in one reader or another. It ends in one: neither ``.`` nor ``-`` is any."""
NAME: Final = (
    r"/[^\0-\x20#%()/<>\[\]{}\x7f-\xff]{0,126}+"
    r"(?:#[0-9A-Fa-f]{2}[^\0-\x20#%()/<>\[\]{}\x7f-\xff]{0,126}+){0,126}+(?<!/)"
)
"""At most 126 bytes between escapes; readers differ from 127 on."""
LITERAL: Final = (
    r"\([^()\\\r]{0,12000}+(?:\\(?:[nrtbf()\\]|[0-3][0-7]{2})[^()\\\r]{0,200}+){0,100}+\)"
)
"""Without inner brackets, line ends that count as another one, and escapes that mean nothing; one
reader cuts strings of more than 32,767 bytes."""
HEX: Final = r"<[0-9A-Fa-f]{0,64000}+>"
STRING: Final = rf"(?:{LITERAL}|{HEX})"
MAX_COMPONENTS: Final = 12
"""Of a colour; the standard allows 32 (annex C), printed matter has eight."""

_GAP: Final = rf"{SPACE}*+"
_OPERAND: Final = rf"{NUMBER}{SPACE}++"
_END: Final = rf"(?:{SPACE}++|(?=[/\[(<])|\Z)"
"""What ends an operator."""

_Operators = Mapping[int, Sequence[str]]
"""Operators by the count of numbers they take."""

_STATE: Final[_Operators] = {
    1: ["w", "J", "j", "M", "i", "g", "G", "Tc", "Tw", "Tz", "TL", "Tr", "Ts"],
    3: ["rg", "RG"],
    4: ["k", "K"],
}
_COLOUR: Final[_Operators] = {
    count: ["sc", "SC", "scn", "SCN"] for count in range(1, MAX_COMPONENTS + 1)
}
_DRAWN: Final[_Operators] = {2: ["m"], 4: ["re"]}
_CONTINUED: Final[_Operators] = {2: ["m", "l"], 4: ["re", "v", "y"], 6: ["c"]}
_PLACED: Final[_Operators] = {2: ["Td", "TD"], 6: ["Tm"]}
_MOVED: Final[_Operators] = {6: ["cm"]}
_PAINT: Final = ["n", "f", "S", "s", "f*", "B", "B*", "b", "b*", "F"]


def _either(operators: Sequence[str]) -> str:
    """One of some operators; those that begin alike stand together, which is faster."""
    endings: dict[str, list[str]] = {}
    for name in operators:
        endings.setdefault(name[0], []).append(re.escape(name[1:]))
    choices = [
        first + ("" if more == [""] else "(?:" + "|".join(sorted(more, key=len)[::-1]) + ")")
        for first, more in endings.items()
    ]
    return "(?:" + "|".join(choices) + ")" + _END


def _numbers(*tables: _Operators, then: str = "") -> str:
    """Numbers and their operator, nested so that no number is read twice.

    Args:
        tables: the operators.
        then: what must follow those that begin a path.
    """
    pattern = ""
    for count in range(max(map(max, tables)), 0, -1):
        names = [name for table in tables for name in table.get(count, ())]
        starts = [name for name in names if then and name in _DRAWN.get(count, ())]
        others = [name for name in names if name not in starts]
        choices = [f"{name}{_END}{then}" for name in starts]
        choices += [_either(others)] if others else []
        choices += [pattern] if pattern else []
        if count <= MAX_COMPONENTS:
            choices += [rf"{NAME}{_GAP}(?:scn|SCN){_END}"]
        pattern = f"{_OPERAND}(?:{'|'.join(choices)})"
    return pattern


_DASH: Final = rf"\[{_GAP}(?:{NUMBER}{_GAP})*+\]{_GAP}{_OPERAND}d{_END}"
_VALUE: Final = (
    rf"(?:{NUMBER}|{NAME}|{STRING}|true|false"
    rf"|\[{_GAP}(?:(?:{NUMBER}|{NAME}|{STRING}){_GAP})*+\])"
)
_PROPERTIES: Final = rf"(?:<<{_GAP}(?:{NAME}{_GAP}{_VALUE}{_GAP})*+>>|{NAME})"
_MARKED: Final = f"{_PROPERTIES}{_GAP}" + _either(["BDC", "DP"])
_NAMED: Final = _either(["gs", "cs", "CS", "ri", "scn", "SCN", "BMC", "MP"])
_FONT: Final = f"{_OPERAND}Tf{_END}"
_STRINGS: Final = rf"\[{_GAP}(?:(?:{STRING}|{NUMBER}){_GAP})*+\]{_GAP}TJ"


def _contents() -> str:
    marks = rf"{NAME}{_GAP}(?:{_NAMED}|{_FONT}|{_MARKED})|{_DASH}|EMC{_END}"
    path = (
        rf"(?:{_numbers(_STATE, _COLOUR, _CONTINUED)}|h{_END}|{marks})*+"
        rf"(?:W\*?{_END})?+{_either(_PAINT)}"
    )
    text = (
        rf"(?:(?:{_STRINGS}|{STRING}{_GAP}(?:Tj|')){_END}"
        rf"|{_numbers(_STATE, _COLOUR, _PLACED, _DRAWN, _MOVED, then=path)}|{marks}|T\*{_END})*+"
    )
    page = (
        rf"{_numbers(_STATE, _COLOUR, _DRAWN, _MOVED, then=path)}"
        rf"|(?:q|Q){_END}|BT{_END}{text}ET{_END}|{NAME}{_GAP}(?:Do|sh){_END}|{marks}"
        rf"|{_either(_PAINT)}"
    )
    return rf"{_GAP}(?:{page})*+"


def _compiled(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode("latin-1"), re.DOTALL)


PLAIN: Final = _compiled(_contents())
"""Matches the longest beginning of contents that is plain: all of it, if it is."""
GLYPH: Final = _compiled(rf"{_GAP}(?:(?:{_OPERAND}){{2}}d0|(?:{_OPERAND}){{6}}d1){_END}")
"""What the contents of a glyph begin with (section 9.6.5)."""
_GIVEN: Final = rf"(?:{_VALUE}|\[?{_GAP}{_PROPERTIES}{_GAP}\]?)"
IMAGE: Final = _compiled(rf"BI{_GAP}((?:{NAME}{_GAP}{_GIVEN}{_GAP})*+)ID{SPACE}")
"""The head of an inline image (section 8.9.7), up to its data; group 1 is its dictionary."""
IMAGE_ENTRY: Final = _compiled(rf"({NAME}){_GAP}({_GIVEN}){_GAP}")

_TAKEN: Final = (_STATE, _COLOUR, _DRAWN, _CONTINUED, _PLACED, _MOVED)
_NUMBERED: Final = rf"(?:{NUMBER} )*?"
_OTHERS: Final = {
    "scn SCN": rf"(?:{NUMBER}(?: {NUMBER}){{0,{MAX_COMPONENTS - 1}}}|{_NUMBERED}{NAME})",
    "sc SC": rf"{NUMBER}(?: {NUMBER}){{0,{MAX_COMPONENTS - 1}}}",
    "Tf": rf"{NAME} {NUMBER}",
    "d": rf"\[{_GAP}(?:{NUMBER}{_GAP})*+\] {NUMBER}",
    "Tj '": STRING,
    '"': rf"{NUMBER} {NUMBER} {STRING}",
    "TJ": rf"\[{_GAP}(?:(?:{STRING}|{NUMBER}){_GAP})*+\]",
    "gs cs CS ri BMC MP Do sh": NAME,
    "BDC DP": rf"{NAME} {_PROPERTIES}",
    "q Q BT ET EMC T* h W W* n f S s f* B B* b b* F": "",
}
OPERANDS: Final[Mapping[bytes, tuple[int, re.Pattern[bytes]]]] = {
    **{
        name.encode(): (count, _compiled(" ".join([NUMBER] * count)))
        for table in _TAKEN
        for count, names in table.items()
        for name in names
    },
    **{
        name.encode(): (0, _compiled(pattern))
        for names, pattern in _OTHERS.items()
        for name in names.split()
    },
}
"""The operators of annex A: how many numbers they take, or 0; and their operands, with blanks."""
STATES: Final = frozenset(
    {
        *(
            name.encode()
            for table in (_STATE, _COLOUR)
            for names in table.values()
            for name in names
        ),
        *(b"gs", b"cs", b"CS", b"ri", b"Tf", b"d", b"BMC", b"MP", b"BDC", b"DP", b"EMC"),
    }
)
"""Operators that may stand between those of a path."""


def fits(word: bytes, operands: Sequence[bytes]) -> bool:
    """Whether these are the operands of an operator of annex A."""
    return OPERANDS[word][1].fullmatch(b" ".join(operands)) is not None


TEXT: Final = _compiled(r"\([^()\\]*+(?:\\.[^()\\]*+)*+\)")
"""A string between brackets, in plain contents. Operators and names in it are none; all that is
looked for from here on is looked for in contents without such strings."""
_ALONE: Final = r"(?<![^\0\t\n\f\r \])>]{0})"
"""Looks behind from the end of a word, so that a search leaps from one first letter to the next."""


def _found(*operators: str) -> re.Pattern[bytes]:
    return _compiled("|".join(rf"{word}{_ALONE.format(word)}(?={_END})" for word in operators))


BRACKETS: Final = _found("q", "Q")
MARKS: Final = _found("BMC", "BDC", "EMC")
"""What begins and ends marked contents."""
VALUED: Final = _found("w", "J", "j", "M", "Tr", "d")
"""Operators not all of whose operands readers take alike."""
COLOURS: Final = _found("g", "G", "rg", "RG", "k", "K", "cs", "CS", "sc", "SC", "scn", "SCN", "sh")
"""What sets colours."""
PAINTING: Final = _found(
    *("q", "Q", "g", "G", "rg", "RG", "k", "K", "cs", "CS", "sc", "SC", "scn", "SCN")
)
"""What decides on the colour space, and what paints in it."""
NAMES: Final = _compiled(rf"({NAME}){_GAP}(?:{_OPERAND})?+(Tf|Do|gs|cs|CS|scn|SCN|sh)(?={_END})")
"""The resources that contents name, with the operators that take them."""
LAYERS: Final = _compiled(rf"/OC{_GAP}({NAME}|<<){_GAP}")
"""Contents of layers (section 8.11.3.2), with the name of the layer's properties."""
