"""The local Okta's button: it sends the real request, and signs the person out there too."""

import asyncio
from dataclasses import replace

import httpx
import pytest
import websockets
from fastapi_okta_auth import LOGOUT_PATH
from local_okta.config import Config
from local_okta.serving import bind, serve, serving
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken, running
from local_okta.universal_logout import PATH

from backend.main import create_app
from tests.logout.conftest import Service, on, wait_until_ready
from tests.support.api import NO_TLS, free_address
from tests.support.service import wait_for

JSON = {"Accept": "application/json"}


def press(okta: LocalOkta, person: str, **headers: str) -> httpx.Response:
    """Press the button beside a person."""
    url = f"{okta.org}/local/universal-logout"
    return httpx.post(
        url, params={"person": person}, headers=JSON | headers, trust_env=False, verify=NO_TLS, timeout=30
    )


def test_button(database_url: str) -> None:
    """The token works, the button, 401 and 3000, a new token works."""
    address = free_address()
    host, _, port = address.partition(":")
    with running(replace(Config(), api=f"http://{address}")) as okta:
        okta_token, settings = OktaToken(okta), on(okta, database_url, resource_url=f"http://{address}")
        with bind(host, int(port)) as listener, serving(create_app(settings), listener):
            service = Service(f"http://{address}", okta)
            wait_until_ready(service)
            token, other = okta_token(person="ada"), okta_token(person="grace")
            assert service.status(token) == (200, None)
            assert asyncio.run(press_with_a_websocket(service, token)) == 3000
            assert service.status(token) == (401, "user_revoked")
            assert service.status(other) == (200, None)
            wait_for(lambda: service.status(okta_token(person="ada")) == (200, None))
            page = httpx.get(f"{okta.org}/", trust_env=False, verify=NO_TLS).text
            assert "ada@example.com: 204" in page
            assert "Sign Grace out everywhere" in page


async def press_with_a_websocket(service: Service, token: str) -> int | None:
    """Press Ada's button while she has a WebSocket; return the code with which it is closed."""
    url = f"ws{service.url.removeprefix('http')}/ws/hello"
    async with websockets.connect(url, subprotocols=["bearer", token], proxy=None) as socket:  # type: ignore[list-item]
        response = await asyncio.to_thread(press, service.okta, "ada")
        assert response.json()["universal_logout"] == "ada@example.com: 204"
        async with asyncio.timeout(10):
            await socket.wait_closed()
    return socket.close_code


def test_api_that_does_not_respond() -> None:
    """The page says so; tokens of the person are inactive all the same."""
    with running(replace(Config(), api=f"http://{free_address()}")) as okta:
        token = OktaToken(okta)(person="ada")
        assert "no response" in press(okta, "ada").json()["universal_logout"]
        response = httpx.post(
            f"{okta.issuer}/v1/introspect",
            data={"token": token, "client_id": "0oalocalspa"},
            trust_env=False,
            verify=NO_TLS,
        )
        assert response.json() == {"active": False}


@pytest.mark.parametrize(
    ("person", "headers", "status"),
    [("nobody", {}, 404), ("ada", {"Origin": "https://evil.example"}, 403)],
)
def test_button_is_refused(local_okta: LocalOkta, person: str, headers: dict[str, str], status: int) -> None:
    """For a person who does not exist, and for another site's page."""
    assert press(local_okta, person, **headers).status_code == status


def test_org_keys_are_not_those_of_the_authorization_server(local_okta: LocalOkta) -> None:
    """An access token's key cannot sign a request of Universal Logout."""
    keys = [
        {key["kid"] for key in httpx.get(url, trust_env=False, verify=NO_TLS).json()["keys"]}
        for url in (f"{local_okta.org}/oauth2/v1/keys", f"{local_okta.issuer}/v1/keys")
    ]
    assert keys[0]
    assert keys[0].isdisjoint(keys[1])


def test_path_is_the_same_on_both_sides() -> None:
    """The local Okta imports nothing of the API."""
    assert PATH == LOGOUT_PATH


def test_button_while_universal_logout_is_off(local_okta: LocalOkta, database_url: str) -> None:
    """The page shows the 404."""
    settings = on(local_okta, database_url).model_copy(update={"universal_logout_issuer": ""})
    with serve(create_app(settings)) as url:
        local_okta.config = replace(local_okta.config, api=url)
        assert press(local_okta, "ada").json()["universal_logout"].startswith("ada@example.com: 404")
