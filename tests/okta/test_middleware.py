"""The order in which the middleware lets requests on."""

import asyncio

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from backend.okta import OktaJWTMiddleware, SigningKeys
from backend.okta.observer import Observer
from local_okta.pytest_plugin import OktaToken
from local_okta.state import LocalOkta
from tests.support.api import NO_TLS, bearer
from tests.support.key_server import KeyServer
from tests.support.signing_keys import verifier_for


class Events(Observer):
    """Writes down, in order, what became of requests."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def token_remembered(self) -> None:
        """A token was known."""
        self.seen.append("remembered")

    def token_verified(self, seconds: float) -> None:  # noqa: ARG002 - the observer's signature
        """A token was new."""
        self.seen.append("verified")

    async def route(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application behind the middleware."""
        self.seen.append("routed")
        await Response()(scope, receive, send)


@pytest.mark.anyio
async def test_requests_that_came_together(okta: LocalOkta, okta_token: OktaToken, server: KeyServer) -> None:
    """Of requests that came together all are verified, and the bad refused, before any is routed."""
    events = Events()
    async with SigningKeys(server.url) as keys:
        guarded = OktaJWTMiddleware(events.route, verifier_for(okta, keys, observer=events), [])
        transport = httpx.ASGITransport(guarded)
        async with httpx.AsyncClient(transport=transport, base_url="http://api", verify=NO_TLS) as client:
            known = bearer(okta_token())
            await client.get("/", headers=known)
            events.seen.clear()
            sent = [known, bearer(okta_token(jti="new")), bearer("a.b.c")]

            async def ask(headers: dict[str, str]) -> None:
                events.seen.append(str((await client.get("/", headers=headers)).status_code))

            await asyncio.gather(*(ask(headers) for headers in sent))
    assert events.seen[:4] == ["remembered", "verified", "verified", "401"]
    assert sorted(events.seen[4:]) == ["200", "200", "routed", "routed"]
