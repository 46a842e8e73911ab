"""The check on an evidence file: does it hang together, and does the ledger say the same.

Nobody signs an evidence file as a whole: its members are as good as what they lead to. One that
leads elsewhere says nothing about the document beside it, which may prove itself; so this check
accuses nobody. It names the member that is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.errors import InvalidFormatError, LedgerError
from eseal.log.checkpoint import log_id
from eseal.model.seal import seal_handle
from eseal.verify.checks.record_checks import parse_receipt
from eseal.verify.inputs.certificates import leads_up
from eseal.verify.verdict.conclusion import FindingError, Passed
from eseal.verify.verdict.report import NOTHING
from eseal.verify.verdict.vocabulary import Finding

if TYPE_CHECKING:
    from eseal.documents.cms import SealSignature
    from eseal.documents.evidence import Evidence, EvidenceAnchor
    from eseal.ledger.facts import Anchor
    from eseal.ledger.protocol import LedgerReader
    from eseal.verify.inputs.case import Sources
    from eseal.verify.verdict.report import Basis

_UNASKED = " The ledger could not be asked about it."


def check_evidence(signature: SealSignature, evidence: Evidence, sources: Sources) -> Passed[bool]:
    """Check that an evidence file contradicts neither its seal signature, itself nor the ledger.

    Args:
        signature: the seal signature it was made for; it verifies.
        evidence: what it says.
        sources: the ledger; while it cannot be asked, the rest is compared.

    Raises:
        FindingError: ``record_missing``; names the member.
    """
    _check_itself(signature, evidence)
    try:
        aside = _check_by_ledger(evidence, sources)
    except LedgerError:
        aside = _UNASKED
    return Passed(True, f"The evidence was made for this seal signature.{aside}")


def _check_itself(signature: SealSignature, evidence: Evidence) -> None:
    if evidence.statement.encode() != signature.statement:
        raise _wrong("statement", "it is not the statement of this use that was signed")
    once = len(evidence.chain) == len(set(evidence.chain)) > 0
    if not once or not leads_up(signature.signer, evidence.chain):
        raise _wrong(
            "chain",
            "expected the issuers of the seal's certificate, each once and in their order, got "
            f"{len(evidence.chain)} certificates",
        )
    try:
        head = parse_receipt(evidence.receipt).checkpoint.checkpoint
    except InvalidFormatError as error:
        raise _wrong("receipt", str(error)) from None
    _compare("log.origin", head.origin, evidence.origin)
    _compare("issuer", evidence.statement.seal, seal_handle(evidence.issuer, signature.signer))
    anchor = evidence.anchor
    if anchor is not None:
        _compare("anchor.log_id", log_id(evidence.issuer, head.origin), anchor.log_id)
        _compare("anchor.size", head.size, anchor.size)
        _compare("anchor.root", head.root, anchor.root)


def _check_by_ledger(evidence: Evidence, sources: Sources) -> str:
    """Compare with the ledger; a note with a space before it, or ``""``."""
    ledger, anchor = sources.trusted_ledger(), evidence.anchor
    if anchor is not None:
        _compare("anchor.chain_id", ledger.chain_id, anchor.chain_id)
        _compare("anchor.contract", ledger.usage_ledger, anchor.contract)
    name = log_id(evidence.issuer, evidence.origin)
    log = None if ledger.log_of(evidence.issuer) != name else ledger.log(name)
    if log is None:
        raise _wrong("log.origin", f"{evidence.origin} is not the issuer's log on the ledger")
    size = parse_receipt(evidence.receipt).checkpoint.checkpoint.size
    if evidence.public_key not in log.signers(size):
        _compare("log.public_key", log.public_key, evidence.public_key)
    return "" if anchor is None else _check_anchor(anchor, ledger, sources)


def _check_anchor(claimed: EvidenceAnchor, ledger: LedgerReader, sources: Sources) -> str:
    """Compare the anchor an evidence file names with the ledger's own word on that size.

    One in a block that is not on the chain proves nothing and harms nothing: a re-organisation
    removed it, or it never was; what counts is whether the ledger holds the head now.
    """
    actual = ledger.anchor_at(claimed.log_id, claimed.size)
    if actual is None:
        if claimed.block_number > ledger.final_block().number:
            return ""  # this node has not got that far: the anchor is due, not denied
        actual = ledger.anchor_at(claimed.log_id, claimed.size)
    if actual is not None and _differences(claimed, actual) == []:
        return ""
    if ledger.was_disowned(claimed.log_id, claimed.size, claimed.root):
        return " The head it leads to has been disowned since."
    block = ledger.block(claimed.block_number)
    stands = block is not None and block.hash == claimed.block_hash
    if not stands and (actual is None or actual.head.root == claimed.root):
        return (
            f" It names block {claimed.block_number} (anchor.block.hash "
            f"{claimed.block_hash.hex()}), which is not on the chain: a re-organisation removed "
            "it, or it never was."
        )
    if actual is None:
        raise _wrong("anchor", f"the ledger has no such anchor in block {claimed.block_number}")
    member, expected, got = _differences(claimed, actual)[0]
    raise _differs(member, expected, got, sources.basis_of_anchor(actual))


def _differences(claimed: EvidenceAnchor, actual: Anchor) -> list[tuple[str, object, object]]:
    pairs = (
        ("anchor.root", actual.head.root, claimed.root),
        ("anchor.epoch", actual.epoch, claimed.epoch),
        ("anchor.block.number", actual.block.number, claimed.block_number),
        ("anchor.block.hash", actual.block.hash, claimed.block_hash),
        ("anchor.block.timestamp", actual.block.timestamp, claimed.block_timestamp),
        ("anchor.transaction", actual.transaction, claimed.transaction),
    )
    return [pair for pair in pairs if pair[1] != pair[2]]


def _compare(member: str, expected: object, got: object) -> None:
    if expected != got:
        raise _differs(member, expected, got)


def _differs(member: str, expected: object, got: object, rests_on: Basis = NOTHING) -> FindingError:
    return _wrong(member, f"expected {_shown(expected)}, got {_shown(got)}", rests_on)


def _wrong(member: str, why: str, rests_on: Basis = NOTHING) -> FindingError:
    return FindingError(
        Finding.RECORD_MISSING,
        f"The evidence proves nothing: its member {member} is wrong: {why}.",
        rests_on=rests_on,
    )


def _shown(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
