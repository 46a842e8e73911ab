"""What a dishonest operator, a thief or a rival does, on a running instance, and who sees it."""

import hashlib
from dataclasses import replace
from itertools import islice

import httpx
import pytest
from eth_account import Account

from eseal.ledger.facts import NewSeal, NewVolume
from eseal.ledger.sending.web3_ledger import Web3Ledger
from eseal.ledger.setup.contract_setup import ContractSetup
from eseal.ledger.wire.finality import Finality
from eseal.model.book import Book, VolumeTree, new_book_key
from eseal.model.records import Word
from eseal.model.seal import Reason, handle_of
from eseal.monitor.client import LogClient
from eseal.service.instance.ledger import account_of
from eseal.service.seals.lifecycle import Party
from eseal.watch.history.openings import History, HistoryUnreachableError
from eseal.watch.log.leaves import Hit
from eseal.watch.log.state import WatchState
from eseal.watch.rounds import volumes
from tests.actors import acting

from .conftest import Portal, alarms, delete_use, kinds

WEALTH = 10**18


def test_all_is_well_and_every_use_is_found_and_opened(office):
    office.seal("one", "two")
    office.seal("three", which=1)
    office.service.declarations.declare(
        office.seals[0].id,
        office.service.records.history(seal_id=office.seals[0].id)[0].use.id,
        Word.VOID,
        actor=acting(),
    )
    office.anchor()
    done = office.watch()
    assert (alarms(done), done.undecided) == ([], ())
    assert (done.exit_code, done.found, done.opened) == (0, 4, 4)
    assert [(log.read, log.anchored) for log in done.logs] == [(4, 4)]
    office.seal("four")
    assert office.watch().found == 4, "not on the ledger yet"
    office.anchor()
    done = office.watch()
    assert (done.exit_code, done.found, done.opened) == (0, 5, 5)


def test_another_company_s_uses_are_not_ours(office):
    other = office.service.directory.company("uscc:91330100799655058B")
    (seal, *_) = office.service.directory.seals(company_id=other.id)
    office.seals.append(seal)
    office.seal("theirs", which=2)
    office.seal("ours")
    office.anchor()
    done = office.watch()
    assert (done.exit_code, done.found) == (0, 1)


def test_hidden_use(office):
    """Leaf kept, row deleted: history and register look complete."""
    office.seal("known", "hidden", "known too")
    office.anchor()
    delete_use(office, 1)
    done = office.watch()
    assert alarms(done) == ["hidden_use"]
    assert "leaf 1 " in done.findings[0].message
    assert office.watch().exit_code == 1, "it stands until somebody looks"
    assert office.watch().new == (), "and is told once"
    office.accepted = frozenset({done.findings[0].name, "hidden_use:misspelt"})
    accepted = office.watch()
    assert (accepted.exit_code, accepted.unmatched) == (0, ("hidden_use:misspelt",))


def test_a_state_that_was_put_back_goes_on_from_there(office):
    """An old copy of what is remembered: what was found since is found again."""
    office.seal("one")
    office.anchor()
    office.watch()
    old = (office.directory / "watch.db").read_bytes()
    office.seal("two", "hidden")
    office.anchor()
    delete_use(office, 2)
    assert alarms(office.watch()) == ["hidden_use"]
    (office.directory / "watch.db").write_bytes(old)
    done = office.watch()
    assert (alarms(done), done.found, done.opened) == (["hidden_use"], 3, 2)


def test_hidden_use_shown_as_another(office):
    """The history shows the statement of another use in its place."""
    office.seal("known", "hidden")
    office.anchor()
    delete_use(office, 1)

    def lie(request):
        if "/openings" not in str(request.url):
            return None
        page = office.portal.pass_on(request).json()
        (known,) = page["openings"]
        return httpx.Response(200, json=page | {"openings": [known, known | {"log_index": 1}]})

    office.portal.answer = lie
    assert sorted(alarms(office.watch())) == ["hidden_use", "wrong_opening"]


def test_a_use_nobody_recognises(office):
    office.seal("known", "unknown")
    office.anchor()
    office.digests = frozenset({hashlib.sha256(b"known").digest()})
    done = office.watch()
    assert alarms(done) == ["unrecognised_use"]
    office.digests |= {hashlib.sha256(b"unknown").digest()}
    assert office.watch().exit_code == 0


