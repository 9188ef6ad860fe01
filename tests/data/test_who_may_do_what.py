"""Every route with every person, service, agent and scope, compared with the table in the docs."""

import re
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from local_okta.testing import OktaToken

from tests.data.conftest import REPORT, SCOPES, Callers, submit
from tests.support.api import bearer
from tests.support.pages import ROOT

PEOPLE: dict[str, dict[str, Any]] = {
    "Ada": {"uid": "00ulocalada", "groups": ["Everyone"]},
    "Ada as admin": {"uid": "00ulocalada", "groups": ["Everyone", "Admins"]},
    "Grace": {"uid": "00ulocalgrace", "groups": ["Everyone"]},
    "Grace as admin": {"uid": "00ulocalgrace", "groups": ["Everyone", "Admins"]},
    "service": {"uid": None, "groups": None, "auth_time": None, "sub": "0oalocalservice"},
    # As the local Okta's token exchange issues it.
    "agent": {
        "uid": None, "groups": None, "auth_time": None, "cid": None, "scp": None,
        "act": {"sub": "0oalocalspa"},
    },
}  # fmt: skip


def table() -> tuple[list[str], dict[str, list[str]]]:
    """Return the callers, and for each route its scope and a status for each caller."""
    page = (ROOT / "docs/reference/routes.md").read_text().partition("## Who may do what")[2]
    header, _, *rows = re.findall(r"^\|(.+)\|$", page.partition("A 403 says")[0], re.MULTILINE)
    cells = [[cell.strip(" `") for cell in row.split("|")] for row in rows]
    return [cell.strip() for cell in header.split("|")][2:], {route: rest for route, *rest in cells}


CALLERS, ROUTES = table()


def status(client: TestClient, token: str, route: str, number: int) -> int:
    """Return the status of a request."""
    method, path = route.replace("{name}", "Ada").replace("{id}", str(number)).split()
    body = REPORT if route == "POST /reports" else None
    return int(client.request(method, path, headers=bearer(token), json=body).status_code)


def sign(okta_token: OktaToken, caller: str, scopes: list[str]) -> str:
    """Return a token of `caller` with `scopes`, as a list or, for an agent, as a string."""
    if caller == "agent":
        return okta_token(scope=" ".join(scopes), **PEOPLE[caller])
    return okta_token(scp=scopes, **PEOPLE[caller])


def test_table_has_every_route_and_caller(client: TestClient) -> None:
    """No operation is left out."""
    assert isinstance(client.app, FastAPI)
    paths = client.app.openapi()["paths"].items()
    logout = "POST /oauth/global-token-revocation"  # for Okta, and for no caller
    assert {*ROUTES, logout} == {f"{method.upper()} {path}" for path, item in paths for method in item}
    assert set(CALLERS) == set(PEOPLE)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("column", range(len(CALLERS)), ids=CALLERS)
def test_status_is_that_of_the_table(
    client: TestClient, caller: Callers, okta_token: OktaToken, route: str, column: int
) -> None:
    """With the scope alone the status is that of the table; with every other scope it is 403."""
    scope, *expected = ROUTES[route]
    needed = [] if scope == "none" else [scope]
    others = [other for other in SCOPES if other not in needed]
    tokens = [sign(okta_token, CALLERS[column], scopes) for scopes in (needed, others)]
    number = submit(caller("ada"))
    without_scope = status(client, tokens[1], route, number)
    assert without_scope == (403 if needed else int(expected[column]))
    assert status(client, tokens[0], route, number) == int(expected[column])
