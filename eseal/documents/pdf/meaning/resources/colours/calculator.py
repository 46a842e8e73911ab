"""What a calculator function (ISO 32000-1 section 7.10.5) leaves on its stack.

Readers that find the stack too short, or too much on it, go on in ways of their own. The programs
have no loops, so that how much they leave can be told without values, but for the few operators
whose operands say how far they reach: those must stand there as numbers.
"""

from __future__ import annotations

import re
from typing import Any, Final

_TOKEN: Final = re.compile(rb"[{}]|[^\s\0{}]+")
_NUMBER: Final = re.compile(rb"[-+]?(?:\d+\.?\d*|\.\d+)")
_MAX_TOKENS: Final = 10_000
_MAX_DEPTH: Final = 32
_MAX_STACK: Final = 100
"""Annex C."""
_ONE: Final = frozenset(
    b"abs ceiling cos cvi cvr floor ln log neg not round sin sqrt truncate".split()
)
_TWO: Final = frozenset(
    b"add and atan bitshift div eq exp ge gt idiv le lt mod mul ne or sub xor".split()
)
_DIVISIONS: Final = frozenset({b"div", b"idiv", b"mod"})

_Block = list[Any]
_Stack = list[float | None]
"""Values that are known because they stand in the program, and others."""


class _OddError(Exception):
    """A program that readers may carry out differently."""


def results(program: bytes, inputs: int) -> int:
    """How many values a program leaves; 0 if it is none that readers carry out alike."""
    tokens = _TOKEN.findall(program)
    if not tokens or tokens.pop(0) != b"{" or len(tokens) > _MAX_TOKENS:
        return 0
    try:
        tokens.reverse()
        block = _inner(tokens, 0)
        return len(_run(block, [None] * inputs)) if not tokens else 0
    except (_OddError, IndexError):
        return 0


def _inner(waiting: list[bytes], depth: int) -> _Block:
    block: _Block = []
    while (token := waiting.pop()) != b"}":
        if token == b"{":
            if depth > _MAX_DEPTH:
                raise _OddError
            block.append(_inner(waiting, depth + 1))
        else:
            block.append(token)
    return block


def _run(block: _Block, stack: _Stack) -> _Stack:
    for position, token in enumerate(block):
        if isinstance(token, list):
            if block[position + 1 : position + 2] not in ([b"if"], [b"ifelse"]) and not (
                isinstance(block[position + 1], list) and block[position + 2] == b"ifelse"
            ):
                raise _OddError
        elif token in {b"if", b"ifelse"}:
            stack = _branch(block, position, stack)
        elif _NUMBER.fullmatch(token):
            stack.append(float(token))
        else:
            _operator(token, stack)
        if len(stack) > _MAX_STACK:
            raise _OddError
    return stack


def _branch(block: _Block, position: int, stack: _Stack) -> _Stack:
    """Both ways must leave as much."""
    count = 1 if block[position] == b"if" else 2
    ways = block[max(0, position - count) : position]
    if len(ways) != count or not all(isinstance(way, list) for way in ways):
        raise _OddError
    stack.pop()
    ends = [_run(way, [*stack]) for way in ways] + [stack] * (count == 1)
    if len({len(end) for end in ends}) != 1:
        raise _OddError
    return [None] * len(ends[0])


def _operator(token: bytes, stack: _Stack) -> None:
    if token in _ONE:
        stack[-1] = None
    elif token in _TWO:
        if len(stack) < 2 or (token in _DIVISIONS and stack[-1] == 0):  # noqa: PLR2004
            raise _OddError
        stack[-2:] = [None]
    elif token in {b"true", b"false"}:
        stack.append(None)
    else:
        _arrange(token, stack)


def _arrange(token: bytes, stack: _Stack) -> None:
    """Operators that only move values (table 42)."""
    match token:
        case b"pop":
            stack.pop()
        case b"exch":
            stack[-1], stack[-2] = stack[-2], stack[-1]
        case b"dup":
            stack.append(stack[-1])
        case b"copy":
            count = _count(stack)
            stack.extend(stack[len(stack) - count :])
        case b"index":
            below = _count(stack, 1)
            stack.append(stack[-1 - below])
        case b"roll":
            turn = stack.pop()
            count = _count(stack)
            if turn is None or turn != int(turn):
                raise _OddError
            if count:
                top = stack[len(stack) - count :]
                turned = -int(turn) % count
                stack[len(stack) - count :] = top[turned:] + top[:turned]
        case _:
            raise _OddError


def _count(stack: _Stack, more: int = 0) -> int:
    """A count on top of the stack, of values below it."""
    value = stack.pop()
    if value is None or value != int(value) or not 0 <= int(value) + more <= len(stack):
        raise _OddError
    return int(value)
