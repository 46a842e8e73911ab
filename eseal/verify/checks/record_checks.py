"""Checks on the record: the receipt, the log it comes from, and the head on the ledger."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn

from eseal.errors import InvalidCheckpointError, LedgerUnreachableError
from eseal.log.checkpoint import log_id, verify_checkpoint
from eseal.log.cosignature import cosigners
from eseal.log.leaf import Leaf
from eseal.log.receipt import Receipt
from eseal.log.rfc9162 import verify_inclusion
from eseal.log.tree import Prover
from eseal.model.book import tag
from eseal.model.seal import seal_handle
from eseal.model.statement import read_statement
from eseal.verify.checks.history_checks import commitment_of
from eseal.verify.verdict.conclusion import FindingError, Passed
from eseal.verify.verdict.report import Basis
from eseal.verify.verdict.vocabulary import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eseal.documents.cms import SealSignature
    from eseal.documents.evidence import Evidence
    from eseal.ledger.facts import Anchor, LogRegistration, SealRegistration
    from eseal.ledger.protocol import LedgerReader
    from eseal.model.statement import BlockReference, Statement
    from eseal.verify.inputs.case import Sources
    from eseal.verify.inputs.policy import WitnessQuorum

HEADS_KEPT = 1024
"""Verified heads remembered: all uses of a batch stand under one, and an Ed25519 verification costs
more than that of the seal. Only what verified is kept, byte for byte and with its key."""
HEAD_KEPT_BYTES = 4096
"""Longer notes, beyond a dozen witnesses, are verified each time: a stranger can make them."""

_verify_checkpoint_once = lru_cache(maxsize=HEADS_KEPT)(verify_checkpoint)

parse_receipt = lru_cache(maxsize=8)(Receipt.parse)
"""The checks on evidence and on its receipt read the same text, one after the other."""


def check_receipt(signature: SealSignature, evidence: Evidence | None) -> Passed[Receipt]:
    """Read the proof of record: that of the evidence if there is any, else the seal's own.

    A receipt is no signed part of a seal: anybody can cut, spoil or swap it. So neither its absence
    nor what it says accuses anybody before the log's signature in it is verified.

    Raises:
        FindingError: ``record_missing``, there is none.
        InvalidFormatError: it is not a receipt.
    """
    if evidence is not None:
        receipt = parse_receipt(evidence.receipt)
    elif signature.receipt is not None:
        receipt = parse_receipt(signature.receipt)
    else:
        raise FindingError(Finding.RECORD_MISSING, "The seal carries no proof of record.")
    head = receipt.checkpoint.checkpoint
    return Passed(
        receipt,
        f"There is a receipt of log {head.origin} for leaf {receipt.index} of {head.size}.",
    )


def check_inclusion(receipt: Receipt, signature: SealSignature) -> Passed[bytes]:
    """Check that the receipt leads from this use to the head it names (RFC 9162 section 2.1.3.2).

    Returns:
        The leaf's hash, 32 bytes.

    Raises:
        InvalidProofError: it does not.
        InvalidInputError: an index no leaf can have.
    """
    leaf = leaf_of(receipt, signature)
    head = receipt.checkpoint.checkpoint
    verify_inclusion(leaf, receipt.index, head.size, receipt.proof, head.root)
    return Passed(
        leaf,
        f"This use is leaf {receipt.index} under the receipt's head of {head.size} leaves.",
        Basis(log_index=receipt.index, head_size=head.size, root=head.root),
    )


def leaf_of(receipt: Receipt, signature: SealSignature) -> bytes:
    """The hash of the leaf this use must have at the receipt's index, 32 bytes."""
    statement = read_statement(signature.statement or b"")
    shown = tag(statement.seal, statement.ticket)
    return Leaf(receipt.index, commitment_of(signature), shown).hash()


def check_registration(
    signature: SealSignature, statement: Statement, sources: Sources
) -> Passed[SealRegistration]:
    """Check that the ledger knows the seal the statement names, and that this is the one.

    A handle is made of issuer and certificate, and the ledger names the issuer: so nobody signs
    with a certificate of their own under a handle that is another's. Rests on the signed statement
    and the word of the ledger that it was made for, no other.

    Raises:
        FindingError: ``unregistered_seal``; ``transplanted``, the statement names another seal.
        LedgerUnreachableError: it cannot be asked, has not got that far, or is not the ledger the
            seal was made for.
    """
    ledger, handle = sources.trusted_ledger(), statement.seal
    _check_same_ledger(ledger, statement.not_before)
    registration = ledger.seal(handle)
    basis = sources.basis_of(ledger.final_block())
    if registration is None:
        raise FindingError(
            Finding.UNREGISTERED_SEAL,
            f"The registry does not know seal {handle.hex()}.",
            rests_on=basis,
        )
    ours = seal_handle(registration.issuer, signature.signer)
    if ours != handle:
        raise FindingError(
            Finding.TRANSPLANTED,
            f"The statement speaks of another seal: expected {ours.hex()}, which its certificate "
            f"has with issuer {registration.issuer.hex()}, got {handle.hex()}.",
            rests_on=basis,
        )
    return Passed(
        registration,
        f"Seal {handle.hex()} is registered by issuer {registration.issuer.hex()}.",
        basis,
    )


