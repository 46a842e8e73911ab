"""The key-encryption keys in force: one, and a second one while it is being changed.

What is encrypted or bound names its key by fingerprint, so that both can be told apart. Which of
the two writes is settled by the database (:mod:`eseal.store.binding.binding`), for all processes
at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from eseal.errors import WrongKeyError

if TYPE_CHECKING:
    from eseal.keys.kek import KeyEncryptionKey


class KeySource(Protocol):
    """Gives key-encryption keys; a single key is one, too."""

    @property
    def writing(self) -> KeyEncryptionKey:
        """What is written now is written under this one."""
        ...

    def find(self, fingerprint: bytes) -> KeyEncryptionKey:
        """The key with this fingerprint, 8 bytes.

        Raises:
            WrongKeyError: it is not among those in force.
        """
        ...

    def use(self, fingerprint: bytes) -> None:
        """Write under the key with this fingerprint from now on.

        Raises:
            WrongKeyError: it is not among those in force.
        """
        ...


class KeyRing:
    """A ``KeySource`` that looks again where its keys come from when it meets an unknown one.

    So a process that runs while the key is changed learns of the new one by itself. Safe to use
    from several threads.

    Args:
        load: reads the keys in force, the newest last.

    Raises:
        ConfigurationError: ``load`` cannot read them.
    """

    def __init__(self, load: Callable[[], Sequence[KeyEncryptionKey]]) -> None:
        self._load = load
        self._keys = tuple(load())
        self._writing = self._keys[0]

    @property
    def keys(self) -> tuple[KeyEncryptionKey, ...]:
        """The keys in force, the newest last."""
        return self._keys

    @property
    def writing(self) -> KeyEncryptionKey:
        """What is written now is written under this one."""
        return self._writing

    def find(self, fingerprint: bytes) -> KeyEncryptionKey:
        """The key with this fingerprint; looks for new ones if it is unknown.

        Raises:
            WrongKeyError: it is not among those in force.
        """
        found = self._known(fingerprint)
        if found is None:
            self.reload()
            found = self._known(fingerprint)
        if found is None:
            given = " and ".join(key.fingerprint.hex() for key in self._keys)
            raise WrongKeyError(
                f"encrypted under the key-encryption key {fingerprint.hex()}, but the one given is "
                f"{given}: restore the key this data was written with; if it was changed, start "
                "this program again with the new one"
            )
        return found

    def use(self, fingerprint: bytes) -> None:
        """Write under the key with this fingerprint from now on.

        Raises:
            WrongKeyError: it is not among those in force.
        """
        self._writing = self.find(fingerprint)

    def reload(self) -> None:
        """Read the keys in force again; those that are no longer among them are forgotten."""
        self._keys = tuple(self._load())

    def _known(self, fingerprint: bytes) -> KeyEncryptionKey | None:
        return next((key for key in self._keys if key.fingerprint == fingerprint), None)
