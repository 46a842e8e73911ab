"""The forgeries: each is really made, and really looked at. Nothing is known beforehand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eseal.cli.demo.forger import HIGHER, PRICE, PURPOSE, Forger, Tiles
from eseal.cli.demo.stage import Found
from eseal.cli.demo.story import ACTOR, BUYER
from eseal.cli.demo.workspace import sample
from eseal.errors import ESealError
from eseal.model.seal import Party, Reason, SealState, SealType

if TYPE_CHECKING:
    from eseal.documents.pdf import PreparedPdf

PAINT = b"\nq 1 1 1 rg 440 600 100 16 re f Q"
"""White, over the price."""
OUT_OF_SIGHT_BYTES = 1010
"""Some readers look for the end of a PDF in so many bytes; if it is not there they search."""
NOT_STOPPED = Found("TOTAL_PASSED", "authentic", "nobody stopped it")


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
    return forger.judge("stolen-key.pdf", _with_stolen_key(forger, forger.prepared(), None))


def borrow_a_receipt(forger: Forger) -> Found:
    """The same, with the receipt of a genuine use to make it look recorded."""
    genuine = forger.story.documents["contract.pdf"]
    receipt = forger.story.service.records.use(genuine.use_id).receipt
    forged = _with_stolen_key(forger, forger.prepared(), receipt)
    return forger.judge("stolen-key-and-receipt.pdf", forged)


def move_the_signature(forger: Forger) -> Found:
    """Lay the quotation's signature beside another file."""
    signature = forger.story.documents["quotation.docx"].data
    return forger.judge("another.png", sample("licence.png"), signature=signature)


def move_the_evidence(forger: Forger) -> Found:
    """Show the evidence of the contract with a file that was never sealed."""
    evidence = forger.story.documents["contract.pdf"].use_id
    return forger.judge("minutes.txt", b"Minutes that nobody sealed.\n", evidence=evidence)


def use_a_suspended_seal(forger: Forger) -> Found:
    """Ask the service for a use of a suspended seal."""
    service, seal = forger.story.service, forger.story.seals[SealType.FINANCE]
    service.lifecycle.suspend(seal.id, reason=Reason.LOSS, party=Party.ISSUER, actor=ACTOR)
    try:
        service.sealing.seal_document(
            seal.id, sample("contract.pdf"), filename="contract.pdf", actor=ACTOR
        )
    except ESealError as error:
        return Found("refused", error.code, str(error))
    return NOT_STOPPED


def revive_a_revoked_seal(forger: Forger) -> Found:
    """Revoke the seal; then the operator writes it active again in a database and seals."""
    from sqlalchemy import update

    from eseal.service.delivery import Delivery
    from eseal.service.documents import Documents
    from eseal.service.levels import Levels
    from eseal.service.sealing import Sealing
    from eseal.service.sequencer import Sequencer
    from eseal.store.tables import seals

    seal = forger.story.seals[SealType.FINANCE]
    forger.story.service.lifecycle.revoke(
        seal.id, reason=Reason.KEY_COMPROMISE, party=Party.ISSUER, actor=ACTOR
    )
    with forger.doctored_copy("revived.db") as context:
        with context.database.write() as connection:
            revived = {"state": SealState.ACTIVE.value, "reason": int(Reason.NONE)}
            connection.execute(update(seals).where(seals.c.id == seal.id).values(revived))
        sequencer = Sequencer(context)
        try:
            levels = Levels(context, forger.story.service.long_term)
            delivery = Delivery(context, sequencer, Documents(context), levels)
            forged = Sealing(
                context, sequencer, delivery, levels, forger.story.service.impressions
            ).seal_document(seal.id, sample("contract.pdf"), filename="contract.pdf", actor=ACTOR)
        finally:
            sequencer.close()
    return forger.judge("after-revocation.pdf", forged.data)


