"""Metadata and signing keys."""

from typing import Any, Final

from fastapi import APIRouter

from local_okta.authorization_request import FACTORS, RESPONSE_MODES
from local_okta.config import TOKEN_EXCHANGE
from local_okta.dpop import ALGORITHMS
from local_okta.state import CurrentOkta

GRANT_TYPES: Final = ("authorization_code", "refresh_token", "client_credentials", TOKEN_EXCHANGE)
CLAIMS: Final = (
    "ver jti iss aud iat exp cid uid scp auth_time sub amr nonce at_hash groups acr "
    "name preferred_username given_name family_name email email_verified"
)

router = APIRouter()
org_router = APIRouter()


@router.get("/.well-known/openid-configuration")
@router.get("/.well-known/oauth-authorization-server")
async def metadata(okta: CurrentOkta) -> dict[str, Any]:
    """Return the metadata of OpenID Connect Discovery 1.0 §3 and RFC 8414 §2.

    Like Okta, it serves both documents below the issuer's path.
    """
    issuer = okta.issuer
    authentication = ["client_secret_basic", "client_secret_post", "none"]
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/v1/authorize",
        "token_endpoint": f"{issuer}/v1/token",
        "userinfo_endpoint": f"{issuer}/v1/userinfo",
        "jwks_uri": f"{issuer}/v1/keys",
        "introspection_endpoint": f"{issuer}/v1/introspect",
        "revocation_endpoint": f"{issuer}/v1/revoke",
        "end_session_endpoint": f"{issuer}/v1/logout",
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": list(GRANT_TYPES),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "acr_values_supported": [value for value, factors in FACTORS.items() if factors],
        "dpop_signing_alg_values_supported": list(ALGORITHMS),
        "scopes_supported": list(okta.config.scopes),
        "token_endpoint_auth_methods_supported": authentication,
        "introspection_endpoint_auth_methods_supported": authentication,
        "revocation_endpoint_auth_methods_supported": authentication,
        "claims_supported": CLAIMS.split(),
        "code_challenge_methods_supported": ["S256"],
    }


@router.get("/v1/keys")
async def keys(okta: CurrentOkta) -> dict[str, Any]:
    """Return the key set (RFC 7517 §5)."""
    return okta.keys.jwks()


@org_router.get("/oauth2/v1/keys")
async def org_keys(okta: CurrentOkta) -> dict[str, Any]:
    """Return the keys of the org itself, which sign the requests of Universal Logout."""
    return okta.org_keys.jwks()
