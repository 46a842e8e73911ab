"""A ticket torn twice, and the owner's word: what only who holds the log's records can say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from eseal.errors import LedgerUnreachableError
from eseal.model.book import tag
from eseal.model.commitment import Kind
from eseal.model.ids import new_id
from eseal.model.records import Declaration, Span, Word, signed_message
from eseal.model.statement import new_nonce
from eseal.verify import CheckName, CheckStatus, Declared, Finding, Indication, Torn
from eseal.verify.checks.history_checks import commitment_of
from eseal.verify.locating.signatures import read_signature
from eseal.words import Language, speak
from tests.unit.verify.asking import verify_document

CONTRACT = b"The parties agree to agree."


class History:
    """``HistorySource`` over lists, of one log."""

    def __init__(self, world, torn=(), declared=()):
        self.log_id = world.name
        self.found = list(torn)
        self.said = list(declared)
        self.asked = []

    def torn(self, log_id, shown):
        self.asked.append(shown)
        return self.found if log_id == self.log_id else None

    def declared(self, log_id, handle, use_id):
        self.asked.append((handle, use_id))
        return self.said if log_id == self.log_id else None


@pytest.fixture
def use(world, seal):
    made = world.use(seal)
    world.anchor()
    return made


def leaf_of(use, *, opened=True):
    commitment = commitment_of(read_signature(use.p7s))
    return Torn(use.index, commitment, (lambda: use.p7s) if opened else None)


def checked(world, use, **history):
    found = History(world, **history)
    report = verify_document(CONTRACT, signature=use.p7s, ledger=world.ledger, history=found)
    assert tag(use.seal.handle, use.statement.ticket) in found.asked
    return report


def test_one_leaf_of_a_tag_is_unique_and_a_copy_of_it_no_fork(world, use):
    copy = replace(leaf_of(use), log_index=99)
    report = checked(world, use, torn=[leaf_of(use), copy])
    assert report.finding is Finding.AUTHENTIC
    assert report.check(CheckName.UNIQUE).status is CheckStatus.VALID
    assert report.check(CheckName.DECLARATIONS).status is CheckStatus.VALID


def test_a_ticket_torn_twice_accuses_once_both_uses_are_open(world, seal, use):
    """A dishonest operator, or a restored database, tears a ticket again."""
    again = world.use(seal, b"another document", ticket=use.statement.ticket)
    report = checked(world, use, torn=[leaf_of(use), leaf_of(again)])
    assert (report.finding, report.indication) == (
        Finding.HISTORY_FORKED,
        Indication.TOTAL_FAILED,
    )
    assert report.alarm
    assert f"leaf {again.index}" in report.check(CheckName.UNIQUE).detail


def test_until_then_it_is_open(world, seal, use):
    again = world.use(seal, b"another document", ticket=use.statement.ticket)
    forged = replace(again, signature=seal.keys.sign(seal.key_id, b"something else"))
    stranger = world.use(world.new_seal(), b"of another seal")
    for other in (
        leaf_of(again, opened=False),
        replace(leaf_of(again), open=lambda: b"garbage"),
        replace(leaf_of(again), open=lambda: forged.p7s),
        replace(leaf_of(again), commitment=bytes(32)),
        leaf_of(stranger),
    ):
        report = checked(world, use, torn=[other])
        assert (report.finding, report.indication) == (
            Finding.HISTORY_FORKED,
            Indication.INDETERMINATE,
        )
        assert report.check(CheckName.UNIQUE).status is CheckStatus.INVALID
        assert report.message == speak(Language.EN)("findings.history_forked_perhaps.sentence")


def test_nobody_signs_for_another_certificate_s_handle(world, seal, use):
    """A thief of nothing makes a use under the victim's handle, with a key of his own."""
    thief = world.new_seal("Mallory Ltd", register=False)
    statement = world.statement(thief, use.statement.digest)
    statement = statement._replace(seal=seal.handle, ticket=use.statement.ticket)
    signed, signature = thief.sign(statement.encode(), statement.digest)
    forged = replace(use, seal=thief, signed=signed, signature=signature)
    report = checked(world, use, torn=[leaf_of(forged)])
    assert report.indication is Indication.INDETERMINATE


def declaration(use, word, about=None, **changes):
    seal = use.seal
    made = Declaration(
        id=new_id(),
        seal=seal.handle,
        ticket=seal.book.ticket(next(seal.numbers)),
        about=about or use.statement.id,
        word=word,
        not_before=use.statement.not_before,
        declared_at=use.statement.sealed_at + timedelta(hours=1),
        nonce=new_nonce(),
        reason="signed by mistake",
    )
    content = replace(made, **changes).encode()
    message = signed_message(Kind.DECLARATION, content)
    return Declared(7, content, seal.keys.sign(seal.key_id, message))


