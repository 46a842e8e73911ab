"""Whose seal some words ask for, as far as the lines of a page plainly say it.

A name is found in longer names and in sentences, too, and words that ask for a seal stand beside
everybody's. So a name counts only where it is all that a piece of a line says, but for a label
before it and words that ask; and words are somebody's only if no piece that says more stands
between. What says nothing of whose they are is a list; what is missing in it leads to a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from eseal.documents.pdf.placing.layout import Box
from eseal.documents.viewer.words import plain

_COLUMN: Final = 1.5
"""Heights of a letter: a wider gap parts two pieces of a line."""
_INDENT: Final = 4.0
"""Heights: words may stand so far to the side of what they stand below."""
_LEADING: Final = 0.6
"""Heights between two lines of one text: a double one has it."""
_SAME_LINE: Final = 0.35
"""Heights between the middles of letters in one line, of several sizes."""
_NAME: Final = "\0"
"""Stands for a name of the company's own in the text of a piece."""
_BESIDE: Final = (
    "and|or|/|&|,|the|affix|company|corporate|official|common|sign(?:ed|ature)?|here|und|"
    "unterschrift|firmen|或|及|并|和|与|签字|签名|签署|加盖|公司|单位|企业|法人|合同|财务|处|處"
)
_ASKING: Final = re.compile(
    rf"\(?(?:{_BESIDE})*(?:盖章|蓋章|公章|印章|签章|专用章|印|seal|stamp|stempel)(?:{_BESIDE})*\)?"
    r"|\(章\)"
)
"""What asks for a seal, with what forms write around it."""
_LONGEST: Final = 400
"""Letters: a longer piece says more than a name and what asks for its seal."""
_FILL: Final = "_.…·-—–~:,;。、"
_ENDS: Final = ":;。_"
"""What ends a line so that the next one begins anew; a full stop may be one of a longer name."""
_ON_BEHALF: Final = r"(?:signed|sealed|executed)?(?:by)?(?:forand)?onbehalfof"
_OWN: Final = re.compile(rf"(?:([^:]*):|([甲乙丙丁戊]方)|{_ON_BEHALF}:?)?{_NAME}(?:\(?{_NAME}\)?)?")
"""A name, its label before it."""
_DETAIL: Final = re.compile(
    r"(?:by|name|printname|signature|unterschrift|签字|签名|姓名|氏名|署名)"
    r"|(?:title|position|date|place|(?:registered)?address|tel|telephone|phone|fax|e-?mail|datum|"
    r"ort,?datum|adresse|authori[sz]ed(?:signatory|representative)|representative|"
    r"(?:注册|通讯|联系)?(?:地址|电话)|住所|住址|传真|邮编|邮政编码|邮箱|电子邮箱|联系人|职务|"
    r"(?:签订|签署|签约)?日期|(?:法定代表人|法人代表|授权代表人?|委托代理人|代表人?|或)+|负责人|经办人|"
    r"开户(?:银)?行|(?:银行)?[账帐]号|税号|统一社会信用代码|代表者|代表取締役|電話|日付)"
    rf"(?:\([^()]*\))?(?::[^:{_NAME}]*)?"
    r"|[\d年月日/.-]+",
)
"""What a block says about whom it has named: it names nobody else."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands together in one line of a page.

    Attributes:
        text: without blanks, width and case; a name of the company's own is one sign.
        rest: what it says beside asking for a seal.
        asks: whether it ends in words that ask for a seal.
        box: x, y, width and height, in points as shown.
    """

    text: str
    rest: str
    asks: bool
    box: Box

    @property
    def is_telling(self) -> bool:
        """Whether it may say whose seal is asked for."""
        return bool(self.rest) and not _DETAIL.fullmatch(self.rest)

    def is_above(self, other: Piece) -> bool:
        """Whether its line is a higher one."""
        return self.box[1] + self.box[3] / 2 > other.box[1] + other.box[3]

    def adjoins(self, other: Piece) -> bool:
        """Whether one of two lines follows the other as in a text, one below the other."""
        between = max(self.box[1], other.box[1]) - min(_top(self), _top(other))
        return between < _LEADING * min(self.box[3], other.box[3]) and not self.aside(other)

    def aside(self, other: Piece) -> float:
        """Points between the two, seen from above; 0 if one stands over the other."""
        right, other_right = self.box[0] + self.box[2], other.box[0] + other.box[2]
        return max(self.box[0] - other_right, other.box[0] - right, 0.0)

    def holds(self, point: tuple[float, float]) -> bool:
        """Whether a point is in it."""
        x, y = point[0] - self.box[0], point[1] - self.box[1]
        return 0 <= x <= self.box[2] and 0 <= y <= self.box[3]

    def is_beside(self, other: Piece) -> bool:
        """Whether both stand in one line."""
        apart = abs(self.box[1] + self.box[3] / 2 - other.box[1] - other.box[3] / 2)
        return apart < _SAME_LINE * max(self.box[3], other.box[3])


def _top(piece: Piece) -> float:
    return piece.box[1] + piece.box[3]


