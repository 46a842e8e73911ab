"""Finding the seals of a PDF and what each covers. Nothing is verified here."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from eseal.documents.pdf.byte_range import signed_bytes, without_padding
from eseal.documents.pdf.dictionary import SignatureDictionary, signature_dictionary
from eseal.documents.pdf.effort import Effort
from eseal.documents.pdf.examination import ContentPolicy, look
from eseal.documents.pdf.fields import TIME_STAMP, FormField, form_fields
from eseal.documents.pdf.objects import entry, items, resolve
from eseal.documents.pdf.opening import DEFAULT_LIMITS, PdfLimits, guarded, open_pdf
from eseal.documents.pdf.revisions import Comparison
from eseal.documents.pdf.structure import Structure
from eseal.documents.viewer import VERIFYING
from eseal.errors import InvalidFormatError, InvalidInputError, TooLargeError

_MAX_NAMED = 5
"""Alterations, or hidden parts, that are named."""
_TIMES = 4
"""As often as a file may be looked through; each seal has a revision to itself."""
_POLICY = ContentPolicy(embedded_files=True, covered_text=True)
"""Whether these may be sealed is for the one who seals; what brings them to light is found."""
_DEFAULT_DOCMDP = 2
"""ISO 32000-1 table 254: where ``/P`` is absent, form filling is allowed."""
_DOCMDP_LEVELS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class PdfSeal:
    """A filled signature field.

    Attributes:
        field: fully qualified name of the field.
        cms: the CMS (DER) without padding; empty if ``problem`` left none.
        digest: SHA-256 of the bytes under the signature, 32 bytes; empty if ``problem`` left none.
        covers_file: whether the covered bytes reach the last byte of the file.
        problem: why this signature must not be trusted, in plain words, or ``None``.
        subfilter: how ``cms`` is to be read, e.g. ``ETSI.CAdES.detached``, or ``None``.
        docmdp: changes the certification allows (ISO 32000-1 table 254: 1 none, 2 forms,
            3 forms and comments), or ``None`` if this signature does not certify.
        signed_length: the length in bytes of the sealed revision, from the file's first byte.
        alterations: what was changed after the seal and may not be, in words.
        additions: what was added after the seal and may be: further seals, validation data,
            time-stamps.
        hidden: what the sealed revision holds that must not be sealed, in words.
    """

    field: str
    cms: bytes = b""
    digest: bytes = b""
    covers_file: bool = False
    problem: str | None = None
    subfilter: str | None = None
    docmdp: int | None = None
    signed_length: int = 0
    alterations: tuple[str, ...] = ()
    additions: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def later_revisions(self) -> bool:
        """Whether bytes follow the sealed revision."""
        return bool(self.signed_length) and not self.covers_file


@dataclass(frozen=True, slots=True)
class PdfReading:
    """The filled signature fields of a PDF, in the order of its form."""

    seals: tuple[PdfSeal, ...]


def read(pdf: bytes, limits: PdfLimits = DEFAULT_LIMITS) -> PdfReading:
    """Find every filled signature field of a PDF.

    Args:
        pdf: the whole file.
        limits: what it may cost.

    Returns:
        The seals; none for a PDF without signatures. One that breaks the rules of
        ISO 32000-1 section 12.8.1 comes with its ``problem``.

    Raises:
        TooLargeError: the file, or the number of signatures, is above the limit.
        InvalidFormatError: not a PDF, or one that cannot be read.
    """
    reader = open_pdf(pdf, limits, InvalidFormatError)
    filled = _filled(reader, limits)
    if len(filled) > limits.max_seals:
        raise TooLargeError(
            f"expected at most {limits.max_seals} signatures in a PDF, got {len(filled)}",
            field="document",
        )
    whole = Structure(reader, pdf, Effort(len(pdf), _TIMES))
    return PdfReading(tuple(_read_seal(whole, field, limits) for field in filled))


def _filled(reader: PdfFileReader, limits: PdfLimits) -> list[FormField]:
    """The filled signature fields; a value that widgets inherit from their field counts once."""
    found: dict[generic.Reference | str, FormField] = {}
    with guarded(InvalidFormatError, "unreadable PDF"):
        for field in form_fields(reader, limits.max_fields):
            if field.is_filled_signature:
                value = field.value
                known_by = (
                    value.reference if isinstance(value, generic.IndirectObject) else field.name
                )
                found.setdefault(known_by, field)
    return list(found.values())


def _read_seal(whole: Structure, field: FormField, limits: PdfLimits) -> PdfSeal:
    reader, pdf = whole.reader, whole.data
    seal = PdfSeal(field=field.name)
    try:
        with guarded(InvalidFormatError, "unreadable signature dictionary"):
            found = signature_dictionary(reader, pdf, field)
            seal = replace(seal, subfilter=_subfilter(found.entries))
            byte_range = items(found.entries, "/ByteRange")
            covered = signed_bytes(pdf, byte_range, found.contents, found.end)
            seal = replace(
                seal,
                digest=covered.digest,
                covers_file=covered.end == len(pdf),
                signed_length=covered.end,
            )
            start, end = found.contents
            seal = replace(
                seal, cms=without_padding(bytes.fromhex(pdf[start + 1 : end - 1].decode()))
            )
            revision = whole
            if seal.later_revisions:
                found, revision = _in_sealed_revision(whole, covered.end, field, found, limits)
            seal = replace(seal, docmdp=_docmdp(found.entries))
        return seal if seal.subfilter == TIME_STAMP else _judged(seal, revision, whole, limits)
    except InvalidFormatError as error:
        return replace(seal, problem=str(error))


def _judged(seal: PdfSeal, revision: Structure, whole: Structure, limits: PdfLimits) -> PdfSeal:
    """Examine the sealed revision, and compare it with what the file became."""
    try:
        with guarded(InvalidFormatError, "the sealed document cannot be examined"):
            hazards = look(revision, limits, _POLICY, VERIFYING).hazards
            seal = replace(seal, hidden=tuple(map(str, hazards[:_MAX_NAMED])))
    except InvalidInputError as error:
        seal = replace(seal, hidden=(str(error),))
    if seal.later_revisions:
        try:
            with guarded(InvalidFormatError, "what follows the seal cannot be read"):
                found = Comparison(revision, whole, seal.signed_length, limits.max_pages)
            seal = replace(
                seal,
                alterations=tuple(found.alterations[:_MAX_NAMED]),
                additions=tuple(found.additions),
            )
        except InvalidInputError as error:
            seal = replace(seal, alterations=(str(error),))
    return seal


def _in_sealed_revision(
    whole: Structure, end: int, field: FormField, found: SignatureDictionary, limits: PdfLimits
) -> tuple[SignatureDictionary, Structure]:
    """The signature dictionary as the revision under the signature shows it, read by itself.

    It must be the same signature in the same field: otherwise a later revision put another
    signature, or another covered part, into its place.
    """
    revision = whole.data[:end]
    try:
        reader = open_pdf(revision, limits, InvalidFormatError, check_start=False)
        fields = [each for each in _filled(reader, limits) if each.name == field.name]
        with guarded(InvalidFormatError, "unreadable signature dictionary"):
            there = [signature_dictionary(reader, revision, each) for each in fields]
    except InvalidFormatError as error:
        raise InvalidFormatError(f"the sealed revision cannot be read: {error}") from None
    if [(each.start, each.end) for each in there] != [(found.start, found.end)]:
        raise InvalidFormatError("the sealed revision does not hold this signature in this field")
    return there[0], Structure(reader, revision, whole.effort)


def _subfilter(dictionary: generic.DictionaryObject) -> str | None:
    value = entry(dictionary, "/SubFilter")
    return value.removeprefix("/") if isinstance(value, generic.NameObject) else None


def _docmdp(dictionary: generic.DictionaryObject) -> int | None:
    """The DocMDP level of a certifying signature (ISO 32000-1 section 12.8.2.2)."""
    for item in items(dictionary, "/Reference"):
        reference = resolve(item)
        if not isinstance(reference, generic.DictionaryObject):
            continue
        if str(entry(reference, "/TransformMethod")) == "/DocMDP":
            parameters = entry(reference, "/TransformParams")
            level: object = None
            if isinstance(parameters, generic.DictionaryObject):
                level = entry(parameters, "/P")
            if level is None:
                return _DEFAULT_DOCMDP
            if not isinstance(level, int) or level not in _DOCMDP_LEVELS:
                raise InvalidFormatError(f"expected a DocMDP level from 1 to 3, got {level}")
            return int(level)
    return None
