"""The forgeries of anybody, of thieves, too: each is really made, and really looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eseal.cli.demo.forger import HIGHER, PRICE, PURPOSE, Forger
from eseal.cli.demo.stage import Found
from eseal.cli.demo.story import BUYER
from eseal.cli.demo.workspace import sample

if TYPE_CHECKING:
    from eseal.documents.pdf import PreparedPdf

PAINT = b"\nq 1 1 1 rg 440 600 100 16 re f Q"
"""White, over the price."""
OUT_OF_SIGHT_BYTES = 1010
"""Some readers look for the end of a PDF in so many bytes; if it is not there they search."""


@dataclass(frozen=True, slots=True)
class Crime:
    """A forgery.

    Attributes:
        title: what the forger does, in one line.
        expected: the finding, error code or kind of disagreement that should catch it.
        commit: does it, and tells how it was caught.
    """

    title: str
    expected: str
    commit: Callable[[Forger], Found]


def change_a_digit(forger: Forger) -> Found:
    """Change the price in the sealed PDF, byte for byte in place."""
    sealed = forger.story.documents["contract.pdf"].data
    forged = sealed.replace(PRICE, HIGHER)
    return forger.judge("price-changed.pdf", forged)


def append_an_update(forger: Forger) -> Found:
    """Paint over the price by an incremental update, as PDF tools do."""
    sealed = forger.story.documents["contract.pdf"].data
    return forger.judge("painted-over.pdf", forger.revised(sealed, PAINT))


def append_and_undo(forger: Forger) -> Found:
    """Do so, take it back, and push the end away: readers that then search may find the first."""
    sealed = forger.story.documents["contract.pdf"].data
    forged = forger.revised(forger.revised(sealed, PAINT)) + b"\n" * OUT_OF_SIGHT_BYTES
    return forger.judge("painted-and-undone.pdf", forged)


def hide_behind_the_end(forger: Forger) -> Found:
    """Hang another contract behind the end of the sealed one."""
    contract = forger.story.documents["contract.pdf"]
    other = contract.original.replace(PRICE, HIGHER)
    return forger.judge("another-behind.pdf", contract.data + other)


def fill_the_buyers_place(forger: Forger) -> Found:
    """Seal in the place that was made for the buyer, with a self-made certificate."""
    from eseal.documents.pdf import InField, PdfSealOptions, Placing, VisibleSeal, prepare

    contract = forger.story.documents["contract.pdf"]
    impression = forger.story.service.impressions.artwork(contract.seal.id)
    visible = VisibleSeal(Placing(InField(BUYER)), impression)
    options = PdfSealOptions("Seal-2", BUYER, forger.context.now(), visible, reason=PURPOSE)
    forged = _with_self_made_seal(forger, prepare(contract.data, options))
    return forger.judge("in-the-buyers-place.pdf", forged)


def damage_the_signature(forger: Forger) -> Found:
    """Flip one bit of the signature value."""
    from eseal.documents.cms import decode

    document = forger.story.documents["quotation.docx"]
    value = decode(document.data).signature
    flipped = value[:-1] + bytes([value[-1] ^ 1])
    forged = document.data.replace(value, flipped)
    return forger.judge("bit-flipped.docx", document.original, signature=forged)


def imitate_the_company(forger: Forger) -> Found:
    """Seal another contract with a self-made certificate of the same name."""
    return forger.judge("imitation.pdf", _with_self_made_seal(forger, forger.prepared()))


def use_a_stolen_key(forger: Forger) -> Found:
    """Seal another contract with the company's real key, past the service."""
    prepared = forger.prepared()
    signed = forger.sign(forger.stolen_seal(with_book=False), prepared.digest)
    return forger.judge("stolen-key.pdf", prepared.embed(signed.encode()))


def borrow_a_receipt(forger: Forger) -> Found:
    """The same with a ticket of the stolen book, and the receipt of a genuine use."""
    genuine = forger.story.documents["contract.pdf"]
    receipt = forger.story.service.records.use(genuine.use_id).receipt
    prepared = forger.prepared()
    signed = forger.sign(forger.stolen_seal(with_book=True), prepared.digest)
    return forger.judge("stolen-book-and-receipt.pdf", prepared.embed(signed.encode(receipt)))


def move_the_signature(forger: Forger) -> Found:
    """Lay the quotation's signature beside another file."""
    signature = forger.story.documents["quotation.docx"].data
    return forger.judge("another.png", sample("licence.png"), signature=signature)


def move_the_evidence(forger: Forger) -> Found:
    """Show the evidence of the contract with a file that was never sealed."""
    evidence = forger.story.documents["contract.pdf"].use_id
    return forger.judge("minutes.txt", b"Minutes that nobody sealed.\n", evidence=evidence)


def leave_it_unsealed(forger: Forger) -> Found:
    """Just claim that the file is sealed."""
    return forger.judge("unsealed.pdf", sample("contract.pdf"))


def _with_self_made_seal(forger: Forger, prepared: PreparedPdf) -> bytes:
    return prepared.embed(forger.sign(forger.self_made_seal(), prepared.digest).encode())


OF_ANYBODY = (
    Crime("changes one digit of the price in the sealed PDF", "document_altered", change_a_digit),
    Crime(
        "paints over the price by an incremental update", "altered_after_sealing", append_an_update
    ),
    Crime(
        "does so, undoes it, and pushes the end out of sight",
        "added_after_sealing",
        append_and_undo,
    ),
    Crime("hangs another contract behind the end", "altered_after_sealing", hide_behind_the_end),
    Crime("flips one bit of a seal signature", "signature_invalid", damage_the_signature),
    Crime(
        "seals with a self-made certificate of the same name",
        "unregistered_seal",
        imitate_the_company,
    ),
    Crime(
        "fills the buyer's place with a self-made seal", "unregistered_seal", fill_the_buyers_place
    ),
    Crime("steals the seal's key and bypasses the service", "ticket_unknown", use_a_stolen_key),
    Crime("… and the seal's book, and borrows a receipt", "record_missing", borrow_a_receipt),
    Crime("lays the quotation's .p7s beside another file", "document_altered", move_the_signature),
    Crime("shows the contract's evidence with another file", "transplanted", move_the_evidence),
    Crime("hands in a file that was never sealed", "no_seal", leave_it_unsealed),
)
"""In the order in which they are committed."""
