"""An authority served by the program, asked by an issuer's client and by a company."""

import contextlib
import json
import signal
import subprocess
import sys

import httpx
import pytest

from eseal.authority.asking.http import HttpAuthority
from eseal.authority.office.request_log import read_log
from eseal.authority.word.messages import Attested
from eseal.errors import AuthorityRefusedError, AuthorityUnreachableError
from tests.authorities import ASK, GERMAN, REGISTRY, RENAMED, made

SECONDS = 60
ESEAL = (sys.executable, "-c", "from eseal.cli import main; main()")


@pytest.fixture
def authority(tmp_path):
    return made(tmp_path / "authority")


@contextlib.contextmanager
def running(directory):
    """``eseal authority serve``; its URL and its process."""
    args = ("authority", "serve", "--dir", str(directory), "--port", "0", "--any-name")
    process = subprocess.Popen((*ESEAL, *args), stderr=subprocess.PIPE, text=True)
    try:
        told = json.loads(process.stderr.readline())
        assert (told["event"], told["names"]) == ("listening", "unchecked"), told
        yield f"http://127.0.0.1:{told['port']}", process
    finally:
        process.terminate()
        process.communicate(timeout=SECONDS)


@pytest.fixture
def client_of(authority):
    """Make a client of an address and a token."""
    with contextlib.ExitStack() as stack:

        def make(url, token):
            client = HttpAuthority(url, token, authority.home.card.keys_of, REGISTRY)
            stack.callback(client.close)
            return client

        yield make


def test_issuers_and_companies_ask_and_the_log_remembers_across_a_kill(authority, client_of):
    issuer = authority.home.tokens.create("issuer")
    with running(authority.directory) as (url, process):
        asking = client_of(url, issuer)
        first = asking.prove(ASK)
        assert asking.prove(ASK).proof == first.proof
        with pytest.raises(AuthorityRefusedError, match="expected an id of NTRCN, LEIXG"):
            asking.prove(GERMAN)
        company = authority.home.tokens.create("company", GERMAN.id)  # while it serves
        with pytest.raises(AuthorityRefusedError, match=f"asks for {GERMAN.id} only"):
            client_of(url, company).prove(ASK)
        card = httpx.get(f"{url}/v1/authority").json()
        assert card["vrf_key"] == first.proof.key.hex()
        process.send_signal(signal.SIGKILL)
        process.wait(SECONDS)
        with pytest.raises(AuthorityUnreachableError):
            asking.prove(ASK)
    with running(authority.directory) as (url, _process):
        renamed = client_of(url, issuer).prove(RENAMED)
    assert renamed.proof.subject == first.proof.subject
    entries = list(read_log(authority.directory / "requests.log"))
    words = ["proven", "proven", "refused", "refused", "renamed"]
    assert [entry.word for entry in entries] == words
    assert entries[-1].record == renamed.record


def test_a_company_asks_on_the_command_line(authority, tmp_path):
    token, card, out = tmp_path / "token", tmp_path / "card.json", tmp_path / "proof.json"
    token.write_text(authority.home.tokens.create("company", ASK.id))
    authority.desk.prove(ASK, by="test")
    card.write_bytes(authority.home.card.encode())
    with running(authority.directory) as (url, _process):
        args = ("--authority", url, "--card", card, "--id", ASK.id, "--name", ASK.name)
        files = ("--token-file", token, "--out", out)
        command = (*ESEAL, "company", "prove", *map(str, args), *map(str, files))
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    assert Attested.parse(out.read_bytes()).proof == authority.desk.prove(ASK, by="t").proof
