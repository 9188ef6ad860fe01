"""Protected resource metadata (RFC 9728)."""

import httpx
import pytest
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
