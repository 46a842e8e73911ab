"""Large signatures are read elsewhere first."""

from __future__ import annotations

import pytest

from eseal.documents import confined
from eseal.documents.cms import MAX_CMS_BYTES, decode
from eseal.documents.cms import confined as module
from eseal.documents.cms.confined import CONFINED_FROM, decode_stranger, try_out_all, try_strangers
from eseal.errors import InvalidFormatError, TooCostlyError

DIGEST = bytes(range(32))


@pytest.fixture
def der(identity):
    return identity.seal(DIGEST)


def test_what_is_read_elsewhere_is_what_is_read_here(identity):
    large = identity.seal(DIGEST, b"receipt\n" * 20_000)
    assert len(large) > CONFINED_FROM
    assert decode_stranger(large) == decode(large)


def test_what_was_read_is_not_tried_again(identity, monkeypatch):
    large = identity.seal(DIGEST, b"receipt again\n" * 20_000)
    first = decode_stranger(large)
    monkeypatch.setattr(module.confined, "ask", None)
    assert decode_stranger(large) == first
    monkeypatch.setattr(module, "TRIED_KEPT", 1)
    module._remember(DIGEST)
    assert len(module._tried) == 1


def test_small_ones_are_read_at_once(der, monkeypatch):
    monkeypatch.setattr(module.confined, "ask", None)
    assert decode_stranger(der) == decode(der)


def test_what_is_none_is_refused_with_its_own_words():
    with pytest.raises(InvalidFormatError, match="CMS: expected DER"):
        decode_stranger(b"\x30\x80" + b"\xff" * (1 << 17))
    with pytest.raises(InvalidFormatError, match="at most"):
        decode_stranger(bytes(MAX_CMS_BYTES + 1))


def test_what_costs_too_much_is_not_read_here(monkeypatch):
    def costly(*_, **__):
        raise TooCostlyError("it takes more than 2 seconds")

    monkeypatch.setattr(module.confined, "ask", costly)
    with pytest.raises(InvalidFormatError, match="more than 2 seconds"):
        decode_stranger(bytes(CONFINED_FROM))


def test_sixty_large_ones_of_one_file_share_one_process_and_one_budget(identity, monkeypatch):
    large = [identity.seal(DIGEST, b"%060d\n" % number * 2_000) for number in range(60)]
    large.insert(7, b"\x30\x80" + b"\xfe" * CONFINED_FROM)
    asked, real = [], confined.ask_in_steps
    monkeypatch.setattr(
        module.confined,
        "ask_in_steps",
        lambda *given, **more: (
            asked.append((given[0], len(given) - 1, more)) or real(*given, **more)
        ),
    )
    try_strangers([b"small", *large])
    assert asked == [(try_out_all, 61, {"budget": confined.VERIFYING})]
    monkeypatch.setattr(module.confined, "ask", None)
    monkeypatch.setattr(module.confined, "ask_in_steps", None)
    try_strangers(large)
    assert [decode_stranger(der) for der in large[:7]] == [decode(der) for der in large[:7]]
    with pytest.raises(InvalidFormatError):
        decode_stranger(large[7])


def test_what_of_a_file_costs_too_much_is_not_read_here(identity, monkeypatch):
    large = [identity.seal(DIGEST, b"%060d_\n" % number * 2_000) for number in range(2)]
    ended = confined.Steps([True], TooCostlyError("it takes more than 2 seconds"))
    monkeypatch.setattr(module.confined, "ask_in_steps", lambda *_, **__: ended)
    with pytest.raises(InvalidFormatError, match=r"signatures in it.* more than 2 seconds"):
        try_strangers(large)
