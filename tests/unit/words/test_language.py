from __future__ import annotations

import pytest

from eseal.words import Language, choose, of_environment, of_header


@pytest.mark.parametrize(
    ("requested", "preferred", "expected"),
    [
        (None, (), "en"),
        ("zh", ("ja",), "zh"),
        ("zh-Hans-CN", (), "zh"),
        ("fr", ("ja",), "ja"),
        ("", ("zh_TW.UTF-8",), "zh"),
        (None, ("C.UTF-8",), "en"),
        (None, ("POSIX",), "en"),
        (None, ("fr", "ja-JP", "zh"), "ja"),
        (None, ("zhx", "jam"), "en"),
        ("../../etc", ("\x00",), "en"),
    ],
)
def test_the_first_language_that_we_have(requested, preferred, expected):
    assert choose(requested, preferred) == expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ()),
        ({"LANG": "ja_JP.UTF-8"}, ("ja_JP.UTF-8",)),
        ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, ("zh_CN.UTF-8",)),
        ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "zh_CN", "LC_ALL": "C"}, ("C",)),
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, ("zh_CN.UTF-8",)),
        ({"LC_TIME": "ja_JP.UTF-8"}, ()),
    ],
)
def test_the_locale_of_messages(environment, expected):
    assert of_environment(environment) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, ()),
        ("", ()),
        ("ja", ("ja",)),
        ("fr-CH, fr;q=0.9, en;q=0.8, zh;q=0.85, *;q=0.5", ("fr-CH", "fr", "zh", "en", "*")),
        ("en;q=0, ja;q=0.1", ("ja",)),
        ("zh;q=2, ja;q=x, en;q=0.5", ("en",)),
        (",;,;q=1,", ()),
        ("x" * 100_000, ("x" * 1000,)),
    ],
)
def test_what_a_browser_prefers(header, expected):
    assert of_header(header) == expected


def test_every_language_has_a_tag_and_is_called_as_its_readers_do():
    assert [language.tag for language in Language] == ["en", "zh-Hans", "ja"]
    assert [language.endonym for language in Language] == ["English", "中文", "日本語"]
