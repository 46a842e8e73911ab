"""The program of the tests, on a system that has no processes left once it has started."""

from eseal.documents.confined import kernel, warm
from tests.unit.documents.confined import program

tried = warm.Warm._tried


def fork():
    raise BlockingIOError


def tried_once(self):
    held = tried(self)
    kernel.fork = fork
    return held


if __name__ == "__main__":
    warm.Warm._tried = tried_once
    program.run()
