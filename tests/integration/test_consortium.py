"""Several issuers on one pair of contracts, as docs/consortium.md says it is done."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from eth_abi.abi import encode
from eth_account import Account
from eth_utils.crypto import keccak
from typer.testing import CliRunner

from eseal.authority.office.home import create, open_home
from eseal.authority.word.registration import Registry
from eseal.cli.app import app
from eseal.cli.verifying.sources import parse_trust
from eseal.config import Settings
from eseal.errors import ConfigurationError, LedgerRejectedError, NotAdmittedError
from eseal.ledger.events import CompanyContinued
from eseal.ledger.sending.calls import Calls
from eseal.ledger.sending.sender import Sender
from eseal.ledger.sending.web3_ledger import Web3Ledger
from eseal.ledger.wire.connection import connect_http
from eseal.ledger.wire.finality import Finality
from eseal.model.seal import Reason, SealType
from eseal.service.instance.ledger import accounts_of
from eseal.service.seals.onboarding import SealOrder
from eseal.service.service import Service
from eseal.service.setup.bootstrap import initialise, stored
from eseal.verify import Finding, Trust
from tests.actors import acting
from tests.chain import ask, fund
from tests.integration.authority.test_served import running

ROOT = Path(__file__).parents[2]
NOBODY = "http://127.0.0.1:9"
"""Where no authority answers yet."""
SCHEMES = ("NTRCN", "VATDE")


class Member:
    """One instance of the consortium, and its command line."""

    def __init__(self, directory: Path, url: str) -> None:
        self._directory, self._url = directory, url
        self.ask(authority=NOBODY)
        self._environment |= {
            "ESEAL_DATA_DIR": str(directory),
            "ESEAL_LEDGER_URL": url,
            "COLUMNS": "200",
            "NO_COLOR": "1",
        }

    def ask(self, **authority: object) -> None:
        """Have this authority name one's companies, as the settings of these names say."""
        environment = {f"ESEAL_{name.upper()}": str(value) for name, value in authority.items()}
        self._environment = getattr(self, "_environment", {}) | environment
        self.settings = Settings.load(data_dir=self._directory, ledger_url=self._url, **authority)

    def run(self, *words: object, code: int = 0) -> str:
        done = CliRunner().invoke(app, [str(word) for word in words], env=self._environment)
        assert done.exit_code == code, done.output
        return done.output

    def init(self, *words: object, code: int = 0) -> str:
        """``eseal init``, with the funds it asks for where gas is not free."""
        told = self.run("init", *words, code=1)
        fund(self.settings.ledger_url, told)
        return self.run("init", *words, code=code)

    def show(self):
        return json.loads(self.run("ledger", "show", "--json"))


@pytest.fixture
def chain(anvil_with):
    with anvil_with() as anvil:
        ask(anvil.url, "anvil_setBlockTimestampInterval", 1)
        yield anvil


@pytest.fixture
def founder(chain, tmp_path):
    member = Member(tmp_path / "founder", chain.url)
    member.init("--name", "Founder", "--origin", "founder.example/log")
    return member


@pytest.fixture
def authority(founder, second, tmp_path):
    """An authority beside the issuers, known to the ledger and asked by both."""
    shown, directory = founder.show(), tmp_path / "authority"
    create(directory, "Chamber", SCHEMES, Registry(shown["chain_id"], shown["seal_registry"]), None)
    home = open_home(directory, None)
    card = home.card
    named = card.authority.hex()
    founder.run("ledger", "set-schemes", named, *SCHEMES)
    founder.run("ledger", "authority-account", named, card.account)
    keys = (card.vrf_key.hex(), card.attest_key.hex())
    founder.run("ledger", "add-authority-key", named, *keys)
    path = tmp_path / "card.json"
    path.write_bytes(card.encode())
    with running(directory) as (url, _):
        for member in (founder, second):
            token = home.tokens.create("issuer")
            member.ask(authority=url, authority_card=path, authority_token=token)
        founder.run("init", "--name", "Founder")  # its trust file names the authority from now on
        yield card


@pytest.fixture
def second(chain, tmp_path):
    return Member(tmp_path / "second", chain.url)


