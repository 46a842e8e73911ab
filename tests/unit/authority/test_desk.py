"""What an authority proves and refuses, and what it writes down of it."""

import multiprocessing
from dataclasses import replace

import pytest

from eseal.authority.asking.checking import check_answer
from eseal.authority.office.home import create, load_card, open_home
from eseal.authority.office.request_log import RequestLog, read_log
from eseal.authority.word.attestation import verify_subject_proof
from eseal.authority.word.messages import Ask
from eseal.errors import (
    AuthorityAnswerError,
    AuthorityRefusedError,
    ConfigurationError,
    CorruptionError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    UnauthenticatedError,
    WrongKeyError,
)
from tests.authorities import ASK, FOUNDED, GERMAN, REGISTRY, RENAMED, made, opened

LOG = "requests.log"


def written(authority):
    return list(read_log(authority.directory / LOG))


def test_an_answer_proves_what_was_asked(authority):
    for ask in (ASK, FOUNDED, Ask("LEIXG-213800KUD8LAJWSQ9D15", "Buyer Limited", "GB")):
        answer = authority.desk.prove(ask, by="test")
        check_answer(ask, answer, authority.home.card.keys_of, REGISTRY)
        verify_subject_proof(answer.proof, authority.home.card.attest_key)


def test_the_same_name_gives_the_same_proof_on_any_day_and_in_any_process(authority):
    first = authority.desk.prove(ASK, by="test")
    authority.clock.pass_days(400)
    assert authority.desk.prove(ASK, by="test").proof == first.proof
    assert authority.again().desk.prove(ASK, by="test").proof == first.proof


def test_another_name_is_a_rename_from_then_on(authority):
    before = authority.desk.prove(ASK, by="a")
    authority.clock.pass_days(30)
    after = authority.desk.prove(RENAMED, by="b")
    assert after.proof.subject == before.proof.subject
    assert (after.proof.name, after.proof.valid_from) == (RENAMED.name, authority.clock.now)
    authority.clock.pass_days(30)
    assert authority.again().desk.prove(RENAMED, by="c").proof == after.proof
    assert [(e.by, e.word, e.name) for e in written(authority)] == [
        ("a", "proven", ASK.name),
        ("b", "renamed", RENAMED.name),
        ("c", "proven", RENAMED.name),
    ]


@pytest.mark.parametrize(
    "ask",
    [
        Ask("uscc:91330100799655058B", "A"),
        Ask("NTRCN-91330100799655058b", "A"),
        Ask("NTRCN-91330100799655058C", "A"),
        Ask(ASK.id, "e\u0301"),
        Ask("LEIXG-213800KUD8LAJWSQ9D15", "A"),
        Ask("LEIXG-213800KUD8LAJWSQ9D15", "A", "CN"),
        replace(FOUNDED, founders=b"short"),
    ],
)
def test_what_cannot_be_asked_leaves_no_trace_and_no_proof(authority, ask):
    with pytest.raises(InvalidInputError):
        authority.desk.prove(ask, by="test")
    assert written(authority) == []


def test_a_register_it_is_not_set_for(authority):
    with pytest.raises(AuthorityRefusedError, match="expected an id of NTRCN, LEIXG"):
        authority.desk.prove(GERMAN, by="test")
    assert [(e.word, e.id, e.since) for e in written(authority)] == [("refused", GERMAN.id, None)]


def test_a_company_asks_for_itself_only(authority):
    tokens = authority.home.tokens
    issuer = tokens.holder(tokens.create("issuer"))
    company = tokens.holder(tokens.create("company", ASK.id))
    first = authority.desk.answer(ASK, issuer)
    assert authority.desk.answer(ASK, company).proof == first.proof
    assert authority.desk.answer(RENAMED, issuer) != first
    other = Ask("NTRCN-91350211M000100Y46", "Other")
    with pytest.raises(ForbiddenError, match=f"asks for {ASK.id} only"):
        authority.desk.answer(other, company)
    assert [(e.by, e.word) for e in written(authority)] == [
        (issuer.id, "proven"),
        (company.id, "proven"),
        (issuer.id, "renamed"),
        (company.id, "refused"),
    ]


