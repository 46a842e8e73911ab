"""What the signatures in a PDF allow to be added, and how a further seal is to sign.

Certification (DocMDP, ISO 32000-1 section 12.8.2.2) belongs to the first signature alone; those
after it approve. A lock (FieldMDP, section 12.8.2.4, with the ``/P`` of ISO 32000-2 table 237)
closes the document after the last.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm
from pyhanko.sign.signers.cms_embedder import SigMDPSetup

from eseal.documents.pdf.fields import FormField
from eseal.documents.pdf.manner import Manner
from eseal.documents.pdf.objects import build
from eseal.documents.pdf.structure import Structure, kind
from eseal.documents.pdf.syntax import Ref
from eseal.errors import AlreadySealedError, UnsupportedDocumentError

_NO_CHANGES: Final = 1
_DEFAULT_LEVEL: Final = 2
"""ISO 32000-1 table 254: where ``/P`` is absent, form filling is allowed."""
_LOCKING: Final = frozenset({"All", "Exclude"})
"""FieldMDP actions that leave no room for a field that is not there yet."""
LOCK: Final = FieldMDPSpec(FieldMDPAction.ALL)
"""What the last seal locks: every field, and with ``/P`` 1 the document."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The signatures a document carries.

    Attributes:
        signatures: names of the filled signature fields.
        locked_by: the one that allows no further seal, or ``None``.
        certified: whether one of them certifies.
        empty: names of the signature fields that wait for a seal.
    """

    signatures: tuple[str, ...]
    locked_by: str | None = None
    certified: bool = False
    empty: tuple[str, ...] = ()

    def check(self) -> None:
        """Check that a further seal may be added.

        Raises:
            AlreadySealedError: it may not, and why.
        """
        if self.locked_by is not None:
            raise AlreadySealedError(
                f"the PDF already carries a signature, in field {self.locked_by!r}, that allows "
                "no changes and so no further seal: ask its signer for a copy sealed with more "
                "seals to come, or put a detached seal beside it",
                field="document",
            )

    def check_field(self, *, shows: bool) -> None:
        """Check that a field may be made for the next seal.

        Raises:
            UnsupportedDocumentError: it would show, and viewers would then call the seal that
                certified the document broken.
        """
        if self.certified and shows:
            there = ", ".join(repr(name) for name in self.empty[:10])
            raise UnsupportedDocumentError(
                "the PDF's first seal allows further seals but no new place where one shows: "
                + (f"use one of its empty fields ({there})" if there else "seal it invisibly"),
                field="visible",
            )

    def setup(self, manner: Manner) -> SigMDPSetup:
        """How the next seal signs: the first certifies, those after it approve."""
        if not self.signatures:
            return SigMDPSetup(md_algorithm="sha256", certify=True, docmdp_perms=manner.allowed)
        if manner.lock:
            return SigMDPSetup(
                md_algorithm="sha256", field_lock=LOCK, docmdp_perms=MDPPerm.NO_CHANGES
            )
        return SigMDPSetup(md_algorithm="sha256")


def standing(structure: Structure, fields: Iterable[FormField]) -> Standing:
    """Read what the signatures of a document allow.

    Args:
        structure: the document.
        fields: its form fields.

    Raises:
        AlreadySealedError: it carries usage rights, which any change breaks.
        PdfReadError: a signature cannot be read.
    """
    permissions = structure.dictionary(structure.catalog.get("Perms"))
    if "UR3" in permissions or "UR" in permissions:
        raise AlreadySealedError(
            "the PDF carries usage rights, which a seal would break: ask for a plain copy",
            field="document",
        )
    names: list[str] = []
    empty: list[str] = []
    locked_by = None
    for field in fields:
        value = field.value
        if not field.is_filled_signature:
            if field.is_signature:
                empty.append(field.name)
            continue
        names.append(field.name)
        if isinstance(value, generic.IndirectObject) and _locks(
            structure, Ref(value.idnum, value.generation)
        ):
            locked_by = field.name
    certified = "DocMDP" in permissions
    if certified and not names:
        raise AlreadySealedError(
            "the PDF says it is certified, but holds no signature", field="document"
        )
    return Standing(tuple(names), locked_by, certified, tuple(empty))


def _locks(structure: Structure, signature: Ref) -> bool:
    for item in structure.array(structure.dictionary(signature).get("Reference")):
        reference = structure.dictionary(item)
        parameters = structure.dictionary(reference.get("TransformParams"))
        method = kind(reference, "TransformMethod")
        level = structure.resolve(parameters.get("P"))
        if method == "DocMDP" and (_DEFAULT_LEVEL if level is None else level) == _NO_CHANGES:
            return True
        if method == "FieldMDP" and (
            level == _NO_CHANGES or kind(parameters, "Action") in _LOCKING
        ):
            return True
    return False


def lock_dictionary() -> generic.DictionaryObject:
    """The ``/Lock`` of the last seal's field (ISO 32000-2 table 236)."""
    level = generic.NumberObject(_NO_CHANGES)  # type: ignore[no-untyped-call]
    return build({"/Type": "/SigFieldLock", "/Action": "/All", "/P": level})
