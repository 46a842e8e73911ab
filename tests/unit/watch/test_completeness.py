"""What a regulator finds with the tickets of a period: the public log, the ledger, and no word."""

import shutil
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from eseal.config import Settings
from eseal.errors import InvalidProofError, LedgerUnreachableError
from eseal.ledger.facts import Head
from eseal.model.book import Book, new_book_key
from eseal.model.records import Span, Word
from eseal.service.service import Service
from eseal.store.binding.bound_rows import rows_of
from eseal.store.schema.tables import books
from eseal.verify.inputs.trust import Trust
from eseal.watch.alarms import UNDECIDED
from eseal.watch.history.period import PeriodVolume
from tests.actors import acting
from tests.unit.watch.conftest import office_in


class Asking:
    """A ledger some of whose answers are others."""

    def __init__(self, ledger, **answers):
        self._ledger = ledger
        self.__dict__.update(answers)

    def __getattr__(self, name):
        return getattr(self._ledger, name)


def alarms(done):
    return [one.kind.value for one in done.findings]


def signed_again(office, period, **changes):
    return replace(period, **changes).signed(office.service.context.sign_head)


@pytest.fixture(scope="module")
def opened(small, tmp_path_factory, portal):
    """An office for tests that change nothing of it, and what it has handed over."""
    directory = tmp_path_factory.mktemp("handed")
    shutil.copytree(small, directory / "data")
    with Service.open(Settings.load(data_dir=directory / "data")) as service:
        office = office_in(directory, service, portal)
        office.service.upkeep.round()  # opens the two volumes ahead
        office.seal("one", "two")
        office.seal("another seal's", which=1)
        office.anchor()
        yield office, office.hand_over()


@pytest.fixture
def office(opened):
    yield opened[0]
    opened[0].portal.answer = None


@pytest.fixture
def handed(opened):
    return opened[1]


@pytest.fixture
def own(small, tmp_path, open_world, portal):
    """An office of the test's own, with two uses."""
    shutil.copytree(small, tmp_path / "data")
    made = office_in(tmp_path, open_world(tmp_path / "data").service, portal)
    made.service.upkeep.round()
    made.seal("one", "two")
    made.anchor()
    return made


def test_a_list_that_is_complete(office, handed):
    done = office.completeness(handed)
    assert (done.exit_code, done.found, len(done.opened), done.outside) == (0, 2, 2, 0), done
    assert [one.number for one in handed.volumes] == [0, 1, 2]
    shown = done.to_dict()
    assert shown["complete"] is True
    assert [one["log_index"] for one in shown["opened"]] == [0, 1]
    assert shown["read"] > 3


def test_nothing_was_sealed(own):
    """Not by the end of the period: the moment of its end is not of it."""
    done = own.completeness(own.hand_over(until=own.settled() - timedelta(seconds=1)))
    assert (done.exit_code, done.found, done.outside) == (0, 0, 2)


def test_what_was_left_out_is_named(office, handed):
    cut = signed_again(office, handed, openings=handed.openings[:1])
    done = office.completeness(cut)
    assert (done.exit_code, alarms(done)) == (1, ["hidden_use"])
    (found,) = done.findings
    ticket = office.service.context.books.book(office.seals[0].id).ticket(1)
    assert f"ticket 0/{ticket.position} of seal {office.seals[0].handle.hex()}" in found.message
    assert "leaf 1, on the ledger since 20" in found.message


def test_a_list_that_anybody_cut_accuses_nobody(office, handed):
    with pytest.raises(InvalidProofError, match="anybody's list"):
        office.completeness(replace(handed, openings=handed.openings[:1]))


def test_a_head_that_comes_while_it_is_looked(own):
    """The period is over only then: what that head covers is of it."""
    period, size = own.hand_over(), own.ledger.head(own.service.context.instance.log_id).size

    def final():
        own.seal("hidden")
        own.anchor()
        return own.ledger.final_block()

    done = own.completeness(period, ledger=Asking(own.ledger, final_block=final))
    assert done.head.size > size + 1


def test_a_list_by_a_log_key_that_was_followed(office, handed):
    """Whoever stole it before that could accuse the issuer."""
    registration = office.ledger.log(office.service.context.instance.log_id)
    followed = replace(registration, keys=(*registration.keys, (10_000, bytes(32))))
    ledger = Asking(office.ledger, log=lambda _: followed)
    with pytest.raises(InvalidProofError):
        office.completeness(handed, ledger=ledger)


