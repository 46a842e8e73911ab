"""``eseal watch`` in this process; ``tests/acceptance/test_watch.py`` has it as a program."""

import json
from dataclasses import replace

import pytest

from eseal.model.subject import SubjectProof
from eseal.watch.alarms import AlarmKind, Finding, Round
from eseal.watch.envelope import encrypt_to
from eseal.watch.file import WatchFile
from eseal.watch.rounds.watch import Watch

TRUST = b'{"chain_id": 1, "seal_registry": "0x%s", "usage_ledger": "0x%s", "block": 0}' % (
    b"1" * 40,
    b"2" * 40,
)
WELL = Round((), (), (), (), 5, 5, 1_800_000_000)
ALARM = Finding(AlarmKind.HIDDEN_USE, "ab-7", "leaf\x1b[2J 7", "Company")


@pytest.fixture(scope="module")
def key():
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.generate()


@pytest.fixture
def file(template, key):
    from eseal.config import Settings
    from eseal.service.service import Service

    with Service.open(Settings.load(data_dir=template)) as service:
        (company, *_) = service.directory.companies()
        made = service.watch_files.watch_file(company.id)
    return encrypt_to(made.encode(), key.public_key().public_bytes_raw())


@pytest.fixture
def other(file, key):
    """The file of somebody else: of the company's own, with another pseudonym."""
    from eseal.watch.envelope import decrypt

    mine = WatchFile.parse(decrypt(file, passphrase=None, identity=key))
    theirs = replace(mine, proofs=tuple(replace(one, subject=b"o" * 32) for one in mine.proofs))
    return encrypt_to(theirs.encode(), key.public_key().public_bytes_raw())


