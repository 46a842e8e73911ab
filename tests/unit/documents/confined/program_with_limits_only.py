"""The program of the tests, as on a kernel with neither Landlock nor seccomp."""

from eseal.documents.confined import landlock, seccomp
from tests.unit.documents.confined import program

if __name__ == "__main__":
    landlock.ruleset = lambda _readable: None
    seccomp.for_this_machine = lambda: None
    program.run()