def test_uses_of_before_and_after_are_found_and_not_asked_for(own):
    middle = own.settled()
    own.seal("three")
    own.anchor()
    end = own.settled()
    own.seal("four")
    own.anchor()
    period = own.hand_over(since=middle, until=end)
    assert [one.kind.name for one in period.openings] == ["USE"]
    done = own.completeness(period)
    assert (done.exit_code, done.found, done.outside) == (0, 1, 3), done


def test_a_declaration_tears_a_ticket_too(own):
    since = own.service.context.now() - timedelta(seconds=1)
    span = Span(since.replace(microsecond=0), None)
    own.service.declarations.declare(
        own.seals[0].id, span, Word.DISPUTED, reason="lost", actor=acting()
    )
    own.anchor()
    period = own.hand_over()
    assert len(period.openings) == 3
    assert own.completeness(period).exit_code == 0
    cut = signed_again(own, period, openings=period.openings[:2])
    assert alarms(own.completeness(cut)) == ["hidden_use"]


def test_shown_as_another_one(office, handed):
    one, two = handed.openings
    period = signed_again(office, handed, openings=(one, replace(one, index=two.index)))
    assert alarms(office.completeness(period)) == ["wrong_opening", "hidden_use"]


def test_other_tickets_in_the_place_of_a_volumes(office, handed):
    """The one that was torn is among those that are not handed over."""
    foreign = Book(new_book_key(), handed.depth)
    values = b"".join(foreign.value(0, at) for at in range(16))
    volumes = (PeriodVolume(0, values), *handed.volumes[1:])
    done = office.completeness(signed_again(office, handed, volumes=volumes, openings=()))
    assert alarms(done) == ["foreign_volume"]
    assert "volume 0" in done.findings[0].message


@pytest.mark.parametrize("kept", [slice(1, None), slice(0, 2)])
def test_a_volume_that_is_not_handed_over(office, handed, kept):
    """Nobody is accused, and nothing is complete."""
    period = signed_again(office, handed, volumes=handed.volumes[kept])
    done = office.completeness(period)
    assert done.exit_code == UNDECIDED
    assert "was not handed over" in done.undecided[0]


def test_a_node_that_says_there_are_volumes_without_end(office, handed):
    first = office.ledger.volume(handed.handle, 0)
    seal = replace(office.ledger.seal(handed.handle), volumes=2**32 - 1)
    lie = Asking(
        office.ledger,
        seal=lambda _: seal,
        volume=lambda handle, number: office.ledger.volume(handle, number) or first,
    )
    done = office.completeness(handed, ledger=lie)
    assert done.exit_code == UNDECIDED
    assert "18 and more was not handed over" in done.undecided[0]


def test_a_volume_that_is_not_open(office, handed):
    more = replace(handed.volumes[0], number=3)
    done = office.completeness(signed_again(office, handed, volumes=(*handed.volumes, more)))
    assert (done.exit_code, alarms(done)) == (UNDECIDED, [])
    assert "does not know volume 3" in done.undecided[0]


def test_the_last_volumes_alone(own):
    own.seal(*(f"use {n}" for n in range(16)))
    own.anchor()
    period = own.hand_over(first_volume=1)
    assert [one.number for one in period.volumes] == [1, 2]
    done = own.completeness(period)
    assert (done.exit_code, alarms(done), done.found) == (UNDECIDED, [], 2)
    assert "number 0 was not handed over" in done.undecided[0]
    assert "16 records of the list" in done.undecided[1]
    assert "their tickets were not handed over" in done.undecided[1]


def test_a_list_that_ends_too_early(office, handed):
    period = signed_again(office, handed, openings=handed.openings[:1], end=1)
    done = office.completeness(period)
    assert (done.exit_code, alarms(done)) == (UNDECIDED, [])
    assert "is torn in leaf 1" in done.undecided[0]


def test_a_list_of_more_than_there_is(office, handed):
    more = replace(handed.openings[0], index=handed.end)
    period = signed_again(office, handed, openings=(*handed.openings, more), end=handed.end + 1)
    done = office.completeness(period)
    assert (done.exit_code, alarms(done)) == (UNDECIDED, [])
    assert f"leaf {handed.end}" in done.undecided[0]


