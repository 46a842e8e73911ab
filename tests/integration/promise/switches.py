"""Defences, switched off one at a time: what an attack meets must be what stops it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from eseal.verify import CheckStatus
from eseal.verify.verdict.conclusion import Examination
from eseal.verify.verdict.report import Check


@dataclass(frozen=True)
class Switch:
    """A defence.

    Attributes:
        name: what it is.
        off: takes it out of this process, by a ``MonkeyPatch``, for a stage.
    """

    name: str
    off: Callable


def defended(*switches):
    """An attack, and the same once for each of its defences switched off: that must be red."""
    params = [pytest.param(None, id="defended")]
    params += [pytest.param(switch, id=f"without {switch.name}") for switch in switches]
    return pytest.mark.parametrize("off", params, indirect=True)


def nothing(*_, **__):
    """What a defence that is off does."""


def none(*_, **__):
    """What it finds."""
    return []


by_the_contract = pytest.mark.parametrize(
    "off", [pytest.param(None, id="by the contract")], indirect=True
)
"""The defence is the contract's own, which nobody can switch off; its tests are forge's."""


def gone(name, *places):
    """The functions at these places (object, name, replacement) do nothing of what they did."""

    def off(patch, _stage):
        for where, attribute, replacement in places:
            patch.setattr(where, attribute, replacement)

    return Switch(name, off)


def check(*names, **proved):
    """Checks of the verifier.

    Args:
        names: which.
        proved: by name, what such a check would have proved, of a stage; else ``True``.
    """

    def off(patch, stage):
        for method in ("run", "observe"):
            patch.setattr(Examination, method, blind(getattr(Examination, method), stage))

    def blind(real, stage):
        def run(exam, name, step):
            if name not in names:
                return real(exam, name, step)
            exam._checks.append(Check(name, CheckStatus.VALID, "Switched off."))
            return proved.get(name.value, lambda _: True)(stage)

        return run

    return Switch("the check on " + " and ".join(name.value for name in names), off)
