"""PDFs as the process that holds keys sees them: it has them read by others, and checks the form.

Sealing: what comes back is read again by our own strict reader, which knows one form and hashes
what the seal will cover. Nothing else of a stranger's file is looked at here.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from eseal.documents import confined
from eseal.documents.confined import crossing
from eseal.documents.pdf import tasks
from eseal.documents.pdf.examination.hazards import STRICT, ContentPolicy, Hazard, HazardCode
from eseal.documents.pdf.sealing.first_seal import said_by
from eseal.documents.pdf.sealing.prepared import PreparedPdf
from eseal.documents.pdf.seals.dictionary import said_in
from eseal.documents.pdf.seals.judging import judge
from eseal.errors import (
    ESealError,
    InvalidFormatError,
    InvalidInputError,
    TooCostlyError,
    UnsupportedDocumentError,
)

if TYPE_CHECKING:
    from eseal.documents.pdf.sealing.options import PdfSealOptions

TIME_STAMP: Final = "ETSI.RFC3161"
_MAX_WORD_CHARS: Final = 2000


class Form(StrEnum):
    """In what form a PDF is."""

    CANONICAL = "canonical"
    """All of it as we write it."""
    ADDED = "added"
    """It begins as we write it; what follows is not ours, and shows no difference."""
    ALTERED = "altered"
    """The same; a viewer shows a difference, or cannot show the file at all."""
    NOT_UNDERSTOOD = "not_understood"
    """A signature stands in it, and it is not in our form."""
    NONE = "none"
    """No signature stands in it."""


@dataclass(frozen=True, slots=True)
class PdfSignature:
    """A signature in a PDF.

    Attributes:
        field: name of its field, or ``""`` if that is not known.
        cms: DER without padding; empty if it cannot be taken out.
        digest: hash of the bytes it covers, by the algorithm that it names; a seal, SHA-256.
        gap: offsets of what it leaves out, brackets included.
        end: length of the file it covers, in bytes.
        subfilter: how ``cms`` is to be read, e.g. ``ETSI.CAdES.detached``, or ``""``.
        said: the texts in its dictionary, which viewers show, by their keys; ``None`` if they are
            not known, as it does not stand in our form.
    """

    field: str
    cms: bytes
    digest: bytes
    gap: tuple[int, int]
    end: int
    subfilter: str = ""
    said: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class PdfReading:
    """What stands in a PDF, and in what form it is.

    Attributes:
        form: of the file.
        detail: what is not in our form, in words, or ``""``.
        seals: signatures in our form, the first seal first; of a file that is not understood, those
            that could be taken out.
        others: signatures that stand in what is not ours.
        stamps: document time-stamps in our form.
        end: length of the part that is in our form, in bytes.
        filled: places for seals that are filled.
        total: places for seals there are.
        additions: what our form has behind the first seal, in words.
        hidden: what the sealed document holds that must not be sealed, in words.
        unseen: why that could not be found out, or ``""``.
    """

    form: Form
    detail: str = ""
    seals: tuple[PdfSignature, ...] = ()
    others: tuple[PdfSignature, ...] = ()
    stamps: tuple[PdfSignature, ...] = ()
    end: int = 0
    filled: int = 0
    total: int = 0
    additions: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    unseen: str = ""


def prepare(
    data: bytes, options: PdfSealOptions, budget: confined.Budget = confined.SEALING
) -> PreparedPdf:
    """Have a document examined, written anew and made ready for its seal.

    Args:
        data: the document.
        options: how to seal it.
        budget: what it may cost.

    Raises:
        TooLargeError: the file is above the limit.
        TooCostlyError: it takes more than the budget.
        AlreadySealedError: it carries a signature that allows no further one.
        UnsafeDocumentError: the examination found what must not be sealed.
        UnsupportedDocumentError: it cannot be sealed, and why.
        InvalidInputError: options that cannot be used.
    """
    options.check()
    if options.mode.flatten:
        budget = confined.FLATTENING
    match confined.ask(tasks.prepare, data, pickle.dumps(options), budget=budget):
        case [{"start": 0, "notes": [*notes]}, bytes(made)] if not _is_sealed(data):
            whole = made
        case [{"start": int(start), "notes": [*notes]}, bytes(made)] if start == len(data):
            whole = b"".join((data, made))
        case _:
            raise _no_form("it does not follow what was sealed before")
    return replace(checked(whole, options), notes=_words(notes))


def checked(data: bytes, options: PdfSealOptions | None = None) -> PreparedPdf:
    """Check that a file is in our form and lacks nothing but the CMS of its last seal.

    Rests on the bytes alone: whoever wrote the file cannot make it pass in another form, nor, with
    ``options``, have the seal say something else than was ordered.

    Raises:
        UnsupportedDocumentError: it is not.
    """
    try:
        judged = judge(data, unsigned=True)
    except InvalidFormatError as error:
        raise _no_form(error) from None
    if not judged.is_whole or judged.seals[-1].cms or judged.seals[-1].end != len(data):
        raise _no_form(judged.problem or "it does not end with its new seal")
    seal = judged.seals[-1]
    if options is not None and said_in(seal.entries) != said_by(options).entries():
        raise _no_form("its new seal says something else than was ordered")
    room = (seal.gap[1] - seal.gap[0] - 2) // 2
    return PreparedPdf(data, seal.digest, seal.gap[0] + 1, room)


def examine(data: bytes, policy: ContentPolicy = STRICT) -> tuple[Hazard, ...]:
    """Have a document examined as before sealing.

    Raises:
        TooLargeError, UnsupportedDocumentError: it cannot be read.
        AlreadySealedError: it carries a signature that allows no further one.
    """
    found = confined.ask(
        tasks.examine,
        data,
        budget=confined.SEALING,
        embedded_files=policy.embedded_files,
        covered_text=policy.covered_text,
    )
    with _understood():
        return tuple(
            Hazard(
                HazardCode(each["code"]),
                _word(each["where"]),
                None if each["page"] is None else _number(each["page"]),
            )
            for each in found
        )


def flatten(data: bytes) -> bytes:
    """Have a copy made that can be sealed; see :mod:`eseal.documents.pdf.readying.flattening`."""
    with _understood():
        return _file(confined.ask(tasks.flatten, data, budget=confined.FLATTENING))


def show_pages(data: bytes, *, width: int, most: int) -> list[bytes]:
    """Have the pages of a document drawn, a PNG each.

    Args:
        data: the document.
        width: pixels.
        most: pages.

    Raises:
        UnsupportedDocumentError: it cannot be shown.
    """
    steps = confined.ask_in_steps(
        tasks.draw_pages, data, budget=confined.SEALING, width=width, most=most
    )
    with _understood():
        return [_file(steps.take()) for _ in range(min(_number(steps.take()), most))]


def read(data: bytes, budget: confined.Budget = confined.VERIFYING) -> PdfReading:
    """Have a PDF read: what signatures stand in it, and in what form it is.

    Whether it is in our form is answered by our own reader, and said before other programs see the
    file, for what they alone can tell. One that a document takes over then can keep silent about
    what that document hides, or say something about what was added behind its seal; it cannot
    make a form of its own ours.

    Where it takes too much to look through a file to which sections were added, the sealed document
    in it is looked at alone, with a budget of its own.

    Args:
        data: the whole file.
        budget: what it may cost in all.

    Raises:
        TooCostlyError: it takes more than the budget to find out.
        InvalidInputError: it is too large to be read.
    """
    with _understood():
        steps = confined.ask_in_steps(tasks.read, data, budget=budget)
        form = steps.take()
        if "follows" not in form:
            return _read(form, steps)
        end = _number(form["end"])
        try:
            reading = _read(steps.take(), steps)
            problem = reading.unseen if reading.end > end else ""
        except InvalidInputError as error:
            problem = str(error)
        if not problem:
            return reading
        steps = confined.ask_in_steps(tasks.read, data[:end], budget=budget)
        alone = _read(steps.take(), steps)
    detail = f"what follows cannot be looked at: {problem}"
    return replace(alone, form=Form.ADDED, detail=detail) if alone.end == end else alone


def _read(said: dict[str, Any], steps: confined.Steps) -> PdfReading:
    reading = PdfReading(
        Form.CANONICAL if said["canonical"] is True else Form.NOT_UNDERSTOOD,
        _word(said["detail"]),
        _signatures(said["seals"]),
        (),
        _signatures(said["stamps"]),
        end=_number(said["end"]),
        filled=_number(said.get("filled", 0)),
        total=_number(said.get("total", 0)),
        additions=_words(said.get("additions", ())),
    )
    if not reading.end:
        return _searched(reading, steps)
    reading = _examined(reading, steps)
    if reading.form is Form.CANONICAL:
        return reading
    return _with_additions(reading, steps, is_cut=bool(said["cut"]))


def sealed_revision(data: bytes) -> bytes:
    """The sealed document at the beginning of a file to which another program has added.

    Raises:
        UnsupportedDocumentError: the file does not begin with a sealed document in our form.
    """
    reading = read(data)
    if not reading.end:
        why = f"the file does not begin with a document as it was sealed: {reading.detail}"
        raise UnsupportedDocumentError(why, field="document")
    return data[: reading.end]


def _is_sealed(data: bytes) -> bool:
    """Whether a file is a sealed document in our form: then its seals must stay."""
    try:
        return judge(data).is_whole
    except InvalidFormatError:
        return False


def _no_form(why: object) -> UnsupportedDocumentError:
    return UnsupportedDocumentError(
        f"the PDF cannot be brought into the form in which it is sealed: {why}. Print it to a new "
        "PDF, or seal it as a container",
        field="document",
    )


def _examined(reading: PdfReading, steps: confined.Steps) -> PdfReading:
    """What the sealed document holds that must not be sealed.

    A look at it that fails finds nothing: it takes more than it may, or another document has ended
    the process that reads.
    """
    try:
        with _understood():
            return replace(reading, hidden=_words(steps.take()))
    except InvalidInputError as error:
        return replace(reading, unseen=str(error))


def _with_additions(reading: PdfReading, steps: confined.Steps, *, is_cut: bool) -> PdfReading:
    """What another program has added, and whether it shows; or what is left of something."""
    reading = replace(reading, form=Form.ADDED)
    # Whatever was added: that it cannot be read takes nothing away from what stands before it.
    with suppress(InvalidInputError), _understood():
        reading = replace(reading, others=_searched(reading, steps).seals)
    if is_cut:
        return replace(reading, detail="the end of the file is missing: it was cut off")
    compared = not steps.are_missing
    try:
        difference = steps.take()
    except InvalidInputError as error:
        if isinstance(error, TooCostlyError) or not compared:
            return replace(reading, detail=f"what it shows could not be compared: {error}")
        difference = f"with what was added, the file cannot be shown: {error}"
    if difference is None:
        return reading
    return replace(reading, form=Form.ALTERED, detail=_word(difference))


def _searched(reading: PdfReading, steps: confined.Steps) -> PdfReading:
    """Signatures of a file, or a part of one, that is not in our form."""
    found = steps.take()
    signatures = _signatures(found["signatures"])
    if not signatures and not found["traces"]:
        return PdfReading(Form.NONE, _word(found["unreadable"] or reading.detail))
    detail = _word(found["unreadable"] or reading.detail)
    return replace(reading, form=Form.NOT_UNDERSTOOD, detail=detail, seals=signatures)


@contextmanager
def _understood() -> Iterator[None]:
    """Whatever else an answer is than what was asked for, it is an answer about a bad document.

    Only a process that a document has taken over gives one.

    Raises:
        UnsupportedDocumentError: inside, a value is missing, or of another kind.
    """
    try:
        yield
    except ESealError:
        raise
    except (TypeError, ValueError, LookupError, AttributeError):
        raise UnsupportedDocumentError(
            "the PDF cannot be read: what is said of it cannot be understood", field="document"
        ) from None


def _number(said: object) -> int:
    if type(said) is not int or said < 0:
        raise TypeError
    return said


def _file(said: object) -> bytes:
    if not isinstance(said, bytes):
        raise TypeError
    return said


def _word(said: object) -> str:
    """Text of a process that may have been taken over: nothing in it steers a terminal."""
    return crossing.printable(str(said), _MAX_WORD_CHARS)


def _words(said: Iterable[object]) -> tuple[str, ...]:
    return tuple(map(_word, said))


def _said(plain: dict[str, Any] | None) -> dict[str, str] | None:
    """What a signature dictionary in our form tells: to be compared, and shown escaped only."""
    return plain and {str(key): str(text)[:_MAX_WORD_CHARS] for key, text in plain.items()}


def _signatures(plain: list[dict[str, Any]]) -> tuple[PdfSignature, ...]:
    return tuple(
        PdfSignature(
            _word(each["field"]),
            bytes.fromhex(each["cms"]),
            bytes.fromhex(each["digest"]),
            (_number(each["gap"][0]), _number(each["gap"][1])),
            _number(each["end"]),
            _word(each["subfilter"]),
            _said(each.get("said")),
        )
        for each in plain
    )
