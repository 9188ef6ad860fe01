"""Introspection (RFC 7662): revoked tokens are refused, and a failure of Okta accepts none."""

import asyncio
import base64
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Request, Security
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi_okta_auth import Principal, active_token
from fastapi_okta_auth.errors import Forbidden, InvalidToken, ServiceUnavailable
from fastapi_okta_auth.introspection import Introspection
from local_okta.config import API_CLIENT_ID, API_CLIENT_SECRET
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken, person_claims
from okta_support.app import app_for, settings_for
from okta_support.dpop import API, dpop_headers, dpop_key
from okta_support.requests import METADATA, bearer, free_address, wait_until_ready

CLIENT = {"introspection_client_id": API_CLIENT_ID, "introspection_client_secret": API_CLIENT_SECRET}


def served(okta: LocalOkta, **changes: object) -> Iterator[httpx.Client]:
    """Serve an application with a route that requires an active token."""
    app = app_for(settings_for(okta, **changes))

    @app.post("/transfers")
    async def transfers(
        user: Annotated[Principal, Security(active_token, scopes=["reports:approve"])],
    ) -> dict[str, str]:
        return {"by": user.subject}

    with serve(app) as url, httpx.Client(base_url=url) as client:
        wait_until_ready(url)
        yield client


@pytest.fixture(scope="module")
def client(local_okta_server: LocalOkta) -> Iterator[httpx.Client]:
    """A client of an application that introspects."""
    yield from served(local_okta_server, dpop="allowed", **CLIENT)


@pytest.fixture
def token(okta_token: OktaToken) -> str:
    """A token with the scope that the route requires."""
    return okta_token(scp=["reports:approve"])


def test_active_token_is_accepted_until_it_is_revoked(
    client: httpx.Client, local_okta: LocalOkta, token: str
) -> None:
    """After its revocation a token with a valid signature gets a 401."""
    response = client.post("/transfers", headers=bearer(token))
    assert (response.status_code, response.json()) == (200, {"by": "ada@example.com"})
    local_okta.revoke(token)
    response = client.post("/transfers", headers=bearer(token))
    assert (response.status_code, response.json()["error"]) == (
        401,
        "Unauthorized token or token is not active",
    )
    assert response.headers["WWW-Authenticate"].startswith(
        f'Bearer realm="api", error="invalid_token", error_description="token is not active"{METADATA}'
    )
    assert client.get("/me", headers=bearer(token)).status_code == 200


def test_bound_token_is_introspected_too(
    client: httpx.Client, local_okta: LocalOkta, okta_token: OktaToken
) -> None:
    """A DPoP token is introspected like a Bearer token."""
    key = dpop_key()
    token = okta_token(dpop=key, scp=["reports:approve"])
    for revoked, status in ((False, 200), (True, 401)):
        if revoked:
            local_okta.revoke(token)
        headers = dpop_headers(token, key.proof("POST", f"{API}/transfers", token))
        assert client.post("/transfers", headers=headers).status_code == status


def test_missing_scope_is_refused_without_asking(
    client: httpx.Client, local_okta: LocalOkta, okta_token: OktaToken
) -> None:
    """Introspection is the last check, because it costs a request to Okta."""
    local_okta.switches.start_outage(None)
    assert client.post("/transfers", headers=bearer(okta_token())).status_code == 403


