"""Protected resource metadata (RFC 9728) and the OpenAPI document."""

from typing import Annotated

import httpx
import pytest
from fastapi import Security

from backend.app import create_app
from backend.okta import Principal, current_user, metadata_url
from backend.routes.openapi import describe
from local_okta.serving import serve
from local_okta.state import LocalOkta
from tests.support.api import settings_for

WELL_KNOWN = "/.well-known/oauth-protected-resource"


def test_metadata(api: httpx.Client, okta: LocalOkta) -> None:
    """The document names resource, authorization server, scopes and method, and does so to anyone."""
    assert api.get(WELL_KNOWN).json() == {
        "resource": "http://localhost:8000",
        "authorization_servers": [okta.issuer],
        "scopes_supported": ["reports:read"],
        "bearer_methods_supported": ["header"],
    }


def test_host_header(api: httpx.Client) -> None:
    """A made-up Host, or X-Forwarded-Host, changes neither the document nor the challenge."""
    made_up = {"Host": "evil.example.com", "X-Forwarded-Host": "evil.example.com"}
    assert "evil" not in api.get(WELL_KNOWN, headers=made_up).text
    assert "evil" not in api.get("/", headers=made_up).headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("resource", "url"),
    [
        ("https://api.example.com", f"https://api.example.com{WELL_KNOWN}"),
        ("https://example.com/v1/api", f"https://example.com{WELL_KNOWN}/v1/api"),
    ],
)
def test_where_it_stands(okta: LocalOkta, resource: str, url: str) -> None:
    """The document stands where RFC 9728 section 3.1 says, and the challenge points to it."""
    assert metadata_url(resource) == url
    with serve(create_app(settings_for(okta, resource_url=resource))) as base:
        path = url.partition(".com")[2]
        assert httpx.get(base + path).json()["resource"] == resource
        assert f'resource_metadata="{url}"' in httpx.get(base).headers["WWW-Authenticate"]


def test_openapi_security(okta: LocalOkta, api: httpx.Client) -> None:
    """Every operation wants a token but the public ones, and names its scopes and its refusals."""
    document = api.get("/openapi.json").json()
    assert document["security"] == [{"okta": []}, {"bearer": []}]
    flow = document["components"]["securitySchemes"]["okta"]["flows"]["authorizationCode"]
    assert flow["authorizationUrl"] == f"{okta.issuer}/v1/authorize"
    assert flow["tokenUrl"] == f"{okta.issuer}/v1/token"
    assert {"openid", "reports:read"} <= set(flow["scopes"])
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if path in ("/healthz", "/readyz"):
                assert operation["security"] == []
                assert "401" not in operation["responses"]
                continue
            scopes = ["reports:read"] if path == "/reports" else []
            assert operation["security"] == [{"okta": scopes}, {"bearer": scopes}]
            assert {"401", "503"} <= set(operation["responses"])
            assert ("403" in operation["responses"]) == (path in ("/reports", "/admin"))
            example = operation["responses"]["401"]["content"]["application/json"]["example"]
            assert example["error"].startswith("Unauthorized")


def test_scopes_of_a_new_route(okta: LocalOkta) -> None:
    """A scope that a new route demands appears in the document without being listed anywhere else."""
    settings = settings_for(okta)
    app = create_app(settings)

    @app.get("/figures")
    async def figures(user: Annotated[Principal, Security(current_user, scopes=["figures:read"])]) -> str:
        return user.subject

    document = describe(app, settings.okta_issuer[0])
    assert (
        "figures:read"
        in document["components"]["securitySchemes"]["okta"]["flows"]["authorizationCode"]["scopes"]
    )
    assert document["paths"]["/figures"]["get"]["security"][0] == {"okta": ["figures:read"]}