ASKED = re.compile(r"issuer ([0-9a-f]{64}), operator (0x\w{40}) and root ([0-9a-f]{64})")


def admit(founder, member):
    """What docs/consortium.md says: try to join, hand in two values, join."""
    trust = founder.settings.trust_path
    words = ("--name", "Second", "--origin", "second.example/log", "--join", trust)
    told = member.init(*words, code=1)
    assert len(told.splitlines()) == 1
    issuer, operator, root = ASKED.search(told).groups()
    founder.run("ledger", "admit-issuer", issuer, "--operator", operator)
    member.run("init", *words, code=1)
    founder.run("ledger", "add-root", issuer, root)
    member.run("init", *words)
    fund(member.settings.ledger_url, member.show()["own_admin_account"])
    return issuer, operator


def add_company(service, name, registration, country=None):
    orders = [SealOrder(SealType.CONTRACT)]
    _, (seal,) = service.onboarding.add_company(
        name, registration, country=country, seals=orders, actor=acting("a")
    )
    return seal


def test_a_second_issuer_joins_and_each_recognises_the_other(
    founder, second, authority, sample_pdf, tmp_path
):
    admit(founder, second)
    theirs, ours = (Trust.parse(one.settings.trust_path.read_bytes()) for one in (founder, second))
    assert ours.deployment == theirs.deployment
    assert [one.vrf_key for one in ours.authorities] == [authority.vrf_key]
    assert ours.authorities == theirs.authorities
    assert ours.roots[: len(theirs.roots)] == theirs.roots
    assert second.show()["admitted"] is True
    assert second.show()["administrator"] == founder.show()["own_admin_account"]
    alone = tmp_path / "alone.json"
    alone.write_bytes(founder.settings.trust_path.read_bytes())
    founder.run("trust", "add", second.settings.trust_path)

    with Service.open(founder.settings) as ours, Service.open(second.settings) as theirs:
        seal = add_company(theirs, "杭州云章科技有限公司", "uscc:91330100799655058B")
        sealed = theirs.sealing.seal_document(
            seal.id, sample_pdf, filename="a.pdf", actor=acting("a")
        )
        theirs.anchoring.anchor()
        evidence = theirs.records.evidence(sealed.use.id)

        # The founder knows nothing of the other's database or log; the ledger is what they share.
        report = ours.verification.document(sealed.data, evidence=evidence)
        assert report.finding is Finding.AUTHENTIC

        own = add_company(ours, "Example GmbH", "vat:DE136695976", "DE")
        mine = ours.sealing.seal_document(own.id, sample_pdf, filename="b.pdf", actor=acting("a"))
        ours.anchoring.anchor()
        report = theirs.verification.document(
            mine.data, evidence=ours.records.evidence(mine.use.id)
        )
        assert report.finding is Finding.AUTHENTIC

        # One log can neither be written nor a seal stopped by the other issuer's key.
        with pytest.raises(LedgerRejectedError, match="NotOperatorOrRegulator"):
            ours.context.ledger.revoke(seal.handle, Reason.LOSS)
        assert ours.audit.run().disagreements == ()
        assert theirs.audit.run().disagreements == ()

    document, beside = tmp_path / "a.pdf", tmp_path / "a.eseal.json"
    document.write_bytes(sealed.data)
    beside.write_bytes(evidence.encode())
    verify = ("verify", document, "--evidence", beside, "--json")
    verdict = json.loads(founder.run(*verify))
    assert verdict["finding"] == "authentic"
    verdict = json.loads(founder.run(*verify, "--trust", alone, code=3))
    assert verdict["finding"] == "untrusted_issuer"


@pytest.mark.usefixtures("authority")
def test_the_authority_says_that_a_company_goes_on(founder, second, chain, tmp_path):
    admit(founder, second)
    names = ("uscc:91330100799655058B", "uscc:91110000802100433B")
    with Service.open(second.settings) as theirs:
        for name in names:
            add_company(theirs, "杭州云章科技有限公司", name)
        old, new = (theirs.directory.company(name).subject for name in names)
        reader = theirs.context.reader
    elsewhere = second.run("company", "continue", *names, code=1)
    assert "have it run: eseal authority continue" in elsewhere
    where = ("--dir", tmp_path / "authority", "--trust", second.settings.trust_path)
    words = ("authority", "continue", *where, "--from", names[0], "--to", names[1])
    fund(chain.url, second.run(*words, "--rpc", chain.url, code=1))
    assert second.run(*words, "--rpc", chain.url).startswith("done in block ")
    assert second.run(*words, "--rpc", chain.url) == "nothing to do\n"
    continued = [one for one in reader.events(old) if isinstance(one, CompanyContinued)]
    assert [one.new_subject for one in continued] == [new]


