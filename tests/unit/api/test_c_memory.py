from __future__ import annotations

import subprocess
import sys

from eseal_api.frame import c_memory


def test_elsewhere_than_on_glibc_nothing_happens(monkeypatch):
    monkeypatch.setattr(c_memory.ctypes, "CDLL", lambda _: object())
    c_memory.keep_little()


def test_the_heap_shrinks_again():
    program = (
        "from eseal_api.frame import c_memory\nc_memory.keep_little()\n"
        "def resident():\n"
        "    return int(open('/proc/self/statm').read().split()[1]) * 4096\n"
        "raised = bytes(16 << 20)\ndel raised\n"
        "blocks = [b'x' * (400_000 + n) for n in range(256)]\n"
        "last = blocks[-1]\n"
        "full = resident()\n"
        "del blocks\n"
        "print(full - resident())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert int(done.stdout) > 90_000_000
