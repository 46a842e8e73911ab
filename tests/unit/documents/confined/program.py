"""A warm process with tasks that do what no document should be able to do.

Only tests start it: ``Reader(program=...)``. The service starts the program that knows what is
listed in ``eseal.documents.confined.tasks``.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from eseal import errors
from eseal.documents.confined import exchange
from eseal.documents.confined.__main__ import main

NAME = "tests.unit.documents.confined.program"


def echo(*files, **arguments):
    return [len(file) for file in files], b"".join(files) + repr(arguments).encode()


def values(*_, value):
    return value


def spin(*_, seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
    return time.process_time()


def defy(*_):
    """Spin although the timers say it is enough."""
    for each in (signal.SIGPROF, signal.SIGALRM, signal.SIGXCPU):
        outcome(lambda each=each: signal.signal(each, signal.SIG_IGN))
    outcome(lambda: signal.setitimer(signal.ITIMER_PROF, 0))
    return spin(seconds=60)


def sleep(*_, seconds):
    time.sleep(seconds)


def grow(*_, size):
    kept = []
    for _ in range(size >> 20):
        kept.append(bytearray(b"x" * (1 << 20)))  # noqa: PERF401  one after the other
    return len(kept)


def large(*_, size):
    return bytes(size)


def wordy(*_, size):
    return "x" * size


def fail(*_, kind, **arguments):
    raise getattr(errors, kind)("no\x1b[31m way", **arguments)


def stumble(*_):
    return {}["no such key"]


def crash(*_):
    ctypes.string_at(0)


def leave(*_, code):
    os._exit(code)


def limits(*_):
    names = ("CPU", "AS", "FSIZE", "NOFILE", "NPROC", "CORE")
    return {name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}")) for name in names}


def standing(*_):
    return {"environment": sorted(os.environ), "open": [*filter(is_open, range(3, 64))]}


def is_open(descriptor):
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def outcome(what):
    try:
        done = what()
    except (OSError, ValueError) as error:
        return type(error).__name__
    return "done" if done is None else str(done)


def try_all(*_, secret, allowed, port, parent):  # noqa: C901  a list
    """Everything that is to be given up, and how it ended."""
    libc = ctypes.CDLL(None, use_errno=True)

    def called(number, *arguments):
        if libc.syscall(number, *arguments) < 0:
            raise OSError(ctypes.get_errno(), "refused")

    def sent():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.sendto(b"secret", ("127.0.0.1", port))

    def paired():
        for each in socket.socketpair():
            each.close()

    def thread():
        try:
            threading.Thread(target=int).start()
        except RuntimeError:
            raise OSError from None

    def forked():
        if os.fork() == 0:
            os._exit(0)

    def raised():
        resource.setrlimit(resource.RLIMIT_CPU, (1 << 20, 1 << 20))
        if resource.getrlimit(resource.RLIMIT_CPU)[1] != 1 << 20:
            raise OSError

    return {
        "read a secret": outcome(lambda: Path(secret).read_bytes() and None),
        "list a directory": outcome(lambda: [*Path(secret).parent.iterdir()] and None),
        "write a new file": outcome(lambda: os.close(os.open(
            f"{allowed}/new", os.O_WRONLY | os.O_CREAT))),
        "write an old file": outcome(lambda: os.close(os.open(f"{allowed}/font", os.O_RDWR))),
        "remove a file": outcome(lambda: Path(f"{allowed}/font").unlink()),
        "connect": outcome(lambda: socket.create_connection(("127.0.0.1", port), 5).close()),
        "send a datagram": outcome(sent),
        "a pair of sockets": outcome(paired),
        "run a program": outcome(lambda: subprocess.run(["/bin/true"], check=True) and None),
        "become a program": outcome(lambda: os.execv("/bin/true", ["true"])),  # noqa: S606
        "fork": outcome(forked),
        "a thread": outcome(thread),
        "signal its parent": outcome(lambda: os.kill(parent, 0)),
        "trace its parent": outcome(lambda: called(101, 16, parent, 0, 0)),
        "memory of its parent": outcome(lambda: called(310, parent, 0, 0, 0, 0, 0)),
        "a memory file": outcome(lambda: os.close(os.memfd_create("more"))),
        "lift a limit": outcome(raised),
        "stop its timer": outcome(lambda: signal.setitimer(signal.ITIMER_PROF, 0) and None),
        "become kind again": outcome(lambda: os.setpriority(os.PRIO_PROCESS, 0, 0)),
    }  # fmt: skip


def count_to(*_, most):
    counted = []

    def count(number):
        counted.append(number)
        return counted

    for number in range(most):
        yield partial(count, number)


def files(*_, sizes):
    for size in sizes:
        yield partial(bytes, size)


def then(*_, size, what):
    """A long answer, something that happens, and another answer."""
    happens = {
        "fail": partial(fail, kind="TooLargeError"),
        "stumble": stumble,
        "crash": crash,
        "spin": partial(spin, seconds=60),
        "sleep": partial(sleep, seconds=1.0),
        "rewrite": rewrite,
        "take_back": take_back,
        "go_on_and_on": go_on_and_on,
        "write_half": write_half,
        "wordy": partial(wordy, size=size),
    }
    yield partial(wordy, size=size)
    yield happens[what]
    yield lambda: "went on"


def say_everywhere(said):
    """Into whatever is open, from its beginning where it has one."""
    for descriptor in filter(is_open, range(3, 64)):
        outcome(lambda descriptor=descriptor: os.lseek(descriptor, 0, os.SEEK_SET))
        outcome(lambda descriptor=descriptor: os.write(descriptor, said))


def rewrite(*_):
    """Make another answer of the one that was given, as whoever has taken over a process would."""
    text = b'{"value": "another"}'
    say_everywhere(b"\xff" + len(text).to_bytes(8, "big") + text)
    os._exit(0)


def take_back(*_):
    """Read what was said before the asker does, and say something else."""
    for descriptor in filter(is_open, range(3, 64)):
        with suppress(OSError):
            end = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_NONBLOCK)
            while os.read(end, 1 << 16):
                pass
    text = b'{"value": "another"}'
    say_everywhere(exchange.ANSWER + len(text).to_bytes(8, "big") + text)
    os._exit(0)


def go_on_and_on(*_):
    """Say nothing, again and again."""
    while True:
        say_everywhere((exchange.ANSWER + bytes(8)) * 1000)


def write_half(*_):
    """End in the midst of an answer."""
    say_everywhere(exchange.ANSWER + (1000).to_bytes(8, "big") + b"{")
    os._exit(0)


def answer(*_, text):
    """Write an answer of one's own making, and end."""
    say_everywhere(bytes.fromhex(text))
    os._exit(0)


def babble(*_, said):
    """Say something where only the end of a task is told, and go on."""
    say_everywhere(bytes.fromhex(said))
    time.sleep(60)


LISTED = (
    echo, values, spin, defy, sleep, grow, large, wordy, fail, stumble, crash, leave, limits,
    standing, try_all, answer, babble, count_to, files, then,
)  # fmt: skip


def unlisted(*_):
    return "was done"


def run() -> None:
    main(int(sys.argv[1]), {f"{NAME}:{task.__name__}": () for task in LISTED})


TASKS = SimpleNamespace(**{task.__name__: task for task in LISTED})

if __name__ == "__main__":
    run()
