"""Nothing genuine is accused: what anybody does to unsigned parts, and what owners declare."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from eseal.documents import cms
from eseal.errors import InvalidFormatError
from eseal.log.leaf import Leaf
from eseal.log.receipt import Receipt
from eseal.model.book import tag
from eseal.model.commitment import Kind
from eseal.model.json_values import JsonValues
from eseal.model.records import Word
from eseal.model.seal import Reason
from eseal.model.subject import SubjectProof
from eseal.service.oversight.history import LocalHistory
from eseal.verify import (
    CheckName,
    CheckStatus,
    Finding,
    Indication,
    judge,
    on_ledger,
    verify_document,
)
from eseal.verify.checks import history_checks, time_checks
from eseal.verify.checks.history_checks import commitment_of
from eseal.verify.checks.subject_checks import Vouched
from eseal.verify.inputs.case import Declared
from eseal.verify.inputs.trust import Trust
from eseal.watch.file import WatchFile
from tests.actors import acting
from tests.integration.dishonest import DOCUMENT, Tiles
from tests.integration.outsiders import P256_ORDER
from tests.integration.promise.switches import check, defended, gone, nothing


def with_cms(evidence, change):
    """The same use by another signature value."""
    seal = cms.decode(evidence.cms)
    maker = cms.SealCms(seal.signer, seal.chain, seal.subject_proof)
    changed = maker.encode(seal.signed_attributes, change(seal.signature), seal.receipt)
    return replace(evidence, cms=changed)


def other_s(value):
    """Both s and n - s verify: anybody can turn the one into the other."""
    r, s = decode_dss_signature(value)
    return encode_dss_signature(r, P256_ORDER - s)


@defended(gone("another proof", (judge, "_REFUTED_BY_PROOF", frozenset())))
def test_a_second_head_of_the_log_s_key_accuses_no_use_that_is_proven(stage):
    """Evidence is signed by nobody: whoever has the log's key could spoil any document with it."""
    operator = stage.operator
    genuine = operator.use(stage.own)
    size = operator.tiles.size
    shadow = Tiles(Tiles(operator.tiles, size), size)
    operator.use(stage.own, ticket=stage.own.book.ticket(5))
    made, statement = commitment_of(cms.decode(genuine.cms)), genuine.statement
    leaf = Leaf(size + 1, made, tag(statement.seal, statement.ticket))
    forged = replace(genuine, receipt=operator._receipt(shadow, leaf), anchor=None)
    told = {"ledger": stage.ledger, "trust": stage.office.trust, "evidence": forged}
    report = verify_document(DOCUMENT, signature=genuine.cms, **told)
    stage.holds(report.finding is Finding.AUTHENTIC, why=f"genuine, and {report.finding.value}")
    stage.finds(Finding.RECORD_MISMATCH, forged)


@defended(
    gone(
        "the one form of a signature value", (history_checks, "normalised", lambda value, _: value)
    )
)
def test_the_other_ecdsa_value_is_no_mismatch(stage):
    stage.stands(with_cms(stage.operator.use(stage.own), other_s))


@defended(
    check(CheckName.DOCUMENT, CheckName.STATEMENT, statement=lambda stage: stage.kept["said"])
)
def test_a_seal_moved_to_another_document(stage):
    genuine = stage.operator.use(stage.own)
    stage.kept["said"] = genuine.statement
    report = stage.verdict(genuine, digest=bytes(32))
    stage.holds(report.finding is not Finding.AUTHENTIC, why="green for another document")
    assert report.finding is Finding.TRANSPLANTED


@defended(check(CheckName.SIGNATURE))
def test_a_signature_that_was_touched(stage):
    genuine = stage.operator.use(stage.own)
    spoilt = with_cms(genuine, lambda value: value[:-1] + bytes((value[-1] ^ 1,)))
    report = stage.verdict(spoilt)
    stage.holds(
        report.check(CheckName.SIGNATURE).status is CheckStatus.INVALID, why="it is believed"
    )
    assert report.finding is Finding.SIGNATURE_INVALID


@defended(check(CheckName.INCLUSION, inclusion=lambda _: bytes(32)))
def test_a_receipt_that_was_spoilt_accuses_nobody(stage):
    """Receipts are no signed part: amber, and whoever has the record heals it."""
    genuine = stage.operator.use(stage.own)
    receipt = Receipt.parse(genuine.receipt)
    cut = replace(genuine, receipt=replace(receipt, proof=receipt.proof[:-1]).encode())
    report = stage.finds(Finding.RECORD_MISSING, cut)
    assert report.indication is Indication.INDETERMINATE


