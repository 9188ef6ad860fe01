"""Calls to another API on behalf of the caller (RFC 8693, Okta's guide "Set up OAuth 2.0 On-Behalf-Of")."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final, Self

from .client import ConfidentialClient
from .errors import ServiceUnavailable

CACHED_TOKENS: Final = 10_000
# A token this close to its expiry may no longer be valid when the other API reads it.
MARGIN_SECONDS: Final = 30
_ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a name
_TOKEN_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 - a name


class TokenExchange:
    """Exchanges a caller's token for one that another API accepts; an async context manager.

    The client is confidential and has the grant type Token Exchange. The other API lists
    it as an accepted client, because it becomes the `cid` of the new token.
    """

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self._client = ConfidentialClient(f"{issuer}/v1/token", client_id, client_secret, "token_exchange")
        self._cache: OrderedDict[tuple[bytes, str, str], tuple[str, float]] = OrderedDict()

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.__aexit__()

    async def on_behalf_of(self, token: bytes, audience: str, scopes: Iterable[str]) -> str:
        """Return an access token for `audience` with `scopes`, for the caller whose token is `token`.

        Reuses it until shortly before it expires. Raises ServiceUnavailable if Okta issues none.
        """
        scope = " ".join(sorted(scopes))
        key = (hashlib.sha256(token).digest(), audience, scope)
        issued, valid_until = self._cache.get(key, ("", 0.0))
        if valid_until > time.monotonic():
            return issued
        issued, lifetime = await self._exchange(token, audience, scope)
        self._cache[key] = (issued, time.monotonic() + lifetime - MARGIN_SECONDS)
        if len(self._cache) > CACHED_TOKENS:
            self._cache.popitem(last=False)
        return issued

    async def _exchange(self, token: bytes, audience: str, scope: str) -> tuple[str, float]:
        form = {
            "grant_type": _TOKEN_EXCHANGE,
            "subject_token": token.decode(),
            "subject_token_type": _ACCESS_TOKEN,
            "audience": audience,
            "scope": scope,
        }
        response = await self._client.post(form)
        issued, lifetime = response.get("access_token"), response.get("expires_in")
        if not isinstance(issued, str) or type(lifetime) is not int:  # bool is a subclass
            raise ServiceUnavailable("token_exchange_malformed")
        return issued, lifetime
