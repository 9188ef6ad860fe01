"""Call another API on behalf of the caller.

The rules are those of RFC 8693 section 2 and of Okta's guide "Set up OAuth 2.0 On-Behalf-Of".
"""

import hashlib
import logging
import time
from collections.abc import Iterable
from functools import partial
from typing import Any, Final, Self

from . import telemetry
from .cache import Cache, SingleFlight
from .errors import ServiceUnavailable
from .http import ConfidentialClient

CACHED_TOKENS: Final = 10_000
# A token this close to its expiry may no longer be valid when the other API reads it.
MARGIN_SECONDS: Final = 30
MAX_KEPT_SECONDS: Final = 24 * 3600  # Okta's longest
_ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a name
_TOKEN_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 - a name

_log = logging.getLogger(__name__)


class TokenExchange:
    """Exchanges a caller's token for one that another API accepts; an async context manager.

    The client is confidential and has the grant type Token Exchange. The other API lists
    it as an accepted client, because it becomes the `cid` of the new token.
    """

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self._client = ConfidentialClient(f"{issuer}/v1/token", client_id, client_secret, "token_exchange")
        self._issued: Cache[tuple[bytes, str, str], str] = Cache(CACHED_TOKENS, time.monotonic)
        self._flights: SingleFlight[tuple[bytes, str, str], str] = SingleFlight()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._flights.aclose()
        await self._client.aclose()

    async def on_behalf_of(self, token: bytes, audience: str, scopes: Iterable[str]) -> str:
        """Return an access token for `audience` with `scopes`, for the caller whose token is `token`.

        Reuses it until shortly before it expires; concurrent calls share one request.

        Raises InvalidToken if Okta says that the caller's token is no longer valid,
        ServiceUnavailable if Okta issues none, TypeError if `scopes` is a string.
        """
        if isinstance(scopes, str):
            raise TypeError("scopes must be a list of strings, such as ['reports:read']")
        scope = " ".join(sorted(scopes))
        key = hashlib.sha256(token).digest(), audience, scope
        return self._issued.get(key) or await self._flights(key, partial(self._exchange, token, *key))

    @telemetry.counted(telemetry.exchanges, {True: "ok"})
    async def _exchange(self, token: bytes, digest: bytes, audience: str, scope: str) -> str:
        form = {
            "grant_type": _TOKEN_EXCHANGE,
            "subject_token": token.decode(),
            "subject_token_type": _ACCESS_TOKEN,
            "audience": audience,
            "scope": scope,
        }
        response = await self._client.post(form)
        issued, lifetime = _bearer_token(response), response.get("expires_in")
        if type(lifetime) is int:  # without it, the token is used once; bool is a subclass of int
            kept = min(lifetime, MAX_KEPT_SECONDS) - MARGIN_SECONDS
            self._issued.put((digest, audience, scope), issued, time.monotonic() + kept)
        return issued


def _bearer_token(response: dict[str, Any]) -> str:
    """Return the access token in `response`. Raises ServiceUnavailable for a token of another kind."""
    token, kind = response.get("access_token"), response.get("token_type")
    issued = response.get("issued_token_type", _ACCESS_TOKEN)
    if not isinstance(token, str) or not isinstance(kind, str):
        _log.warning("token exchange malformed: the response has no token or no type")
        raise ServiceUnavailable("token_exchange_malformed")
    if kind.lower() != "bearer" or issued != _ACCESS_TOKEN:
        _log.error("token exchange rejected: the token is not a bearer access token")
        raise ServiceUnavailable("token_exchange_rejected")
    return token
