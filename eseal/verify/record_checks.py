"""Checks on the record: the receipt, the log it comes from, and the head on the ledger."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from eseal.errors import InvalidCheckpointError
from eseal.log.checkpoint import log_id, verify_checkpoint
from eseal.log.cosignature import cosigners
from eseal.log.leaf import Leaf, LeafType
from eseal.log.receipt import Receipt
from eseal.log.rfc9162 import verify_inclusion
from eseal.log.tree import Prover
from eseal.model.statement import commitment
from eseal.verify.report import NOTHING, Basis
from eseal.verify.verdict import FindingError, Passed
from eseal.verify.vocabulary import Finding

if TYPE_CHECKING:
    from eseal.documents.cms import SealSignature
    from eseal.documents.evidence import Evidence, EvidenceAnchor
    from eseal.ledger.protocol import Anchor, LedgerReader, LogRegistration, SealRegistration
    from eseal.verify.case import Sources
    from eseal.verify.policy import WitnessQuorum

HEADS_KEPT = 1024
"""Verified heads remembered: all uses of a batch stand under one, and an Ed25519 verification costs
more than that of the seal. Only what verified is kept, byte for byte and with its key."""
HEAD_KEPT_BYTES = 4096
"""Longer notes, beyond a dozen witnesses, are verified each time: a stranger can make them."""

_verify_checkpoint_once = lru_cache(maxsize=HEADS_KEPT)(verify_checkpoint)


def check_receipt(signature: SealSignature, evidence: Evidence | None) -> Passed[Receipt]:
    """Read the proof of record: that of the evidence if there is any, else the seal's own.

    Raises:
        FindingError: ``unrecorded_use``, there is none; ``transplanted``, the evidence contradicts
            itself about the log or the head.
        InvalidFormatError: it is not a receipt.
    """
    if evidence is not None:
        receipt = Receipt.parse(evidence.receipt)
        _check_of_one_piece(receipt, evidence)
    elif signature.receipt is not None:
        receipt = Receipt.parse(signature.receipt)
    else:
        raise FindingError(Finding.UNRECORDED_USE, "The seal carries no proof of record.")
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
    committed = commitment(signature.statement or b"", signature.signature)
    return Leaf(LeafType.USE, receipt.index, committed).hash()


def check_registration(signature: SealSignature, sources: Sources) -> Passed[SealRegistration]:
    """Check that the ledger knows the seal.

    Raises:
        FindingError: ``unregistered_seal``.
        LedgerUnreachableError: it cannot be asked.
    """
    handle = hashlib.sha256(signature.certificate).digest()
    registration = sources.trusted_ledger().seal(handle)
    if registration is None:
        raise FindingError(
            Finding.UNREGISTERED_SEAL, f"The registry does not know seal {handle.hex()}."
        )
    return Passed(registration, f"Seal {handle.hex()} is registered.")


def check_log(
    receipt: Receipt, registration: SealRegistration, sources: Sources
) -> Passed[LogRegistration]:
    """Check that the receipt's log is on the ledger and belongs to the issuer of the seal.

    Raises:
        FindingError: ``unrecorded_use``.
        LedgerUnreachableError: the ledger cannot be asked.
    """
    origin = receipt.checkpoint.checkpoint.origin
    log = sources.trusted_ledger().log(log_id(origin))
    if log is None:
        raise FindingError(
            Finding.UNRECORDED_USE,
            f"The receipt comes from {origin}, which the ledger does not know.",
        )
    if log.issuer != registration.issuer:
        raise FindingError(
            Finding.UNRECORDED_USE,
            f"The receipt comes from {origin}, the log of another issuer: expected one of issuer "
            f"{registration.issuer.hex()}, got {log.issuer.hex()}.",
        )
    return Passed(log, f"Log {origin} is on the ledger and belongs to the seal's issuer.")


def check_checkpoint(receipt: Receipt, public_key: bytes, source: str) -> Passed[bool]:
    """Check that the log signed the receipt's head (C2SP tlog-checkpoint).

    Args:
        receipt: the receipt.
        public_key: the log's Ed25519 key, 32 bytes.
        source: who says that this is its key, e.g. ``the ledger``.

    Raises:
        InvalidCheckpointError: it did not.
    """
    signed = receipt.checkpoint
    small = len(signed.note) <= HEAD_KEPT_BYTES
    (_verify_checkpoint_once if small else verify_checkpoint)(signed, public_key)
    head = signed.checkpoint
    return Passed(
        True,
        f"The head of {head.size} leaves is signed with the log's key according to {source}.",
        Basis(head_size=head.size, root=head.root),
    )


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
    proof made from the log's tiles.

    Args:
        receipt: a receipt whose proof and checkpoint are verified.
        leaf: the leaf's hash, 32 bytes.
        log: the receipt's log on the ledger.
        sources: the ledger, and the tiles.

    Raises:
        FindingError: ``record_mismatch``, ledger, log and evidence disagree; ``anchor_pending``.
        InvalidProofError: the log's tiles do not lead from the leaf to the ledger's root.
        NotFoundError: the tiles are not there.
        LedgerUnreachableError: the ledger cannot be asked.
    """
    ledger = sources.trusted_ledger()
    head = receipt.checkpoint.checkpoint
    found = ledger.anchor_at(log.log_id, head.size)
    anchor, gone = _check_claimed(found, sources)
    if anchor is None:
        anchor = ledger.anchor_covering(log.log_id, receipt.index)
        if anchor is None:
            raise FindingError(
                Finding.ANCHOR_PENDING, f"No head that holds this use is on the ledger yet.{gone}"
            )
        _prove_from_tiles(receipt, leaf, anchor, sources)
    elif anchor.head.root != head.root:
        raise FindingError(
            Finding.RECORD_MISMATCH,
            f"The log signed another head of {head.size} leaves than the ledger holds: "
            f"expected root {anchor.head.root.hex()}, got {head.root.hex()}.",
            rests_on=sources.basis_of_anchor(anchor),
        )
    return Passed(
        anchor,
        f"The use is under the head of {anchor.head.size} leaves that block {anchor.block.number} "
        f"of the ledger holds.{gone}",
        sources.basis_of_anchor(anchor, receipt.index),
    )