@pytest.mark.parametrize("what", ["after it was recorded", "before the block it names"])
@defended(
    check(
        *(CheckName.TIME, CheckName.CHAIN, CheckName.SUBJECT),
        time=lambda stage: stage.ledger.final_block(),
        chain=lambda stage: stage.operator.context.instance.root_certificate,
        subject=lambda stage: Vouched(SubjectProof.parse(stage.own.proof), False, True),
    )
)
def test_a_backdated_use(stage, what):
    """The ledger bounds the time on both sides; no name is vouched for before its proof."""
    now = stage.operator.statement(stage.own).sealed_at
    ahead = what == "after it was recorded"
    claimed = now + timedelta(hours=1) if ahead else now - timedelta(hours=1)
    stage.finds(Finding.BACKDATED, stage.operator.use(stage.own, sealed_at=claimed))


@defended(gone("the word on what was not asked", (on_ledger, "_torn", lambda *_: [])))
def test_unique_is_skipped_and_said_without_somebody_to_ask(stage):
    """Whether a ticket was torn once only, an evidence file cannot know."""
    report = stage.stands(stage.operator.use(stage.own))
    asked = report.check(CheckName.UNIQUE)
    stage.holds(asked.status is CheckStatus.SKIPPED, why="it claims what nobody has looked at")
    assert "Nobody who holds the log was asked" in asked.detail


def declared(stage, word):
    (sealed,) = stage.office.seal("contract")
    stage.service.declarations.declare(
        stage.seal.id, sealed.use.id, word, reason="a reason", actor=acting()
    )
    stage.office.anchor()
    return stage.service.records.evidence(sealed.use.id), sealed.use


@pytest.mark.parametrize("word", [Word.VOID, Word.DISPUTED])
@defended(check(CheckName.DECLARATIONS))
def test_a_use_that_its_owner_declared_void_is_genuine_and_amber(stage, word):
    evidence, _ = declared(stage, word)
    history = LocalHistory(stage.service.context)
    finding = Finding.DECLARED_VOID if word is Word.VOID else Finding.DISPUTED
    report = stage.finds(finding, evidence, digest=sha256(b"contract").digest(), history=history)
    assert report.indication is Indication.INDETERMINATE
    assert "a reason" in report.check(CheckName.DECLARATIONS).detail


@defended(
    gone("the seal's signature under a declaration", (history_checks.algorithms, "verify", nothing))
)
def test_a_declaration_of_somebody_elses_says_nothing(stage):
    """Whoever keeps the records could write any; only the seal's own key declares."""
    evidence, use = declared(stage, Word.VOID)
    (real,) = stage.service.declarations.about_use(use.id)

    class Records:
        def torn(self, _log_id, _tag):
            return []

        def declared(self, _log_id, _handle, _use_id):
            return [Declared(real.log_index, real.content, bytes(70))]

    stage.stands(evidence, digest=sha256(b"contract").digest(), history=Records())
    assert real.kind is Kind.DECLARATION


@defended(gone("the note on a seal that ended", (time_checks, "ended_later", nothing)))
def test_a_seal_that_ended_later_stays_green_with_a_note(stage):
    use = stage.operator.use(stage.own)
    stage.operator.ledger.revoke(stage.seal.handle, Reason.KEY_COMPROMISE)
    report = stage.stands(use)
    codes = {note.code.value for note in report.seals[0].facts.notes}
    stage.holds("seal_ended_later" in codes, why="nothing is said of its end")


@defended(gone("the trust that the user named", (Trust, "check_ledger", nothing)))
def test_contracts_of_the_forgers_own(stage):
    """A ledger that says what he likes is not the one that the verifier's own file names."""
    foreign = replace(stage.office.trust, chain_id=stage.ledger.chain_id + 1)
    use = stage.operator.use(stage.own)
    report = stage.verdict(use, trust=foreign)
    stage.holds(report.finding is not Finding.AUTHENTIC, why="green by a ledger of the forger's")
    assert report.finding is Finding.LEDGER_UNREACHABLE


@pytest.fixture
def told(stage):
    """What the company's watch file says."""
    return orjson.loads(stage.office.file.encode())


def those(_values, fields, _name, required, optional=frozenset()):
    """The members that are expected, whatever others there are."""
    return {name: fields[name] for name in fields if name in required | optional}


class Whatever:
    """Equal to everything."""

    __hash__ = None
    __eq__ = lambda *_: True  # noqa: E731
    __ne__ = lambda *_: False  # noqa: E731


@defended(
    gone(
        "the strictness of its form",
        (JsonValues, "members", those),
        (WatchFile, "encode", lambda _: Whatever()),
    )
)
def test_a_watch_file_that_names_a_ledger(stage, told):
    """Whoever wrote it could lead the owner to contracts where all is well: it is not read."""
    assert not {"chain_id", "seal_registry", "usage_ledger", "logs", "block"} & set(told)
    with stage.refused(InvalidFormatError):
        WatchFile.parse(orjson.dumps(told | {"seal_registry": stage.ledger.seal_registry}))