def test_joining_again_changes_nothing_and_nothing_else_is_joined(founder, second, tmp_path):
    admit(founder, second)
    before = second.show()
    second.run("init", "--name", "Second")  # as an upgrade does: it stays with what it joined
    assert second.show() == before
    other = Member(tmp_path / "other", second.settings.ledger_url)
    other.init("--name", "Other")
    with pytest.raises(ConfigurationError, match="for good"):
        initialise(
            second.settings, consortium=parse_trust(other.settings.trust_path.read_bytes())[0]
        )


def test_nobody_joins_without_the_administrator(founder, second):
    deployment = parse_trust(founder.settings.trust_path.read_bytes())[0]
    with pytest.raises(ConfigurationError, match="send some of the network's currency") as caught:
        initialise(second.settings, name="Second", consortium=deployment)
    fund(second.settings.ledger_url, re.search(r"0x\w{40}", str(caught.value))[0])
    with pytest.raises(NotAdmittedError, match="hand issuer"):
        initialise(second.settings, name="Second", consortium=deployment)
    assert not second.settings.trust_path.exists()
    known = json.loads(second.run("ledger", "accounts", "--json"))
    assert len(known["issuer"]) == 64
    assert "run again: eseal init" in second.run("ledger", "show", code=1)
    alone = Settings.load(data_dir=second.settings.data_dir.parent / "embedded")
    with pytest.raises(ConfigurationError, match="only one issuer"):
        initialise(alone, name="Alone", consortium=deployment)


@pytest.mark.usefixtures("authority")
def test_a_regulator_stops_any_seal_until_its_right_is_taken(founder, second, chain):
    admit(founder, second)
    regulator = Account.from_key(chain.keys[2])
    founder.run("ledger", "grant-regulator", regulator.address)
    assert "nothing to do" in founder.run("ledger", "grant-regulator", regulator.address)
    with Service.open(second.settings) as theirs:
        seal = add_company(theirs, "杭州云章科技有限公司", "uscc:91330100799655058B")
    deployment = parse_trust(founder.settings.trust_path.read_bytes())[1]
    ledger = Web3Ledger(connect_http(chain.url), deployment, Finality(), regulator)
    ledger.suspend(seal.handle, Reason.BY_ORDER)
    founder.run("ledger", "revoke-regulator", regulator.address)
    with pytest.raises(LedgerRejectedError, match="NotOperatorOrRegulator"):
        ledger.revoke(seal.handle, Reason.BY_ORDER)
    # a joined issuer's own administrator key has no say
    assert "Unauthorized" in second.run("ledger", "grant-regulator", regulator.address, code=1)


def test_operators_come_and_go_and_an_issuer_retires(founder, second):
    issuer, operator = admit(founder, second)
    founder.run("ledger", "remove-operator", issuer, "--operator", operator)
    assert second.show()["admitted"] is False
    assert "nothing to do" in founder.run(
        "ledger", "remove-operator", issuer, "--operator", operator
    )
    founder.run("ledger", "admit-issuer", issuer, "--operator", operator)
    assert second.show()["admitted"] is True
    founder.run("ledger", "retire-issuer", issuer)
    assert second.show()["admitted"] is False
    assert "IssuerNotAdmitted" in founder.run(
        "ledger", "admit-issuer", issuer, "--operator", operator, code=1
    )


def test_the_office_goes_to_another_instance(founder, second):
    admit(founder, second)
    successor = second.show()["own_admin_account"]
    founder.run("ledger", "transfer-admin", successor)
    assert founder.show()["successor"] == successor
    founder.run("ledger", "cancel-transfer")
    assert founder.show()["successor"] is None
    assert "nothing to do" in founder.run("ledger", "cancel-transfer")
    founder.run("ledger", "transfer-admin", successor)
    second.run("ledger", "accept-admin")
    assert "nothing to do" in second.run("ledger", "accept-admin")
    assert founder.show()["administrator"] == successor
    second.run("ledger", "revoke-regulator", founder_regulator(founder))
    founder.run("init", "--name", "Founder")  # a founder without the office still starts


