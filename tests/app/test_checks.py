"""With EXPLAIN_CHECKS, a refusal lists its checks, and `POST /checks` judges a token for a route."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi_okta_auth import SettingsError
from fastapi_okta_auth.explain import ROUTE_CHECKS, TOKEN_CHECKS
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from backend.main import create_app
from backend.settings import Settings
from tests.support.api import bearer, settings_for, wait_until_ready
from tests.support.pages import ROOT


@pytest.fixture(scope="module")
def explaining(local_okta_server: LocalOkta) -> Iterator[httpx.Client]:
    """A client of a service that explains its checks."""
    app = create_app(settings_for(local_okta_server, explain_checks=True))
    with serve(app) as url, httpx.Client(base_url=url) as client:
        wait_until_ready(url)
        yield client


def results(checks: list[dict[str, str]]) -> dict[str, str]:
    """Return the result of each check by its name."""
    return {check["name"]: check["result"] for check in checks}


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"iss": "https://other.example.com"}, "/", "iss"),
    ({"aud": "api://other"}, "/", "aud"),
    ({"cid": "0oaother"}, "/", "client"),
    ({"sub": ""}, "/", "sub"),
    ({"exp": 1}, "/", "exp"),
    ({"exp": "1"}, "/", "exp"),
    ({"nbf": 2**40}, "/", "nbf"),
    ({"iat": 2**40}, "/", "iat"),
    ({"headers": {"alg": "HS256"}}, "/", "alg"),
    ({"headers": {"kid": None}}, "/", "kid"),
    ({"headers": {"crit": ["exp"]}}, "/", "crit"),
    ({"headers": {"typ": "dpop+jwt"}}, "/", "typ"),
    ({"headers": {"kid": "made-up"}}, "/", "key"),
    ({"cnf": {"jkt": "x"}}, "/", "cnf"),
    ({"scp": ["openid"]}, "/reports", "scope"),
    ({"person": "grace"}, "/admin", "group"),
    ({"acr": "urn:okta:loa:1fa:any"}, "/payslip", "acr"),
    ({"acr": "urn:okta:loa:2fa:any", "auth_time": 1}, "/payslip", "auth_time"),
]


@pytest.mark.parametrize(("token", "path", "failed"), REFUSED, ids=str)
def test_refusal_lists_its_checks_in_their_order(
    explaining: httpx.Client, okta_token: OktaToken, token: dict[str, Any], path: str, failed: str
) -> None:
    """One check failed, those before it passed, those after it were not reached; `POST /checks` agrees."""
    sent = bearer(okta_token(**token))
    refused = explaining.get(path, headers=sent).json()
    found = results(refused["checks"])
    names = [*TOKEN_CHECKS, *ROUTE_CHECKS]
    assert list(found) == [name for name in names if name in found]
    place = list(found).index(failed)
    assert list(found.values()) == ["passed"] * place + ["failed"] + ["not_reached"] * (
        len(found) - place - 1
    )
    asked = explaining.post("/checks", json={"method": "GET", "path": path}, headers=sent).json()
    if failed != "cnf":  # whether there is a proof is a matter of the request
        assert (asked["code"], results(asked["checks"])[failed]) == (refused["code"], "failed")


def test_changed_signature_and_form(explaining: httpx.Client, okta_token: OktaToken) -> None:
    """No part of a token or of its signature is in the answer."""
    token = okta_token()
    head, _, signature = token.rpartition(".")
    other = okta_token(jti="AT.other").rpartition(".")[2]
    for sent, failed in ((f"{head}.{other}", "signature"), ("a.b", "form")):
        body = explaining.get("/", headers=bearer(sent)).text
        assert results(json.loads(body)["checks"])[failed] == "failed"
        assert not any(part in body for part in (signature, other, *head.split(".")))


@pytest.mark.parametrize(
    ("settings", "scheme", "failed"),
    [
        ({"dpop": "required"}, "Bearer", "cnf"),
        ({"dpop": "allowed"}, "DPoP", "cnf"),
        ({"introspection_client_id": "", "introspection_client_secret": ""}, "Bearer", "active"),
    ],
    ids=str,
)
def test_refusal_of_a_valid_token_names_the_check_too(
    local_okta_server: LocalOkta, okta_token: OktaToken, settings: dict[str, Any], scheme: str, failed: str
) -> None:
    """A missing proof fails before the token is read, missing introspection after it: both are checks."""
    app = create_app(settings_for(local_okta_server, explain_checks=True, **settings))
    with serve(app) as url:
        wait_until_ready(url)
        headers = {"Authorization": f"{scheme} {okta_token(scp=['reports:approve'])}"}
        body = httpx.post(f"{url}/reports/1/approve", headers=headers).json()
    assert [name for name, result in results(body["checks"]).items() if result == "failed"] == [failed]


def test_values_are_short_and_ascii(explaining: httpx.Client, okta_token: OktaToken) -> None:
    """A value comes from the token, which may contain anything."""
    checks = explaining.get("/", headers=bearer(okta_token(aud="é\x1b" * 500))).json()["checks"]
    [got] = [check["got"] for check in checks if check["name"] == "aud"]
    assert got.isascii()
    assert len(got) == 128


def test_verdict_about_a_token_that_a_route_accepts(explaining: httpx.Client, okta_token: OktaToken) -> None:
    """Nothing is called, and Okta is not asked whether the token is active."""
    token = okta_token(scp=["reports:approve"])
    sent = {"method": "POST", "path": "/reports/1/approve"}
    verdict = explaining.post("/checks", json=sent, headers=bearer(token)).json()
    assert (verdict["status"], verdict["code"]) == (200, None)
    assert results(verdict["checks"]) == {
        **{name: "passed" for name in TOKEN_CHECKS if name != "cnf"},
        "cnf": "not_reached", "scope": "passed", "group": "passed", "active": "not_reached",
    }  # fmt: skip


def test_nothing_is_explained_by_default(api: httpx.Client) -> None:
    """The body of a refusal has two members, and there is no such route."""
    assert set(api.get("/").json()) == {"error", "code"}
    assert api.post("/checks", json={"method": "GET", "path": "/"}).status_code == 401


def test_production_does_not_start_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers would learn what the API expects."""
    monkeypatch.setenv("EXPLAIN_CHECKS", "true")
    monkeypatch.setenv("RESOURCE_URL", "https://api.example.com")
    with pytest.raises(SettingsError, match="EXPLAIN_CHECKS: is for development"):
        Settings.load(okta_issuer="https://acme.okta.com/oauth2/default", okta_client_id="0oa1")


def test_reference_lists_the_checks() -> None:
    """The page has each name with its source, in the order of the checks."""
    page = (ROOT / "docs/reference/refusals.md").read_text()
    rows = [f"| `{name}` | {source} |" for name, source in {**TOKEN_CHECKS, **ROUTE_CHECKS}.items()]
    assert "\n".join(rows) in page