def test_without_a_history_it_says_what_it_found_and_that_nobody_opens_it(office):
    office.with_history = False
    office.seal("one", "two")
    office.anchor()
    done = office.watch()
    assert (done.exit_code, alarms(done), done.found, done.opened) == (3, [], 2, 0)
    assert "2 leaves" in done.undecided[0]


def test_a_history_that_is_down_accuses_nobody(office):
    office.seal("one")
    office.anchor()
    office.portal.answer = lambda request: (
        httpx.Response(503) if "/openings" in str(request.url) else None
    )
    done = office.watch()
    assert (done.exit_code, alarms(done)) == (3, [])
    office.portal.answer = None
    assert (office.watch().exit_code, office.watch().opened) == (0, 1)


def test_a_history_that_opens_one_leaf_a_round_and_fails_is_told_of(office, monkeypatch):
    """It gets on in every round, so the leaf that it hides at the end would wait for ever."""

    def one_and_no_more(history, *asked, whole=History.openings):
        yield from islice(whole(history, *asked), 1)
        raise HistoryUnreachableError("failed")

    monkeypatch.setattr(History, "openings", one_and_no_more)
    office.seal("one", "two", "three", "four")
    office.anchor()
    assert alarms(office.watch()) == []
    office.time += 3000
    assert alarms(office.watch()) == []
    office.time += 3000
    done = office.watch()
    assert (alarms(done), done.opened) == (["leaves_left"], 3)
    office.time += 3000
    assert alarms(office.watch()) == [], "all are opened"


def test_a_seal_of_long_use_whose_disowned_leaves_are_withheld(office, monkeypatch):
    """A new watch finds none of its leaves: that accuses the log, and no volume."""
    monkeypatch.setattr(volumes, "TICKETS_AHEAD", 0)
    monkeypatch.setattr(volumes, "VOLUMES_AHEAD", 2)
    office.service.upkeep.round()
    office.seal(*(f"use {number}" for number in range(16)))
    office.anchor()
    office.administration().disown(office.service.context.instance.log_id, 0)
    hold = lambda request: httpx.Response(404) if "tile/" in str(request.url) else None  # noqa: E731
    office.portal.answer = hold
    done = office.watch()
    assert "leaves_withheld" in alarms(done)
    assert "volumes_ahead" not in alarms(done)


@pytest.mark.parametrize("lie", [b"", b"[]", b'{"openings": 1}', b"\xff", b'{"openings":[{}]}'])
def test_a_history_that_answers_with_something_else(office, lie):
    office.seal("one")
    office.anchor()
    office.portal.answer = lambda request: (
        httpx.Response(200, content=lie) if "/openings" in str(request.url) else None
    )
    done = office.watch()
    assert (done.exit_code, alarms(done)) == (3, [])


def test_planted_ticket_in_a_foreign_volume(office):
    """The operator opens a volume of tickets that the company's key does not make."""
    office.watch()
    handle = office.seals[0].handle
    foreign = VolumeTree(Book(new_book_key(), 4), 1).root
    office.operator().open_volumes([NewVolume(handle, 1, foreign)])
    done = office.watch()
    assert kinds(done) == ["foreign_volume"]
    assert f"volume 1 of seal {handle.hex()}" in done.findings[0].message
    assert alarms(office.watch()) == ["foreign_volume"]


def test_a_volume_of_one_s_own_is_told_and_no_alarm(office):
    office.watch()
    office.service.upkeep.round()
    done = office.watch()
    assert (done.exit_code, set(kinds(done)), len(done.findings)) == (0, {"volume_opened"}, 4)
    assert office.watch().findings == ()


def test_unknown_seal_under_the_company_s_name(office):
    """A twin certificate, registered by the company's own issuer."""
    office.watch()
    subject = office.company.subject
    twin = NewSeal(b"t" * 32, subject, 0, 2**40, 4, b"r" * 32, None)
    office.operator().register_seals(office.service.context.issuer_id, [twin])
    done = office.watch()
    assert alarms(done) == ["unknown_seal"]
    assert "its issuer" in done.findings[0].message
    handle = handle_of(office.service.context.issuer_id, twin.certificate)
    assert done.findings[0].key == handle.hex()


