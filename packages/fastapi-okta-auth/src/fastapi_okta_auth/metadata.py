"""OAuth 2.0 Protected Resource Metadata (RFC 9728): where a client gets a token for this API."""

from functools import cache
from itertools import chain
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import FastAPI

from .public import PUBLIC

WELL_KNOWN: Final = "/.well-known/oauth-protected-resource"


def metadata_url(resource: str) -> str:
    """Return the URL of the metadata of `resource`: the well-known path precedes its own (section 3.1)."""
    url = urlsplit(resource)
    return f"{url.scheme}://{url.netloc}{WELL_KNOWN}{url.path}"


def add_metadata(app: FastAPI, resource: str, *issuers: str, **members: object) -> None:
    """Serve the metadata of `resource` without a token.

    It contains only what is configured, never the Host header of the request, which anyone can set.

    Args:
        app: Its routes declare the scopes.
        resource: The URL under which callers reach `app`, or a part of it.
        issuers: The authorization servers whose tokens `app` accepts.
        members: Further members of the document.
    """

    @cache  # the scopes come from the OpenAPI document, which takes milliseconds to build
    def document() -> dict[str, Any]:
        scopes = required_scopes(app)
        return {
            "resource": resource,
            "authorization_servers": list(issuers),
            **({"scopes_supported": scopes} if scopes else {}),  # section 3.2: no empty arrays
            "bearer_methods_supported": ["header"],
            **members,
        }

    async def protected_resource() -> dict[str, Any]:
        return document()

    path = urlsplit(metadata_url(resource)).path
    app.add_api_route(path, protected_resource, openapi_extra=PUBLIC, include_in_schema=False)


def required_scopes(app: FastAPI) -> list[str]:
    """Return the scopes that routes of `app` require with `Security(current_user, scopes=[…])`, sorted."""
    operations = [operation for path in app.openapi()["paths"].values() for operation in path.values()]
    requirements = [item for operation in operations for item in operation.get("security", [])]
    return sorted({scope for item in requirements for scope in chain(*item.values())})
