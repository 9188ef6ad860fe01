"""An API calls another API on behalf of its caller (RFC 8693): an example with two services."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from fastapi_okta_auth import CurrentUser, TokenExchange, access_token
from fastapi_okta_auth.errors import ServiceUnavailable
from local_okta.config import API_CLIENT_ID, API_CLIENT_SECRET
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.app import app_for, settings_for
from okta_support.requests import bearer, wait_until_ready

OTHER_API = "api://reports"


@pytest.fixture(scope="module")
def other_api(local_okta_server: LocalOkta) -> Iterator[str]:
    """The API that is called; it accepts tokens for its audience from the calling API's client."""
    settings = settings_for(local_okta_server, okta_audience=OTHER_API, okta_client_id=API_CLIENT_ID)
    with serve(app_for(settings)) as url:
        wait_until_ready(url)
        yield url


@pytest.fixture(scope="module")
def client(local_okta_server: LocalOkta, other_api: str) -> Iterator[httpx.Client]:
    """A client of the calling API, whose route is an example to copy."""
    app = app_for(settings_for(local_okta_server))
    exchange = TokenExchange(local_okta_server.issuer, API_CLIENT_ID, API_CLIENT_SECRET)

    async def exchange_for_requests() -> AsyncIterator[TokenExchange]:
        # A service opens it once, in its lifespan.
        async with exchange:
            yield exchange

    @app.get("/summary")
    async def summary(
        request: Request,
        user: CurrentUser,
        exchange: Annotated[TokenExchange, Depends(exchange_for_requests)],
    ) -> dict[str, object]:
        token = await exchange.on_behalf_of(
            access_token(request.scope), audience=OTHER_API, scopes=["reports:read"]
        )
        async with httpx.AsyncClient(base_url=other_api) as other:
            response = await other.get("/me", headers=bearer(token))
        if response.status_code != 200:
            raise HTTPException(502, response.text)
        return {"asked_by": user.subject, "read_by": response.json()["subject"]}

    with serve(app) as url, httpx.Client(base_url=url) as client:
        wait_until_ready(url)
        yield client


def test_other_api_sees_the_caller(client: httpx.Client, okta_token: OktaToken) -> None:
    """The new token names the same subject, for the audience of the other API."""
    response = client.get("/summary", headers=bearer(okta_token()))
    assert (response.status_code, response.json()) == (
        200,
        {"asked_by": "ada@example.com", "read_by": "ada@example.com"},
    )


def test_other_api_refuses_the_token_of_the_caller(other_api: str, okta_token: OktaToken) -> None:
    """The other API refuses the caller's own token."""
    response = httpx.get(f"{other_api}/reports", headers=bearer(okta_token(scp=["reports:read"])))
    assert response.json()["error"] == "Unauthorized token or audience is not accepted"


def test_caller_whose_token_is_revoked_is_refused(
    client: httpx.Client, local_okta: LocalOkta, okta_token: OktaToken
) -> None:
    """Okta says `invalid_grant`: the caller needs a new token."""
    token = okta_token()
    local_okta.revoke(token)
    response = client.get("/summary", headers=bearer(token))
    assert (response.status_code, response.json()) == (
        401,
        {"error": "Unauthorized token or token is not active", "code": "inactive"},
    )


class TokenEndpoint:
    """A token endpoint that counts what it issues."""

    def __init__(self) -> None:
        self.issued = 0
        self.response: dict[str, object] = {"expires_in": 3600}
        self.app = FastAPI()
        self.app.post("/v1/token")(self.token)

    async def token(self) -> JSONResponse:
        """Issue a token."""
        self.issued += 1
        return JSONResponse({"access_token": f"token {self.issued}", "token_type": "Bearer", **self.response})


@pytest.fixture
def endpoint() -> TokenEndpoint:
    """A running endpoint."""
    return TokenEndpoint()


@asynccontextmanager
async def exchanging(endpoint: TokenEndpoint) -> AsyncIterator[TokenExchange]:
    """An exchange at `endpoint`."""
    with serve(endpoint.app) as url:
        async with TokenExchange(url, "client", "secret") as exchange:
            yield exchange


