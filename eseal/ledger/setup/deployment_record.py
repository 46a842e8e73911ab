"""The record of a deployment, for auditors and successors: what was put where, by whom, from what.

Verifiers need none of it: they trust a :class:`~eseal.ledger.contracts.deployment.Deployment`. All
of it can be checked on the chain, except from which source the contracts were built.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from eth_utils.address import to_canonical_address, to_checksum_address
from eth_utils.crypto import keccak

from eseal.errors import LedgerUnreachableError
from eseal.ledger.contracts.addresses import created_address
from eseal.ledger.contracts.artifacts import SEAL_REGISTRY, USAGE_LEDGER, load_artifact
from eseal.ledger.contracts.deployment import Deployment
from eseal.ledger.setup.contract_setup import first_block_with_code
from eseal.ledger.wire.connection import Connection, as_data, as_fields, as_quantity

if TYPE_CHECKING:
    from web3 import Web3

ROOT = Path(__file__).parents[3]
"""The checkout, where eseal runs from one."""
GIT_SECONDS = 5
"""Asking git for the commit reads a few files; a slower disk is not worth waiting for."""


@dataclass(frozen=True, slots=True)
class ContractRecord:
    """One contract on the chain.

    Attributes:
        address: checksummed (EIP-55).
        transaction: hash of the transaction that created it, 0x and hex; ``None`` if the node has
            dropped the state by which it is found.
        block: the height from which it exists; with no transaction, one at which it does.
        block_hash: that block's hash, 0x and hex.
        code_hash: Keccak-256 of the code there (EIP-1052), 0x and hex.
    """

    address: str
    transaction: str | None
    block: int
    block_hash: str
    code_hash: str


@dataclass(frozen=True, slots=True)
class Build:
    """From what the contracts were built.

    Attributes:
        version: of eseal.
        source: ``git describe`` of the checkout it ran from, else the version again.
        compiler: version and commit of solc.
    """

    version: str
    source: str
    compiler: str


@dataclass(frozen=True, slots=True)
class DeploymentRecord:
    """One pair of contracts, and how it came to be.

    Attributes:
        chain_id: EIP-155 chain id.
        deployer: the account that created the contracts, checksummed.
        contracts: each by its name.
        build: ``None`` if the contracts were not created with the bytecode of this version.
    """

    chain_id: int
    deployer: str
    contracts: Mapping[str, ContractRecord]
    build: Build | None

    def encode(self) -> bytes:
        """This record as JSON."""
        return orjson.dumps(self, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def record_path(directory: Path, chain_id: int) -> Path:
    """Where the record of a network's deployment lies."""
    return directory / f"deployment-{chain_id}.json"


def write_record(directory: Path, w3: Web3, deployment: Deployment, deployer: str) -> None:
    """Write the record, unless the one that is there says the same of the contracts, or more.

    A later version of eseal can no longer say from what an earlier one built them, and a node that
    has dropped old state no longer finds the transactions.

    Raises:
        LedgerUnreachableError: the node cannot be asked.
    """
    record = describe(w3, deployment, deployer)
    path = record_path(directory, deployment.chain_id)
    if path.exists():
        complete = all(contract.transaction for contract in record.contracts.values())
        if not complete or _contracts(path.read_bytes()) == _contracts(record.encode()):
            return
    path.write_bytes(record.encode())


def describe(w3: Web3, deployment: Deployment, deployer: str) -> DeploymentRecord:
    """Look the contracts up on the chain.

    Args:
        w3: a node of that chain.
        deployment: where they are.
        deployer: the account that created them.

    Raises:
        LedgerUnreachableError: the node cannot be asked, or has no such contracts.
    """
    connection = Connection(w3)
    contracts: dict[str, ContractRecord] = {}
    ours = True
    for name, address in (
        (SEAL_REGISTRY, deployment.seal_registry),
        (USAGE_LEDGER, deployment.usage_ledger),
    ):
        contracts[name], creation = _look_up(connection, address, deployer)
        ours &= creation.startswith(load_artifact(name).bytecode)
    return DeploymentRecord(
        chain_id=deployment.chain_id,
        deployer=to_checksum_address(deployer),
        contracts=contracts,
        build=_build() if ours else None,
    )


def _look_up(connection: Connection, address: str, deployer: str) -> tuple[ContractRecord, bytes]:
    """The record of one contract, and the data it was created with (empty if not found)."""
    code = as_data(connection.request("eth_getCode", address, "latest"), "eth_getCode")
    number = first_block_with_code(connection, address)
    answer = connection.request("eth_getBlockByNumber", hex(number), True)
    block = as_fields(answer, "eth_getBlockByNumber")
    if not code:
        raise LedgerUnreachableError(f"expected a contract at {address}, the node has none there")
    transaction, creation = _find_creation(block.get("transactions"), address, deployer)
    record = ContractRecord(
        address=address,
        transaction=transaction,
        block=number,
        block_hash=_hex(as_data(block.get("hash"), "block.hash", 32)),
        code_hash=_hex(keccak(code)),
    )
    return record, creation


def _find_creation(transactions: Any, address: str, deployer: str) -> tuple[str | None, bytes]:
    sender, wanted = to_canonical_address(deployer), to_canonical_address(address)
    for transaction in (as_fields(each, "transaction") for each in transactions or ()):
        if as_data(transaction.get("from"), "transaction.from", 20) != sender:
            continue
        nonce = as_quantity(transaction.get("nonce"), "transaction.nonce")
        if transaction.get("to") is None and created_address(sender, nonce) == wanted:
            found = as_data(transaction.get("hash"), "transaction.hash", 32)
            return _hex(found), as_data(transaction.get("input"), "transaction.input")
    return None, b""


def _build() -> Build:
    version = metadata.version("eseal")
    return Build(version, _commit() or version, load_artifact(SEAL_REGISTRY).compiler)


def _commit() -> str | None:
    """``git describe`` of the checkout; ``None`` where eseal is installed, or git cannot say."""
    git = shutil.which("git")
    # An installed package may lie within somebody else's repository.
    if git is None or not (ROOT / ".git").exists() or not (ROOT / "contracts").is_dir():
        return None
    command = [git, "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        done = subprocess.run(  # noqa: S603  # a fixed command, on our own checkout
            command, capture_output=True, text=True, check=True, timeout=GIT_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def _contracts(record: bytes) -> object:
    """What a record says of the contracts; ``None`` if it is no record."""
    try:
        fields = orjson.loads(record)
    except orjson.JSONDecodeError:
        return None
    return fields.get("contracts") if isinstance(fields, dict) else None


def _hex(data: bytes) -> str:
    return "0x" + data.hex()