def test_another_issuer_s_seal_under_the_company_s_name(office):
    office.watch()
    rival, issuer = Account.create(), b"j" * 32
    w3, deployment = office.w3(), office.deployment()
    context = office.service.context
    fund(office, rival.address)
    office.administration().admit_issuer(issuer, rival.address)
    seal = NewSeal(b"u" * 32, office.company.subject, 0, 2**40, 4, b"r" * 32, None)
    Web3Ledger(w3, deployment, Finality(), rival).register_seals(issuer, [seal])
    ContractSetup(w3, Finality()).open_log(deployment, rival, issuer, "rival.example", bytes(32))
    done = office.watch()
    assert alarms(done) == ["unknown_seal"]
    assert "another issuer, " + issuer.hex() in done.findings[0].message
    assert context.issuer_id != issuer


def fund(office, address):
    """Ether for an account, from the administrator's."""
    context, w3 = office.service.context, office.w3()
    admin = account_of(context.keys, context.instance.admin_key_id)
    transfer = {
        "to": address,
        "value": WEALTH,
        "gas": 21_000,
        "maxFeePerGas": 2 * w3.eth.gas_price,
        "maxPriorityFeePerGas": w3.eth.max_priority_fee,
        "nonce": w3.eth.get_transaction_count(admin.address),
        "chainId": context.ledger.chain_id,
    }
    signed = admin.sign_transaction(transfer)
    w3.eth.wait_for_transaction_receipt(w3.eth.send_raw_transaction(signed.raw_transaction))


def test_a_stop_and_its_end_are_told(office):
    office.watch()
    lifecycle, seal = office.service.lifecycle, office.seals[0]
    lifecycle.suspend(seal.id, reason=Reason.BY_ORDER, actor=acting("r", Party.REGULATOR))
    done = office.watch()
    assert alarms(done) == ["status_changed"]
    assert "suspended" in done.findings[0].message
    assert "stopped by regulator" in done.findings[0].message
    assert office.watch().exit_code == 0, "told once"
    lifecycle.resume(seal.id, actor=acting("r", Party.REGULATOR))
    assert "stopped by nobody" in office.watch().findings[0].message


def test_withheld_leaves(office):
    office.seal("one")
    office.anchor()
    hold = lambda request: httpx.Response(404) if "tile/entries" in str(request.url) else None  # noqa: E731
    office.portal.answer = hold
    done = office.watch()
    assert alarms(done) == ["leaves_withheld"]
    assert office.slept == [2.0], "it had time to catch up"
    mirror = Portal(office.portal._http._transport.app, office.portal._portal)
    office.mirrors = (LogClient("http://mirror.test/log", transport=mirror, wait=0),)
    done = office.watch()
    assert (alarms(done), done.found, done.opened) == ([], 1, 1)


def test_a_log_that_is_down_is_an_alarm_once_it_lasts(office):
    office.seal("one")
    office.anchor()
    office.portal.answer = lambda request: (
        httpx.Response(503) if "/log/" in str(request.url) else None
    )
    assert (office.watch().exit_code, alarms(office.watch())) == (3, [])
    office.time += 3601
    assert alarms(office.watch()) == ["leaves_withheld"]
    office.portal.answer = None
    assert office.watch().exit_code == 0


def test_other_leaves_than_the_ledger_s(office):
    office.seal("one", "two")
    office.anchor()

    def spoil(request):
        if "tile/entries" not in str(request.url):
            return None
        content = bytearray(office.portal.pass_on(request).content)
        content[20] ^= 1
        return httpx.Response(200, content=bytes(content))

    office.portal.answer = spoil
    done = office.watch()
    assert alarms(done) == ["wrong_leaves"]
    assert done.found == 0, "nothing of it is believed"
    office.portal.answer = None
    assert office.watch().found == 2


def test_leaves_that_wait_for_the_ledger(office):
    office.seal("one")
    assert office.watch().exit_code == 0
    office.time += 901
    assert alarms(office.watch()) == ["head_stalled"]
    office.anchor()
    assert office.watch().exit_code == 0