def check_log(
    receipt: Receipt, registration: SealRegistration, sources: Sources
) -> Passed[LogRegistration]:
    """Check that the receipt is of the one log that the seal's issuer has.

    Rests on the ledger: no operator opens a second log there. A receipt of any other, of a shadow
    log, is as good as none: nobody signs what receipt stands in a seal.

    Raises:
        FindingError: ``record_missing``.
        LedgerUnreachableError: the ledger cannot be asked.
    """
    ledger, issuer = sources.trusted_ledger(), registration.issuer
    origin = receipt.checkpoint.checkpoint.origin
    name = log_id(issuer, origin)
    only = ledger.log_of(issuer)
    log = None if only != name else ledger.log(name)
    if log is None:
        got = "none" if only is None else only.hex()
        raise FindingError(
            Finding.RECORD_MISSING,
            f"The receipt comes from {origin}, which is not the log of issuer {issuer.hex()}: "
            f"expected {got}, got {name.hex()}.",
        )
    return Passed(log, f"Log {origin} is the one log of the seal's issuer on the ledger.")


def check_checkpoint(receipt: Receipt, keys: Sequence[bytes], source: str) -> Passed[bytes]:
    """Check that the log signed the receipt's head (C2SP tlog-checkpoint).

    Args:
        receipt: the receipt.
        keys: the log's Ed25519 keys that may sign a head of this size, 32 bytes each; at least one.
        source: who says that these are its keys, e.g. ``the ledger``.

    Returns:
        The key that signed.

    Raises:
        InvalidCheckpointError: none of them did.
    """
    signed = receipt.checkpoint
    head = signed.checkpoint
    small = len(signed.note) <= HEAD_KEPT_BYTES
    verify = _verify_checkpoint_once if small else verify_checkpoint
    problem: InvalidCheckpointError | None = None
    for key in keys:
        try:
            verify(signed, key)
        except InvalidCheckpointError as error:
            problem = problem or error
            continue
        return Passed(
            key,
            f"The head of {head.size} leaves is signed with the log's key {key.hex()}, which "
            f"{source} names.",
            Basis(head_size=head.size, root=head.root),
        )
    raise problem or InvalidCheckpointError("The log has no key for a head of this size.")


def check_witnesses(receipt: Receipt, quorum: WitnessQuorum) -> Passed[int]:
    """Check that enough witnesses cosigned the receipt's head (C2SP tlog-cosignature).

    Args:
        receipt: a receipt.
        quorum: how many of whom.

    Returns:
        How many did.

    Raises:
        FindingError: ``witnesses_missing``, too few did, or a cosignature of one of them does not
            verify: signed-note, "Signatures", lets such a note count for nothing.
    """
    signed = receipt.checkpoint
    head = signed.checkpoint
    rests_on = Basis(head_size=head.size, root=head.root)
    try:
        found = cosigners(signed.text, signed.signatures, quorum.keys)
    except InvalidCheckpointError as error:
        raise FindingError(Finding.WITNESSES_MISSING, str(error), rests_on=rests_on) from None
    names = ", ".join(sorted(key.name for key in found)) or "none"
    counted = (
        f"The head of {head.size} leaves is cosigned by {len(found)} of {len(quorum.keys)} "
        f"witnesses ({names}); the policy demands {quorum.threshold}."
    )
    if len(found) < quorum.threshold:
        raise FindingError(Finding.WITNESSES_MISSING, counted, rests_on=rests_on)
    return Passed(len(found), counted, rests_on)


def check_anchor(
    receipt: Receipt, leaf: bytes, log: LogRegistration, sources: Sources
) -> Passed[Anchor]:
    """Check that a head which holds the leaf was accepted by the contract.

    The receipt's own head, if it was anchored; else the first anchored head above the leaf, with a
    proof made from the log's tiles. A mismatch rests on the log's signature under the receipt's
    head and on the root the ledger holds: the log's operator said two things.

    Args:
        receipt: a receipt whose proof and checkpoint are verified.
        leaf: the leaf's hash, 32 bytes.
        log: the receipt's log on the ledger.
        sources: the ledger, and the tiles.

    Raises:
        FindingError: ``record_mismatch``, ledger and log contradict each other; ``head_disowned``,
            where the ledger's administrator has disowned heads, which explains it;
            ``anchor_pending``.
        InvalidProofError: the log's tiles lead nowhere. Nobody signs them.
        NotFoundError: the tiles are not there.
        LedgerUnreachableError: the ledger cannot be asked.
    """
    ledger = sources.trusted_ledger()
    head = receipt.checkpoint.checkpoint
    anchor = ledger.anchor_at(log.log_id, head.size)
    if anchor is None or anchor.head.root != head.root:
        disowned = ledger.was_disowned(log.log_id, head.size, head.root)
        if anchor is not None and not disowned:
            _contradicted(receipt, log, anchor, sources)
        anchor = _covering(receipt, leaf, log, sources, disowned=disowned)
    return Passed(
        anchor,
        f"The use is under the head of {anchor.head.size} leaves that block {anchor.block.number} "
        "of the ledger holds.",
        sources.basis_of_anchor(anchor, receipt.index),
    )