def founder_regulator(founder):
    with stored(founder.settings) as found:
        return accounts_of(found.keys, found.instance).regulator.address


def test_a_hand_over_takes_as_long_as_was_set(founder, second, chain):
    admit(founder, second)
    founder.run("ledger", "set-admin-delay", 172_800)
    ask(chain.url, "anvil_setBlockTimestampInterval", 172_801)
    ask(chain.url, "anvil_mine", "0x1")
    ask(chain.url, "anvil_setBlockTimestampInterval", 1)
    assert founder.show()["admin_delay"] == 172_800
    assert "nothing to do" in founder.run("ledger", "set-admin-delay", 172_800)
    founder.run("ledger", "transfer-admin", second.show()["own_admin_account"])
    assert "cannot be accepted yet" in second.run("ledger", "accept-admin", code=1)
    ask(chain.url, "anvil_setBlockTimestampInterval", 172_801)
    ask(chain.url, "anvil_mine", "0x1")
    second.run("ledger", "accept-admin")
    assert second.show()["administrator"] == second.show()["own_admin_account"]


def test_the_office_goes_to_a_contract_of_three_owners(founder, second, chain):
    """The founder's key alone decides nothing any more; two of the three owners do."""
    w3 = connect_http(chain.url)
    owners = [Account.from_key(key) for key in chain.keys]
    chain_id = founder.show()["chain_id"]
    senders = [Sender(w3, chain_id, owner, Finality()) for owner in owners]
    creation = two_of_three() + encode(["address[3]"], [[owner.address for owner in owners]])
    wallet = senders[0].send(None, creation).contract
    registry = founder.show()["seal_registry"]

    told = founder.run("ledger", "transfer-admin", wallet)
    accept = bytes.fromhex(re.search(r"call data\s+0x([0-9a-f]+)", told)[1])
    confirm(senders[0], wallet, registry, accept)
    assert founder.show()["administrator"] == founder.show()["own_admin_account"]
    confirm(senders[1], wallet, registry, accept)
    assert founder.show()["administrator"] == wallet

    words = ("--name", "Second", "--join", founder.settings.trust_path)
    told = second.init(*words, code=1)
    issuer, operator, root = ASKED.search(told).groups()
    refused = founder.run("ledger", "admit-issuer", issuer, "--operator", operator, code=1)
    assert "AccessControlUnauthorizedAccount" in refused
    deployment = parse_trust(founder.settings.trust_path.read_bytes())[1]
    admission = Calls(deployment).of("admitIssuer", bytes.fromhex(issuer), operator).data
    told = founder.run("ledger", "add-root", issuer, root, "--call")
    assert registry in told
    rooting = bytes.fromhex(re.search(r"call data\s+0x([0-9a-f]+)", told)[1])
    for call in (admission, rooting):
        for sender in senders[1:]:
            confirm(sender, wallet, registry, call)
    second.run("init", *words)
    assert second.show()["admitted"] is True


def two_of_three() -> bytes:
    """The creation code of contracts/test/TwoOfThree.sol."""
    name = "TwoOfThree.sol"
    source = (ROOT / "contracts" / "test" / name).read_text()
    settings = {"evmVersion": "cancun", "outputSelection": {"*": {"*": ["evm.bytecode.object"]}}}
    given = {"language": "Solidity", "sources": {name: {"content": source}}, "settings": settings}
    done = subprocess.run(
        [ROOT / "scripts" / "solc", "--standard-json"],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
    )
    compiled = json.loads(done.stdout)["contracts"][name]["TwoOfThree"]
    return bytes.fromhex(compiled["evm"]["bytecode"]["object"])


def confirm(sender, wallet, to, data):
    selector = keccak(text="confirm(address,bytes,uint256)")[:4]
    sender.send(wallet, selector + encode(["address", "bytes", "uint256"], [to, data, 0]))
