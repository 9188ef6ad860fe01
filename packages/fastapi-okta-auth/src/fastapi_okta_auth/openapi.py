"""Complete the OpenAPI document: how to sign in, required scopes, refusals."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel

from .dependencies import BEARER_SCHEME, Requirement
from .dpop.scheme import DPoP
from .public import route_contexts

OKTA_SCHEME: Final = "okta"
DPOP_SCHEME: Final = "dpop"
_CHECK_NAMES: Final = {
    "groups": "group",
    "claims": "claim",
    "acr_values": "acr",
    "max_age": "auth_time",
    "dpop": "dpop",
    "active": "active",
}
_SIGN_IN_SCOPES: Final = {"openid": "Sign in", "profile": "Name", "email": "Email address"}


class Error(BaseModel):
    """Why the request was refused."""

    error: str
    code: str


def _refusal(description: str, error: str, code: str, header: str, value: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"}
    return {
        "description": description,
        "headers": {header: {"schema": {"type": "string"}, "example": value}},
        "content": {"application/json": {"schema": schema, "example": {"error": error, "code": code}}},
    }


_RESPONSES: Final = {
    "MalformedRequest": _refusal(
        "The `Authorization` header is repeated or malformed",
        "Unauthorized request: Authorization must be one header of the form Bearer <token>",
        "malformed_header",
        "WWW-Authenticate",
        'Bearer realm="api", error="invalid_request"',
    ),
    "Unauthorized": _refusal(
        "No token, or an invalid one",
        "Unauthorized token or token has expired",
        "expired",
        "WWW-Authenticate",
        'Bearer realm="api", error="invalid_token", error_description="token has expired"',
    ),
    "Forbidden": _refusal(
        "The token is valid but lacks a scope or group",
        "Forbidden",
        "insufficient_scope",
        "WWW-Authenticate",
        'Bearer realm="api", error="insufficient_scope", scope="reports:read"',
    ),
    "ServiceUnavailable": _refusal(
        "Signing keys are not available", "Service Unavailable", "keys_unavailable", "Retry-After", "5"
    ),
}
_FORBIDDEN: Final = {"$ref": "#/components/responses/Forbidden"}
_EVERYWHERE: Final = {
    "400": {"$ref": "#/components/responses/MalformedRequest"},
    "401": {"$ref": "#/components/responses/Unauthorized"},
    "503": {"$ref": "#/components/responses/ServiceUnavailable"},
}


def complete_openapi(app: FastAPI, issuer: str, dpop: DPoP | None = None) -> None:
    """Make `app.openapi()` return the full document (FastAPI: "Extending OpenAPI").

    Operations require a token unless they are declared with `openapi_extra=PUBLIC`. `x-okta` has
    what an operation requires of the caller. `dpop` adds its scheme; if it is required there is no other.
    """
    generate = app.openapi
    accepted: tuple[str, ...] = (OKTA_SCHEME, BEARER_SCHEME)
    if dpop is not None:
        accepted = (DPOP_SCHEME,) if dpop.required else (*accepted, DPOP_SCHEME)

    def openapi() -> dict[str, Any]:
        document = deepcopy(generate())  # FastAPI caches its own
        scopes = _protect_operations(document["paths"], accepted, declared_by_route(app))
        components = document.setdefault("components", {})
        components.setdefault("schemas", {})["Error"] = Error.model_json_schema()
        components["responses"] = _RESPONSES
        schemes = _security_schemes(issuer, scopes)
        components["securitySchemes"] = {name: schemes[name] for name in accepted}
        document["security"] = [{name: []} for name in accepted]
        return document

    app.openapi = openapi  # type: ignore[method-assign] # the documented way


def _protect_operations(
    paths: dict[str, Any], accepted: tuple[str, ...], declared_by: dict[tuple[str, str], dict[str, Any]]
) -> dict[str, str]:
    """Document each operation that is not public; return the scopes to request, with descriptions."""
    scopes = dict(_SIGN_IN_SCOPES)
    for path, item in paths.items():
        for method, operation in item.items():
            if operation.get("security") != []:
                declared = declared_by.get((method.upper(), path), {})
                for scope in _protect(operation, accepted, declared):
                    scopes.setdefault(scope, f"Required by {method.upper()} {path}")
    return scopes


def _protect(operation: dict[str, Any], accepted: tuple[str, ...], declared: dict[str, Any]) -> list[str]:
    """Document what `operation` requires and its refusals; return the scopes that it requires."""
    scopes = [scope for option in operation.get("security", []) for scope in option.get(BEARER_SCHEME, [])]
    operation["security"] = [{name: scopes} for name in accepted]
    operation["x-okta"] = {"scopes": scopes, **declared}
    forbidden = {"403": _FORBIDDEN} if scopes or declared.keys() & {"groups", "claims"} else {}
    for status, response in (_EVERYWHERE | forbidden).items():
        operation["responses"].setdefault(status, response)
    return scopes


def find_route(app: FastAPI, method: str, path: str) -> Any | None:
    """Return the route of `app` that handles `method` and `path`, if it is one with dependencies."""
    for context in route_contexts(app.routes):
        regex = getattr(context, "path_regex", None)
        if regex is None or not hasattr(context, "dependant"):
            continue
        if method in (getattr(context, "methods", None) or ()) and regex.match(path):
            return context
    return None


def scopes_of(app: FastAPI, context: Any, method: str) -> list[str]:
    """Return the scopes that a route requires, sorted."""
    operation = app.openapi()["paths"].get(context.path_format, {}).get(method.lower(), {})
    options = [scopes for option in operation.get("security", []) for scopes in option.values()]
    return sorted({scope for scopes in options for scope in scopes})


def required_checks(app: FastAPI, method: str, path: str) -> list[str]:
    """Return the names of the checks that a route requires in addition to those of a token."""
    context = find_route(app, method, path)
    if context is None:
        return []
    names = ["scope"] if scopes_of(app, context, method) else []
    return names + [_CHECK_NAMES[name] for name in _declared(context.dependant)]


def requires_introspection(app: FastAPI) -> bool:
    """Return whether a route of `app` requires an active token."""
    return any(requirements.get("active") for requirements in declared_by_route(app).values())


def declared_by_route(app: FastAPI) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what the dependencies of each route declare, by method and path."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for context in route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        if isinstance(dependant, Dependant):
            for method in getattr(context, "methods", None) or ():
                found[method, str(context.path)] = _declared(dependant)
    return found


def _declared(dependant: Dependant) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for requirement in requirements_of(dependant):
        for name, value in requirement.declares.items():
            before = merged.get(name)
            merged[name] = (
                [*before, *value] if isinstance(before, list) and isinstance(value, list) else value
            )
    return merged


def requirements_of(dependant: Dependant) -> Iterator[Requirement]:
    """Return the requirements among the dependencies of a route, in the order of their checks."""
    for dependency in dependant.dependencies:
        yield from requirements_of(dependency)
        if isinstance(dependency.call, Requirement):
            yield dependency.call


def _security_schemes(issuer: str, scopes: dict[str, str]) -> dict[str, Any]:
    flow = {
        "authorizationUrl": f"{issuer}/v1/authorize",
        "tokenUrl": f"{issuer}/v1/token",
        "scopes": scopes,
    }
    return {
        OKTA_SCHEME: {
            "type": "oauth2",
            "description": "Sign in with Okta (authorization code with PKCE)",
            "flows": {"authorizationCode": flow},
        },
        BEARER_SCHEME: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Paste an access token",
        },
        DPOP_SCHEME: {
            "type": "http",
            "scheme": "DPoP",
            "bearerFormat": "JWT",
            "description": "A token that is bound to a key, with a proof in the header `DPoP` (RFC 9449)",
        },
    }
