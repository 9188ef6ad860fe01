"""The key set, as the service would take it."""

import aiohttp

from backend.doctor.result import Result, green, red
from backend.okta.jwks import KeySetError, fetch_key_set
from backend.settings import Settings


async def check_keys(session: aiohttp.ClientSession, settings: Settings) -> Result:
    """Fetch the key set exactly as the service does, and tell what it would hold."""
    try:
        key_set = await fetch_key_set(session, settings.jwks_uris[settings.okta_issuer[0]])
    except KeySetError as error:
        remedy = "check OKTA_JWKS_URI" if settings.okta_jwks_uri else "check OKTA_ISSUER and the way to it"
        return red("keys", f"{settings.jwks_uris[settings.okta_issuer[0]]}: {error}", remedy)
    count, minutes = len(key_set.keys), key_set.lifetime / 60
    return green(
        "keys", f"{count} usable from {settings.jwks_uris[settings.okta_issuer[0]]}, for {minutes:.0f} min"
    )
