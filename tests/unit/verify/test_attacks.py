"""The attacks that a verifier has to stop, each with the check that does, and without it.

They are those of docs/protocol and the trust table: whoever holds one key, one account or one
database too many. Each attack is real but for the one thing that its adversary cannot do; with the
check switched off it would pass, so that check is what stands in its way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eseal.authority.word import vrf
from eseal.ledger.facts import Head, Period, Status, StopFlags
from eseal.log.checkpoint import log_id
from eseal.model.book import Book, Ticket, new_book_key
from eseal.model.seal import Reason
from eseal.suites import KeyAlgorithm
from eseal.verify import CheckName, CheckStatus, Finding, Indication
from eseal.verify.verdict.conclusion import Examination
from eseal.verify.verdict.report import Check
from tests.unit.verify.asking import (
    ATTEST_KEY,
    VRF_SECRET,
    issuing_ca,
    proof_of,
    shown,
    trusting,
    verify_document,
)
from tests.unit.verify.memory_ledger import START, YEAR

CONTRACT = b"The parties agree to agree."
VICTIM, VICTIM_ID = "Acme Trading Ltd", "NTRCN-91330106MA2GLYQ19H"
RIVAL = hashlib.sha256(b"a rival issuer").digest()


@dataclass(frozen=True)
class Attack:
    """What an adversary shows, and what he cannot get past.

    Attributes:
        make: commits it in a world; returns what is given to the verifier beside the ledger.
        check: what stops it.
        finding: what that says.
        proved: what the check would have proved, were it switched off.
    """

    make: Callable
    check: CheckName
    finding: Finding
    proved: Callable = field(default_factory=lambda: something)
    indication: Indication | None = None


def thief_of_the_seal_key_has_no_ticket(world):
    """Somebody who can append to the log, but not tear from the book."""
    seal = world.new_seal()
    forger = replace(seal, book=Book(new_book_key(), seal.book.depth))
    return shown(world, world.use(forger))


def thief_of_the_seal_key_copies_a_ticket(world):
    """Of another position: what is signed beside it does not lead anywhere."""
    seal = world.new_seal()
    torn = world.use(seal).statement.ticket
    moved = Ticket(torn.volume, torn.position ^ 1, torn.value)
    return shown(world, world.use(seal, ticket=moved))


def thief_of_a_backup_tears_from_a_volume_that_is_not_open(world):
    seal = world.new_seal()
    ticket = seal.book.ticket(1 << seal.book.depth)
    assert ticket.volume == 1
    return shown(world, world.use(seal, ticket=ticket))


def thief_of_both_keys_backdates_into_a_later_volume(world):
    seal = world.new_seal()
    block = world.ledger.final_block()
    ticket = seal.book.ticket(1 << seal.book.depth)
    early = world.statement(seal, bytes(32)).not_before
    assert early.number == block.number
    world.ledger.open_volume(seal, 1)
    return shown(world, world.use(seal, ticket=ticket, not_before=early))


def operator_registers_a_certificate_of_his_own(world):
    """His account registers what he likes; the CA's key he does not have."""
    seal = world.new_seal(ca=issuing_ca("Another CA"))
    world.ledger.add_root(world.issuer, issuing_ca("Another CA").root.certificate)
    return shown(world, world.use(seal))


def operator_makes_a_twin_certificate(world):
    """With the CA's key, for a company of the victim's name; its proof is another company's."""
    proof = proof_of("NTRCN-91110108MA01KPGK0L", "Mallory Ltd")
    return shown(world, world.use(world.new_seal(VICTIM, proof=proof)))


def operator_names_the_victim_under_another_id(world):
    """The authority proves the id, and another name."""
    other = "NTRCN-91110108MA01KPGK0L"
    proof = proof_of(other, "Mallory Ltd")
    return shown(world, world.use(world.new_seal(VICTIM, identifier=other, proof=proof)))


def operator_attests_the_victim_himself(world):
    """The subject is right, the authority's signature is not: he has another key."""
    forged = proof_of(VICTIM_ID, VICTIM, key=Ed25519PrivateKey.from_private_bytes(bytes(32)))
    return shown(world, world.use(world.new_seal(proof=forged)))


def authority_that_nobody_trusts_makes_another_subject(world):
    secret = bytes(range(1, 33))
    world.ledger.appoint(vrf.public_key(secret), ATTEST_KEY.public_key().public_bytes_raw(), ())
    return shown(world, world.use(world.new_seal(proof=proof_of(VICTIM_ID, VICTIM, secret=secret))))


def operator_registers_under_a_key_that_was_ended(world):
    world.ledger.appoint(
        vrf.public_key(VRF_SECRET),
        ATTEST_KEY.public_key().public_bytes_raw(),
        ("NTRCN",),
        period=Period(START - YEAR, START - 1),
    )
    return shown(world, world.use(world.new_seal()))


