"""What a verifier has to know of this instance: the content of its trust file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eseal.authority.office.home import load_card
from eseal.authority.word.keys import AuthorityKeys
from eseal.config import BUILT_IN
from eseal.errors import ConfigurationError
from eseal.model.schemes import PRIMARY_PREFIXES
from eseal.service.instance.ledger import is_own
from eseal.verify.inputs.trust import Trust, TrustedAuthority, together

if TYPE_CHECKING:
    from eseal.config import Settings
    from eseal.keys.software import SoftwareKeyStore
    from eseal.ledger.contracts.deployment import Deployment
    from eseal.store.repositories.instance import Instance


def check_trust(settings: Settings, deployment: Deployment) -> None:
    """Check that the trust file, if there is one, names no other contracts than these.

    Raises:
        ConfigurationError: it does: whoever uses it would not find what was sealed so far.
    """
    if not trusts(settings, deployment):
        raise ConfigurationError(
            f"{settings.trust_path} names other contracts than {deployment.seal_registry} and "
            f"{deployment.usage_ledger} of chain {deployment.chain_id}: restore the database and "
            "the ledger that it was written for, or move it away if nothing was ever sealed there"
        )


def trusts(settings: Settings, deployment: Deployment | None) -> bool:
    """Whether the trust file names no contracts, or just these."""
    if not settings.trust_path.exists():
        return True
    known = Trust.parse(settings.trust_path.read_bytes()).deployment
    if known is None or deployment is None:
        return known is None
    return replace(known, block=deployment.block) == deployment


def trust_of(
    settings: Settings,
    instance: Instance,
    keys: SoftwareKeyStore,
    deployment: Deployment,
    given: Trust | None = None,
) -> Trust:
    """What a verifier has to know: the content of this instance's trust file.

    What stands in it already, or in the consortium's that was joined, stays: roots of others, their
    authorities, keys of logs. Our root is added, and our authority: that whose card the settings
    name, or the built-in one where the contracts are our own.

    Raises:
        ConfigurationError: the authority's card cannot be used; or what stands there names other
            contracts.
    """
    check_trust(settings, deployment)
    known = given or Trust()
    if settings.trust_path.exists():
        known = Trust.parse(settings.trust_path.read_bytes())
    ours = _authorities(settings, instance, keys, deployment)
    return replace(
        known,
        block=deployment.block,
        chain_id=deployment.chain_id,
        seal_registry=deployment.seal_registry,
        usage_ledger=deployment.usage_ledger,
        roots=together(known.roots, (instance.root_certificate,)),
        authorities=together(known.authorities, ours),
    )


def _authorities(
    settings: Settings, instance: Instance, keys: SoftwareKeyStore, deployment: Deployment
) -> tuple[TrustedAuthority, ...]:
    """Whose word on our companies counts."""
    if settings.authority_card is not None:
        card = load_card(settings.authority_card)
        return (TrustedAuthority(card.vrf_key, card.attest_key, card.schemes, card.name),)
    if settings.authority != BUILT_IN or not is_own(deployment, instance, keys):
        return ()
    own = AuthorityKeys(keys, instance.authority_keys)
    return (TrustedAuthority(own.vrf_key, own.attest_key, PRIMARY_PREFIXES),)
