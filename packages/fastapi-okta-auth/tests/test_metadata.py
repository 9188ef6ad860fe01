"""Protected resource metadata (RFC 9728)."""

from typing import Annotated
from unittest.mock import Mock

import httpx
import pytest
from fastapi import FastAPI, Security
from fastapi.testclient import TestClient
from fastapi_okta_auth import Okta, OktaJWTMiddleware, Principal, current_user
from fastapi_okta_auth.metadata import metadata_url
from local_okta.serving import serve
from local_okta.state import LocalOkta
from okta_support.app import app_for, settings_for

WELL_KNOWN = "/.well-known/oauth-protected-resource"


def test_metadata_is_public_and_complete(api: httpx.Client, local_okta: LocalOkta) -> None:
    """Anyone can read the document: resource, authorization server, scopes and method."""
    assert api.get(WELL_KNOWN).json() == {
        "resource": "http://localhost:8000",
        "authorization_servers": [local_okta.issuer],
        "scopes_supported": ["reports:approve", "reports:read"],
        "bearer_methods_supported": ["header"],
    }


def test_metadata_ignores_the_host_header(api: httpx.Client) -> None:
    """A forged Host or X-Forwarded-Host changes neither the document nor the challenge."""
    made_up = {"Host": "evil.example.com", "X-Forwarded-Host": "evil.example.com"}
    assert "evil" not in api.get(WELL_KNOWN, headers=made_up).text
    assert "evil" not in api.get("/", headers=made_up).headers["WWW-Authenticate"]


def test_metadata_is_built_once(local_okta: LocalOkta, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anyone can ask for it, and the OpenAPI document that names the scopes takes milliseconds."""
    app = app_for(settings_for(local_okta))
    built = Mock(wraps=app.openapi)
    monkeypatch.setattr(app, "openapi", built)
    with serve(app) as url:
        for _ in range(3):
            assert httpx.get(url + WELL_KNOWN).status_code == 200
    assert built.call_count == 1


@pytest.mark.parametrize(
    ("resource", "url"),
    [
        ("https://api.example.com", f"https://api.example.com{WELL_KNOWN}"),
        ("https://example.com/v1/api", f"https://example.com{WELL_KNOWN}/v1/api"),
    ],
)
def test_metadata_url_follows_the_rfc(local_okta: LocalOkta, resource: str, url: str) -> None:
    """The document is at the path of RFC 9728 section 3.1, and the challenge points to it."""
    assert metadata_url(resource) == url
    with serve(app_for(settings_for(local_okta, resource_url=resource))) as base:
        path = url.partition(".com")[2]
        assert httpx.get(base + path).json()["resource"] == resource
        assert f'resource_metadata="{url}"' in httpx.get(base).headers["WWW-Authenticate"]


def test_metadata_of_a_path_lists_its_scopes(local_okta: LocalOkta) -> None:
    """A client requests every scope of the document, so it has those of the path only, and those given."""
    okta = Okta(issuer=local_okta.issuer, client_id="0oalocalspa")
    app = FastAPI(openapi_url=None)
    app.add_middleware(OktaJWTMiddleware, okta=okta)
    okta.add_metadata(app)
    okta.add_metadata(app, path="/mcp", scopes=["reports:approve"])

    @app.post("/mcp")
    @app.get("/mcp/events")
    async def read(user: Annotated[Principal, Security(current_user, scopes=["reports:read"])]) -> str:
        return user.subject

    @app.post("/mcpx")
    async def write(user: Annotated[Principal, Security(current_user, scopes=["reports:write"])]) -> str:
        return user.subject

    with TestClient(app) as client:
        assert client.get(WELL_KNOWN).json()["scopes_supported"] == ["reports:read", "reports:write"]
        document = client.get(f"{WELL_KNOWN}/mcp").json()
        assert document["scopes_supported"] == ["reports:approve", "reports:read"]
