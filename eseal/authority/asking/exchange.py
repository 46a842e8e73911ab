"""An authority that is asked by files: for one that stands on no network.

A request lies at ``requests/<hash>.json``; somebody takes it to the authority and puts the answer
at ``answers/<hash>.json`` (``eseal authority prove --request … --out …``). Then what was begun is
done again, and finds it there.
"""

from __future__ import annotations

from pathlib import Path

from eseal.authority.asking.checking import check_answer
from eseal.authority.asking.protocol import KeysOf
from eseal.authority.word.messages import MAX_ANSWER_BYTES, Ask, Attested
from eseal.authority.word.registration import Registry
from eseal.durable import PRIVATE_DIRECTORY_MODE, replace_file
from eseal.errors import AuthorityAnswerError, AuthorityUnreachableError, InvalidInputError


class FileAuthority:
    """A ``SubjectAuthority`` by files in a directory."""

    def __init__(self, directory: Path, keys_of: KeysOf, registry: Registry) -> None:
        self._directory = directory
        self._keys_of = keys_of
        self._registry = registry

    def prove(self, ask: Ask) -> Attested:
        """See ``SubjectAuthority``; unreachable until the answer lies there."""
        ask.check()
        path = self._path("answers", ask)
        try:
            with path.open("rb") as file:
                data = file.read(MAX_ANSWER_BYTES + 1)
        except FileNotFoundError:
            raise AuthorityUnreachableError(self._request(ask)) from None
        except OSError as error:
            raise AuthorityAnswerError(f"{path}: cannot be read: {error.strerror}") from None
        try:
            answer = Attested.parse(data)
        except InvalidInputError as error:
            raise AuthorityAnswerError(f"{path}: {error}") from None
        check_answer(ask, answer, self._keys_of, self._registry)
        return answer

    def close(self) -> None:
        """Nothing is held."""

    def _request(self, ask: Ask) -> str:
        """Put the request there; what is to be done now."""
        request, answer = self._path("requests", ask), self._path("answers", ask)
        try:
            for folder in (request.parent, answer.parent):
                folder.mkdir(mode=PRIVATE_DIRECTORY_MODE, parents=True, exist_ok=True)
            replace_file(request, ask.encode())
        except OSError as error:
            return f"{request}: the request cannot be written: {error.strerror}; try again"
        return (
            f"the authority has not answered yet: have it answer {request} (eseal authority prove "
            f"--request), put the answer at {answer}, and do this again"
        )

    def _path(self, folder: str, ask: Ask) -> Path:
        return self._directory / folder / f"{ask.hash}.json"
