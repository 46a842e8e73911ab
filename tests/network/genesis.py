"""Block zero of the test network, and who its validators are."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import rlp
from eth_keys import keys

CHAIN_ID = 20_250_033
"""A number no public network uses."""
VANITY, SEAL = bytes(32), bytes(65)
"""Istanbul's extra data: 32 free bytes, then RLP of validators, proposer's seal, votes."""
LATER = 86_400
"""Blocks between two looks at stakes, of which there are none here."""


@dataclass(frozen=True, slots=True)
class Validator:
    """One validator, all of it on this machine.

    Attributes:
        number: from 1.
        key: its node key, 32 bytes: names it to its peers and signs its votes.
        p2p: port its peers reach it at.
        rpc: port of its JSON-RPC.
    """

    number: int
    key: bytes
    p2p: int
    rpc: int

    @classmethod
    def make(cls, number: int, p2p: int, rpc: int) -> Validator:
        """One with a new key."""
        return cls(number, secrets.token_bytes(32), p2p, rpc)

    @property
    def url(self) -> str:
        """Its JSON-RPC."""
        return f"http://127.0.0.1:{self.rpc}"

    @property
    def address(self) -> bytes:
        """20 bytes: what it is called among the validators."""
        return keys.PrivateKey(self.key).public_key.to_canonical_address()

    @property
    def peer(self) -> str:
        """What the others dial."""
        public = keys.PrivateKey(self.key).public_key.to_bytes().hex()
        return f"kni://{public}@127.0.0.1:{self.p2p}?discport=0&ntype=cn"


def genesis(validators: Sequence[Validator]) -> dict[str, Any]:
    """Block zero: these validators, gas for nothing, all rules up to Cancun's from the start.

    Free gas is a base fee whose least and greatest value are both zero: then no account needs
    funds, and what an account may do is for the contracts to say.
    """
    members = [validator.address for validator in validators]
    forks = ("istanbul", "london", "ethTxType", "magma", "kore", "shanghai", "cancun")
    config: dict[str, Any] = {f"{fork}CompatibleBlock": 0 for fork in forks}
    extra = VANITY + rlp.encode([members, SEAL, []])
    return {
        "config": config
        | {
            "chainId": CHAIN_ID,
            "istanbul": {"epoch": 604_800, "policy": 0, "sub": len(members)},
            "unitPrice": 0,
            "deriveShaImpl": 2,
            "governance": {
                "governingNode": "0x" + members[0].hex(),
                "governanceMode": "none",
                "govParamContract": "0x" + bytes(20).hex(),
                "reward": {
                    "mintingAmount": 0,
                    "ratio": "100/0/0",
                    "kip82ratio": "20/80",
                    "useGiniCoeff": False,
                    "deferredTxFee": True,
                    "stakingUpdateInterval": LATER,
                    "proposerUpdateInterval": LATER,
                    "minimumStake": 5_000_000,
                },
                "kip71": {
                    "lowerboundbasefee": 0,
                    "upperboundbasefee": 0,
                    "gastarget": 30_000_000,
                    "maxblockgasusedforbasefee": 60_000_000,
                    "basefeedenominator": 20,
                },
            },
        },
        "timestamp": "0x0",
        "extraData": "0x" + extra.hex(),
        "governanceData": None,
        "blockScore": "0x1",
        "alloc": {"0x" + member.hex(): {"balance": "0x0"} for member in members},
        "number": "0x0",
        "gasUsed": "0x0",
        "parentHash": "0x" + bytes(32).hex(),
    }
