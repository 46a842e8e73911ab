"""The forgeries of a dishonest operator, and of whoever writes to his database."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from eseal.cli.demo.crimes import Crime
from eseal.cli.demo.forger import Forger, HeldSeal, Signed, Tiles
from eseal.cli.demo.owner import look
from eseal.cli.demo.stage import Found
from eseal.cli.demo.story import ACTOR
from eseal.cli.demo.workspace import sample
from eseal.errors import ESealError
from eseal.model.seal import Reason, SealState, SealType

if TYPE_CHECKING:
    from eseal.ledger.facts import NewSeal

NOT_STOPPED = Found("TOTAL_PASSED", "authentic", "nobody stopped it")
SHADOW = "shadow.example/log"
GAS = 1_000_000
"""More than registering a seal takes."""


def use_a_suspended_seal(forger: Forger) -> Found:
    """Ask the service for a use of a suspended seal."""
    service, seal = forger.story.service, forger.story.seals[SealType.FINANCE]
    service.lifecycle.suspend(seal.id, reason=Reason.LOSS, actor=ACTOR)
    try:
        service.sealing.seal_document(
            seal.id, sample("contract.pdf"), filename="contract.pdf", actor=ACTOR
        )
    except ESealError as error:
        return Found("refused", error.code, str(error))
    return NOT_STOPPED


def revive_a_revoked_seal(forger: Forger) -> Found:
    """Revoke the seal; then the operator, who has all keys, writes it active again and seals."""
    from eseal.service.service import Service
    from eseal.store.binding.bound_rows import rows_of
    from eseal.store.schema.tables import seals

    seal = forger.story.seals[SealType.FINANCE]
    forger.story.service.lifecycle.revoke(seal.id, reason=Reason.KEY_COMPROMISE, actor=ACTOR)
    with forger.doctored_copy("revived") as context:
        with context.database.write() as connection:
            revived = {"state": SealState.ACTIVE.value, "reason": int(Reason.NONE)}
            rows_of(connection).update(seals, seals.c.id == seal.id, revived)
        with Service(context) as service:
            forged = service.sealing.seal_document(
                seal.id, sample("contract.pdf"), filename="contract.pdf", actor=ACTOR
            )
    return forger.judge("after-revocation.pdf", forged.data)


def rewrite_a_row(forger: Forger) -> Found:
    """Change what a use was for, in the database; then the auditor comes."""
    from sqlalchemy import update

    from eseal.service.audit import Audit
    from eseal.store.schema.tables import uses

    use_id = forger.story.documents["contract.pdf"].use_id
    statement = forger.story.service.records.use(use_id).statement
    with forger.doctored_copy("rewritten") as context:
        with context.database.write() as connection:
            rewritten = statement._replace(purpose="guarantee for a third party").encode()
            row = update(uses).where(uses.c.id == use_id)
            connection.execute(row.values(statement=rewritten))
        report = Audit(context).run()
    for disagreement in report.disagreements:
        return Found("audit", disagreement.kind, disagreement.message)
    return NOT_STOPPED


def have_a_row_signed(forger: Forger) -> Found:
    """Without any key: write a row by which the operator's account would register a twin."""
    from eseal.errors import ForeignRowError
    from eseal.ledger.sending.calls import Calls

    twin = _new_seal(forger, forger.self_made_seal())
    order = Calls(forger.deployment).register_seals(forger.context.issuer_id, [twin])
    with (
        forger.doctored_copy("a-row-more") as context,
        forger.operators_ledger(context) as ledger,
    ):
        with context.database.write() as connection:
            connection.exec_driver_sql(
                "INSERT INTO transactions (chain_id, account, nonce, kind, destination, data, gas,"
                " state, created_at, updated_at, version, mac)"
                " VALUES (?, ?, 999, ?, ?, ?, ?, 'prepared', 0, 0, 1, zeroblob(36))",
                (ledger.chain_id, ledger.operator, order.kind, order.to, order.data, GAS),
            )
        try:
            ledger.carry_on()
        except ForeignRowError as error:
            return Found("stopped", error.code, str(error))
    return NOT_STOPPED


def keep_a_second_log(forger: Forger) -> Found:
    """Seal with the real key and the real book, and record it where nobody looks."""
    prepared = forger.prepared()
    signed = forger.sign(forger.stolen_seal(with_book=True), prepared.digest)
    receipt = _receipt(forger, signed, [], origin=SHADOW)
    return forger.judge("shadow-log.pdf", prepared.embed(signed.encode(receipt)))


