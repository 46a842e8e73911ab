import os
import subprocess
import sys

import pytest

from eseal.errors import LedgerLockedError
from eseal.ledger.node.lock import FileLock

HOLD = """
import sys, time
from pathlib import Path
from eseal.ledger.node.lock import FileLock
lock = FileLock.acquire(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_the_second_taker_learns_who_holds_it(tmp_path):
    path = tmp_path / "lock"
    lock = FileLock.acquire(path)
    with pytest.raises(LedgerLockedError, match=f"in use by process {os.getpid()};"):
        FileLock.acquire(path)
    lock.release()
    lock.release()  # twice does no harm
    FileLock.acquire(path).release()


def test_it_dies_with_the_process_that_holds_it(tmp_path):
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LedgerLockedError, match=f"in use by process {holder.pid};"):
            FileLock.acquire(path)
        holder.kill()
        holder.wait()
        FileLock.acquire(path).release()


def test_a_holder_that_has_not_written_its_id_yet(tmp_path):
    path = tmp_path / "lock"
    lock = FileLock.acquire(path)
    path.write_text("")
    with pytest.raises(LedgerLockedError, match="in use by another process"):
        FileLock.acquire(path)
    lock.release()
