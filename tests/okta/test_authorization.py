"""What a route demands of its caller beyond a good token."""

from collections.abc import Callable, Iterator
from typing import Annotated

import anyio
import httpx
import pytest
from fastapi import Depends, FastAPI, Security, WebSocket
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from backend.okta import (
    PUBLIC,
    CurrentUser,
    Principal,
    current_user,
    has_claim,
    has_scope,
    in_group,
    require,
)
from local_okta.pytest_plugin import OktaToken
from local_okta.serving import serve
from local_okta.state import LocalOkta
from tests.support.api import app_for, bearer, settings_for, wait_until_ready

Condition = Callable[[Principal], bool]
AdminUser = Annotated[Principal, Depends(require(in_group("Admins")))]


def principal(**claims: object) -> Principal:
    """A caller with these claims."""
    return Principal.from_claims({"sub": "a", "cid": "b", "exp": 1, **claims}, "k")


@pytest.mark.parametrize(
    ("condition", "claims", "met"),
    [
        (in_group("Admins"), {"groups": ["Everyone", "Admins"]}, True),
        (in_group("Admins"), {"groups": ["Admin"]}, False),
        (in_group("Admins"), {"groups": "Admins"}, False),
        (in_group("Admins"), {}, False),
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
def test_conditions(condition: Condition, claims: dict[str, object], met: bool) -> None:  # noqa: FBT001 - a parameter
    """Conditions on groups, scopes and claims hold as they read, alone and combined."""
    assert condition(principal(**claims)) is met


@pytest.fixture(scope="module")
def url(okta_server: LocalOkta) -> Iterator[str]:
    """The application, with routes that demand more."""
    app = app_for(settings_for(okta_server))

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
def test_all_scopes_are_demanded(url: str, okta_token: OktaToken, scopes: str, status: int) -> None:
    """A route with two scopes wants both, and its refusal names both."""
    answer = httpx.get(f"{url}/both", headers=bearer(okta_token(scp=list(scopes))))
    assert answer.status_code == status
    if status == 403:
        assert 'error="insufficient_scope", scope="a b"' in answer.headers["WWW-Authenticate"]


def test_any_claim(url: str, okta_token: OktaToken) -> None:
    """A route may demand any claim that Okta was told to put in."""
    assert httpx.get(f"{url}/finance", headers=bearer(okta_token(department="finance"))).status_code == 200
    answer = httpx.get(f"{url}/finance", headers=bearer(okta_token(department="law")))
    assert (answer.status_code, answer.json()) == (403, {"error": "Forbidden"})


def test_socket_that_demands_a_group(url: str, okta_token: OktaToken) -> None:
    """A WebSocket may demand a group too, and is denied with 403 without it."""
    address = url.replace("http", "ws", 1) + "/admin-socket"
    with connect(address, additional_headers=bearer(okta_token(groups=["Admins"]))):
        pass
    with pytest.raises(InvalidStatus) as refused, connect(address, additional_headers=bearer(okta_token())):
        pass
    assert refused.value.response.status_code == 403


def ask(app: FastAPI, path: str, token: str) -> None:
    """Send a request past the network; what the application raises is raised here."""

    async def send() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await client.get(path, headers=bearer(token))

    anyio.run(send)


def open_app() -> FastAPI:
    """An application whose author forgot the middleware."""
    app = FastAPI()

    @app.get("/mine")
    async def mine(user: CurrentUser) -> str:
        return user.subject

    return app


def test_without_the_middleware(okta_token: OktaToken) -> None:
    """A dependency without the middleware fails at the first request, and says what is missing."""
    with pytest.raises(RuntimeError, match="add OktaJWTMiddleware"):
        ask(open_app(), "/mine", okta_token())


def test_on_a_public_route(okta: LocalOkta, okta_token: OktaToken) -> None:
    """A public route has no verified caller, not even where a good token comes along."""
    app = app_for(settings_for(okta))

    @app.get("/both-ways", openapi_extra=PUBLIC)
    async def both_ways(user: CurrentUser) -> str:
        return user.subject

    with pytest.raises(RuntimeError, match="do not make this route public"):
        ask(app, "/both-ways", okta_token())
