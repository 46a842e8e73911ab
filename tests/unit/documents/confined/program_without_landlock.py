"""The program of the tests, as on a kernel without Landlock."""

from eseal.documents.confined import landlock
from tests.unit.documents.confined import program

if __name__ == "__main__":
    landlock.ruleset = lambda _readable: None
    program.run()
