"""Check what a route requires of a token, with the route's own requirements; its handler does not run."""

from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.requests import HTTPConnection

from fastapi_okta_auth.dependencies import InsufficientSignIn, check_scopes
from fastapi_okta_auth.doctor.report import Result, Section, amber, green, red
from fastapi_okta_auth.errors import OktaAuthError
from fastapi_okta_auth.okta import Okta
from fastapi_okta_auth.openapi import find_route, requirements_of, scopes_of
from fastapi_okta_auth.principal import Principal
from fastapi_okta_auth.public import PublicRoutes


async def check_route(okta: Okta, app: FastAPI, route: str, token: str | None) -> Result:
    """Return whether `route`, like `GET /reports`, accepts `token`, or what it requires of one."""
    method, _, path = route.strip().partition(" ")
    method, path = method.upper(), path.strip()
    if {"type": "http", "method": method, "path": path, "headers": []} in PublicRoutes(app.routes):
        return green("route", f"{route} is public")
    context = find_route(app, method, path)
    if context is None:
        return red("route", f"there is no {route}", "write method and path, like GET /reports")
    dependant: Dependant = context.dependant
    required = scopes_of(app, context, method)
    if token is None:
        scopes = f" with scope {' '.join(required)}" if required else ""
        return green("route", f"{route} requires a token{scopes}; check one with --token -")
    user = await okta.verifier.verify(token.encode())
    try:
        await _check(okta, dependant, required, user, token)
    except OktaAuthError as error:
        return _refused(route, error)
    scopes = f", which has its scope {' '.join(required)}" if required else ""
    return green("route", f"{route} accepts the token{scopes}")


async def _check(okta: Okta, dependant: Dependant, scopes: list[str], user: Principal, token: str) -> None:
    check_scopes(scopes, user)
    headers = [(b"authorization", f"Bearer {token}".encode())]
    connection = HTTPConnection({"type": "http", "headers": headers, "okta": okta})
    for requirement in requirements_of(dependant):
        await requirement.check(user, connection)


def _refused(route: str, error: OktaAuthError) -> Result:
    lacking = error.required or ""
    if error.status == 403:
        finding = f"{route} returns 403: it requires {lacking}"
        if lacking.startswith("scope"):
            remedy = (
                "request this scope for the token, and allow it in Okta (Security > API > Access Policies)"
            )
            return red("route", finding, remedy, Section.POLICY)
        remedy = "add it to the person, and to the token (Okta: Directory > Groups; Security > API > Claims)"
        return red("route", finding, remedy, Section.SCOPES)
    finding = f"{route} returns {error.status}: {error.code}"
    if isinstance(error, InsufficientSignIn):
        return red("route", finding, f"sign in again with {_sign_in(error)}")
    if error.status >= 500:
        return amber("route", finding, "fix what is red above; else look at the service's log")
    return red("route", finding, "get a new token")


def _sign_in(error: InsufficientSignIn) -> str:
    values: dict[str, Any] = {"acr_values": " ".join(error.acr), "max_age": error.max_age}
    return " and ".join(f'{name}="{value}"' for name, value in values.items() if value)