def _check_same_ledger(ledger: LedgerReader, named: BlockReference) -> None:
    """Check that this is the ledger a statement was made for, and that it has got that far.

    Chain id and registry are numbers that two networks can share, as one that was set up anew does
    with the one before. A block's hash commits to all that was before it.

    Raises:
        LedgerUnreachableError: it is another, or has no final block of that height yet.
    """
    registry = "0x" + named.registry.hex()
    if (named.chain_id, registry) != (ledger.chain_id, ledger.seal_registry.lower()):
        raise LedgerUnreachableError(
            f"The seal was made for another ledger: its statement names the registry {registry} "
            f"on chain {named.chain_id}, and the one you trust is {ledger.seal_registry} on chain "
            f"{ledger.chain_id}."
        )
    block = ledger.block(named.number)
    if block is None:
        raise LedgerUnreachableError(
            f"The ledger asked has no final block {named.number} yet, which the statement names; "
            f"its newest is {ledger.final_block().number}."
        )
    if block.hash != named.hash:
        raise LedgerUnreachableError(
            f"The seal was made for another ledger: its statement names block {named.number} with "
            f"hash {named.hash.hex()}, and here that block has {block.hash.hex()}."
        )


def _covering(
    receipt: Receipt, leaf: bytes, log: LogRegistration, sources: Sources, *, disowned: bool
) -> Anchor:
    """The first anchored head above the leaf, if the leaf is proven to stand under it."""
    anchor = sources.trusted_ledger().anchor_covering(log.log_id, receipt.index)
    head = receipt.checkpoint.checkpoint
    if anchor is not None and _proven_from_tiles(receipt, leaf, log, anchor, sources):
        return anchor
    if disowned:
        raise _disowned(f"The head of {head.size} leaves that the receipt leads to", sources)
    if anchor is None:
        raise FindingError(
            Finding.ANCHOR_PENDING, "No head that holds this use is on the ledger yet."
        )
    raise FindingError(
        Finding.ANCHOR_PENDING,
        f"The ledger holds a head of {anchor.head.size} leaves; the receipt was made at "
        f"{head.size}. An evidence file, or access to the log, would prove the rest.",
        rests_on=sources.basis_of_anchor(anchor),
    )


def _proven_from_tiles(
    receipt: Receipt, leaf: bytes, log: LogRegistration, anchor: Anchor, sources: Sources
) -> bool:
    """Whether the log's tiles prove it; ``False`` where there are none to be had."""
    head, index = receipt.checkpoint.checkpoint, receipt.index
    tiles = None if sources.logs is None else sources.logs.tiles(head.origin)
    if tiles is None:
        return False
    size, root = anchor.head.size, anchor.head.root
    paths = Prover(tiles, size).paths(index)
    proof, held = paths.path(index), paths.node(index)
    # Whatever the log serves: if it leads to the ledger's root, it is what was anchored.
    verify_inclusion(held, index, size, proof, root)
    if held != leaf:
        _contradicted(receipt, log, anchor, sources)
    return True


def _contradicted(
    receipt: Receipt, log: LogRegistration, anchor: Anchor, sources: Sources
) -> NoReturn:
    """The log signed something else than the ledger holds, of the same place in it.

    Once heads were disowned, an honest log has done so, too: it appends anew what stood under them.
    """
    head = receipt.checkpoint.checkpoint
    if log.epoch:
        raise _disowned(f"A head of {head.size} leaves, which the log has signed,", sources)
    raise FindingError(
        Finding.RECORD_MISMATCH,
        f"The log signed a head of {head.size} leaves with this use as leaf {receipt.index}; the "
        f"head of {anchor.head.size} leaves on the ledger, {anchor.head.root.hex()}, holds "
        "something else.",
        rests_on=sources.basis_of_anchor(anchor, receipt.index),
    )


def _disowned(what: str, sources: Sources) -> FindingError:
    return FindingError(
        Finding.HEAD_DISOWNED,
        f"{what} was disowned by the ledger's administrator, or follows one that was. Honest uses "
        "are appended anew; evidence made later shows where.",
        rests_on=sources.basis_of(sources.trusted_ledger().final_block()),
    )
