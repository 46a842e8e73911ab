"""The calls our accounts make: what each kind sends to which contract. Pure, asks nobody.

Whoever must say whether a stored call is what its rows demand builds it here again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from eseal.ledger.contracts.artifacts import SEAL_REGISTRY, USAGE_LEDGER, load_artifact
from eseal.ledger.contracts.deployment import Deployment
from eseal.ledger.facts import Head, NewCompany, NewSeal, NewVolume
from eseal.ledger.reading.history import NOBODY, NOTHING
from eseal.ledger.sending.transactions import Order
from eseal.model.seal import Reason

_SNAKE = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Calls:
    """Calls of one pair of contracts."""

    def __init__(self, deployment: Deployment) -> None:
        """Call the contracts of ``deployment``."""
        self._deployment = deployment

    def of(self, name: str, *arguments: object) -> Order:
        """A call of a function of either contract; its kind is the name in snake_case."""
        to = self._deployment.seal_registry
        function = load_artifact(SEAL_REGISTRY).functions.get(name)
        if function is None:
            to = self._deployment.usage_ledger
            function = load_artifact(USAGE_LEDGER).functions[name]
        return Order(_SNAKE.sub("_", name).lower(), to, function.encode_call(arguments))

    def advance(self, log_id: bytes, old_size: int, new: Head, proof: Sequence[bytes]) -> Order:
        """Offer a head; as ``Ledger.advance``."""
        return self.of("advance", log_id, old_size, new.size, new.root, list(proof))

    def register_companies(
        self, companies: Sequence[NewCompany], signatures: Sequence[bytes]
    ) -> Order:
        """Register companies; as ``Ledger.register_companies``."""
        return self.of("registerCompanies", [_company(one) for one in companies], list(signatures))

    def register_seals(self, issuer: bytes, seals: Sequence[NewSeal]) -> Order:
        """Register seals; as ``Ledger.register_seals``."""
        return self.of("registerSeals", issuer, [_seal(seal) for seal in seals])

    def open_volumes(self, volumes: Sequence[NewVolume]) -> Order:
        """Open volumes; as ``Ledger.open_volumes``."""
        return self.of("openVolumes", [(one.handle, one.number, one.root) for one in volumes])

    def suspend(self, handle: bytes, reason: Reason) -> Order:
        """Set the sender's stop; as ``Ledger.suspend``."""
        return self.of("suspend", handle, int(reason))

    def resume(self, handle: bytes, reason: Reason) -> Order:
        """Lift the sender's stop; as ``Ledger.resume``."""
        return self.of("resume", handle, int(reason))

    def revoke(self, handle: bytes, reason: Reason) -> Order:
        """End a seal; as ``Ledger.revoke``."""
        return self.of("revoke", handle, int(reason))

    def set_stop(self, handle: bytes, stop_hash: bytes) -> Order:
        """Put a chain of stop codes on a seal; as ``Ledger.set_stop``."""
        return self.of("setStop", handle, stop_hash)

    def stop_by_owner(self, handle: bytes, code: bytes) -> Order:
        """Set the owner's stop; as ``Ledger.stop_by_owner``."""
        return self.of("stopByOwner", handle, code)

    def resume_by_owner(self, handle: bytes, code: bytes) -> Order:
        """Lift the owner's stop; as ``Ledger.resume_by_owner``."""
        return self.of("resumeByOwner", handle, code)

    def announce_stop(self, handle: bytes, commitment: bytes) -> Order:
        """Announce another chain of stop codes; as ``Ledger.announce_stop``."""
        return self.of("announceStop", handle, commitment)

    def replace_stop(self, handle: bytes, code: bytes, stop_hash: bytes) -> Order:
        """Begin another chain of stop codes; as ``Ledger.replace_stop``."""
        return self.of("replaceStop", handle, code, stop_hash)


def _company(new: NewCompany) -> tuple[object, ...]:
    account = new.founders_account or NOBODY
    return (new.output, new.vrf_key, new.founders or NOTHING, account)


def _seal(new: NewSeal) -> tuple[object, ...]:
    return (
        new.certificate,
        new.subject,
        new.not_before,
        new.not_after,
        new.depth,
        new.volume_root,
        new.stop_hash or NOTHING,
    )
