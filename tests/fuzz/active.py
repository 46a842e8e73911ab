"""What a PDF does beside being read: actions that a program runs, found with no code of ours."""

from __future__ import annotations

from io import BytesIO

import pikepdf

ACTIONS = frozenset(
    f"/{name}"
    for name in (
        "JavaScript", "Launch", "SubmitForm", "ImportData", "ResetForm", "Rendition", "Movie",
        "Sound", "RichMediaExecute", "GoTo3DView", "Hide", "SetOCGState", "Trans", "GoToE", "GoToR",
    )
)  # fmt: skip
"""Kinds of actions (ISO 32000-1 table 198) that change what is seen, or reach out of the file."""


def actions(data: bytes) -> list[str]:
    """The kinds of actions in a file; as ``unreadable`` if it cannot be opened."""
    found = set()
    try:
        with pikepdf.open(BytesIO(data), suppress_warnings=True) as pdf:
            pending = list(pdf.objects)
            while pending:
                each = pending.pop()
                if isinstance(each, pikepdf.Array):
                    pending += [part for part in each if not _elsewhere(part)]
                elif isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
                    kind = each.get("/S")
                    if isinstance(kind, pikepdf.Name) and str(kind) in ACTIONS:
                        found.add(str(kind))
                    pending += [part for _, part in each.items() if not _elsewhere(part)]
    except pikepdf.PdfError:
        return ["unreadable"]
    return sorted(found)


NOT_ACTIVE = frozenset({"/GoToE", "/GoToR", "/Trans"})
"""Actions that lead elsewhere, as a link does."""

PLAYED = frozenset({"/RichMedia", "/3D", "/Movie", "/Sound", "/Screen"})
"""Annotations that a viewer plays (ISO 32000-2 table 171)."""


def active_content(data: bytes) -> list[str]:
    """What makes a document more than paper: actions, dynamic forms, media; by kind.

    Raises:
        pikepdf.PdfError: it cannot be opened.
    """
    found = set(actions(data)) - NOT_ACTIVE
    with pikepdf.open(BytesIO(data), suppress_warnings=True) as pdf:
        form = pdf.Root.get("/AcroForm")
        if isinstance(form, pikepdf.Dictionary) and "/XFA" in form:
            found.add("/XFA")
        for each in pdf.objects:
            kind = each.get("/Subtype") if isinstance(each, pikepdf.Dictionary) else None
            if isinstance(kind, pikepdf.Name) and str(kind) in PLAYED and "/Rect" in each:
                found.add(str(kind))
    return sorted(found)


def _elsewhere(part) -> bool:
    """Whether this is an object of its own, which is looked at anyway."""
    return not isinstance(part, pikepdf.Object) or part.is_indirect
