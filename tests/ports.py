"""Ports for servers of the tests that cannot listen on "any port" and say which."""

from __future__ import annotations

import random
import socket

PORTS = range(20_000, 32_000)
"""Below those Linux picks by itself, from 32768: nobody who asks for any port is given one."""
_held: list[socket.socket] = []


def free_port() -> int:
    """A port nobody listens on, and which nobody else is given while this process lives.

    Between this call and the moment a server listens, and again while a killed server is down, a
    port is free for everybody. So each is claimed by a name in Linux's abstract namespace, which
    ends with the process: no other worker, and no other run on this machine, claims it, too.
    """
    for port in random.sample(PORTS, len(PORTS)):
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0eseal-tests-port-{port}")
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
        else:
            _held.append(claim)
            return port
    raise RuntimeError(f"no port from {PORTS[0]} to {PORTS[-1]} is free")
