"""What a verification report in words consists of; :mod:`eseal.words.reporting` makes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Look(StrEnum):
    """Shape and colour of a verdict or check."""

    PASSED = "passed"
    OPEN = "open"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a report.

    Attributes:
        name: the code of what it says, e.g. ``sealed_at``.
        label: that in words.
        text: what it says.
    """

    name: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict in words.

    Attributes:
        look: shape and colour.
        headline: one line.
        sentence: what it means.
        advice: what to do now; where nothing could be decided, what will change that.
        technical: the same in the words of the standard, and our code.
    """

    look: Look
    headline: str
    sentence: str
    advice: str
    technical: str


@dataclass(frozen=True, slots=True)
class CheckMade:
    """One check in words.

    Attributes:
        look: how it came out.
        name: what was checked.
        outcome: how it came out, in a word or two.
        sentence: the same, whole.
        code: the technical name.
        status: the technical outcome.
        detail: what was seen, exactly; in English where the catalogue does not hold it.
        rests_on: what the answer depends on.
    """

    look: Look
    name: str
    outcome: str
    sentence: str
    code: str
    status: str
    detail: str
    rests_on: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class SealText:
    """What is said of one seal.

    Attributes:
        verdict: on it.
        facts: what it says about itself, and what is proven of it.
        checks: those made on it, what decided first.
    """

    verdict: Verdict
    facts: tuple[Fact, ...]
    checks: tuple[CheckMade, ...]


@dataclass(frozen=True, slots=True)
class ReportText:
    """A report in words.

    Attributes:
        verdict: on the document: that of its worst seal.
        alarm: that the owner of a seal must be told, or ``None``.
        facts: what is known of the file as a whole.
        seals: one per seal, in their order.
        checks: those made on the file, where it holds no seal.
        extractable: whether the sealed revision can be taken out of the file.
    """

    verdict: Verdict
    alarm: str | None
    facts: tuple[Fact, ...]
    seals: tuple[SealText, ...]
    checks: tuple[CheckMade, ...]
    extractable: bool
