"""Check that Okta has the scopes that the routes require, and a token the claims that they read."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from fastapi import FastAPI

from fastapi_okta_auth.doctor.report import Result, Section, amber, green
from fastapi_okta_auth.openapi import declared_by_route
from fastapi_okta_auth.principal import Principal


def check_required_scopes(app: FastAPI, discovery: Mapping[str, Any]) -> Iterator[Result]:
    """Check that the issuer's `discovery` document lists each scope that a route of `app` requires.

    One that is not listed may exist all the same: Okta lists a scope only if that is selected
    (Okta: "Retrieve the OAuth 2.0 metadata").
    """
    published, routes = discovery.get("scopes_supported"), _routes_by_scope(app)
    missing = sorted(routes.keys() - set(published if isinstance(published, list) else ()))
    for scope in missing:
        finding = f"{routes[scope]} requires {scope}, which {discovery['issuer']} does not list"
        remedy = 'add the scope with "Include in public metadata"; one that is not public cannot be seen here'
        yield amber("scopes", finding, remedy, Section.SCOPES)
    if routes and not missing:
        yield green("scopes", f"the issuer lists those of the routes: {', '.join(sorted(routes))}")


def check_required_claims(app: FastAPI, user: Principal | None) -> Iterator[Result]:
    """Check that the token of `user` has each claim that a route of `app` reads; None for no token."""
    routes = _routes_by_claim(app)
    if not routes or (user is not None and user.user_id is None):  # a service is in no group
        return
    if user is None:
        finding = f"only a token shows whether it has those of the routes: {', '.join(sorted(routes))}"
        yield amber("claims", finding, "pass one with --token -", Section.SCOPES)
        return
    missing = sorted(routes.keys() - user.claims.keys())
    for claim in missing:
        finding = f"{routes[claim]} requires the claim {claim}, which the token does not have"
        yield amber("claims", finding, "add the claim to the access token", Section.SCOPES)
    if not missing:
        yield green("claims", f"the token has those of the routes: {', '.join(sorted(routes))}")


def _routes_by_scope(app: FastAPI) -> dict[str, str]:
    routes: dict[str, str] = {}
    for path, item in app.openapi()["paths"].items():
        for method, operation in item.items():
            for option in operation.get("security", ()):
                for scope in chain(*option.values()):
                    routes.setdefault(scope, f"{method.upper()} {path}")
    return routes


def _routes_by_claim(app: FastAPI) -> dict[str, str]:
    routes: dict[str, str] = {}
    for (method, path), declared in declared_by_route(app).items():
        for claim in (*(("groups",) if "groups" in declared else ()), *declared.get("claims", ())):
            routes.setdefault(claim, f"{method} {path}")
    return routes
