"""The companies an authority knows: a CSV file of its own, against which requests are held.

::

    VATDE-136695976,Elbe Teekontor GmbH
    LEIXG-213800KUD8LAJWSQ9D15,Buyer Limited,GB

Id in normal form, legal name, and the country where the id names none (RFC 4180; UTF-8, no header).
"""

from __future__ import annotations

import csv
from pathlib import Path

from eseal.authority.word.messages import Ask
from eseal.errors import AuthorityRefusedError, ConfigurationError, InvalidInputError

_ID_AND_NAME = 2
_WITH_COUNTRY = 3


class Register:
    """Looked at anew for each request, and read when it is another file."""

    def __init__(self, path: Path) -> None:
        """Read a register.

        Raises:
            ConfigurationError: the file cannot be used; names the line.
        """
        self._path = path
        self._read: tuple[tuple[int, int], dict[str, Ask]] = ((0, 0), {})
        self._companies()

    def check(self, ask: Ask) -> None:
        """Check that the register has the company under this name.

        Raises:
            AuthorityRefusedError: it has not.
            ConfigurationError: the file cannot be used any more.
        """
        known = self._companies().get(ask.id)
        if known is None:
            raise AuthorityRefusedError(f"the authority's register has no company {ask.id}")
        if ask.name != known.name:
            raise AuthorityRefusedError(
                f"the authority's register has {ask.id} as {known.name!r}, got {ask.name!r}"
            )
        if known.country is not None and ask.country not in (None, known.country):
            raise AuthorityRefusedError(
                f"the authority's register has {ask.id} in {known.country}, got {ask.country}"
            )

    def _companies(self) -> dict[str, Ask]:
        try:
            found = self._path.stat()
            version, companies = self._read
            if version != (found.st_ino, found.st_mtime_ns):
                companies = _parse(self._path)
                self._read = (found.st_ino, found.st_mtime_ns), companies
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise ConfigurationError(f"{self._path}: cannot be read: {error}") from None
        return companies


def _parse(path: Path) -> dict[str, Ask]:
    companies: dict[str, Ask] = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, strict=True)
        for row in rows:
            try:
                company = _company(row)
            except InvalidInputError as error:
                raise ConfigurationError(f"{path}: line {rows.line_num}: {error}") from None
            if company.id in companies:
                raise ConfigurationError(f"{path}: line {rows.line_num}: {company.id} twice")
            companies[company.id] = company
    return companies


def _company(row: list[str]) -> Ask:
    if len(row) not in {_ID_AND_NAME, _WITH_COUNTRY}:
        raise InvalidInputError(f"expected id,name or id,name,country, got {len(row)} fields")
    company = Ask(row[0], row[1], row[2] if len(row) == _WITH_COUNTRY else None)
    company.check()
    return company
