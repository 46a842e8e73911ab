"""The one law, and what breaks it.

*Nothing forged is green*: who gets TOTAL_PASSED sees in every reader what was sealed, and
carries nothing else along. *Nothing
genuine is accused*: a file that nobody touched, or in which only unsigned parts were, never gets
TOTAL_FAILED. And no file makes the verifier raise, or takes it long.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from eseal.documents.evidence import Evidence
from eseal.verify import CheckName, CheckStatus, Indication, Report
from tests import readers
from tests.fuzz.bed import Judge, Sealed
from tests.readers.archives import unpacked

_ANOTHER = "evidence: {} is another"
SLOW_SECONDS = 2.0
"""What a hostile file may cost, of one core."""


@dataclass(frozen=True)
class Mutant:
    """A changed document, on its way to the verifier.

    Attributes:
        data: the document.
        signature: the ``.p7s`` beside it, or ``None``.
        evidence: the evidence file beside it, or ``None``.
        unsigned: whether only parts were touched that no seal covers: then it may not be accused.
        carries: whether something lies in it that nobody needs: then it may not pass.
    """

    data: bytes
    signature: bytes | None = None
    evidence: bytes | None = None
    unsigned: bool = False
    carries: bool = False

    @classmethod
    def of(cls, sealed: Sealed) -> Mutant:
        """The document as it was delivered."""
        return cls(sealed.data, sealed.signature, sealed.evidence, unsigned=True)


@dataclass(frozen=True)
class Judged:
    """What became of a mutant.

    Attributes:
        finding: the verdict's word; ``refused`` where nothing could be looked at.
        green: whether it passed.
        broken: which laws it breaks, in words; empty as it should be.
        shown: what readers show otherwise, as far as they were asked.
    """

    finding: str
    green: bool = False
    broken: tuple[str, ...] = field(default=())
    shown: tuple[str, ...] = ()


def judge(
    judge_: Judge, sealed: Sealed, mutant: Mutant, pool: Sequence[Sealed], *, look: bool = False
) -> Judged:
    """Verify a mutant and hold the law.

    Args:
        judge_: who verifies.
        sealed: what the mutant was made from.
        mutant: the mutant.
        pool: everything that was sealed: a mutant may be another genuine document.
        look: compare it in the readers even though it is not green: to see that they see.
    """
    started = _cpu()
    try:
        report = judge_.report(mutant.data, mutant.signature, mutant.evidence)
    except Exception:  # noqa: BLE001 - that it raises is what we look for
        lines = traceback.format_exc(limit=-3).strip().splitlines()
        return Judged("raised", broken=(f"raised: {' | '.join(lines[-4:])}",))
    broken = []
    if (seconds := _cpu() - started) > SLOW_SECONDS:
        broken.append(f"slow: {seconds:.1f} s")
    if isinstance(report, str):
        return Judged("refused", broken=tuple(broken))
    green = report.indication is Indication.TOTAL_PASSED
    if mutant.unsigned and report.indication is Indication.TOTAL_FAILED:
        broken.append(f"accused: {report.finding.value}: {_reason(report)}")
    if green:
        shown = otherwise(report, mutant, pool)
        broken += [f"forged: {words}" for words in shown]
        broken += ["forged: it carries something"] if mutant.carries else []
    elif look and sealed.kind == "pdf":
        shown = _pages([sealed], mutant)
    else:
        shown = []
    return Judged(report.finding.value, green, tuple(broken), shown=tuple(shown))


def _cpu() -> float:
    """Seconds of processor time, this process and those it waited for."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _reason(report: Report) -> str:
    return "; ".join(
        f"{check.name.value}: {check.detail}"
        for check in report.checks
        if check.status.value == "INVALID"
    )[:200]