def test_another_depth_than_the_seals(office, handed):
    values = handed.volumes[0].values + handed.volumes[1].values
    period = signed_again(office, handed, depth=5, volumes=(PeriodVolume(0, values),))
    assert alarms(office.completeness(period)) == ["seal_differs"]


def test_a_seal_the_ledger_does_not_know(office, handed):
    done = office.completeness(signed_again(office, handed, certificate=b"another"))
    assert (done.exit_code, done.undecided) == (UNDECIDED, ("the ledger does not know this seal",))


def test_an_issuer_the_ledger_does_not_know(office, handed):
    done = office.completeness(replace(handed, issuer=b"x" * 32))
    assert done.exit_code == UNDECIDED
    assert "knows no log of the issuer" in done.undecided[0]


def test_torn_twice(own):
    """Whatever the list says of one of the leaves: both are on the ledger."""
    with own.service.context.database.write() as connection:
        condition = books.c.seal_id == own.seals[0].id
        rows_of(connection).update(books, condition, {"next": 0})
    own.seal("instead of one")
    own.anchor()
    done = own.completeness(own.hand_over())
    assert (alarms(done), done.found) == (["torn_twice"], 3), done
    assert "for different things" in done.findings[0].message


def spoil(office, answer):
    def held(request):
        if "tile/entries" not in str(request.url):
            return None
        return answer(request)

    office.portal.answer = held


def test_leaves_that_nobody_shows(office, handed):
    spoil(office, lambda _: httpx.Response(404))
    done = office.completeness(handed)
    assert (done.exit_code, done.head) == (UNDECIDED, None)
    assert "does not show the leaves" in done.undecided[0]


def test_other_leaves_than_the_ledgers(office, handed):
    def other(request):
        content = bytearray(office.portal.pass_on(request).content)
        content[60] ^= 1
        return httpx.Response(200, content=bytes(content))

    spoil(office, other)
    done = office.completeness(handed)
    assert (done.exit_code, alarms(done)) == (UNDECIDED, [])
    assert "ask a mirror" in done.undecided[0]


def test_another_ledger_than_the_trusted_one(office, handed):
    done = office.completeness(handed, trust=replace(office.trust, chain_id=7))
    assert done.exit_code == UNDECIDED
    assert "expected chain id 7" in done.undecided[0]
    assert office.completeness(handed, trust=Trust()).exit_code == 0


def test_a_ledger_that_does_not_answer(office, handed):
    def fail(*_):
        raise LedgerUnreachableError("nobody there")

    for name in ("log_of", "head", "anchors", "anchor_covering", "volume", "block", "changes"):
        done = office.completeness(handed, ledger=Asking(office.ledger, **{name: fail}))
        assert (done.exit_code, done.undecided) == (UNDECIDED, ("nobody there",)), name


def test_a_node_that_is_behind(office, handed):
    behind = replace(office.ledger.final_block(), timestamp=int(handed.until.timestamp()) - 1)
    done = office.completeness(handed, ledger=Asking(office.ledger, final_block=lambda: behind))
    assert done.exit_code == UNDECIDED
    assert "before the end of the period" in done.undecided[0]


def test_a_head_far_ahead_is_not_read(own):
    """It can be of no leaf of a period that was over before; of one that was not, who knows."""
    own.seal("one")
    own.anchor()
    period = own.hand_over()
    own.settled()
    last = own.ledger.anchors(own.service.context.instance.log_id)[-1]

    def lie(block):
        far = replace(last, head=Head(2**64 - 1, bytes(32)), block=block)
        return Asking(own.ledger, anchors=lambda name: [*own.ledger.anchors(name), far])

    after = replace(last.block, timestamp=int(period.until.timestamp()))
    done = own.completeness(period, ledger=lie(after))
    assert (done.exit_code, done.undecided, done.found) == (0, (), 3)
    assert last.head.size <= done.head.size < 100
    done = own.completeness(period, ledger=lie(replace(after, timestamp=after.timestamp - 1)))
    assert (done.exit_code, done.found) == (UNDECIDED, 3)
    assert "far beyond the one before" in done.undecided[0]


def test_heads_that_were_disowned(own):
    period = own.hand_over()
    own.anchor()
    own.administration().disown(own.service.context.instance.log_id, 2)
    done = own.completeness(period)
    assert (done.exit_code, alarms(done)) == (UNDECIDED, [])
    assert "were disowned" in done.undecided[0]
