"""An authority that proves only what its own register holds."""

import os

import pytest

from eseal.authority.office.desk import Desk
from eseal.authority.office.register import Register
from eseal.authority.office.request_log import read_log
from eseal.authority.word.messages import Ask
from eseal.errors import AuthorityRefusedError, ConfigurationError
from tests.authorities import ASK, RENAMED

BUYER = Ask("LEIXG-213800KUD8LAJWSQ9D15", "Buyer, Limited", "GB")
LINES = f'{ASK.id},{ASK.name}\r\n{BUYER.id},"{BUYER.name}",GB\r\n'


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "register.csv"
    file.write_text(LINES, "utf-8", newline="")
    return file


@pytest.fixture
def desk(authority, path):
    return Desk(authority.home, authority.clock, Register(path))


def test_who_is_in_it_is_proven_and_nobody_else(authority, desk):
    for ask in (ASK, BUYER):
        assert desk.prove(ask, by="t").proof.name == ask.name
    for ask, said in (
        (RENAMED, f"has {ASK.id} as '{ASK.name}'"),
        (Ask("NTRCN-91350211M000100Y46", "Other"), "has no company NTRCN-91350211M000100Y46"),
        (Ask(BUYER.id, BUYER.name, "US"), "in GB, got US"),
    ):
        with pytest.raises(AuthorityRefusedError, match=said):
            desk.prove(ask, by="t")
    entries = read_log(authority.directory / "requests.log")
    assert [entry.word for entry in entries] == ["proven", "proven", *["refused"] * 3]


def test_a_rename_is_proven_once_the_register_has_it(desk, path):
    subject = desk.prove(ASK, by="t").proof.subject
    path.write_text(LINES.replace(ASK.name, RENAMED.name), "utf-8", newline="")
    os.utime(path, ns=(1, 1))
    assert desk.prove(RENAMED, by="t").proof.subject == subject
    with pytest.raises(AuthorityRefusedError):
        desk.prove(ASK, by="t")
    path.unlink()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        desk.prove(RENAMED, by="t")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x\n", "line 1: expected id,name"),
        (b"a,b,c,d\n", "line 1: expected id,name"),
        (b"uscc:91330100799655058B,A\n", "line 1: .*normal form"),
        (LINES.encode() + b"LEIXG-213800KUD8LAJWSQ9D15,B\n", "line 3: .*seat"),
        (LINES.encode() * 2, f"line 3: {ASK.id} twice"),
        (b"NTRCN-91330100799655058B,e\xcc\x81\n", "line 1: .*form NFC"),
        (b"NTRCN-91330100799655058B,\xff\n", "cannot be read"),
        (b'NTRCN-91330100799655058B,"A\n', "cannot be read"),
        (b"\n", "line 1: expected id,name"),
    ],
)
def test_a_register_that_cannot_be_used(path, content, said):
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=said):
        Register(path)