def test_a_size_that_the_log_has_not_signed_is_no_alarm(office):
    """A mirror may say what it likes of leaves that wait."""
    office.seal("one")
    office.anchor()

    def answer(request):
        if not request.url.path.endswith("checkpoint"):
            return None
        note = office.portal.pass_on(request).text
        return httpx.Response(200, text=note.replace("\n1\n", "\n9\n", 1))

    office.portal.answer = answer
    office.watch()
    office.time += 901
    assert office.watch().exit_code == 0
    office.portal.answer = None
    assert office.watch().exit_code == 0


def test_use_after_disowning(office):
    """The head over a use is disowned and the log goes on without it."""
    office.seal("stays")
    office.anchor()
    office.seal("vanishes")
    office.anchor()
    assert office.watch().found == 2
    name = office.service.context.instance.log_id
    office.administration().disown(name, 1)
    done = office.watch()
    assert alarms(done) == ["head_disowned", "disowned_use"], "its leaf is still served"
    assert "leaf 1 " in done.findings[-1].message
    # appended again, honestly: the same commitment and tag
    office.anchor()
    assert alarms(office.watch()) == []


def test_roles_roots_and_keys(office):
    office.watch()
    administration = office.administration()
    context = office.service.context
    administration.grant_regulator(Account.create().address)
    administration.add_root(context.issuer_id, b"o" * 32)
    done = office.watch()
    assert sorted(alarms(done)) == ["foreign_root", "issuer_changed", "roles_changed"]
    assert alarms(office.watch()) == ["foreign_root"], "the trust file does not hold it"
    administration.end_root(context.issuer_id, b"o" * 32)
    office.watch()
    assert office.watch().exit_code == 0
    proof = office.file.proofs[0]
    authority = office.ledger.authority_key(proof.key).authority
    administration.add_authority_key(authority, b"v" * 32, b"e" * 32)
    done = office.watch()
    assert sorted(alarms(done)) == ["authority_changed", "foreign_authority", "new_authority_key"]
    administration.succeed(context.instance.log_id, b"n" * 32)
    assert "log_succeeded" in alarms(office.watch())


def test_a_watch_file_that_looks_elsewhere(office):
    """Somebody gave the company a proof of another authority's: it would watch the wrong name."""
    (proof, *_) = office.file.proofs
    office.file = replace(office.file, proofs=(replace(proof, name="Another Ltd"),))
    assert "unproven_subject" in alarms(office.watch())


def test_a_seal_of_the_file_the_ledger_has_otherwise(office):
    (seal, *rest) = office.file.seals
    office.file = replace(office.file, seals=(replace(seal, depth=5), *rest))
    assert "seal_differs" in alarms(office.watch())
    office.file = replace(office.file, seals=(replace(seal, certificate=b"x"), *rest))
    assert set(alarms(office.watch())) >= {"seal_differs", "unknown_seal"}


def test_a_new_watch_file_finds_what_was_before_it(office):
    """Reading begins anew when a book is added whose volumes are older than what was read."""
    whole = office.file
    office.file = replace(whole, seals=whole.seals[:1])
    office.seal("one")
    office.seal("two", which=1)
    office.anchor()
    done = office.watch()
    assert (alarms(done), done.found) == (["unknown_seal"], 1)
    office.file = whole
    done = office.watch()
    assert (alarms(done), done.found, done.opened) == ([], 2, 2)
    # and when one left and came back
    office.file = replace(whole, seals=whole.seals[:1])
    office.seal("three", which=1)
    office.anchor()
    office.watch()
    office.file = whole
    assert office.watch().opened == 3


def test_a_ticket_torn_twice(office):
    """A restored service tears a ticket again: two leaves show one tag."""
    office.seal("one")
    office.anchor()
    assert office.watch().exit_code == 0
    state = WatchState(office.directory, {"chain": "1"})
    handle = office.seals[0].handle
    (use,) = state.uses([handle])
    again = Hit(replace(use.leaf, index=99, commitment=b"c" * 32), use.place)
    state.put_found(use.log_id, 0, [again])
    state.commit()
    state.close()
    done = office.watch()
    assert sorted(alarms(done)) == ["hidden_use", "torn_twice"]
