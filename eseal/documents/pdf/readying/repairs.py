"""What qpdf had to put right in a document, and whether its pages still look the same.

Most files that are not quite as they should be have tables that do not fit, which every reader
forgives. What is repaired may be read otherwise by another program, so the file written anew is
compared with the one handed in, as PDFium shows both. What cannot be read at all is never repaired;
what says two things under one key is a hazard that :mod:`eseal.documents.pdf.meaning` finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import pikepdf

from eseal.documents.pdf.examination.examining import check
from eseal.documents.pdf.meaning import Meaning
from eseal.documents.pdf.opening.limits import MAX_COMPARED_PAGES
from eseal.documents.pdf.opening.opening import guarded, reason
from eseal.documents.viewer.copies import unlike
from eseal.errors import TooLargeError, UnsupportedDocumentError

_NAMED: Final = 3
_HARMLESS: Final = re.compile(
    r"Resources is missing or invalid; repairing"
    r"|reported number of objects .* is not one plus the highest object number"
    r"|a common error handled correctly by qpdf"
    r"|extraneous whitespace seen before xref"
    r"|stream keyword followed by carriage return only"
)
"""Faults that no reader of 1,800 test files minded: they say nothing about what a page shows."""
_AMBIGUOUS: Final = re.compile(
    r"^(?!\(trailer).*QPDFFake|limits error|excessively deeply nested|treating as null because"
)


def repairs(pdf: pikepdf.Pdf, earlier: Iterable[str] = ()) -> tuple[str, ...]:
    """What was put right while the document was read and may change what it shows, in words.

    Args:
        pdf: the document, all of whose objects have been read, as by examining or writing it.
        earlier: what qpdf has said of it to somebody else, since it says everything once.

    Raises:
        UnsupportedDocumentError: something that cannot be read.
    """
    with guarded(UnsupportedDocumentError, "the PDF is damaged"):
        said = [reason(ValueError(each)) for each in (*earlier, *pdf.get_warnings())]
    for each in said:
        if _AMBIGUOUS.search(each):
            raise UnsupportedDocumentError(
                f"the PDF is damaged: {each}. Open it in the program it was "
                "made with and save or print it anew",
                field="document",
            )
    return tuple(each for each in said if not _HARMLESS.search(each))


def check_alike(
    original: bytes, written: bytes, pages: int, repaired: tuple[str, ...], meaning: Meaning
) -> None:
    """Refuse what was put right if that changes what PDFium shows.

    Args:
        original: the file handed in.
        written: the file written anew.
        pages: how many it has.
        repaired: what was put right in the file: all pages are compared.
        meaning: what was put in order in its contents.

    Raises:
        TooLargeError: there are too many pages to compare.
        UnsafeDocumentError: a page looks different because of what was put in order.
        UnsupportedDocumentError: a page looks different, or PDFium cannot show the file.
    """
    only = range(pages) if repaired or meaning.settled else sorted(meaning.touched)
    if not only:
        return
    why = f"is damaged ({repaired[0]})" if repaired else "can be read in more than one way"
    if len(only) > MAX_COMPARED_PAGES:
        raise TooLargeError(
            f"the PDF {why} and is too long to see what putting it right changes: expected at "
            f"most {MAX_COMPARED_PAGES} such pages, got {len(only)}",
            field="document",
        )
    changed = unlike(original, written, pages=pages, only=only, but=meaning.buttons)
    if changed:
        check(meaning.behind(changed))
        named = ", ".join(str(page + 1) for page in changed[:_NAMED])
        raise UnsupportedDocumentError(
            f"the PDF {why}, and put right it looks different on page {named}. Seal a flattened "
            "copy, or open it in the program it was made with and save or print it anew",
            field="document",
        )
