"""Universal Logout: the signed request that tells an API to refuse a user's tokens.

Okta describes it in its guide "Build Universal Logout for your app".
"""

import logging
import secrets
from typing import Any, Final

import httpx2

from local_okta.config import Person
from local_okta.state import LocalOkta

PATH: Final = "/oauth/global-token-revocation"
TYPE: Final = "global-token-revocation+jwt"
LIFETIME_SECONDS: Final = 300
TIMEOUT_SECONDS: Final = 5

log = logging.getLogger(__name__)


def logout_token(okta: LocalOkta, audience: str, **claims: Any) -> str:
    """Return the JWT of a request to `audience`, signed with the org's key; `claims` adds or replaces."""
    now = okta.switches.now()
    return okta.org_keys.sign(
        {
            "iss": okta.org,
            "aud": audience,
            "sub": okta.org,
            "jti": secrets.token_urlsafe(24),
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
            **claims,
        },
        {"typ": TYPE},
    )


async def send_logout(okta: LocalOkta, person: Person) -> str:
    """Sign `person` out here, tell the API, and return what it answered."""
    okta.sign_out(person)
    url = okta.config.api + PATH
    body = {"subject": {"format": "iss_sub", "iss": okta.issuer, "sub": person.uid}}
    headers = {"Authorization": f"Bearer {logout_token(okta, url)}"}
    try:
        async with httpx2.AsyncClient(trust_env=False, timeout=TIMEOUT_SECONDS) as client:
            response = await client.post(url, json=body, headers=headers)
        answer = f"{response.status_code} {response.text}".strip()
    except httpx2.HTTPError as error:
        answer = f"no response: {error}"
    log.info("Universal Logout of %s, to %s: %s", person.login, url, answer)
    return answer
