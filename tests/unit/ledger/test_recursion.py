import subprocess
import sys

PROGRAM = """
import eseal.ledger.node.embedded, json
try:
    json.loads("[" * 100_000)
except RecursionError:
    print("refused")
"""


def test_the_chain_leaves_nested_input_refusable():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout.strip(), done.returncode) == ("refused", 0)
