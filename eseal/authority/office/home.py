"""Where an authority of its own lives: a directory with its keys, its log and who may ask.

::

    authority.json    what it is called, what it is set for: may be shown to anybody
    kek               key-encryption key (or ESEAL_KEK)
    keys/             its keys, encrypted; which is which stands in keys.json
    tokens.json       who may ask, hashed
    requests.log      who asked what when
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from eth_utils.address import is_checksum_address

from eseal.authority.asking.protocol import KnownKeys
from eseal.authority.office.request_log import RequestLog
from eseal.authority.office.tokens import Tokens
from eseal.authority.word.keys import AuthorityKeys, KeyNames
from eseal.authority.word.registration import Registry
from eseal.durable import PRIVATE_DIRECTORY_MODE, create_file
from eseal.errors import (
    AuthorityAnswerError,
    ConfigurationError,
    CorruptionError,
    InvalidFormatError,
    InvalidInputError,
)
from eseal.excerpts import excerpt, value_excerpt
from eseal.keys.files import FileKeyRepository
from eseal.keys.kek import KeyEncryptionKey, create_kek_file, load_kek
from eseal.keys.software import SoftwareKeyStore
from eseal.model.company import MAX_NAME_CHARS
from eseal.model.json_values import JsonValues
from eseal.model.schemes import PRIMARY_PREFIXES
from eseal.model.text import check_text

CARD = "authority.json"
KEYS = "keys.json"
VERSION = 1
MAX_CARD_BYTES = 64 * 1024
ID_BYTES = 32
_JSON = JsonValues("authority")
_MEMBERS = {
    "v", "name", "authority", "account", "attest_key", "vrf_key", "schemes", "chain_id",
    "seal_registry",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """An authority as it is known to others.

    Attributes:
        name: what people call it.
        authority: its id on the ledger, 32 bytes.
        account: checksummed address of the account that signs registrations.
        attest_key: Ed25519, 32 bytes.
        vrf_key: 32 bytes.
        schemes: the registers it is set for, such as ``NTRCN``.
        registry: where it registers companies.
    """

    name: str
    authority: bytes
    account: str
    attest_key: bytes
    vrf_key: bytes
    schemes: tuple[str, ...]
    registry: Registry

    def keys_of(self, vrf_key: bytes) -> KnownKeys:
        """What belongs to a VRF key (``KeysOf``): for those who believe this card.

        Raises:
            AuthorityAnswerError: it is not this authority's.
        """
        if vrf_key != self.vrf_key:
            raise AuthorityAnswerError(
                f"expected a proof under the key {self.vrf_key.hex()} of {self.name}, got one "
                f"under {vrf_key.hex()}"
            )
        return KnownKeys(self.attest_key, self.account)

    def members(self) -> dict[str, Any]:
        """As it is written, before it is text."""
        return {
            "v": VERSION,
            "name": self.name,
            "authority": self.authority.hex(),
            "account": self.account,
            "vrf_key": self.vrf_key.hex(),
            "attest_key": self.attest_key.hex(),
            "schemes": list(self.schemes),
            "chain_id": self.registry.chain_id,
            "seal_registry": self.registry.address,
        }

    def encode(self) -> bytes:
        """As JSON."""
        return orjson.dumps(self.members(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def parse(cls, data: bytes) -> Card:
        """Read what :meth:`encode` writes.

        Raises:
            InvalidFormatError: anything else.
        """
        if len(data) > MAX_CARD_BYTES:
            raise _JSON.invalid(f"at most {MAX_CARD_BYTES} bytes", f"{len(data)} bytes")
        top = _JSON.members(_JSON.parse(data), "file", _MEMBERS)
        if top["v"] != VERSION:
            raise _JSON.invalid(f"version {VERSION}", value_excerpt(top["v"]))
        return cls(
            name=_JSON.text(top["name"], "name"),
            authority=_JSON.hex_bytes(top["authority"], "authority"),
            account=_address(_JSON.text(top["account"], "account")),
            attest_key=_JSON.hex_bytes(top["attest_key"], "attest_key"),
            vrf_key=_JSON.hex_bytes(top["vrf_key"], "vrf_key"),
            schemes=_schemes(top["schemes"]),
            registry=Registry(
                _JSON.integer(top["chain_id"], "chain_id"),
                _address(_JSON.text(top["seal_registry"], "seal_registry")),
            ),
        )


@dataclass(frozen=True, slots=True)
class Home:
    """An opened authority.

    Attributes:
        card: what it is.
        keys: its keys.
        log: who asked what.
        tokens: who may ask.
    """

    card: Card
    keys: AuthorityKeys
    log: RequestLog
    tokens: Tokens


def create(
    directory: Path, name: str, schemes: Sequence[str], registry: Registry, kek: str | None
) -> Card:
    """Make an authority: its directory, its keys, an empty log.

    Args:
        directory: where.
        name: what people call it.
        schemes: the registers it is to be set for; primary ones only.
        registry: where it registers companies.
        kek: the key-encryption key in base64, or ``None`` to make a file with one.

    Raises:
        InvalidInputError: name, a scheme or the registry cannot be used.
        ConfigurationError: there is an authority already.
    """
    check_text(name, field="name", max_chars=MAX_NAME_CHARS)
    if directory.joinpath(CARD).exists():
        raise ConfigurationError(f"{directory}: there is an authority already; choose another")
    checked = _schemes(list(schemes))
    _address(registry.address)
    directory.mkdir(mode=PRIVATE_DIRECTORY_MODE, parents=True, exist_ok=True)
    if kek is None and not (directory / "kek").exists():
        create_kek_file(directory / "kek")
    store = _store(directory, load_kek(kek, directory / "kek"))
    names = KeyNames.generate(store)
    keys = AuthorityKeys(store, names)
    card = Card(
        name=name,
        authority=secrets.token_bytes(ID_BYTES),
        account=keys.account,
        attest_key=keys.attest_key,
        vrf_key=keys.vrf_key,
        schemes=checked,
        registry=registry,
    )
    create_file(directory / KEYS, orjson.dumps(names))
    create_file(directory / "requests.log", b"")
    create_file(directory / CARD, card.encode())
    return card


def load_card(path: Path) -> Card:
    """Read a card, or that of the authority in a directory.

    Raises:
        ConfigurationError: there is none, or it cannot be used.
    """
    file = path / CARD if path.is_dir() else path
    try:
        return Card.parse(file.read_bytes())
    except FileNotFoundError:
        raise ConfigurationError(
            f"{file}: there is no authority's card; run eseal authority init, or ask the authority "
            "for it (eseal authority show --json)"
        ) from None
    except (InvalidFormatError, OSError) as error:
        raise ConfigurationError(f"{file}: {error}") from None


def open_home(directory: Path, kek: str | None) -> Home:
    """Open the authority in a directory.

    Raises:
        ConfigurationError: there is none, or its key-encryption key is missing.
        WrongKeyError: the key-encryption key is another one.
        CorruptionError: keys, card and log contradict one another.
    """
    card = load_card(directory)
    store = _store(directory, load_kek(kek, directory / "kek"))
    keys = AuthorityKeys(store, _names(directory / KEYS))
    if (keys.vrf_key, keys.attest_key, keys.account) != (
        card.vrf_key,
        card.attest_key,
        card.account,
    ):
        raise CorruptionError(f"{directory / CARD}: names other keys than those in the store")
    return Home(
        card, keys, RequestLog(directory / "requests.log"), Tokens(directory / "tokens.json")
    )


def _names(path: Path) -> KeyNames:
    try:
        fields = _JSON.members(
            orjson.loads(path.read_bytes()), "keys", {"vrf", "attest", "account"}
        )
        return KeyNames(**{name: _JSON.text(value, name) for name, value in fields.items()})
    except (InvalidFormatError, OSError, orjson.JSONDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from None


def _store(directory: Path, kek: KeyEncryptionKey) -> SoftwareKeyStore:
    return SoftwareKeyStore(FileKeyRepository(directory / "keys"), kek)


def _schemes(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise _JSON.invalid("schemes to be a list of one or more", value_excerpt(value, 80))
    for prefix in value:
        if prefix not in PRIMARY_PREFIXES or value.count(prefix) > 1:
            raise _JSON.invalid(
                f"countries' primary schemes, each once, of {', '.join(PRIMARY_PREFIXES)}",
                value_excerpt(prefix),
            )
    return tuple(value)


def _address(text: str) -> str:
    if not is_checksum_address(text):
        raise InvalidInputError(
            f"address: expected one with its checksum (EIP-55), got {excerpt(text, 64)}",
            field="address",
        )
    return text
