"""The contracts as web3 sees them on eth-tester's chain: a client and a chain that are not ours.

What the log proves in Python must be what the contract accepts in Solidity, for trees of any size.
"""

from __future__ import annotations

import hashlib
import json
import random
from itertools import pairwise
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_tester.exceptions import TransactionFailed
from eth_utils.crypto import keccak
from web3 import EthereumTesterProvider, Web3

from eseal.errors import NotFoundError
from eseal.log import tree
from eseal.log.rfc9162 import leaf_hash

ARTIFACTS = Path(__file__).parents[3] / "contracts" / "artifacts"
ISSUER = hashlib.sha256(b"issuer").digest()
ORIGIN = "log.example/one"
LOG_ID = hashlib.sha256(ISSUER + ORIGIN.encode()).digest()
LEAVES = [leaf_hash(b"%d" % n) for n in range(700)]


class Memory:
    """Tiles in a dictionary."""

    def __init__(self, size: int) -> None:
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.tiles.update(tree.append(self, 0, LEAVES[:size]).tiles)

    def tile(self, level: int, index: int, width: int) -> bytes:
        found = self.tiles.get((level, index), b"")
        if len(found) < width * 32:
            raise NotFoundError("no such tile")
        return found[: width * 32]


FULL = Memory(len(LEAVES))


@pytest.fixture(scope="module")
def w3() -> Web3:
    return Web3(EthereumTesterProvider())


@pytest.fixture(scope="module")
def registry(w3):
    """A registry with one issuer, of which the first account is admin and operator."""
    admin = w3.eth.accounts[0]
    w3.eth.default_account = admin
    contract = _deploy(w3, "SealRegistry", 0, admin)
    _mine(w3, contract.functions.admitIssuer(ISSUER, admin))
    return contract


@pytest.fixture(scope="module")
def ledger(w3, registry):
    """A usage ledger with one open log, operated by the first account."""
    contract = _deploy(w3, "UsageLedger", registry.address)
    _mine(w3, contract.functions.openLog(ISSUER, ORIGIN, bytes(31) + b"\x01"))
    return contract


def _deploy(w3: Web3, name: str, *arguments: object):
    artifact = json.loads((ARTIFACTS / f"{name}.json").read_bytes())
    abi = artifact["abi"]
    factory = w3.eth.contract(abi=abi, bytecode=artifact["bytecode"])
    receipt = _mine(w3, factory.constructor(*arguments))
    return w3.eth.contract(address=receipt["contractAddress"], abi=abi)


def _mine(w3: Web3, call):
    receipt = w3.eth.wait_for_transaction_receipt(call.transact())
    assert receipt["status"] == 1
    return receipt


def test_what_python_proves_solidity_accepts(w3, ledger):
    sizes = [0, *sorted(random.Random(20261122).sample(range(1, 700), 24))]
    for old, new in pairwise(sizes):
        proof = list(tree.consistency(FULL, old, new)) if old else []
        root = tree.root(FULL, new)
        _mine(w3, ledger.functions.advance(LOG_ID, old, new, root, proof))
        assert ledger.functions.head(LOG_ID).call() == [new, root]
        assert ledger.functions.rootAt(LOG_ID, new).call() == root
        prover = tree.Prover(FULL, new)
        index = new // 2
        arguments = (LOG_ID, new, index, LEAVES[index], list(prover.inclusion(index)))
        assert ledger.functions.verifyInclusion(*arguments).call() is True
        wrong = (LOG_ID, new, index, LEAVES[(index + 1) % 700], arguments[-1])
        assert ledger.functions.verifyInclusion(*wrong).call() is False


def test_a_fork_and_a_stale_head_are_refused(w3, ledger):
    snapshot = w3.provider.ethereum_tester.take_snapshot()
    size, root = ledger.functions.head(LOG_ID).call()
    forked = tree.append(Memory(0), 0, [leaf_hash(b"other"), *LEAVES[1:700]])
    proof = list(tree.consistency(FULL, size, 700))
    for call, error in (
        (
            ledger.functions.advance(LOG_ID, size, 700, forked.root, proof),
            "InvalidConsistencyProof()",
        ),
        (
            ledger.functions.advance(LOG_ID, size - 1, 700, tree.root(FULL, 700), proof),
            "StaleHead(uint64,bytes32)",
        ),
        (ledger.functions.advance(LOG_ID, size, size, root, []), "HeadNotLarger(uint64,uint64)"),
    ):
        with pytest.raises(TransactionFailed) as refused:
            call.call()
        assert str(keccak(text=error)[:4])[2:-1] in str(refused.value)
    _mine(w3, ledger.functions.advance(LOG_ID, size, 700, tree.root(FULL, 700), proof))
    assert ledger.functions.head(LOG_ID).call()[0] == 700
    w3.provider.ethereum_tester.revert_to_snapshot(snapshot)
    assert ledger.functions.head(LOG_ID).call() == [size, root], "a re-organisation took it away"


def _typed_company(w3: Web3, registry, company: dict[str, object]):
    """What an authority signs (EIP-712), as eth-account encodes it."""
    return encode_typed_data(
        domain_data={
            "name": "eseal SealRegistry",
            "version": "2",
            "chainId": w3.eth.chain_id,
            "verifyingContract": registry.address,
        },
        message_types={
            "Company": [
                {"name": "subject", "type": "bytes32"},
                {"name": "vrfKey", "type": "bytes32"},
                {"name": "foundersHash", "type": "bytes32"},
                {"name": "foundersAccount", "type": "address"},
            ]
        },
        message_data=company,
    )


def test_a_company_and_its_stop_codes_made_in_python(w3, registry):
    authority = Account.from_key(b"\x11" * 32)
    output = b"\x01" * 32
    company = {
        "subject": hashlib.sha256(b"\x02" * 32 + output).digest(),
        "vrfKey": b"\x02" * 32,
        "foundersHash": b"\x03" * 32,
        "foundersAccount": w3.eth.accounts[1],
    }
    _mine(w3, registry.functions.setAuthorityAccount(b"\x04" * 32, authority.address))
    _mine(w3, registry.functions.addAuthorityKey(b"\x04" * 32, company["vrfKey"], b"\x05" * 32))
    signature = authority.sign_message(_typed_company(w3, registry, company)).signature
    _, *values = company.values()
    _mine(w3, registry.functions.registerCompanies([(output, *values)], [signature]))
    assert registry.functions.companyOf(company["subject"]).call()[:3] == values

    certificate = hashlib.sha256(b"a certificate").digest()
    handle = hashlib.sha256(ISSUER + certificate).digest()
    place = w3.eth.chain_id.to_bytes(32) + bytes.fromhex(registry.address[2:]) + handle
    chain = [b"\x06" * 32]
    for _ in range(3):
        chain.append(hashlib.sha256(place + chain[-1]).digest())
    stop_hash = chain.pop()
    seal = (certificate, company["subject"], 0, 2**63, 10, b"\x07" * 32, stop_hash)
    _mine(w3, registry.functions.registerSeals(ISSUER, [seal]))
    _mine(w3, registry.functions.stopByOwner(handle, chain.pop()))
    assert registry.functions.statusAt(handle, 2**62).call()[0::3] == [2, 1], "suspended, by owner"
    _mine(w3, registry.functions.resumeByOwner(handle, chain.pop()))
    assert registry.functions.statusAt(handle, 2**62).call()[0::3] == [1, 0], "active"
