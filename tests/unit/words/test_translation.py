"""Sentences made in English are told in every language."""

from __future__ import annotations

import ast
import re
import time
from pathlib import Path

import pytest

import eseal.verify
from eseal.documents.pdf.examination.hazards import CLAUSES
from eseal.words import Language, section_of, speak
from eseal.words.translation import translated

OTHERS = [language for language in Language if language is not Language.EN]
SAMPLES = {
    **dict.fromkeys(("page", "count", "others", "index", "block", "number", "size"), "3"),
    **dict.fromkeys(("x", "y", "width", "height", "witnesses", "all", "needed"), "45"),
    **dict.fromkeys(("start", "end"), "2026-11-30T08:00:00Z"),
    **dict.fromkeys(("state", "later_state"), "suspended (key compromise)"),
    **dict.fromkeys(("type", "got_type"), "application/pdf"),
    "third": "0ff0", "identifier": "NTRCN-91330100799655058B",
    "label": "'Bolt \\'n Co'", "printed": '"it\'s"', "hex": "00ff", "got": "ff00",
    **dict.fromkeys(("address", "own_address"), "0x" + "aB" * 20), "what_contract": "SealRegistry",
    "at": "page 1 at 28, -3 mm", "member": "anchor.block.hash", "what": "seal handle",
    "plain_state": "suspended", "reason": "loss", "hazard": CLAUSES["javascript"],
}  # fmt: skip
PLACE = re.compile(r"\{([a-z_]+)\}")
WHOLE = [
    (section, key, text)
    for section in ("details", "notes")
    for key, text in section_of(Language.EN, section).items()
    if not key.startswith("parts.")
]


@pytest.mark.parametrize(("section", "key", "text"), WHOLE)
def test_each_sentence_is_found_by_its_own_text_and_keeps_what_is_in_it(section, key, text):
    assert sum(name not in SAMPLES for name in PLACE.findall(text)) <= 1, "it fits in one way only"
    given = {name: SAMPLES.get(name, "what it says: (x)") for name in PLACE.findall(text)}
    for language in OTHERS:
        told = translated(text.format_map(given), section, speak(language))
        assert told != text
        literal = PLACE.split(section_of(language, section)[key])[::2]
        assert all(part in told for part in literal)
        kept = {"label", "printed", "hex", "got", "found", "start", "end", "count"} & given.keys()
        assert all(given[name] in told for name in kept)
    assert translated(text, section, speak(Language.EN)) is text


HIDDEN = "The sealed document cannot be trusted to show what it is: {}."
HIDDEN_ZH = "不能相信盖章文件所显示的就是其内容：{}。"
OTHER_FILES = "The container is not the one that was sealed: {}."
OTHER_FILES_ZH = "容器不是盖章时的容器：{}。"


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        (
            "The seal was suspended (key compromise) when it was used.",
            "用印时印章的状态：已停用（密钥泄露）。",
        ),
        (
            OTHER_FILES.format("'a' was sealed and is missing; 'c' is not what was sealed"),
            OTHER_FILES_ZH.format("'a' 曾盖章，现已缺失; 'c' 不是盖章时的文件"),
        ),
        (
            HIDDEN.format(f"{CLAUSES['javascript']} (link, page 3)"),
            HIDDEN_ZH.format("文件含有能改变其显示的程序（JavaScript）（link, 第 3 页）"),
        ),
        (
            HIDDEN.format(f"{CLAUSES['launch_action']} (link (1), page 3); and 2 more"),
            HIDDEN_ZH.format("文件能启动另一个程序（link (1), 第 3 页）; 另有 2 项"),
        ),
        ("What nobody foresaw.", "What nobody foresaw."),
    ],
)
def test_parts_have_words_of_their_own(sentence, told):
    assert translated(sentence, "details", speak(Language.ZH)) == told


def test_what_a_document_says_is_quoted_and_never_reworded():
    said = "the place of 'page 3' on page 1 lies over what is printed there: 'and 2 more'"
    assert translated(said, "notes", speak(Language.ZH)).count("'page 3'") == 1
    assert translated(said, "notes", speak(Language.JA)).endswith("'and 2 more'")


@pytest.mark.parametrize(
    "filling",
    ["; ", ", got ", "it (", CLAUSES["javascript"] + " (", "'", "The PDF cannot be read: ", "\\'"],
)
def test_no_text_of_a_document_takes_long(filling):
    many = (filling * 300_000)[:300_000]
    for size in (3_900, 300_000):
        begun = time.process_time()
        translated(f"The PDF cannot be read: {many[:size]}.", "details", speak(Language.JA))
        assert time.process_time() - begun < 0.5


def sentences() -> set[str]:
    """What checks say, whole sentences; a NUL stands for each value in them."""
    found = set()
    for file in Path(eseal.verify.__file__).parent.glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        nodes = [*ast.walk(tree)]
        aside = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        aside |= {
            id(one) for node in nodes if isinstance(node, ast.JoinedStr) for one in node.values
        }
        for node in nodes:
            if id(node) in aside or not isinstance(node, ast.JoinedStr | ast.Constant):
                continue
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            text = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "\0" for part in parts
            )
            if re.match(r"[A-Z\0].* .*\.$", text):
                found.add(text)
    return found


def tells(text: str, sentence: str) -> bool:
    """Whether a text of the catalogue is for a sentence; what is a value in one is anything."""
    places = ".+".join(map(re.escape, PLACE.split(text)[::2]))
    values = ".*".join(map(re.escape, sentence.split("\0")))
    return bool(re.fullmatch(places, sentence) or re.fullmatch(values, text))


def test_whatever_a_check_says_is_in_the_catalogue():
    known = [text for section, _, text in WHOLE if section == "details"]
    said = sentences() - TOLD_BY_A_CODE
    assert not {sentence for sentence in said if not any(tells(text, sentence) for text in known)}


TOLD_BY_A_CODE = {
    # signatures that are no seals, by their state
    "Not a company seal: \0, \0.",
    "Not a company seal, and not checked here: \0.",
    # notes of a verdict
    "The authority that vouches for the company's name is the seal's issuer itself.",
    "Who may act for the company, no authority says: only the sealing service does.",
}
