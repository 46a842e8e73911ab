"""The files of docs/consortium.md, checked by reading them as the node would."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import rlp
from eth_keys import keys

SCRIPT = Path(__file__).parents[3] / "scripts" / "qbft_network"
ACCOUNT = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"

# The example of Besu's own documentation of QBFT: four validators, and its extraData.
DOCUMENTED = (
    "0xf87aa00000000000000000000000000000000000000000000000000000000000000000f85494"
    "64a702e6263b7297a96638cac6ae65e6541f416994"
    "3923390ad55e90c237593b3b0e401f3b08a0318594"
    "aefdb9a738c9f433e5b6b212a6d62f6370c2f69294"
    "c7eeb9a4e00ce683cf93039b212648e01c6c6b78c080c0"
)


def run(out, *words):
    return subprocess.run(
        [sys.executable, SCRIPT, "--chain-id", "20330", "--out", out, *words],
        capture_output=True,
        text=True,
        check=False,
    )


def validators(count):
    made = [keys.PrivateKey(bytes([n]) * 32).public_key for n in range(1, count + 1)]
    words = [f"{key.to_bytes().hex()}@10.0.0.{n}:30303" for n, key in enumerate(made)]
    return made, [word for text in words for word in ("--validator", text)]


def test_the_encoding_is_the_one_besu_documents():
    vanity, addresses, vote, number, seals = rlp.decode(bytes.fromhex(DOCUMENTED[2:]))
    assert (vanity, vote, number, seals) == (bytes(32), [], b"", [])
    assert rlp.encode([bytes(32), addresses, [], 0, []]).hex() == DOCUMENTED[2:]


def test_block_zero_names_the_validators_and_makes_gas_free(tmp_path):
    made, words = validators(4)
    done = run(tmp_path, *words, "--account", ACCOUNT)
    assert done.returncode == 0, done.stderr
    genesis = json.loads((tmp_path / "genesis.json").read_text())
    vanity, addresses, vote, number, seals = rlp.decode(bytes.fromhex(genesis["extraData"][2:]))
    assert addresses == sorted(key.to_canonical_address() for key in made)
    assert (vanity, vote, number, seals) == (bytes(32), [], b"", [])
    assert genesis["config"]["zeroBaseFee"] is True
    assert genesis["config"]["chainId"] == 20330
    assert (
        genesis["config"]["qbft"]["requesttimeoutseconds"]
        > (genesis["config"]["qbft"]["blockperiodseconds"])
    )
    assert genesis["config"]["cancunTime"] == 0, "the contracts are compiled for Cancun"
    assert genesis["alloc"] == {}, "nobody owns anything where gas is free"


def test_only_the_named_nodes_and_accounts_are_let_in(tmp_path):
    made, words = validators(5)
    assert run(tmp_path, *words, "--account", ACCOUNT.lower()).returncode == 0
    allowed = tomllib.loads((tmp_path / "permissions_config.toml").read_text())
    static = json.loads((tmp_path / "static-nodes.json").read_text())
    assert allowed["nodes-allowlist"] == static
    assert static[0] == f"enode://{made[0].to_bytes().hex()}@10.0.0.0:30303"
    assert allowed["accounts-allowlist"] == [ACCOUNT]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (validators(3)[1], "at least 4"),
        (validators(1)[1] * 4, "at least 4"),
        ([*validators(4)[1], "--validator", "abc@host:1"], "128 hex digits"),
        ([*validators(4)[1], "--account", "0x12"], "40 hex digits"),
    ],
)
def test_what_cannot_be_used_is_one_line(tmp_path, words, told):
    done = run(tmp_path / "out", *words)
    assert done.returncode == 1
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()