def otherwise(report: Report, mutant: Mutant, pool: Sequence[Sealed]) -> list[str]:
    """What people who were told "authentic" get to see otherwise than it was sealed.

    What was sealed is every document of the pool that holds the uses which the verdict names, and
    no other: a document of two companies without the second seal is the one that the first made.
    """
    statements = [seal.facts and seal.facts.statement for seal in report.seals]
    uses = frozenset(statement.id for statement in statements if statement)
    stages = [sealed for sealed in pool if sealed.uses == uses]
    if not stages:
        return ["nothing was sealed by these uses alone"]
    found = [] if _is_set_aside(report) else _evidence(stages, mutant)
    if _block_is_gone(report):
        found = [words for words in found if words != _ANOTHER.format("anchor")]
    if any(mutant.data == stage.data for stage in stages):
        return found
    containers = [stage for stage in stages if stage.kind == "container"]
    if containers:
        return found + _container(containers[0], mutant)
    pdfs = [stage for stage in stages if stage.data.startswith(b"%PDF-")]
    return found + (_pages(pdfs, mutant) if pdfs else ["the document is another"])


def _pages(stages: Sequence[Sealed], mutant: Mutant) -> list[str]:
    """What the readers show otherwise than the stage that is most alike."""
    each = (
        [
            f"{reader}: {difference}"
            for reader in readers.READERS
            for difference in readers.differences(reader, stage.data, mutant.data)
        ]
        for stage in stages
    )
    return min(each, key=len)


def _container(sealed: Sealed, mutant: Mutant) -> list[str]:
    before, after = unpacked(sealed.data), unpacked(mutant.data)
    found = []
    for program, files in before.items():
        now = after[program]
        if isinstance(now, str) or isinstance(files, str):
            # Who gets an error sees nothing that was not sealed.
            continue
        # Signatures beside the files say nothing to somebody who unpacks them.
        old = {name: what for name, what in files.items() if not name.startswith("META-INF/")}
        new = {name: what for name, what in now.items() if not name.startswith("META-INF/")}
        if old != new:
            names = sorted(name for name in old | new if old.get(name) != new.get(name))
            found.append(f"{program}: other files: {', '.join(names)[:100]}")
    return found


def _block_is_gone(report: Report) -> bool:
    """Whether the verdict says that the block the evidence names is not on the chain."""
    return any("not on the chain" in each.detail for seal in report.seals for each in seal.checks)


def _is_set_aside(report: Report) -> bool:
    """Whether the verdict says that it does not rest on the evidence at hand."""
    return any(
        check.name is CheckName.EVIDENCE and check.status is CheckStatus.INVALID
        for seal in report.seals
        for check in seal.checks
    )


def _evidence(stages: Sequence[Sealed], mutant: Mutant) -> list[str]:
    """Members of an evidence file that people read, and that were not so."""
    genuine = [stage.evidence for stage in stages if stage.evidence is not None]
    if mutant.evidence is None or mutant.evidence in genuine:
        return []
    if not genuine:
        return ["evidence: there was none"]
    told, true = Evidence.parse(mutant.evidence), Evidence.parse(genuine[0])
    names = ("statement", "origin", "public_key", "anchor", "chain")
    return [_ANOTHER.format(name) for name in names if _differs(true, told, name)]


def _differs(true: Evidence, told: Evidence, name: str) -> bool:
    # An evidence file without an anchor, or with fewer certificates, claims less, nothing else.
    if name == "anchor" and told.anchor is None:
        return False
    # The last one's issuer is not at hand: of an issuer's certificate name and key are proven
    # by what it has issued, and nothing else is told.
    if name == "chain":
        return not _issuers(told) <= _issuers(true)
    return bool(getattr(true, name) != getattr(told, name))


def _issuers(evidence: Evidence) -> set[tuple[x509.Name, bytes]]:
    certificates = map(x509.load_der_x509_certificate, evidence.chain)
    encoding, kind = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    return {(each.subject, each.public_key().public_bytes(encoding, kind)) for each in certificates}
