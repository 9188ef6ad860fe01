"""Build the token verifier from the settings."""

from collections.abc import Mapping

from backend.okta import OktaTokenVerifier, SigningKeys, TokenRequirements, VerifierHooks
from backend.settings import Settings


def verifier_for(
    settings: Settings, keys: Mapping[str, SigningKeys], hooks: VerifierHooks | None = None
) -> OktaTokenVerifier:
    """Build the token verifier from `settings` and the signing keys of each issuer."""
    requirements = TokenRequirements(
        issuers=frozenset(keys),
        audiences=frozenset(settings.okta_audience),
        client_ids=frozenset(settings.okta_client_id),
        leeway=settings.okta_leeway,
    )
    return OktaTokenVerifier(requirements, keys, hooks=hooks)
