"""What the tests ask of an anvil beside the node's own work."""

from __future__ import annotations

import re

import httpx

HUNDRED_ETHER = 10**20
SECONDS = 10
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


def ask(url: str, method: str, *parameters: object):
    """The result of one JSON-RPC call; an error fails the test."""
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    answer = httpx.post(url, json=request, timeout=SECONDS, trust_env=False).json()
    assert "error" not in answer, answer
    return answer["result"]


def fund(url: str, told: object) -> None:
    """Give a hundred ether to every account that a message names."""
    for account in _ADDRESS.findall(str(told)):
        ask(url, "anvil_setBalance", account, hex(HUNDRED_ETHER))
