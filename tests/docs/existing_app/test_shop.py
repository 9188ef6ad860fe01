"""The app's tests, with Starlette's TestClient."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from local_okta.pytest_plugin import OktaToken
from local_okta.state import LocalOkta
from shop import create_app
from starlette.testclient import WebSocketDenialResponse


@pytest.fixture
def client(okta: LocalOkta, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("OKTA_ISSUER", okta.issuer)
    with TestClient(create_app()) as client:
        yield client


def test_routers_require_a_token(client: TestClient, okta_token: OktaToken) -> None:
    assert client.get("/orders/1").status_code == 401
    response = client.get("/orders/1", headers={"Authorization": f"Bearer {okta_token()}"})
    assert response.json() == {"order": 1, "owner": "ada@example.com"}


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/unknown"])
def test_paths_without_a_declaration_require_a_token(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 401


@pytest.mark.parametrize("path", ["/health", "/static/hello.txt"])
def test_declared_paths_are_public(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


def test_preflights_and_refusals_have_cors_headers(client: TestClient) -> None:
    origin = {"Origin": "https://shop.example.com"}
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    assert client.options("/orders/1", headers={**origin, **asked}).status_code == 200
    refused = client.get("/orders/1", headers=origin)
    assert refused.headers["Access-Control-Allow-Origin"] == "https://shop.example.com"


def test_websockets_require_a_token(client: TestClient, okta_token: OktaToken) -> None:
    with client.websocket_connect("/events", subprotocols=["bearer", okta_token()]) as websocket:
        assert websocket.receive_text() == "ada@example.com"
    with pytest.raises(WebSocketDenialResponse), client.websocket_connect("/events"):
        pass


def test_without_the_lifespan_the_error_says_so(
    okta: LocalOkta, okta_token: OktaToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKTA_ISSUER", okta.issuer)
    client = TestClient(create_app())
    with pytest.raises(RuntimeError, match="lifespan"):
        client.get("/orders/1", headers={"Authorization": f"Bearer {okta_token()}"})