def rewrite_the_log(forger: Forger) -> Found:
    """Put another use in the place of a recorded one, and sign a head of the same size."""
    from eseal.store.repositories.log import LogRepository

    prepared = forger.prepared()
    signed = forger.sign(forger.stolen_seal(with_book=True), prepared.digest)
    with forger.context.database.read() as connection:
        leaves = [leaf for _, leaf in LogRepository(connection).iterate_leaves()]
        anchored = LogRepository(connection).last_anchor()
    others = leaves[1 : anchored.size if anchored else None]
    receipt = _receipt(forger, signed, others, origin=forger.context.instance.origin)
    return forger.judge("log-rewritten.pdf", prepared.embed(signed.encode(receipt)))


def hide_a_use(forger: Forger) -> Found:
    """Seal a guarantee, anchor it and delete its row; then the owner's watch looks."""
    from sqlalchemy import delete

    from eseal.service.sealing.applying import DigestOrder
    from eseal.store.schema.tables import uses

    service, seal = forger.story.service, forger.story.seals[SealType.CONTRACT]
    order = DigestOrder(sha256(b"The company guarantees everything.").digest())
    (made,) = service.sealing.seal_digests(seal.id, [order], actor=ACTOR)
    if isinstance(made, ESealError):
        raise made
    service.anchoring.anchor()
    with forger.doctored_copy("hidden") as context:
        with context.database.write() as connection:
            connection.execute(delete(uses).where(uses.c.id == made.use.id))
        return look(forger.story, context)


def register_a_twin(forger: Forger) -> Found:
    """With the CA's key, make a twin certificate and register it; then the owner's watch looks."""
    twin = forger.twin_seal()
    with forger.operators_ledger() as ledger:
        ledger.register_seals(forger.context.issuer_id, [_new_seal(forger, twin)])
    with forger.doctored_copy("twin") as context:
        return look(forger.story, context)


def _new_seal(forger: Forger, seal: HeldSeal) -> NewSeal:
    from eseal.ledger.facts import NewSeal
    from eseal.model.book import VolumeTree

    start = int(forger.context.now().timestamp())
    root = VolumeTree(seal.book, 0).root
    subject = forger.story.company.subject
    return NewSeal(seal.certified, subject, start, start + 10**7, seal.book.depth, root, None)


def _receipt(forger: Forger, signed: Signed, others: list[bytes], *, origin: str) -> bytes:
    """A receipt for leaf 0, before ``others``, under a head that the log's key signs."""
    from eseal.log import tree
    from eseal.log.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
    from eseal.log.leaf import Leaf
    from eseal.log.receipt import Receipt
    from eseal.log.rfc9162 import leaf_hash
    from eseal.model.book import tag
    from eseal.model.commitment import Kind, commitment, normalised

    context, statement = forger.context, signed.statement
    value = normalised(signed.signature, signed.cms.algorithm)
    committed = commitment(Kind.USE, statement.encode(), value)
    first = Leaf(0, committed, tag(statement.seal, statement.ticket)).encode()
    forged = tree.append(Tiles({}), 0, [leaf_hash(leaf) for leaf in (first, *others)])
    head = Checkpoint(origin, forged.size, forged.root)
    note = sign_checkpoint(head, context.sign_head, context.log_public_key)
    proof = tree.Prover(Tiles(forged.tiles), forged.size).inclusion(0)
    return Receipt(0, proof, parse_checkpoint(note)).encode()


OF_THE_OPERATOR = (
    Crime("asks the service to use a suspended seal", "seal_not_active", use_a_suspended_seal),
    Crime(
        "as operator, revives a revoked seal and uses it",
        "seal_not_active",
        revive_a_revoked_seal,
    ),
    Crime("as operator, rewrites the row of a use", "leaf_differs", rewrite_a_row),
    Crime("writes a row that registers a twin of the seal", "foreign_row", have_a_row_signed),
    Crime("as operator, keeps a second log for secret uses", "record_missing", keep_a_second_log),
    Crime(
        "as operator, swaps a leaf and signs the new head",
        "record_mismatch",
        rewrite_the_log,
    ),
    Crime("as operator, hides a use: its row is gone", "hidden_use", hide_a_use),
    Crime("as operator and CA, registers a twin certificate", "unknown_seal", register_a_twin),
)
"""In the order in which they are committed."""
