"""The program of the tests, on a system that has no processes left once it has started."""

import os
from types import SimpleNamespace

from eseal.documents.confined import warm
from tests.unit.documents.confined import program

tried = warm.Warm._tried


def fork():
    raise BlockingIOError


def tried_once(self):
    held = tried(self)
    warm.os = SimpleNamespace(**{**vars(os), "fork": fork})
    return held


if __name__ == "__main__":
    warm.Warm._tried = tried_once
    program.run()