def test_a_company_does_not_name_itself(authority):
    """Or it would be proven as anybody, and its issuer's certificate would fit."""
    tokens = authority.home.tokens
    issuer = tokens.holder(tokens.create("issuer"))
    company = tokens.holder(tokens.create("company", ASK.id))
    with pytest.raises(ForbiddenError, match="none yet"):
        authority.desk.answer(ASK, company)
    authority.desk.answer(ASK, issuer)
    with pytest.raises(ForbiddenError, match=ASK.name):
        authority.desk.answer(replace(ASK, name="Bank of Elsewhere"), company)
    assert [e.word for e in written(authority)] == ["refused", "proven", "refused"]


def test_an_issuer_names_no_founders(authority):
    """The verdict would say that the authority vouches for them."""
    tokens = authority.home.tokens
    issuer = tokens.holder(tokens.create("issuer"))
    company = tokens.holder(tokens.create("company", ASK.id))
    authority.desk.answer(ASK, issuer)
    for told in (FOUNDED, replace(FOUNDED, founders_account=None)):
        with pytest.raises(ForbiddenError, match="told itself"):
            authority.desk.answer(told, issuer)
    authority.desk.answer(FOUNDED, company)
    proof = authority.again().desk.answer(FOUNDED, issuer).proof
    assert proof.founders == FOUNDED.founders
    with pytest.raises(ForbiddenError):
        authority.desk.answer(replace(FOUNDED, founders=b"\x08" * 32), issuer)


def test_tokens_come_and_go_while_it_serves(authority):
    tokens = authority.home.tokens
    assert tokens.all() == []
    text = tokens.create("issuer")
    held = tokens.holder(text)
    other = open_home(authority.directory, None).tokens
    assert other.holder(text) == held
    assert text.rsplit("_", 1)[1] not in (authority.directory / "tokens.json").read_text()
    other.revoke(held.id)
    for worthless in (text, "eseal_x", "", text[:-1] + "A"):
        with pytest.raises(UnauthenticatedError):
            tokens.holder(worthless)
    with pytest.raises(NotFoundError):
        tokens.revoke(held.id)
    with pytest.raises(InvalidInputError, match="normal form"):
        tokens.create("company", "uscc:91330100799655058B")
    with pytest.raises(InvalidInputError, match="printable"):
        tokens.create("a\nb")


@pytest.mark.parametrize("content", ["", "{}", '{"tokens": {}}', '{"tokens": [1]}', "[" * 99])
def test_tokens_in_disorder_let_nobody_in(authority, content):
    text = authority.home.tokens.create("issuer")
    (authority.directory / "tokens.json").write_text(content)
    with pytest.raises(ConfigurationError, match=r"tokens\.json"):
        authority.home.tokens.holder(text)


def test_each_line_names_the_one_before_and_each_answer_its_line(authority):
    records = [authority.desk.prove(ask, by="test").record for ask in (ASK, RENAMED, FOUNDED)]
    entries = written(authority)
    assert [entry.record for entry in entries] == records
    assert [entry.number for entry in entries] == [1, 2, 3]


@pytest.mark.parametrize("change", ["taken out", "changed", "put in", "in another order"])
def test_a_log_that_somebody_changed(authority, change):
    for ask in (ASK, RENAMED, FOUNDED):
        authority.desk.prove(ask, by="test")
    path = authority.directory / LOG
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(
        b"".join(
            {
                "taken out": [lines[0], lines[2]],
                "changed": [lines[0].replace(b"test", b"TEST"), *lines[1:]],
                "put in": [lines[0], *lines],
                "in another order": [lines[1], lines[0], lines[2]],
            }[change]
        )
    )
    for open_it in (authority.again, lambda: written(authority)):
        with pytest.raises(CorruptionError, match="a line was changed, taken out or put in"):
            open_it()


def test_a_log_cut_off_shows_to_the_process_that_has_it_open_and_to_who_kept_a_record(authority):
    authority.desk.prove(ASK, by="test")
    last = authority.desk.prove(RENAMED, by="test").record
    path = authority.directory / LOG
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    with pytest.raises(CorruptionError):
        authority.desk.prove(FOUNDED, by="test")
    assert last not in [entry.record for entry in written(authority)]
    path.unlink()
    with pytest.raises(CorruptionError, match="log is gone"):
        authority.again()


