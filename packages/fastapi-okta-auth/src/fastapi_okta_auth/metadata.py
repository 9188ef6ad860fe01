"""OAuth 2.0 Protected Resource Metadata (RFC 9728 section 3): where a client gets a token for this API."""

from collections.abc import Iterable
from functools import cache
from itertools import chain
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import FastAPI

from .http import origin_of
from .public import PUBLIC

WELL_KNOWN: Final = "/.well-known/oauth-protected-resource"


def metadata_url(resource: str) -> str:
    """Return the URL of the metadata of `resource`: the well-known path precedes its own (section 3.1)."""
    return f"{origin_of(resource)}{WELL_KNOWN}{urlsplit(resource).path}"


def covers(prefix: str, path: str) -> bool:
    """Return whether `path` is `prefix` or below it."""
    return path == prefix or path.startswith(f"{prefix}/")


def add_metadata(
    app: FastAPI, base: str, path: str, issuers: Iterable[str], scopes: Iterable[str], **members: object
) -> None:
    """Serve the metadata of what `app` serves at and below `path`, without a token.

    It contains only what is configured, never the Host header of the request, which anyone can set.

    Args:
        app: Its routes declare scopes.
        base: The URL under which callers reach `app`.
        path: The part of `app`, or "" for all of it.
        issuers: The authorization servers whose tokens `app` accepts.
        scopes: Further scopes, which no route declares.
        members: Further members of the document.
    """
    resource = base + path

    @cache  # the scopes come from the OpenAPI document, which takes milliseconds to build
    def document() -> dict[str, Any]:
        supported = sorted({*required_scopes(app, path), *scopes})
        return {
            "resource": resource,
            "authorization_servers": list(issuers),
            **({"scopes_supported": supported} if supported else {}),  # section 3.2: no empty arrays
            "bearer_methods_supported": ["header"],
            **members,
        }

    async def protected_resource() -> dict[str, Any]:
        return document()

    well_known = urlsplit(metadata_url(resource)).path
    app.add_api_route(well_known, protected_resource, openapi_extra=PUBLIC, include_in_schema=False)


def required_scopes(app: FastAPI, path: str) -> set[str]:
    """Return the scopes that routes at and below `path` require with `Security(current_user, scopes=[…])`."""
    items = [item for url, item in app.openapi()["paths"].items() if covers(path, url)]
    operations = chain(*(item.values() for item in items))
    requirements = chain(*(operation.get("security", []) for operation in operations))
    return {scope for requirement in requirements for scope in chain(*requirement.values())}