@pytest.mark.anyio
async def test_token_is_reused_for_the_same_caller_audience_and_scopes(endpoint: TokenEndpoint) -> None:
    """The order of the scopes does not matter."""
    async with exchanging(endpoint) as exchange:
        first = await exchange.on_behalf_of(b"caller", "api://a", ["x", "y"])
        assert await exchange.on_behalf_of(b"caller", "api://a", ["y", "x"]) == first
        others = [
            await exchange.on_behalf_of(b"other caller", "api://a", ["x", "y"]),
            await exchange.on_behalf_of(b"caller", "api://b", ["x", "y"]),
            await exchange.on_behalf_of(b"caller", "api://a", ["x"]),
        ]
    assert first not in others
    assert endpoint.issued == 4


@pytest.mark.anyio
async def test_token_that_is_about_to_expire_is_replaced(endpoint: TokenEndpoint) -> None:
    """A token close to its expiry is not reused."""
    endpoint.response = {"expires_in": 20}
    async with exchanging(endpoint) as exchange:
        first = await exchange.on_behalf_of(b"caller", "api://a", ["x"])
        assert await exchange.on_behalf_of(b"caller", "api://a", ["x"]) != first


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("response", "code"),
    [
        ({"access_token": None}, "malformed"),
        ({"access_token": 7}, "malformed"),
        ({"token_type": None}, "malformed"),
        ({"token_type": "DPoP"}, "rejected"),
        ({"issued_token_type": "urn:ietf:params:oauth:token-type:id_token"}, "rejected"),
    ],
    ids=str,
)
async def test_only_a_bearer_access_token_is_handed_out(
    endpoint: TokenEndpoint, response: dict[str, object], code: str
) -> None:
    """A response without a token, or with one of another kind, is a 503."""
    endpoint.response = {"expires_in": 3600, **response}
    async with exchanging(endpoint) as exchange:
        with pytest.raises(ServiceUnavailable, match=f"token_exchange_{code}"):
            await exchange.on_behalf_of(b"caller", "api://a", ["x"])


@pytest.mark.anyio
@pytest.mark.parametrize(
    "lifetime", [{}, {"expires_in": None}, {"expires_in": "3600"}, {"expires_in": True}], ids=str
)
async def test_token_without_a_lifetime_is_used_once(
    endpoint: TokenEndpoint, lifetime: dict[str, object]
) -> None:
    """`expires_in` is optional (RFC 6749 section 5.1): without it nobody knows how long to reuse the token."""
    endpoint.response = lifetime
    async with exchanging(endpoint) as exchange:
        first = await exchange.on_behalf_of(b"caller", "api://a", ["x"])
        assert await exchange.on_behalf_of(b"caller", "api://a", ["x"]) != first


@pytest.mark.anyio
async def test_token_with_a_huge_lifetime_is_reused(endpoint: TokenEndpoint) -> None:
    """A number that no float can say fails no request."""
    endpoint.response = {"expires_in": 10**400}
    async with exchanging(endpoint) as exchange:
        first = await exchange.on_behalf_of(b"caller", "api://a", ["x"])
        assert await exchange.on_behalf_of(b"caller", "api://a", ["x"]) == first


@pytest.mark.anyio
async def test_concurrent_calls_share_one_request(endpoint: TokenEndpoint) -> None:
    """Okta limits its rate, and all of these calls need the same token."""
    async with exchanging(endpoint) as exchange:
        calls = [exchange.on_behalf_of(b"caller", "api://a", ["x"]) for _ in range(50)]
        assert set(await asyncio.gather(*calls)) == {"token 1"}
    assert endpoint.issued == 1


@pytest.mark.anyio
async def test_scopes_are_a_list(endpoint: TokenEndpoint) -> None:
    """A string would be sent letter by letter."""
    async with exchanging(endpoint) as exchange:
        with pytest.raises(TypeError, match="list of strings"):
            await exchange.on_behalf_of(b"caller", "api://a", "reports:read")