def spoken_by(other, use, **changes):
    """What another seal says about a use, with its certificate."""
    made = declaration(replace(use, seal=other), Word.VOID, about=use.statement.id, **changes)
    return replace(made, certificate=other.certificate)


def test_another_seal_of_its_company_speaks_for_one_that_has_ended(world, use):
    following = world.new_seal()
    report = checked(world, use, declared=[spoken_by(following, use)])
    assert report.finding is Finding.DECLARED_VOID
    span = Span(use.statement.sealed_at, seal=use.seal.handle)
    made = declaration(replace(use, seal=following), Word.DISPUTED, about=span)
    report = checked(world, use, declared=[replace(made, certificate=following.certificate)])
    assert report.finding is Finding.DISPUTED


def test_nobody_else_s_seal_speaks_for_it(world, use):
    stranger = world.new_seal("Mallory Ltd", identifier="NTRCN-91110108MA01KPGK0L")
    following = world.new_seal()
    unregistered = world.new_seal(register=False)
    good = spoken_by(following, use)
    ours = declaration(replace(use, seal=following), Word.DISPUTED, about=Span(at(use)))
    for said in (
        spoken_by(stranger, use),
        spoken_by(unregistered, use),
        replace(good, certificate=None),
        replace(good, certificate=b"no certificate"),
        replace(good, certificate=stranger.certificate),
        replace(good, signature=spoken_by(stranger, use).signature),
        replace(ours, certificate=following.certificate),  # of its own uses in that time
    ):
        report = checked(world, use, declared=[said])
        assert report.finding is Finding.AUTHENTIC, said


def at(use):
    return use.statement.sealed_at


@pytest.mark.parametrize(
    ("word", "finding"),
    [
        (Word.VOID, Finding.DECLARED_VOID),
        (Word.RESCINDED, Finding.DECLARED_VOID),
        (Word.DISPUTED, Finding.DISPUTED),
    ],
)
def test_a_declared_use_is_genuine_and_amber(world, use, word, finding):
    report = checked(world, use, declared=[declaration(use, word)])
    assert (report.finding, report.indication) == (finding, Indication.INDETERMINATE)
    (said,) = report.seals[0].facts.objections
    assert (said.word, said.reason) == (word, "signed by mistake")
    told = report.seals[0].to_dict()["objections"]
    assert told == [
        {"word": word.value, "declared_at": told[0]["declared_at"], "reason": said.reason}
    ]
    assert "signed by mistake" in report.check(CheckName.DECLARATIONS).detail
    others = [each for each in report.checks if each.name is not CheckName.DECLARATIONS]
    assert all(each.status is CheckStatus.VALID for each in others)


def test_a_span_speaks_of_the_uses_in_it(world, use):
    at = use.statement.sealed_at
    hour = timedelta(hours=1)
    for span, speaks in (
        (Span(at - hour), True),
        (Span(at - hour, at + hour), True),
        (Span(at + hour), False),
        (Span(at - hour - hour, at - hour), False),
    ):
        report = checked(world, use, declared=[declaration(use, Word.DISPUTED, about=span)])
        assert report.finding is (Finding.DISPUTED if speaks else Finding.AUTHENTIC)


def test_what_the_seal_did_not_sign_says_nothing(world, seal, use):
    """Whoever is asked cannot make up a word of the owner's."""
    good = declaration(use, Word.VOID)
    elsewhere = declaration(world.use(seal, b"another"), Word.VOID)
    other = world.use(world.new_seal())
    for said in (
        replace(good, signature=b"forged"),
        replace(good, content=b"{}"),
        declaration(use, Word.VOID, seal=bytes(32)),
        elsewhere,
        replace(declaration(other, Word.VOID, about=use.statement.id, seal=seal.handle)),
    ):
        report = checked(world, use, declared=[said])
        assert report.finding is Finding.AUTHENTIC
        assert report.seals[0].facts.objections == ()


def test_a_source_that_does_not_hold_the_log_says_nothing(world, use):
    elsewhere = History(world)
    elsewhere.log_id = bytes(32)
    for history in (None, elsewhere):
        report = verify_document(CONTRACT, signature=use.p7s, ledger=world.ledger, history=history)
        assert report.finding is Finding.AUTHENTIC
        for name in (CheckName.UNIQUE, CheckName.DECLARATIONS):
            assert report.check(name).status is CheckStatus.SKIPPED
    assert "has declared since 2027-" in report.check(CheckName.DECLARATIONS).detail


def test_a_source_that_does_not_answer_is_asked_again_later(world, use):
    class Silent(History):
        def torn(self, *_):
            raise LedgerUnreachableError("The service does not answer.")

    report = verify_document(
        CONTRACT, signature=use.p7s, ledger=world.ledger, history=Silent(world)
    )
    assert report.finding is Finding.LEDGER_UNREACHABLE
    assert report.indication is Indication.INDETERMINATE