def _check_of_one_piece(receipt: Receipt, evidence: Evidence) -> None:
    head, anchor = receipt.checkpoint.checkpoint, evidence.anchor
    if head.origin != evidence.origin:
        raise FindingError(
            Finding.TRANSPLANTED,
            f"The evidence names log {evidence.origin}, its receipt comes from {head.origin}.",
        )
    if anchor is not None and (anchor.log_id, anchor.size) != (log_id(head.origin), head.size):
        raise FindingError(
            Finding.TRANSPLANTED,
            f"The evidence's anchor is not that of its receipt's head: expected size {head.size} "
            f"of {head.origin}, got size {anchor.size} of log {anchor.log_id.hex()}.",
        )


def _prove_from_tiles(receipt: Receipt, leaf: bytes, anchor: Anchor, sources: Sources) -> None:
    head = receipt.checkpoint.checkpoint
    tiles = None if sources.logs is None else sources.logs.tiles(head.origin)
    if tiles is None:
        raise FindingError(
            Finding.ANCHOR_PENDING,
            f"The ledger holds a head of {anchor.head.size} leaves; the receipt was made at "
            f"{head.size}. An evidence file, or access to the log, would prove the rest.",
            rests_on=sources.basis_of_anchor(anchor),
        )
    proof = Prover(tiles, anchor.head.size).inclusion(receipt.index)
    verify_inclusion(leaf, receipt.index, anchor.head.size, proof, anchor.head.root)


def _check_claimed(actual: Anchor | None, sources: Sources) -> tuple[Anchor | None, str]:
    """Compare the anchor an evidence file claims with the ledger's own word on that size.

    One that names another chain or contract proves nothing here, and is passed over. So is one in
    a block that is not on the chain: a re-organisation removed it, or it never was; what counts is
    whether the ledger holds the head now.

    Returns:
        The ledger's own word, asked for again if its block came only while we were asking; and a
        sentence about a block that is gone, with a space before it, or ``""``.

    Raises:
        FindingError: ``record_mismatch``, the ledger holds the block but not the anchor, or
            another root.
    """
    ledger = sources.trusted_ledger()
    claimed = None if sources.evidence is None else sources.evidence.anchor
    if claimed is None or not _names(claimed, ledger):
        return actual, ""
    if actual is None:
        if claimed.block_number > ledger.final_block().number:
            return None, ""  # this node has not got that far: the anchor is due, not denied
        actual = ledger.anchor_at(claimed.log_id, claimed.size)
    if actual is not None and _same(claimed, actual):
        return actual, ""
    block = ledger.block(claimed.block_number)
    stands = block is not None and block.hash == claimed.block_hash
    if not stands and (actual is None or actual.head.root == claimed.root):
        return actual, (
            f" The evidence names block {claimed.block_number} ({claimed.block_hash.hex()}), "
            "which is not on the chain: a re-organisation removed it, or it never was."
        )
    held = (
        "no such anchor"
        if actual is None
        else f"it in block {actual.block.number} ({actual.block.hash.hex()})"
    )
    raise FindingError(
        Finding.RECORD_MISMATCH,
        f"The evidence claims that block {claimed.block_number} "
        f"({claimed.block_hash.hex()}) holds the head of {claimed.size} leaves; "
        f"the ledger has {held}.",
        rests_on=NOTHING if actual is None else sources.basis_of_anchor(actual),
    )


def _names(claimed: EvidenceAnchor, ledger: LedgerReader) -> bool:
    return (
        claimed.chain_id == ledger.chain_id
        and claimed.contract.lower() == ledger.usage_ledger.lower()
    )


def _same(claimed: EvidenceAnchor, actual: Anchor) -> bool:
    return (
        claimed.root == actual.head.root
        and claimed.block_number == actual.block.number
        and claimed.block_hash == actual.block.hash
        and claimed.block_timestamp == actual.block.timestamp
        and claimed.transaction == actual.transaction
    )