def authority_of_another_register(world):
    """The register is another authority's now; the key is still trusted by the verifier."""
    world.ledger.schemes = dict.fromkeys(world.ledger.schemes, RIVAL)
    return shown(world, world.use(world.new_seal()))


def operator_puts_a_seal_on_another_company(world):
    """The proof is the victim's own; on the ledger the seal is another company's."""
    seal = world.new_seal(register=False)
    other = proof_of("NTRCN-91110108MA01KPGK0L", "Mallory Ltd")
    world.ledger.found(seal.proof)
    world.ledger.found(other)
    world.ledger.register_seals(world.issuer, [replace(seal.registration(), subject=other.subject)])
    return shown(world, world.use(seal))


def thief_of_a_book_signs_for_it_with_another_seal(world):
    """A name on the ledger is made of issuer and certificate: that of his seal is another."""
    victim, seal = world.new_seal(), world.new_seal()
    return shown(world, world.use(replace(seal, book=victim.book), seal=victim.handle))


def rival_issuer_uses_the_root_of_another(world):
    """A CA that the verifier trusts, but that is not that issuer's on the ledger."""
    ca = issuing_ca("Rival CA")
    trust = trusting(ca.root.certificate)
    return shown(world, world.use(world.new_seal(ca=ca))) | {"trust": trust}


def operator_goes_on_with_a_root_that_was_ended(world):
    seal = world.new_seal()
    ended = Period(START - YEAR, world.ledger.final_block().timestamp + 1)
    use = world.use(seal)
    world.ledger.add_root(world.issuer, world.authority.root.certificate, ended)
    return shown(world, use)


def operator_keeps_a_second_log(world):
    """The same head, under another name: the ledger knows one log for each issuer."""
    seal = world.new_seal()
    world.ledger.mine()
    shadow = replace(world, origin="log.example/shadow")
    use = shadow.use(seal)
    world.size = shadow.size
    return shown(world, use)


def thief_of_a_log_key_that_was_succeeded(world):
    """The key is not in force beyond the size at which it was followed."""
    seal = world.new_seal()
    use = world.use(seal)
    new = world.keys.public_key(world.keys.generate(KeyAlgorithm.ED25519))[-32:]
    log = world.ledger.logs[world.name]
    world.ledger.logs[world.name] = replace(log, keys=(*log.keys, (world.size - 1, new)))
    return shown(world, use)


def counterparty_shows_the_receipt_of_another_use(world):
    seal = world.new_seal()
    recorded = world.use(seal, b"another document")
    return shown(world, world.use(seal, record=False).with_receipt(recorded.receipt))


def operator_advances_to_another_head(world):
    use = world.use(world.new_seal())
    world.ledger.force(world.name, Head(world.size, hashlib.sha256(b"garbage").digest()))
    return {"signature": use.p7s}


def administrator_disowns_the_head(world):
    use = world.use(world.new_seal())
    world.anchor()
    world.ledger.disown(world.name, 3)
    return {"signature": use.p7s}


def operator_backdates(world):
    seal = world.new_seal()
    early = world.statement(seal, bytes(32)).sealed_at - timedelta(minutes=30)
    return shown(world, world.use(seal, sealed_at=early))


def operator_uses_a_seal_its_owner_has_stopped(world):
    return stopped(world, StopFlags.OWNER)


def operator_uses_a_seal_a_regulator_has_stopped(world):
    return stopped(world, StopFlags.REGULATOR)


def stopped(world, by):
    seal = world.new_seal()
    world.ledger.change(seal.handle, Status.SUSPENDED, Reason.BY_ORDER, by)
    return shown(world, world.use(seal))


def issuer_goes_on_after_its_retirement(world):
    seal = world.new_seal()
    world.ledger.retire()
    return shown(world, world.use(seal))


def nothing(_):
    return None


def something(_):
    return True


def another_root(_):
    return issuing_ca("Another CA").root.certificate


def block_of(world):
    """The one that the statement names: the next one anchors."""
    return world.ledger.blocks[-2]


def only_log(world):
    return world.ledger.logs[log_id(world.issuer, world.origin)]


def newest_anchor(world):
    known = [*world.ledger.heads[world.name], *world.ledger.disowned.get(world.name, [])]
    return known[-1]


def first_registration(world):
    return next(iter(world.ledger.seals.values()))


def leaf(world):
    return world.tiles.tile(0, 0, world.size)[-32:]


