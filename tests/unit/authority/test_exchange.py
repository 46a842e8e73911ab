"""An authority asked by files."""

import pytest

from eseal.authority.asking.exchange import FileAuthority
from eseal.authority.word.messages import Ask
from eseal.errors import AuthorityAnswerError, AuthorityUnreachableError, InvalidInputError
from tests.authorities import ASK, REGISTRY, RENAMED


@pytest.fixture
def files(authority, tmp_path):
    return FileAuthority(tmp_path / "exchange", authority.home.card.keys_of, REGISTRY)


def answer_of(tmp_path, ask):
    return tmp_path / "exchange" / "answers" / f"{ask.hash}.json"


def test_a_request_is_taken_there_and_the_answer_back(authority, files, tmp_path):
    with pytest.raises(AuthorityUnreachableError, match="has not answered yet") as told:
        files.prove(ASK)
    request = tmp_path / "exchange" / "requests" / f"{ASK.hash}.json"
    assert str(request) in str(told.value)
    assert str(answer_of(tmp_path, ASK)) in str(told.value)
    with pytest.raises(AuthorityUnreachableError):
        files.prove(ASK)
    answer = authority.desk.prove(Ask.parse(request.read_bytes()), by="carrier")
    answer_of(tmp_path, ASK).write_bytes(answer.encode())
    assert files.prove(ASK) == answer
    with pytest.raises(AuthorityUnreachableError):
        files.prove(RENAMED)
    files.close()


def test_another_answer_is_not_believed(authority, files, tmp_path):
    with pytest.raises(AuthorityUnreachableError):
        files.prove(ASK)
    path = answer_of(tmp_path, ASK)
    for body, said in (
        (authority.desk.prove(RENAMED, by="t").encode(), "the name"),
        (b"{", "JSON"),
        (b"x" * 20_000, "at most 8192 bytes"),
    ):
        path.write_bytes(body)
        with pytest.raises(AuthorityAnswerError, match=said):
            files.prove(ASK)
    path.unlink()
    path.mkdir()
    with pytest.raises(AuthorityAnswerError, match="cannot be read"):
        files.prove(ASK)


def test_what_cannot_be_asked_is_not_written(files, tmp_path):
    with pytest.raises(InvalidInputError):
        files.prove(Ask("x", "A"))
    assert not (tmp_path / "exchange").exists()


def test_where_nothing_can_be_written(authority, tmp_path):
    (tmp_path / "file").write_text("")
    files = FileAuthority(tmp_path / "file", authority.home.card.keys_of, REGISTRY)
    with pytest.raises((AuthorityUnreachableError, AuthorityAnswerError)):
        files.prove(ASK)
