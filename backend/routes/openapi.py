"""The OpenAPI document: what wants a token, and what a refusal looks like."""

from typing import Any, Final

from fastapi import FastAPI

from backend.okta.dependencies import BEARER
from backend.okta.metadata import demanded_scopes

OKTA: Final = "okta"
_SIGN_IN_SCOPES: Final = {"openid": "Sign in", "profile": "Name", "email": "E-mail address"}


def _refusal(description: str, example: str, header: str, value: str) -> dict[str, Any]:
    return {
        "description": description,
        "headers": {header: {"schema": {"type": "string"}, "example": value}},
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"error": {"type": "string"}},
                    "required": ["error"],
                },
                "example": {"error": example},
            }
        },
    }


UNAUTHORIZED: Final[dict[int | str, dict[str, Any]]] = {
    401: _refusal(
        "No token, or one that fails",
        "Unauthorized token or token has expired",
        "WWW-Authenticate",
        'Bearer realm="api", error="invalid_token", error_description="token has expired"',
    )
}
FORBIDDEN: Final[dict[int | str, dict[str, Any]]] = {
    403: _refusal(
        "The token is good and does not allow this",
        "Forbidden",
        "WWW-Authenticate",
        'Bearer realm="api", error="insufficient_scope"',
    )
}
UNAVAILABLE: Final[dict[int | str, dict[str, Any]]] = {
    503: _refusal("Signing keys cannot be had", "Service Unavailable", "Retry-After", "5")
}


def describe(app: FastAPI, issuer: str) -> dict[str, Any]:
    """Return the document of `app`: every operation wants a token but those that lift it."""
    document = app.openapi()
    scopes = _SIGN_IN_SCOPES | dict.fromkeys(demanded_scopes(app), "Demanded by a route")
    document["components"]["securitySchemes"] = _schemes(issuer, scopes)
    document["security"] = [{OKTA: []}, {BEARER: []}]
    for path in document["paths"].values():
        for operation in path.values():
            if operation.get("security") != []:
                _protect(operation)
    return document


def _schemes(issuer: str, scopes: dict[str, str]) -> dict[str, Any]:
    flow = {
        "authorizationUrl": f"{issuer}/v1/authorize",
        "tokenUrl": f"{issuer}/v1/token",
        "scopes": scopes,
    }
    return {
        OKTA: {
            "type": "oauth2",
            "description": "Sign in at the issuer (authorization code with PKCE)",
            "flows": {"authorizationCode": flow},
        },
        BEARER: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Paste an access token of the issuer",
        },
    }


def _protect(operation: dict[str, Any]) -> None:
    scopes = [scope for demand in operation.get("security", []) for scope in demand.get(BEARER, [])]
    operation["security"] = [{OKTA: scopes}, {BEARER: scopes}]
    for status, answer in {**UNAUTHORIZED, **UNAVAILABLE}.items():
        operation["responses"].setdefault(str(status), answer)