def test_outage_is_unavailable(
    client: httpx.Client, local_okta: LocalOkta, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    """If Okta does not respond, the route returns 503; routes without introspection still work."""
    caplog.set_level(logging.INFO)
    local_okta.switches.start_outage(None)
    response = client.post("/transfers", headers=bearer(token))
    assert (response.status_code, response.json()["error"]) == (503, "Service Unavailable")
    assert response.headers["Retry-After"] == "1"
    assert "WWW-Authenticate" not in response.headers
    assert client.get("/me", headers=bearer(token)).status_code == 200
    assert client.get("/readyz").status_code == 200
    assert "introspection_failed" in caplog.text


def test_route_without_a_client_is_unavailable(local_okta: LocalOkta, token: str) -> None:
    """If no introspection client is configured, the route returns 503."""
    settings = {"introspection_client_id": "", "introspection_client_secret": ""}
    for client in served(local_okta, **settings):
        response = client.post("/transfers", headers=bearer(token))
        assert (response.status_code, "Retry-After" in response.headers) == (503, False)
        assert response.json() == {
            "error": "Service Unavailable: introspection is not configured",
            "code": "introspection_not_configured",
        }


class Authority:
    """Okta's introspection endpoint, with responses that a test sets."""

    def __init__(self) -> None:
        self.response: Response = JSONResponse({"active": True})
        self.delay = 0.0
        self.requests: list[tuple[str | None, dict[str, Any]]] = []
        self.url = ""
        self.app = FastAPI()
        self.app.post("/v1/introspect")(self.introspect)

    async def introspect(self, request: Request) -> Response:
        """Return the response that the test has set."""
        self.requests.append((request.headers.get("authorization"), dict(await request.form())))
        await asyncio.sleep(self.delay)
        return self.response

    def user(self, expiry: int = 2**40) -> Principal:
        """Return a caller with a token of this authority."""
        return Principal.from_claims({**person_claims(self.url), "exp": expiry}, "kid")


@pytest.fixture
def authority() -> Iterator[Authority]:
    """A running endpoint."""
    authority = Authority()
    with serve(authority.app) as url:
        authority.url = url
        yield authority


@asynccontextmanager
async def introspecting(authority: Authority, cache_seconds: int = 0) -> AsyncIterator[Introspection]:
    """Introspection with special characters in the client secret."""
    async with aclosing(Introspection(authority.url, "0oaapi", "p%s:w +d", cache_seconds)) as introspection:
        yield introspection


@pytest.mark.anyio
async def test_client_authenticates_and_sends_the_token_in_the_body(authority: Authority) -> None:
    """The token is in the body, because URLs are logged."""
    async with introspecting(authority) as introspection:
        await introspection.check(b"a.b.c", authority.user())
    [(authorization, form)] = authority.requests
    assert form == {"token": "a.b.c", "token_type_hint": "access_token"}
    assert authorization is not None
    assert base64.b64decode(authorization.removeprefix("Basic ")) == b"0oaapi:p%25s%3Aw+%2Bd"


def okta_limit(seconds: int) -> dict[str, str]:
    """Return Okta's headers of a response with status 429, with a clock of its own."""
    reset = 1_000_000_000 + seconds
    return {"X-Rate-Limit-Reset": str(reset), "Date": "Sun, 09 Sep 2001 01:46:40 GMT"}


@pytest.mark.anyio
async def test_okta_is_not_asked_while_it_limits_the_rate(authority: Authority) -> None:
    """Each further request would count against the limit."""
    authority.response = Response("", 429, {"Retry-After": "7"})
    async with introspecting(authority) as introspection:
        for token in (b"a.b.c", b"d.e.f"):
            with pytest.raises(ServiceUnavailable) as raised:
                await introspection.check(token, authority.user())
            assert raised.value.retry_after in (6, 7)
    assert len(authority.requests) == 1


@pytest.mark.anyio
async def test_token_of_another_issuer_is_not_sent(authority: Authority) -> None:
    """The client secret belongs to one authorization server; the route refuses tokens of the others."""
    other = Authority()
    other.url = "https://other.example.com"
    async with introspecting(authority) as introspection:
        with pytest.raises(Forbidden):
            await introspection.check(b"a.b.c", other.user())
    assert not authority.requests


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("response", "reason", "retry_after"),
    [
        pytest.param(JSONResponse({"active": "true"}), "malformed", 1, id="active is a string"),
        pytest.param(JSONResponse({"active": 1}), "malformed", 1, id="active is a number"),
        pytest.param(JSONResponse({}), "malformed", 1, id="empty object"),
        pytest.param(JSONResponse([True]), "malformed", 1, id="array"),
        pytest.param(Response("<html>"), "malformed", 1, id="page"),
        pytest.param(Response(b"\xff"), "malformed", 1, id="not UTF-8"),
        pytest.param(Response("[" * 60_000), "malformed", 1, id="deeply nested"),
        pytest.param(
            Response(b'{"active":true,"x":"' + b"a" * 70_000 + b'"}'), "unreachable", 1, id="over 64 KiB"
        ),
        pytest.param(JSONResponse({"active": True}, 201), "failed", 1, id="status 201"),
        pytest.param(JSONResponse({"active": True}, 500), "failed", 1, id="status 500"),
        pytest.param(RedirectResponse("/elsewhere", 307), "failed", 1, id="redirect"),
        pytest.param(JSONResponse({"error": "invalid_client"}, 401), "rejected", 1, id="client is not known"),
        pytest.param(JSONResponse({"error": "invalid_request"}, 400), "rejected", 1, id="bad request"),
        pytest.param(Response("", 403), "rejected", 1, id="forbidden"),
        pytest.param(Response("", 429, {"Retry-After": "7"}), "rate_limited", 7, id="rate limit"),
        pytest.param(Response("", 429, {"Retry-After": "9999"}), "rate_limited", 60, id="long rate limit"),
        pytest.param(Response("", 429, {"Retry-After": "soon"}), "rate_limited", 1, id="rate limit in words"),
        pytest.param(
            Response("", 429, {"Retry-After": "9" * 5000}), "rate_limited", 1, id="endless rate limit"
        ),
        pytest.param(Response("", 429), "rate_limited", 1, id="rate limit without a time"),
        pytest.param(Response("", 429, okta_limit(25)), "rate_limited", 25, id="reset in the future"),
        pytest.param(Response("", 429, okta_limit(-5)), "rate_limited", 1, id="reset in the past"),
        pytest.param(Response("", 429, okta_limit(9999)), "rate_limited", 60, id="reset in hours"),
    ],
)
async def test_any_other_response_is_unavailable(
    authority: Authority, response: Response, reason: str, retry_after: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Only `active: true` and `active: false` count; anything else is a 503 with its reason in the log."""
    authority.response = response
    async with introspecting(authority) as introspection:
        with pytest.raises(ServiceUnavailable) as raised:
            await introspection.check(b"a.b.c", authority.user())
    assert (raised.value.status, raised.value.challenge) == (503, None)
    assert (raised.value.code, raised.value.retry_after) == (f"introspection_{reason}", retry_after)
    [record] = [record for record in caplog.records if record.name.startswith("fastapi_okta_auth")]
    assert record.getMessage().startswith(f"introspection {reason.replace('_', ' ')}")
    assert record.levelno == (logging.ERROR if reason == "rejected" else logging.WARNING)


@pytest.mark.anyio
async def test_unreachable_or_slow_authority_is_unavailable(authority: Authority) -> None:
    """A request waits for at most two seconds."""
    nobody = Authority()
    nobody.url = f"http://{free_address()}"
    async with introspecting(nobody) as introspection:
        with pytest.raises(ServiceUnavailable, match="introspection_unreachable"):
            await introspection.check(b"a.b.c", nobody.user())
    async with introspecting(authority) as introspection:
        authority.delay = 4
        async with asyncio.timeout(15):
            with pytest.raises(ServiceUnavailable, match="introspection_unreachable"):
                await introspection.check(b"a.b.c", authority.user())


@pytest.mark.anyio
async def test_concurrent_requests_with_the_same_token_share_one_introspection(authority: Authority) -> None:
    """Fifty concurrent requests ask once per token."""
    authority.delay = 0.2
    async with introspecting(authority) as introspection:
        checks = [
            introspection.check(token, authority.user()) for token in (b"a.b.c", b"d.e.f") for _ in range(50)
        ]
        await asyncio.gather(*checks)
    assert len(authority.requests) == 2


@pytest.mark.anyio
async def test_disconnected_caller_does_not_cancel_the_introspection_of_others(authority: Authority) -> None:
    """The shared introspection continues after the request that started it is cancelled."""
    authority.delay = 0.2
    async with introspecting(authority) as introspection:
        first = asyncio.create_task(introspection.check(b"a.b.c", authority.user()))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(introspection.check(b"a.b.c", authority.user()))
        await asyncio.sleep(0.05)
        first.cancel()
        await second
    assert len(authority.requests) == 1


@pytest.mark.anyio
async def test_inactive_token_is_asked_about_again(authority: Authority) -> None:
    """Neither `active: false` nor a failure is cached."""
    async with introspecting(authority, cache_seconds=60) as introspection:
        for response, error in (({"active": False}, InvalidToken), ({}, ServiceUnavailable)):
            authority.response = JSONResponse(response)
            for _ in range(2):
                with pytest.raises(error):
                    await introspection.check(b"a.b.c", authority.user())
    assert len(authority.requests) == 4


@pytest.mark.anyio
@pytest.mark.parametrize(("cache_seconds", "questions"), [(0, 2), (60, 1)])
async def test_active_token_is_cached_where_that_is_configured(
    authority: Authority, cache_seconds: int, questions: int
) -> None:
    """Without INTROSPECTION_CACHE_SECONDS every request asks Okta."""
    async with introspecting(authority, cache_seconds) as introspection:
        for _ in range(2):
            await introspection.check(b"a.b.c", authority.user())
        await introspection.check(b"d.e.f", authority.user())
    assert len(authority.requests) == questions + 1


@pytest.mark.anyio
async def test_cached_result_expires_at_its_time_or_with_the_token(authority: Authority) -> None:
    """After that, Okta is asked again."""
    async with introspecting(authority, cache_seconds=1) as introspection:
        for _ in range(2):
            await introspection.check(b"a.b.c", authority.user())
            await introspection.check(b"d.e.f", authority.user(expiry=int(time.time()) - 1))
        assert len(authority.requests) == 3
        await asyncio.sleep(1.1)
        await introspection.check(b"a.b.c", authority.user())
        assert len(authority.requests) == 4


@pytest.mark.anyio
async def test_introspections_end_with_the_application(authority: Authority) -> None:
    """A shutdown does not wait for Okta."""
    authority.delay = 4
    async with asyncio.timeout(10):
        async with introspecting(authority) as introspection:
            waiting = asyncio.create_task(introspection.check(b"a.b.c", authority.user()))
            await asyncio.sleep(0.1)
        with pytest.raises(asyncio.CancelledError):
            await waiting
