"""Who calls the service during a soak, and which answers each of them may get."""

import random
import time
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

import httpx
from local_okta.state import LocalOkta
from local_okta.testing import DPoPKey, person_claims
from okta_support.dpop import API, dpop_headers

from tests.data.conftest import REPORT, SCOPES
from tests.support.api import bearer


class Tokens:
    """Signs tokens with a key that is always published, and with the newest one."""

    def __init__(self, okta: LocalOkta) -> None:
        self.newest = okta.keys
        self.steady = okta.keys.published[0]
        self.dpop = DPoPKey()
        self._issuer = okta.issuer

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of a new token."""
        return person_claims(self._issuer) | {"jti": f"AT.{random.random()}", "scp": SCOPES} | changes

    def valid(self, lifetime: int = 3600) -> str:
        """Return a token that is valid for `lifetime` seconds."""
        return self.steady.sign(self.claims(exp=int(time.time()) + lifetime))

    def forged(self) -> str:
        """Return a token with a made-up key id."""
        return self.steady.sign(self.claims(), {"kid": f"made-up-{random.random()}"})

    def with_proof(self) -> dict[str, str]:
        """Return the headers of a new token and a new proof."""
        token = self.steady.sign(self.claims(cnf={"jkt": self.dpop.jkt}))
        return dpop_headers(token, self.dpop.proof("GET", f"{API}/hello/Ada", token))


@dataclass(frozen=True)
class Kind:
    """A kind of request, its answers, and those that it may also get while what it `needs` is away.

    An answer is a status; with the code of the refusal, if it is one.
    """

    headers: Callable[[Tokens], dict[str, str]]
    answers: AbstractSet[str]
    needs: str = ""
    away: AbstractSet[str] = frozenset()
    method: str = "GET"
    path: str = "/hello/Ada"
    body: dict[str, str] | None = None
    times: int = 1  # it is sent with the same headers; the last answer counts

    async def send(self, client: httpx.AsyncClient, tokens: Tokens) -> str:
        """Send it, and return the answer."""
        headers = self.headers(tokens)
        try:
            for _ in range(self.times):
                response = await client.request(self.method, self.path, headers=headers, json=self.body)
        except httpx.HTTPError as error:
            return type(error).__name__
        return str(response.status_code) if response.is_success else _refusal(response)


def _refusal(response: httpx.Response) -> str:
    is_json = response.headers.get("content-type") == "application/json"
    return f"{response.status_code} {response.json().get('code') if is_json else response.text}"


def _of_a_person(tokens: Tokens) -> dict[str, str]:
    return bearer(tokens.valid())


_NO_STORE: Final = {"503 replay_store_unavailable"}
_NO_DATABASE: Final = {"503 database_unavailable"}
_UNKNOWN: Final = "401 unknown_key"

KINDS: Final = {
    "bearer token": Kind(_of_a_person, {"200"}),
    "DPoP": Kind(Tokens.with_proof, {"200"}, "redis", _NO_STORE),
    "submit a report": Kind(
        _of_a_person, {"201"}, "database", _NO_DATABASE, method="POST", path="/reports", body=REPORT
    ),
    "list reports": Kind(_of_a_person, {"200"}, "database", _NO_DATABASE, path="/reports"),
    # A new key is found as soon as its server works and a fetch is allowed.
    "newest key": Kind(lambda tokens: bearer(tokens.newest.sign(tokens.claims())), {"200", _UNKNOWN}),
    # A Redis that was killed starts empty.
    "proof used twice": Kind(
        Tokens.with_proof, {"401 proof_replayed"}, "redis", _NO_STORE | {"200"}, times=2
    ),
    "expired": Kind(lambda tokens: bearer(tokens.valid(lifetime=-3600)), {"401 expired"}),
    "another audience": Kind(
        lambda tokens: bearer(tokens.steady.sign(tokens.claims(aud="api://other"))), {"401 audience"}
    ),
    "forged": Kind(lambda tokens: bearer(tokens.forged()), {_UNKNOWN}),
    "broken": Kind(lambda tokens: bearer(tokens.valid()[:-8] + "AAAAAAAA"), {"401 signature"}),
    "no token": Kind(lambda _: {}, {"401 no_credentials"}),
}
