"""A running instance, an adversary with the means of one row of the trust table, and who sees it.

An attack passes or fails here in one of two ways. :class:`BrokenPromiseError` says that nobody saw
it, or that something genuine was accused: so ends a test whose defence is switched off.
Any other failure is a mistake in the test.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

import httpx
from eth_account import Account

from eseal.errors import InvalidFormatError, NotFoundError
from eseal.ledger.sending.sender import Sender
from eseal.ledger.sending.web3_ledger import Web3Ledger
from eseal.ledger.wire.finality import Finality
from eseal.log import tree
from eseal.log.checkpoint import Checkpoint, sign_checkpoint
from eseal.log.leaf import Leaf
from eseal.log.rfc9162 import leaf_hash
from eseal.log.tiles import encode_entries, parse_entries_path, parse_tile_path
from eseal.monitor.client import LogClient
from eseal.monitor.monitor import Monitor
from eseal.monitor.state import StateStore
from eseal.service.instance.ledger import account_of
from eseal.store.repositories.log import LogRepository
from eseal.verify import Finding, verify_digest
from tests.conftest import World
from tests.integration.dishonest import BESIDE, DOCUMENT, Operator, Tiles
from tests.unit.watch.conftest import Office, alarms

DIGEST = sha256(DOCUMENT).digest()
WEALTH = 10**18
LOG_PATH = "/log/"


class BrokenPromiseError(AssertionError):
    """An attack that nobody saw, or something genuine that was accused."""


class Forger(Operator):
    """A dishonest operator who keeps every leaf, to show a log that his heads are of."""

    def __init__(self, world, opened_here):
        super().__init__(world, opened_here)
        kept = LogRepository(opened_here.enter_context(world.service.context.database.read()))
        self.leaves = [leaf for _, leaf in kept.iterate_leaves()]

    def _receipt(self, tiles, leaf):
        if tiles is self.tiles:
            beside = Leaf(len(self.leaves), BESIDE, BESIDE)
            self.leaves += [beside.encode(), leaf.encode()]
        return super()._receipt(tiles, leaf)

    def put(self, leaf):
        """Append one leaf and have the ledger accept it."""
        self.anchor(leaf)

    def rewrite(self, index):
        """Put another leaf in the place of one, with all tiles above it made anew."""
        self.leaves[index] = Leaf(index, BESIDE, BESIDE).encode()
        self.tiles = Tiles(None, 0)
        self.tiles.append(*map(leaf_hash, self.leaves))

    def show(self, path):
        """What his log answers."""
        if path == "checkpoint":
            context = self.context
            root = tree.root(self.tiles, self.tiles.size)
            head = Checkpoint(context.instance.origin, self.tiles.size, root)
            return sign_checkpoint(head, context.sign_head, context.log_public_key)
        if path.startswith("tile/entries/"):
            tile = parse_entries_path(path)
            found = self.leaves[tile.index * 256 :][: tile.width]
            if len(found) < tile.width:
                raise NotFoundError("no such entries")
            return encode_entries(found)
        tile = parse_tile_path(path)
        return self.tiles.tile(tile.level, tile.index, tile.width)


@dataclass
class Stage:
    """Where attacks are played.

    Attributes:
        office: the service, its company and the company's watch.
        opened: closes what was opened, at the end.
        data_dir: of the instance.
        kept: what an attack holds in its hands, for a check that is switched off to go on with.
    """

    office: Office
    opened: object
    data_dir: object
    kept: dict = field(default_factory=dict)

    @property
    def service(self):
        return self.office.service

    @property
    def ledger(self):
        return self.office.ledger

    @property
    def seal(self):
        """The company's contract seal."""
        return self.office.seals[0]

    @property
    def issuer(self):
        return self.service.context.issuer_id

    @property
    def log_id(self):
        return self.service.context.instance.log_id

    @cached_property
    def world(self):
        seals = self.office.seals
        settings = self.service.context.settings
        return World(self.service, settings, self.office.company, *seals[:2])

    @cached_property
    def operator(self):
        """Whoever has the keys of operator, log, CA, seals and books; from the log as it is."""
        return Forger(self.world, self.opened)

    @cached_property
    def own(self):
        """The company's seal in the hands of whoever stole it."""
        return self.operator.own(self.seal)

    @cached_property
    def admin(self):
        """The administrator of the contracts."""
        return self.office.administration()

    @property
    def operator_account(self):
        """The operator's key of the ledger, in the hands of a thief."""
        context = self.service.context
        return account_of(context.keys, context.instance.operator_key_id)

    def send(self, account, call):
        """Send a call to a contract by an account."""
        sender = Sender(self.office.w3(), self.ledger.chain_id, account, Finality())
        return sender.send(call.to, call.data, call.kind)

    def writes(self, account):
        """The contracts, for an account."""
        return Web3Ledger(self.office.w3(), self.office.deployment(), Finality(), account)

    def stranger(self):
        """A new account of anybody's, with ether."""
        account = Account.create()
        self.fund(account.address)
        return account

    def forge(self, statement, *parameters):
        """Write to the database, as somebody with the file and no key."""
        with closing(sqlite3.connect(self.data_dir / "eseal.db", timeout=10)) as database, database:
            return database.execute(statement, parameters).rowcount

    def shows_his_log(self):
        """The dishonest operator serves the log that his heads are of."""

        def answer(request):
            if not request.url.path.startswith(LOG_PATH):
                return None
            with suppress(NotFoundError, InvalidFormatError):
                path = request.url.path.removeprefix(LOG_PATH)
                return httpx.Response(200, content=self.operator.show(path))
            return httpx.Response(404)

        self.office.portal.answer = answer

    def verdict(self, evidence, digest=DIGEST, **given):
        """What a stranger's verifier says, with nothing but evidence, ledger and trust file."""
        told = {"ledger": self.ledger, "trust": self.office.trust} | given
        return verify_digest(digest, evidence=evidence, **told)

    def finds(self, finding, evidence, **given):
        """A stranger finds just that; never green."""
        report = self.verdict(evidence, **given)
        if report.finding is Finding.AUTHENTIC:
            raise BrokenPromiseError(f"forged and green; expected {finding.value}")
        assert report.finding is finding, [(each.name.value, each.detail) for each in report.checks]
        return report

    def stands(self, evidence, **given):
        """Something genuine is green."""
        report = self.verdict(evidence, **given)
        if report.finding is not Finding.AUTHENTIC:
            raise BrokenPromiseError(f"genuine, and {report.finding.value}: {report.message}")
        return report

    def owner_sees(self, *kinds):
        """The owner's watch raises these alarms; that round."""
        done = self.office.watch()
        missing = set(kinds) - set(alarms(done))
        if missing:
            raise BrokenPromiseError(f"the owner sees {alarms(done)}, not {sorted(missing)}")
        return done

    def owner_is_content(self):
        """The owner's watch finds all as it should be."""
        done = self.office.watch()
        if done.exit_code:
            raise BrokenPromiseError(f"nothing happened, and the owner sees {alarms(done)}")
        return done

    def regulator_sees(self, period, *kinds):
        """A regulator finds this with the tickets of a period; all of it."""
        done = self.office.completeness(period)
        found = [one.kind.value for one in done.findings]
        if found != list(kinds):
            raise BrokenPromiseError(f"the regulator sees {found}, not {kinds}")
        return done

    def monitor(self):
        """One round of anybody's monitor."""
        client = LogClient("http://office.test/log", transport=self.office.portal, wait=0)
        store = StateStore(self.office.directory.with_name("monitor"))
        try:
            return Monitor(client, self.ledger, store, stall_after=60, sleep=lambda _: None).round()
        finally:
            client.close()

    def monitor_sees(self, *kinds):
        """Anybody's monitor raises these alarms; that round."""
        done = self.monitor()
        found = [alarm.kind.value for alarm in done.alarms]
        missing = set(kinds) - set(found)
        if missing:
            raise BrokenPromiseError(
                f"a monitor sees {found}, not {sorted(missing)}: {done.undecided}"
            )
        return done

    @contextmanager
    def refused(self, error, match=""):
        """Whoever is asked refuses, with this error."""
        try:
            yield
        except error as refusal:
            if match not in str(refusal):
                raise
        else:
            raise BrokenPromiseError(f"done, where {error.__name__} was expected")

    def holds(self, what, *, why):
        """A fact that the promise rests on."""
        if not what:
            raise BrokenPromiseError(why)

    def fund(self, address):
        """Ether for an account of anybody's, from the administrator's."""
        context, w3 = self.service.context, self.office.w3()
        transfer = {
            "to": address,
            "value": WEALTH,
            "gas": 21_000,
            "maxFeePerGas": 2 * w3.eth.gas_price,
            "maxPriorityFeePerGas": w3.eth.max_priority_fee,
            "nonce": w3.eth.get_transaction_count(self.admin.account),
            "chainId": self.ledger.chain_id,
        }
        signed = account_of(context.keys, context.instance.admin_key_id).sign_transaction(transfer)
        w3.eth.wait_for_transaction_receipt(w3.eth.send_raw_transaction(signed.raw_transaction))
