"""Scopes, groups and claims that a route requires."""

from collections.abc import Callable, Iterator
from typing import Annotated

import anyio
import httpx
import pytest
from fastapi import Depends, FastAPI, Security, WebSocket
from fastapi_okta_auth import (
    PUBLIC,
    CurrentUser,
    Principal,
    current_user,
    has_claim,
    has_scope,
    in_group,
    require,
)
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.app import app_for, settings_for
from okta_support.requests import bearer, wait_until_ready
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

Condition = Callable[[Principal], bool]
AdminUser = Annotated[Principal, Depends(require(in_group("Admins")))]


def principal(**claims: object) -> Principal:
    """Create a caller with these claims."""
    return Principal.from_claims({"iss": "https://i", "sub": "a", "cid": "b", "exp": 1, **claims}, "k")


@pytest.mark.parametrize(
    ("condition", "claims", "met"),
    [
        (in_group("Admins"), {"groups": ["Everyone", "Admins"]}, True),
        (in_group("Admins"), {"groups": ["Admin"]}, False),
        (in_group("Admins"), {"groups": "Admins"}, False),
        (in_group("Admins"), {}, False),
        (in_group("Admins", issuer="https://i"), {"groups": ["Admins"]}, True),
        (in_group("Admins", issuer="https://other"), {"groups": ["Admins"]}, False),
        (has_scope("x", issuer="https://i"), {"scp": ["x"]}, True),
        (has_scope("x", issuer="https://other"), {"scp": ["x"]}, False),
        (has_scope("x"), {"scp": ["x"]}, True),
        (has_scope("x"), {"scp": "x"}, False),
        (has_claim("department", "finance"), {"department": "finance"}, True),
        (has_claim("department", "finance"), {"department": ["law", "finance"]}, True),
        (has_claim("department", "finance"), {"department": "finances"}, False),
        (has_claim("department", None), {}, False),
        (has_claim("level", 1), {"level": 1}, True),
        (has_claim("level", 1), {"level": True}, False),
        (has_claim("level", 1), {"level": [True]}, False),
        (has_claim("level", value=True), {"level": 1}, False),
        (has_claim("level", 0), {"level": False}, False),
    ],
)
def test_condition_is_met_by_matching_claims_only(
    condition: Condition, claims: dict[str, object], *, met: bool
) -> None:
    """A condition compares the value and its type."""
    assert condition(principal(**claims)) is met


@pytest.fixture(scope="module")
def url(local_okta_server: LocalOkta) -> Iterator[str]:
    """The application with routes that require scopes, a claim or a group."""
    app = app_for(settings_for(local_okta_server))

    @app.get("/both")
    async def both(user: Annotated[Principal, Security(current_user, scopes=["a", "b"])]) -> str:
        return user.subject

    @app.get("/finance", dependencies=[Depends(require(has_claim("department", "finance")))])
    async def finance() -> str:
        return "figures"

    @app.websocket("/admin-socket")
    async def socket(
        socket: WebSocket, _: Annotated[Principal, Depends(require(in_group("Admins")))]
    ) -> None:
        await socket.accept()
        await socket.close()

    with serve(app) as url:
        wait_until_ready(url)
        yield url


@pytest.mark.parametrize(("scopes", "status"), [("abc", 200), ("a", 403), ("", 403), ("AB", 403)])
def test_all_scopes_are_required(url: str, okta_token: OktaToken, scopes: str, status: int) -> None:
    """A route with two scopes requires both, and its challenge names both."""
    response = httpx.get(f"{url}/both", headers=bearer(okta_token(scp=list(scopes))))
    assert response.status_code == status
    if status == 403:
        assert 'error="insufficient_scope", scope="a b"' in response.headers["WWW-Authenticate"]


def test_route_can_require_any_claim(url: str, okta_token: OktaToken) -> None:
    """A route can require any claim that Okta adds to the token."""
    assert httpx.get(f"{url}/finance", headers=bearer(okta_token(department="finance"))).status_code == 200
    response = httpx.get(f"{url}/finance", headers=bearer(okta_token(department="law")))
    assert (response.status_code, response.json()["error"]) == (403, "Forbidden")


def test_websocket_can_require_a_group(url: str, okta_token: OktaToken) -> None:
    """A WebSocket can require a group; a caller without it gets 403."""
    address = url.replace("http", "ws", 1) + "/admin-socket"
    with connect(address, additional_headers=bearer(okta_token(groups=["Admins"]))):
        pass
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(address, additional_headers=bearer(okta_token(person="grace"))),
    ):
        pass
    assert refused.value.response.status_code == 403


def ask(app: FastAPI, path: str, token: str) -> None:
    """Send a request without the network, so that exceptions of the application propagate."""

    async def send() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await client.get(path, headers=bearer(token))

    anyio.run(send)


def open_app() -> FastAPI:
    """Create an application without the middleware."""
    app = FastAPI()

    @app.get("/mine")
    async def mine(user: CurrentUser) -> str:
        return user.subject

    return app


def test_current_user_without_the_middleware_raises(okta_token: OktaToken) -> None:
    """Without the middleware, the first request raises an error that names it."""
    with pytest.raises(RuntimeError, match="add OktaJWTMiddleware"):
        ask(open_app(), "/mine", okta_token())


def test_current_user_on_a_public_route_raises(local_okta: LocalOkta, okta_token: OktaToken) -> None:
    """A public route has no verified caller, even if the request has a valid token."""
    app = app_for(settings_for(local_okta))

    @app.get("/both-ways", openapi_extra=PUBLIC)
    async def both_ways(user: CurrentUser) -> str:
        return user.subject

    with pytest.raises(RuntimeError, match="use OptionalUser on a public route"):
        ask(app, "/both-ways", okta_token())
