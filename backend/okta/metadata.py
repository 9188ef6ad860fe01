"""Where a client finds out whom to ask for a token: OAuth 2.0 Protected Resource Metadata (RFC 9728)."""

from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import FastAPI

from .dependencies import BEARER
from .public import PUBLIC

WELL_KNOWN: Final = "/.well-known/oauth-protected-resource"


def metadata_url(resource: str) -> str:
    """The URL of the metadata of `resource`: the well-known path goes before its own (section 3.1)."""
    url = urlsplit(resource)
    return f"{url.scheme}://{url.netloc}{WELL_KNOWN}{url.path}"


def add_resource_metadata(app: FastAPI, resource: str, issuer: str) -> None:
    """Serve the metadata of `app`, public; `resource` is the URL under which callers reach it.

    It is made of what is configured and never of the request, whose Host header anyone can
    write. The scopes are those that the routes of `app` demand.
    """

    async def protected_resource() -> dict[str, Any]:
        return {
            "resource": resource,
            "authorization_servers": [issuer],
            "scopes_supported": demanded_scopes(app),
            "bearer_methods_supported": ["header"],
        }

    path = urlsplit(metadata_url(resource)).path
    app.add_api_route(path, protected_resource, openapi_extra=PUBLIC, include_in_schema=False)


def demanded_scopes(app: FastAPI) -> list[str]:
    """The scopes that routes of `app` demand by `Security(current_user, scopes=[…])`, sorted."""
    operations = [operation for path in app.openapi()["paths"].values() for operation in path.values()]
    demands = [demand for operation in operations for demand in operation.get("security", [])]
    return sorted({scope for demand in demands for scope in demand.get(BEARER, [])})