NAMELESS = (CheckName.SUBJECT, Finding.NAME_UNPROVEN, nothing)
UNKNOWN = (CheckName.BOOK, Finding.TICKET_UNKNOWN)
ATTACKS = [
    Attack(thief_of_the_seal_key_has_no_ticket, *UNKNOWN),
    Attack(thief_of_the_seal_key_copies_a_ticket, *UNKNOWN),
    Attack(
        thief_of_a_backup_tears_from_a_volume_that_is_not_open,
        *UNKNOWN,
        indication=Indication.INDETERMINATE,
    ),
    Attack(thief_of_both_keys_backdates_into_a_later_volume, *UNKNOWN),
    Attack(
        operator_registers_a_certificate_of_his_own,
        CheckName.CHAIN,
        Finding.UNTRUSTED_ISSUER,
        another_root,
    ),
    Attack(operator_makes_a_twin_certificate, *NAMELESS),
    Attack(operator_names_the_victim_under_another_id, *NAMELESS),
    Attack(operator_attests_the_victim_himself, *NAMELESS),
    Attack(authority_that_nobody_trusts_makes_another_subject, *NAMELESS),
    Attack(operator_registers_under_a_key_that_was_ended, *NAMELESS),
    Attack(authority_of_another_register, *NAMELESS),
    Attack(operator_puts_a_seal_on_another_company, *NAMELESS),
    Attack(
        thief_of_a_book_signs_for_it_with_another_seal,
        CheckName.REGISTRATION,
        Finding.TRANSPLANTED,
        first_registration,
    ),
    Attack(rival_issuer_uses_the_root_of_another, CheckName.ROOT, Finding.UNTRUSTED_ISSUER),
    Attack(operator_goes_on_with_a_root_that_was_ended, CheckName.ROOT, Finding.UNTRUSTED_ISSUER),
    Attack(operator_keeps_a_second_log, CheckName.LOG, Finding.RECORD_MISSING, only_log),
    Attack(thief_of_a_log_key_that_was_succeeded, CheckName.CHECKPOINT, Finding.RECORD_MISSING),
    Attack(
        counterparty_shows_the_receipt_of_another_use,
        CheckName.INCLUSION,
        Finding.RECORD_MISSING,
        leaf,
    ),
    Attack(
        operator_advances_to_another_head,
        CheckName.ANCHOR,
        Finding.RECORD_MISMATCH,
        newest_anchor,
    ),
    Attack(administrator_disowns_the_head, CheckName.ANCHOR, Finding.HEAD_DISOWNED, newest_anchor),
    Attack(operator_backdates, CheckName.TIME, Finding.BACKDATED, block_of),
    Attack(operator_uses_a_seal_its_owner_has_stopped, CheckName.STATUS, Finding.SEAL_NOT_ACTIVE),
    Attack(operator_uses_a_seal_a_regulator_has_stopped, CheckName.STATUS, Finding.SEAL_NOT_ACTIVE),
    Attack(issuer_goes_on_after_its_retirement, CheckName.STATUS, Finding.SEAL_NOT_ACTIVE),
]
EVERY_ATTACK = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.make.__name__)


@EVERY_ATTACK
def test_an_attack_is_stopped(world, attack):
    report = verify_document(CONTRACT, ledger=world.ledger, **attack.make(world))
    assert report.finding is attack.finding, [
        (each.name.value, each.detail)
        for each in report.checks
        if each.status not in {CheckStatus.VALID, CheckStatus.SKIPPED}
    ]
    assert report.check(attack.check).status is CheckStatus.INVALID
    if attack.indication is not None:
        assert report.indication is attack.indication


@EVERY_ATTACK
def test_without_its_check_it_would_pass(world, attack, monkeypatch):
    """So no other check does its work, and a change that loses it is seen here."""
    given = attack.make(world)
    run = Examination.run

    def blind(exam, name, step):
        if name is not attack.check:
            return run(exam, name, step)
        exam._checks.append(Check(name, CheckStatus.VALID, "Switched off."))
        return attack.proved(world)

    monkeypatch.setattr(Examination, "run", blind)
    report = verify_document(CONTRACT, ledger=world.ledger, **given)
    assert report.finding is Finding.AUTHENTIC, [
        (each.name.value, each.detail)
        for each in report.checks
        if each.status not in {CheckStatus.VALID, CheckStatus.SKIPPED}
    ]


@pytest.mark.parametrize(
    ("by", "who"),
    [
        (StopFlags.OWNER, "its company (by a stop code)"),
        (StopFlags.ISSUER, "the operator"),
        (StopFlags.OWNER | StopFlags.REGULATOR, "and a regulator"),
    ],
)
def test_who_stopped_a_seal_is_said(world, by, who):
    report = verify_document(CONTRACT, ledger=world.ledger, **stopped(world, by))
    assert who in report.check(CheckName.STATUS).detail
