"""Build the optional checks from the settings: DPoP proofs and introspection."""

from fastapi_okta_auth import DPoP, Introspection, Nonces, replay_store

from backend.settings import Settings


def dpop_for(settings: Settings) -> DPoP | None:
    """Build the verifier of DPoP proofs from `settings`; None if DPOP is off."""
    if settings.dpop == "off":
        return None
    secrets = [secret.get_secret_value() for secret in settings.dpop_nonce_secrets]
    return DPoP(
        settings.resource_url,
        replay_store(settings.dpop_replay_store.get_secret_value()),
        Nonces(secrets) if secrets else None,
        required=settings.dpop == "required",
    )


def introspection_for(settings: Settings) -> Introspection | None:
    """Build the introspection from `settings`; None if no client is configured."""
    if not settings.introspection_client_id:
        return None
    return Introspection(
        settings.okta_issuer,
        settings.introspection_client_id,
        settings.introspection_client_secret.get_secret_value(),
        settings.introspection_cache_seconds,
    )