@pytest.fixture
def watch(run, tmp_path, file, key):
    """Run the command; nobody answers at the addresses."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    trust, company, identity = (tmp_path / name for name in ("trust.json", "w.json", "w.key"))
    trust.write_bytes(TRUST)
    company.write_bytes(file)
    identity.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def watch(*args, company=("--company", company)):
        return run(
            *("watch", *company, "--log", "http://127.0.0.1:1/log"),
            *("--ledger", "http://127.0.0.1:1", "--trust", trust, "--identity", identity),
            *("--state", tmp_path / "state", "--once", *args),
        )

    return watch


@pytest.fixture
def found(monkeypatch):
    """Let the round find something."""
    told = []

    def let(**changes):
        fields = {slot: getattr(WELL, slot) for slot in Round.__slots__} | changes
        monkeypatch.setattr(Watch, "round", lambda _self, _companies: Round(**fields))
        monkeypatch.setattr(Watch, "told", lambda _self, done: told.append(done))

    let.told = told
    return let


def test_all_well(watch, found):
    found()
    shown = watch()
    assert (shown.code, shown.out[:4]) == (0, "WELL")
    assert watch("--json").json["well"] is True
    assert len(found.told) == 2


def test_an_alarm(watch, found, tmp_path):
    found(findings=(ALARM,), new=(ALARM,), undecided=("no answer",))
    shown = watch("--metrics", tmp_path / "m.prom")
    assert shown.code == 1
    assert "ALARM  hidden_use:ab-7: Company: leaf\ufffd[2J 7" in shown.out
    assert "UNDECIDED  no answer" in shown.out
    assert 'eseal_watch_findings{alarm="hidden_use"} 1.0' in (tmp_path / "m.prom").read_text()


def test_what_could_not_be_told_is_told_again(watch, found):
    found(findings=(ALARM,), new=(ALARM,))
    shown = watch("--on-alarm", "false")
    assert (shown.code, found.told) == (1, [])
    assert "--on-alarm ended with code 1" in shown.err
    assert watch("--on-alarm", "true").code == 1
    assert len(found.told) == 1


def test_nobody_answers(watch):
    shown = watch("--json")
    assert (shown.code, shown.json["findings"], len(shown.json["undecided"])) == (3, [], 1)


def test_several_companies(watch, found, tmp_path, file):
    found()
    many = tmp_path / "many"
    many.mkdir()
    shown = watch(company=("--many", many))
    assert (shown.code, "NAME.json" in shown.err) == (2, True)
    for name in ("one", "two"):
        (many / f"{name}.json").write_bytes(file)
    (many / "one.token").write_text("eseal_x\n")
    (many / "one.digests").write_text("# ours\n" + "ab" * 32 + "  contract.pdf\n\n")
    assert watch("--history", "http://127.0.0.1:1", company=("--many", many)).code == 0
    (many / "one.digests").write_text("ab\n")
    shown = watch(company=("--many", many))
    assert (shown.code, "line 1" in shown.err) == (2, True)


@pytest.mark.parametrize(
    "args",
    [
        ("--history", "http://127.0.0.1:1"),
        ("--history", "ftp://x", "--token", "t"),
        ("--listen", "9100"),
        ("--metrics", "/nowhere/to/be/found"),
        ("--webhook", "ftp://x"),
        ("--on-alarm", "'"),
        ("--interval", "0"),
        ("--log", "x"),
        ("--digests", "/nowhere/to/be/found"),
    ],
)
def test_wrong_usage_is_2_and_never_an_alarm(watch, found, args):
    found()
    shown = watch(*args)
    assert (shown.code, shown.out) == (2, "")


def test_a_file_that_cannot_be_opened_is_2(watch, tmp_path):
    (tmp_path / "w.json").write_bytes(b"{}")
    shown = watch()
    assert (shown.code, "w.json" in shown.err) == (2, True)
    shown = watch(company=())
    assert (shown.code, "--company" in shown.err) == (2, True)


def test_a_damaged_state_is_2(watch, found, tmp_path):
    found()
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "watch.db").write_text("damaged")
    shown = watch()
    assert (shown.code, "watch.db" in shown.err) == (2, True)


def test_state_of_another_company_is_2(watch, found, tmp_path, file, other):
    found()
    assert watch().code == 0
    many = tmp_path / "many"
    many.mkdir()
    (many / "one.json").write_bytes(file)
    theirs = tmp_path / "theirs.json"
    theirs.write_bytes(other)
    for whose in (("--company", theirs), ("--many", many)):
        shown = watch(company=whose)
        assert shown.code == 2
        assert "expected the state of company" in shown.err
    assert watch().code == 0


def test_metrics_are_served_while_it_runs(watch, found):
    found()
    shown = watch("--listen", "127.0.0.1:0")
    assert (shown.code, "metrics at port" in shown.err) == (0, True)


def test_the_company_gets_its_file_from_the_command_line(run, data_dir, tmp_path, key):
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from eseal.watch.envelope import decrypt

    public, secret = tmp_path / "w.pub", tmp_path / "secret"
    spki = PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, spki))
    secret.write_text("correct horse battery\n")
    company = ("company", "watch-file", "uscc:91330100799655058B", "--data-dir", data_dir)
    made = run(*company, "--out", tmp_path / "a.json", "--recipient", public, "--json")
    assert (made.code, made.json["seals"]) == (0, 2), made.err
    plain = decrypt((tmp_path / "a.json").read_bytes(), passphrase=None, identity=key)
    file = WatchFile.parse(plain)
    assert isinstance(file.proofs[0], SubjectProof)
    assert (tmp_path / "a.json").stat().st_mode & 0o077 == 0
    assert run(*company, "--out", tmp_path / "b.json", "--passphrase-file", secret).code == 0
    opened = decrypt(
        (tmp_path / "b.json").read_bytes(), passphrase="correct horse battery", identity=None
    )
    assert json.loads(opened) == json.loads(plain)
    assert run(*company, "--out", tmp_path / "c.json").code == 2
    assert run(*company, "--out", tmp_path / "a.json", "--recipient", public).code == 1