def rewrite_a_row(forger: Forger) -> Found:
    """Change what a use was for, in the database; then the auditor comes."""
    from sqlalchemy import update

    from eseal.service.audit import Audit
    from eseal.store.tables import uses

    use_id = forger.story.documents["contract.pdf"].use_id
    statement = forger.story.service.records.use(use_id).statement
    with forger.doctored_copy("rewritten.db") as context:
        with context.database.write() as connection:
            rewritten = statement._replace(purpose="guarantee for a third party").encode()
            row = update(uses).where(uses.c.id == use_id)
            connection.execute(row.values(statement=rewritten))
        report = Audit(context).run()
    for disagreement in report.disagreements:
        return Found("audit", disagreement.kind, disagreement.message)
    return NOT_STOPPED


def rewrite_the_log(forger: Forger) -> Found:
    """Put another use in the place of a recorded one, and sign a head of the same size."""
    from eseal.documents.cms import SealCms
    from eseal.log import tree
    from eseal.log.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
    from eseal.log.leaf import Leaf, LeafType
    from eseal.log.receipt import Receipt
    from eseal.log.rfc9162 import leaf_hash
    from eseal.model.statement import commitment
    from eseal.store.log import LogRepository

    context, prepared = forger.context, forger.prepared()
    seal = forger.story.seals[SealType.CONTRACT]
    cms = SealCms(seal.certificate, seal.chain)
    statement = forger.statement(prepared.digest, seal.certificate).encode()
    signed = cms.signed_attributes(statement, prepared.digest)
    signature = forger.steal_key(SealType.CONTRACT)(signed)
    with context.database.read() as connection:
        leaves = [leaf for _, leaf in LogRepository(connection).iterate_leaves()]
    leaves[0] = Leaf(LeafType.USE, 0, commitment(statement, signature)).encode()
    forged = tree.append(Tiles({}), 0, [leaf_hash(leaf) for leaf in leaves])
    head = Checkpoint(context.instance.origin, forged.size, forged.root)
    note = sign_checkpoint(head, context.sign_head, context.log_public_key)
    proof = tree.Prover(Tiles(forged.tiles), forged.size).inclusion(0)
    receipt = Receipt(0, proof, parse_checkpoint(note)).encode()
    return forger.judge("log-rewritten.pdf", prepared.embed(cms.encode(signed, signature, receipt)))


def leave_it_unsealed(forger: Forger) -> Found:
    """Just claim that the file is sealed."""
    return forger.judge("unsealed.pdf", sample("contract.pdf"))


def _with_self_made_seal(forger: Forger, prepared: PreparedPdf) -> bytes:
    from eseal.documents.cms import SealCms

    own = forger.self_made_seal()
    cms = SealCms(own.certificate, ())
    statement = forger.statement(prepared.digest, own.certificate).encode()
    signed = cms.signed_attributes(statement, prepared.digest)
    return prepared.embed(cms.encode(signed, own.sign(signed)))


def _with_stolen_key(forger: Forger, prepared: PreparedPdf, receipt: bytes | None) -> bytes:
    from eseal.documents.cms import SealCms

    seal = forger.story.seals[SealType.CONTRACT]
    cms = SealCms(seal.certificate, seal.chain)
    statement = forger.statement(prepared.digest, seal.certificate, seq=2).encode()
    signed = cms.signed_attributes(statement, prepared.digest)
    signature = forger.steal_key(SealType.CONTRACT)(signed)
    return prepared.embed(cms.encode(signed, signature, receipt))


CRIMES = (
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
    Crime("steals the seal's key and bypasses the service", "record_missing", use_a_stolen_key),
    Crime("… and adds the receipt of a genuine use", "record_missing", borrow_a_receipt),
    Crime("lays the quotation's .p7s beside another file", "document_altered", move_the_signature),
    Crime("shows the contract's evidence with another file", "transplanted", move_the_evidence),
    Crime("asks the service to use a suspended seal", "seal_not_active", use_a_suspended_seal),
    Crime(
        "as operator, revives a revoked seal and uses it",
        "seal_not_active",
        revive_a_revoked_seal,
    ),
    Crime("as operator, rewrites the row of a use", "leaf_differs", rewrite_a_row),
    Crime(
        "as operator, swaps a leaf and signs the new head",
        "record_mismatch",
        rewrite_the_log,
    ),
    Crime("hands in a file that was never sealed", "no_seal", leave_it_unsealed),
)
"""In the order in which they are committed."""
