"""In which manner a PDF is sealed: alone or with others, as it is or flattened."""

from __future__ import annotations

from dataclasses import dataclass

from pyhanko.sign.fields import MDPPerm

from eseal.documents.pdf.examination.hazards import STRICT, ContentPolicy
from eseal.documents.pdf.parties import PartyField, check_parties
from eseal.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Manner:
    """What the one who seals decides beside the place of the seal.

    Attributes:
        flatten: seal a flattened copy instead of the document itself.
        further_seals: whether seals of others are to follow: then the first seal certifies
            with form filling allowed (DocMDP 2), else with no changes (DocMDP 1).
        lock: whether this is the last of several seals and closes the document.
        parties: empty fields to make for those who seal later.
        content: what the document may hold nevertheless.
    """

    flatten: bool = False
    further_seals: bool = False
    lock: bool = False
    parties: tuple[PartyField, ...] = ()
    content: ContentPolicy = STRICT

    @property
    def expects_others(self) -> bool:
        """Whether somebody seals after this one."""
        return self.further_seals or bool(self.parties)

    @property
    def allowed(self) -> MDPPerm:
        """What may change after a first seal (DocMDP, ISO 32000-1 table 254)."""
        return MDPPerm.FILL_FORMS if self.expects_others else MDPPerm.NO_CHANGES

    def check(self, own_field: str) -> None:
        """Check what can be checked without the document.

        Raises:
            InvalidInputError: it contradicts itself, or a field's name cannot be used.
        """
        if self.expects_others and self.lock:
            raise InvalidInputError(
                "expected either more seals to come or a lock, got both", field="lock"
            )
        check_parties(self.parties, own_field)


PLAIN = Manner()
"""One seal, nothing to follow."""
