"""How a request asks for what a message names as an option of the command line.

What refuses a document does not know who asked: it names the option. Over HTTP the same is a field
of the form or another resource, so an option in a message becomes that, by its name.
"""

from __future__ import annotations

import re
from typing import Final

MEMBERS: Final = {
    "container": "POST /v1/seals/{seal}/containers",
    "extract": "POST /v1/verifications/extract",
    "flatten": "flatten=true",
}
"""By the option's name. Those of settings, which an operator sees at a command line, stay."""
_OPTION: Final = re.compile(
    r"(?:\beseal [a-z]+ )?--(?P<name>[a-z]+)\b(?: [A-Z]+\.[a-z]+)?(?:; [a-z]+=true)?"
)
"""With its command before it, its value behind it, or the field that stands for it."""


def as_asked_here(message: str) -> str:
    """A message with the ways of a request in the place of options."""
    return _OPTION.sub(lambda option: MEMBERS.get(option["name"], option[0]), message)
