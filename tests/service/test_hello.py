"""The first routes. Copy these tests for your own routes: without a token, and with a valid one."""

import httpx
from local_okta.testing import OktaToken
from websockets.sync.client import connect


def bearer(token: str) -> dict[str, str]:
    """Return the header that carries `token`."""
    return {"Authorization": f"Bearer {token}"}


def test_index_returns_the_message(api: httpx.Client, okta_token: OktaToken) -> None:
    """A valid token is enough."""
    response = api.get("/", headers=bearer(okta_token()))
    assert (response.status_code, response.json()) == (
        200,
        {"message": "Congratulations, FastAPI this side."},
    )


def test_hello_greets_the_name_in_the_path(api: httpx.Client, okta_token: OktaToken) -> None:
    """The name is in the greeting."""
    response = api.get("/hello/Ada", headers=bearer(okta_token()))
    assert (response.status_code, response.json()) == (200, {"message": "Hello, Ada"})


def test_hello_requires_a_token(api: httpx.Client, okta_token: OktaToken) -> None:
    """Without a token, or with an expired one, the response is a 401."""
    assert api.get("/hello/Ada").status_code == 401
    refused = api.get("/hello/Ada", headers=bearer(okta_token(exp=1)))
    assert (refused.status_code, refused.json()["error"]) == (401, "Unauthorized token or token has expired")


def test_unknown_path_requires_a_token_too(api: httpx.Client, okta_token: OktaToken) -> None:
    """Everything that is not declared public requires a token."""
    assert api.get("/nothing").status_code == 401
    assert api.get("/nothing", headers=bearer(okta_token())).status_code == 404


def test_websocket_greets_each_name(api_url: str, okta_token: OktaToken) -> None:
    """The token comes in the header, or from a browser as a subprotocol."""
    url = api_url.replace("http", "ws", 1) + "/ws/hello"
    with connect(url, additional_headers=bearer(okta_token())) as socket:
        socket.send("Ada")
        assert socket.recv() == "Hello, Ada"