class Blocks:
    """The pieces of a page, and whose words are.

    Args:
        letters: of the page, with their boxes as shown.
        names: of the one whose words are looked for.
        words: what else asks, beside the words that ask for a seal.
        role: whether a name is a label, too, behind which any name may stand.
    """

    def __init__(
        self,
        letters: list[tuple[str, Box]],
        names: tuple[str, ...],
        words: tuple[str, ...] = (),
        *,
        role: bool = False,
    ) -> None:
        self._names = _any_of(names)
        self._words = [rest for word in words if (rest := _ASKING.sub("", plain(word)))]
        self._role = role
        self._pieces = [self._piece(each) for line in _lines(letters) for each in _parted(line)]

    def _piece(self, letters: list[tuple[str, Box]]) -> Piece:
        text = self._names.sub(_NAME, "".join(letter for letter, _ in letters))
        asked = list(_ASKING.finditer(text)) if len(text) < _LONGEST else []
        rest = _ASKING.sub("", text) if asked else text
        for word in self._words:
            rest = rest.replace(word, "")
        boxes = [box for _, box in letters]
        x, y = min(box[0] for box in boxes), min(box[1] for box in boxes)
        right, top = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
        return Piece(
            text,
            rest.replace("()", "").strip(_FILL),
            bool(asked) and not text[asked[-1].end() :].strip(_FILL),
            (x, y, right - x, top - y),
        )

    def at(self, point: tuple[float, float]) -> Piece | None:
        """The piece at a point."""
        return next((each for each in self._pieces if each.holds(point)), None)

    def owner(self, words: Piece) -> Piece | None:
        """Of some words that ask, the piece that names the company they ask; ``None`` in doubt."""
        if self._is_own(words):
            return words
        if words.rest:
            return self._of_role(words.rest)
        line = [each for each in self._telling if each.is_beside(words)]
        right = [each for each in line if each.box[0] > words.box[0]]
        if words.text.endswith(":") and right:
            following = min(right, key=lambda each: each.box[0])
            if ":" not in following.text:
                return None  # it may be whom these words ask
        above = self._above(words)
        left = max((each for each in line if each not in right), key=_start, default=None)
        if left is None:
            is_one = len(above) == 1 and self._is_own(above[0])
            return above[0] if is_one and not self._is_below(words, above[0]) else None
        spans = all(each.is_above(left) and not each.aside(left) for each in above)
        return left if spans and self._is_own(left) else None

    def _of_role(self, role: str) -> Piece | None:
        """The company behind a label such as 甲方, unless another one has it, or anybody may."""
        if re.fullmatch(f"(?:{_BESIDE})+", role):
            return None
        labelled = [
            each
            for each in self._telling
            if ":" in each.rest and role in re.split(r"[()/]", each.rest.partition(":")[0])
        ]
        return labelled[0] if len(labelled) == 1 and self._is_own(labelled[0]) else None

    def _is_below(self, words: Piece, owner: Piece) -> bool:
        """Whether a name may stand below the words, nearer than the one above: under its line."""
        room = owner.box[1] - _top(words)
        return any(
            words.is_above(each)
            and not each.aside(words)
            and words.box[1] - _top(each) <= room
            and ":" not in each.text
            for each in self._telling
        )

    def _above(self, piece: Piece) -> list[Piece]:
        """What the nearest line above says, in the column of a piece."""
        reach = _INDENT * piece.box[3]
        column = [
            each for each in self._telling if each.is_above(piece) and each.aside(piece) <= reach
        ]
        lowest = min(column, key=lambda each: each.box[1], default=None)
        line = [each for each in column if lowest is not None and each.is_beside(lowest)]
        return [each for each in line if not each.aside(piece)] or line

    @cached_property
    def _telling(self) -> list[Piece]:
        return [each for each in self._pieces if each.is_telling]

    def _is_own(self, piece: Piece) -> bool:
        """Whether a piece calls the company by its name, and says no more."""
        if self._role and piece.rest.startswith(f"{_NAME}:"):
            return True
        if not _OWN.fullmatch(piece.rest):
            return False
        return not any(self._goes_on(piece, each) for each in self._telling)

    def _goes_on(self, piece: Piece, other: Piece) -> bool:
        """Whether a name may be part of a longer one, which another line begins or ends."""
        if piece is other or not piece.adjoins(other):
            return False
        if any(each.asks for each in self._pieces if each.is_beside(other)):
            return False  # its line is one of its own
        if other.is_above(piece):
            ends = other.text[-1] in _ENDS or re.fullmatch(_ON_BEHALF, other.rest)
            return piece.text.startswith(_NAME) and not ends
        return piece.text.endswith(_NAME) and ":" not in other.text


def says_only(text: str, names: Iterable[str]) -> bool:
    """Whether a text names a company, maybe with a label before it, and says no more."""
    marked = _any_of(names).sub(_NAME, plain(text))
    return len(marked) < _LONGEST and _OWN.fullmatch(marked.strip(_FILL)) is not None


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    """Any of some names, the longest first."""
    marks = sorted({plain(name) for name in names if plain(name)}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, marks)) or "(?!)")


def _start(piece: Piece) -> float:
    return piece.box[0]


def _lines(letters: list[tuple[str, Box]]) -> Iterator[list[tuple[str, Box]]]:
    """Letters that stand in one line, from the top."""
    line: list[tuple[str, Box]] = []
    for each in sorted(letters, key=lambda each: -each[1][1] - each[1][3] / 2):
        y, height = each[1][1], each[1][3]
        if line:
            first = line[0][1]
            apart = first[1] + first[3] / 2 - y - height / 2
            if apart >= _SAME_LINE * max(first[3], height):
                yield line
                line = []
        line.append(each)
    if line:
        yield line


def _parted(line: list[tuple[str, Box]]) -> Iterator[list[tuple[str, Box]]]:
    """The pieces of a line."""
    piece: list[tuple[str, Box]] = []
    right = 0.0
    for letter, box in sorted(line, key=lambda each: each[1][0]):
        if piece and box[0] - right > _COLUMN * box[3]:
            yield piece
            piece = []
        right = max(right, box[0] + box[2]) if piece else box[0] + box[2]
        piece.append((letter, box))
    if piece:
        yield piece
