"""The log and the ledger."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from eseal_api.schemas.common import Address, Answer, Base64, BlockHash, Count, Hash


class AuthorityOut(Answer):
    """An authority that names companies."""

    vrf_key: Annotated[Hash, Field(description="Of its verifiable random function (RFC 9381).")]
    attest_key: Annotated[Hash, Field(description="Ed25519, signs its subject proofs.")]
    schemes: Annotated[list[str], Field(description="Registers it names companies of.")]
    name: Annotated[str | None, Field(description="What it is called here.")] = None


class TrustOut(Answer):
    """What a verifier has to know: the content of a trust file."""

    chain_id: Count
    seal_registry: Address
    usage_ledger: Address
    block: Annotated[Count, Field(description="The height from which both contracts exist.")]
    roots: Annotated[list[Base64], Field(description="Root certificates of the issuer, DER.")]
    authorities: list[AuthorityOut]
    logs: Annotated[list[str] | None, Field(description="Keys of logs, if any are pinned.")] = None


class HeadOut(Answer):
    """A head of the log, as the ledger has it: whoever has the operator's account anchors any."""

    size: Annotated[int, Field(ge=0, lt=2**64)]
    root: Hash


class LogOut(Answer):
    """The log of uses."""

    origin: Annotated[str, Field(description="The log's name, first line of its checkpoints.")]
    log_id: Annotated[
        Hash, Field(description="SHA-256 of issuer and origin: its name on the ledger.")
    ]
    public_key: Annotated[Base64, Field(description="Ed25519, 32 bytes in base64.")]
    size: Annotated[Count, Field(description="Leaves under the newest checkpoint.")]
    pending_leaves: Annotated[Count, Field(description="Leaves no anchored head covers yet.")]


class LedgerOut(Answer):
    """Where the record stands, and how anybody can check it without this service."""

    chain_id: Count
    seal_registry: Address
    usage_ledger: Address
    head: Annotated[HeadOut, Field(description="What the ledger itself says, asked just now.")]
    log: LogOut
    trust: TrustOut


class BlockOut(Answer):
    """A block of the ledger."""

    number: Count
    hash: BlockHash
    timestamp: Annotated[Count, Field(description="Unix seconds, as the block states it.")]


class AnchoredOut(Answer):
    """A head that was just anchored."""

    size: Count
    root: Hash
    block: BlockOut
    transaction: BlockHash
    gas_used: Annotated[Count, Field(description="0 if the ledger had it already.")]
    new_leaves: Count


class AnchoringOut(Answer):
    """What came of an anchoring."""

    anchored: Annotated[
        AnchoredOut | None, Field(description="Null if the ledger has the newest head already.")
    ]
    pending_leaves: Count


class RpcIn(Answer):
    """A JSON-RPC 2.0 request."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [{"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber", "params": []}]
        },
    )

    jsonrpc: str
    method: str


class HealthOut(Answer):
    """That the service runs."""

    status: str