@pytest.mark.parametrize("line", [b"{}\n", b"[]\n", b"\n", b"x" * 5000 + b"\n", b"\xff\n"])
def test_lines_that_are_none(authority, line):
    (authority.directory / LOG).write_bytes(line)
    with pytest.raises(CorruptionError, match="line 1"):
        authority.again()


def test_a_line_whose_writer_died_is_taken_away(authority):
    first = authority.desk.prove(ASK, by="test").record
    path = authority.directory / LOG
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:50])
    second = authority.again().desk.prove(FOUNDED, by="test").record
    assert [entry.record for entry in written(authority)] == [first, second]


def test_nothing_is_proven_that_cannot_be_written_down(authority, monkeypatch):
    monkeypatch.setattr("os.pwrite", lambda *_: 3)
    with pytest.raises(OSError, match="No space left"):
        authority.desk.prove(ASK, by="test")
    monkeypatch.undo()
    assert authority.desk.prove(ASK, by="test").record == written(authority)[0].record


def _prove_many(directory, name, clock):
    desk = opened(directory, clock).desk
    for _ in range(20):
        desk.prove(ASK, by=name)


def test_several_processes_write_one_chain(authority):
    context = multiprocessing.get_context("spawn")
    names = ("a", "b")
    workers = [
        context.Process(target=_prove_many, args=(authority.directory, name, authority.clock))
        for name in names
    ]
    for worker in workers:
        worker.start()
    for _ in range(20):
        authority.desk.prove(ASK, by="c")
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    entries = written(authority)
    assert len(entries) == 60
    assert {entry.by for entry in entries} == {"a", "b", "c"}
    assert authority.home.log.proven("d", ASK, authority.clock()).number == 61


def test_an_authority_is_made_once(authority, tmp_path):
    with pytest.raises(ConfigurationError, match="an authority already"):
        create(authority.directory, "Other", ("NTRCN",), REGISTRY, None)
    with pytest.raises(ConfigurationError, match="eseal authority init"):
        load_card(tmp_path / "nowhere")


@pytest.mark.parametrize("schemes", [(), ("NTRDE",), ("VATFR",), ("NTRCN", "NTRCN"), ("uscc",)])
def test_only_primary_schemes_can_be_set(tmp_path, schemes):
    with pytest.raises(InvalidInputError, match="schemes"):
        made(tmp_path / "other", schemes)
    assert not (tmp_path / "other").exists()


def test_keys_rest_encrypted_and_are_those_of_the_card(authority, tmp_path):
    other = made(tmp_path / "other")
    assert (authority.directory / "kek").stat().st_mode & 0o77 == 0
    card = authority.directory / "authority.json"
    mine = card.read_bytes()
    card.write_bytes(mine.replace(b'"attest_key": "', b'"attest_key": "0'))
    with pytest.raises(ConfigurationError):
        authority.again()
    key = authority.home.card.attest_key.hex().encode()
    card.write_bytes(mine.replace(key, other.home.card.attest_key.hex().encode()))
    with pytest.raises(CorruptionError, match="other keys"):
        authority.again()
    card.write_bytes(mine)
    kek = other.directory.joinpath("kek").read_text()
    with pytest.raises(WrongKeyError):
        open_home(authority.directory, kek)


def test_two_authorities_give_one_company_two_subjects(authority, tmp_path):
    other = made(tmp_path / "other")
    answer = other.desk.prove(ASK, by="test")
    assert answer.proof.subject != authority.desk.prove(ASK, by="test").proof.subject
    with pytest.raises(AuthorityAnswerError, match="expected a proof under the key"):
        check_answer(ASK, answer, authority.home.card.keys_of, REGISTRY)


def test_the_log_is_the_authority_s_own(authority):
    log = RequestLog(authority.directory / LOG)
    assert log.entries == 0
    with pytest.raises(CorruptionError):
        RequestLog(authority.directory / "another.log")
