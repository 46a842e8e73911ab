"""What is asked of a node before it is relied on: chain, finality, contracts.

Each refusal is one line that says what to do.
"""

from __future__ import annotations

from collections.abc import Mapping

from eseal.errors import ConfigurationError, LedgerUnreachableError
from eseal.ledger.contracts.artifacts import SEAL_REGISTRY, USAGE_LEDGER, load_artifact
from eseal.ledger.contracts.deployment import Deployment
from eseal.ledger.wire.connection import Connection, NodeRefusedError, as_fields, as_quantity
from eseal.ledger.wire.finality import Finality, FinalityRule

SETTING = "ESEAL_LEDGER_FINALITY"
QBFT_DIFFICULTY = 1
"""QBFT and IBFT blocks all have this difficulty, blocks after the Merge 0. A Clique block has 2
when its signer's turn has come, a proof-of-work block more than anybody can count."""


def check_chain(connection: Connection, deployment: Deployment) -> None:
    """Check that the node is on the contracts' chain.

    Raises:
        ConfigurationError: it is on another.
        LedgerUnreachableError: it could not be asked.
    """
    chain_id = connection.quantity("eth_chainId")
    if chain_id != deployment.chain_id:
        raise ConfigurationError(
            f"the node is on chain {chain_id}, expected {deployment.chain_id}: name a node of that "
            "chain (--ledger, --rpc or ESEAL_LEDGER_URL), or restore the embedded one's ledger.db"
        )


def check_contracts(connection: Connection, deployment: Deployment, at: str) -> None:
    """Check that the addresses hold the very contracts this program was built with.

    Byte for byte: a contract that has our functions but not our code may answer anything.

    Args:
        connection: the node.
        deployment: the addresses.
        at: block tag or hex height that counts as final.

    Raises:
        ConfigurationError: no code, other code, or code that is not in a final block yet.
        LedgerUnreachableError: it could not be asked.
    """
    registry = bytes.fromhex(deployment.seal_registry.removeprefix("0x"))
    for name, address, immutable in (
        (SEAL_REGISTRY, deployment.seal_registry, b""),
        (USAGE_LEDGER, deployment.usage_ledger, registry),
    ):
        code = _code(connection, address, at)
        if not code and connection.has_code(address):
            raise ConfigurationError(
                f"the {name} at {address} is not in a final block yet: wait until it is, or see "
                f"whether {SETTING} fits this chain"
            )
        if not code:
            raise ConfigurationError(
                f"chain {deployment.chain_id} has no {name} at {address}: use the deployment file "
                "that belongs to this chain, or wait until the node has caught up"
            )
        if code != load_artifact(name).deployed_code(immutable):
            raise ConfigurationError(
                f"the contract at {address} is not the {name} of this version of eseal: use the "
                "version it was deployed with, or the deployment file of contracts this one made"
            )


def check_finality(connection: Connection, finality: Finality) -> None:
    """Check the finality setting against what the node says of its chain.

    Raises:
        ConfigurationError: ``tag`` and the node knows no final block; ``immediate`` and blocks of
            this chain can still be replaced.
        LedgerUnreachableError: it could not be asked.
    """
    if finality.rule is FinalityRule.TAG and _height(connection, finality.tag()) is None:
        raise ConfigurationError(
            f"the node does not say which block is final, as {SETTING}={finality} needs: set it to "
            "immediate (QBFT, IBFT) or depth:N, or wait until the chain has a final block"
        )
    if finality.rule is FinalityRule.IMMEDIATE:
        _check_immediate(connection)


def _check_immediate(connection: Connection) -> None:
    newest = as_fields(connection.request("eth_getBlockByNumber", "latest", False), "block")
    if as_quantity(newest.get("number"), "block.number") == 0:
        return  # the genesis block has whatever difficulty its file says
    difficulty = newest.get("difficulty")
    if difficulty is not None and as_quantity(difficulty, "block.difficulty") > QBFT_DIFFICULTY:
        raise ConfigurationError(
            f"{SETTING}=immediate, but blocks of this chain have a difficulty, so that they can be "
            f"replaced (Clique, proof of work): set {SETTING}=depth:N, as deep as that network's "
            "practice"
        )
    if _of_a_beacon_chain(newest):
        final = _height(connection, "finalized")
        height = as_quantity(newest.get("number"), "block.number")
        if final is not None and final < height:
            raise ConfigurationError(
                f"{SETTING}=immediate, but the node is at block {height} and calls only block "
                f"{final} final: set {SETTING}=tag:finalized"
            )


def _of_a_beacon_chain(block: Mapping[str, object]) -> bool:
    """Whether a beacon chain decides on this block (EIP-4788); development nodes leave it zero."""
    root = block.get("parentBeaconBlockRoot")
    return isinstance(root, str) and root.strip("0x") != ""


def _height(connection: Connection, tag: str) -> int | None:
    """The height of the block at a tag, or ``None`` if the node does not know one."""
    try:
        block = connection.block(tag)
    except NodeRefusedError:
        return None
    return None if block is None else block.number


def _code(connection: Connection, address: str, at: str) -> bytes:
    try:
        return connection.code(address, at)
    except NodeRefusedError as error:
        raise LedgerUnreachableError(
            f"the node does not give the state at its final block ({at}): {error.message}; it must "
            f"keep the state that far back, or {SETTING} is too deep"
        ) from error
