"""Complete the OpenAPI document: how to sign in, required scopes, refusals."""

from copy import deepcopy
from typing import Any, Final

from fastapi import FastAPI
from fastapi_okta_auth.dependencies import BEARER
from fastapi_okta_auth.dpop import DPoP
from pydantic import BaseModel

OKTA: Final = "okta"
DPOP: Final = "dpop"
_SIGN_IN_SCOPES: Final = {"openid": "Sign in", "profile": "Name", "email": "Email address"}


class Error(BaseModel):
    """Why the request was refused."""

    error: str


def _refusal(description: str, example: str, header: str, value: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"}
    return {
        "description": description,
        "headers": {header: {"schema": {"type": "string"}, "example": value}},
        "content": {"application/json": {"schema": schema, "example": {"error": example}}},
    }


_RESPONSES: Final = {
    "MalformedRequest": _refusal(
        "The `Authorization` header is repeated or malformed",
        "Unauthorized request: Authorization must be one header of the form Bearer <token>",
        "WWW-Authenticate",
        'Bearer realm="api", error="invalid_request"',
    ),
    "Unauthorized": _refusal(
        "No token, or an invalid one",
        "Unauthorized token or token has expired",
        "WWW-Authenticate",
        'Bearer realm="api", error="invalid_token", error_description="token has expired"',
    ),
    "Forbidden": _refusal(
        "The token is valid but lacks a scope or group",
        "Forbidden",
        "WWW-Authenticate",
        'Bearer realm="api", error="insufficient_scope", scope="reports:read"',
    ),
    "ServiceUnavailable": _refusal(
        "Signing keys are not available", "Service Unavailable", "Retry-After", "5"
    ),
}
_FORBIDDEN: Final = {"$ref": "#/components/responses/Forbidden"}
_EVERYWHERE: Final = {
    "400": {"$ref": "#/components/responses/MalformedRequest"},
    "401": {"$ref": "#/components/responses/Unauthorized"},
    "503": {"$ref": "#/components/responses/ServiceUnavailable"},
}

FORBIDDEN: Final[dict[int | str, dict[str, Any]]] = {403: _FORBIDDEN}
"""For `responses=` of a route that requires a group or claim; a required scope documents itself."""


def complete_openapi(
    app: FastAPI,
    issuer: str,
    dpop: DPoP | None = None,  # adds its scheme; there is no other if it is required
) -> None:
    """Make `app.openapi()` return the full document (FastAPI: "Extending OpenAPI").

    Operations require a token unless they are declared with `openapi_extra=PUBLIC`.
    """
    generate = app.openapi
    accepted: tuple[str, ...] = (OKTA, BEARER)
    if dpop is not None:
        accepted = (DPOP,) if dpop.required else (*accepted, DPOP)

    def openapi() -> dict[str, Any]:
        document = deepcopy(generate())  # FastAPI caches its own
        scopes = dict(_SIGN_IN_SCOPES)
        for path, item in document["paths"].items():
            for method, operation in item.items():
                if operation.get("security") != []:
                    for scope in _protect(operation, accepted):
                        scopes.setdefault(scope, f"Required by {method.upper()} {path}")
        components = document.setdefault("components", {})
        components.setdefault("schemas", {})["Error"] = Error.model_json_schema()
        components["responses"] = _RESPONSES
        schemes = _security_schemes(issuer, scopes)
        components["securitySchemes"] = {name: schemes[name] for name in accepted}
        document["security"] = [{name: []} for name in accepted]
        return document

    app.openapi = openapi  # type: ignore[method-assign] # the documented way


def _protect(operation: dict[str, Any], accepted: tuple[str, ...]) -> list[str]:
    """Document the refusals of `operation`, and return the scopes that it requires."""
    scopes = [scope for option in operation.get("security", []) for scope in option.get(BEARER, [])]
    operation["security"] = [{name: scopes} for name in accepted]
    for status, response in (_EVERYWHERE | ({"403": _FORBIDDEN} if scopes else {})).items():
        operation["responses"].setdefault(status, response)
    return scopes


def _security_schemes(issuer: str, scopes: dict[str, str]) -> dict[str, Any]:
    flow = {
        "authorizationUrl": f"{issuer}/v1/authorize",
        "tokenUrl": f"{issuer}/v1/token",
        "scopes": scopes,
    }
    return {
        OKTA: {
            "type": "oauth2",
            "description": "Sign in with Okta (authorization code with PKCE)",
            "flows": {"authorizationCode": flow},
        },
        BEARER: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Paste an access token",
        },
        DPOP: {
            "type": "http",
            "scheme": "DPoP",
            "bearerFormat": "JWT",
            "description": "A token that is bound to a key, with a proof in the header `DPoP` (RFC 9449)",
        },
    }
