"""Routes can require a stronger or more recent sign-in, and say which (RFC 9470)."""

import time
from collections.abc import Iterator
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, Security
from fastapi_okta_auth import Principal, signed_in
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.app import app_for, settings_for
from okta_support.dpop import ALGS, API, dpop_headers, dpop_key
from okta_support.requests import METADATA, bearer, wait_until_ready

TWO_FACTORS = "urn:okta:loa:2fa:any"
ONE_FACTOR = "urn:okta:loa:1fa:any"


@pytest.fixture(scope="module")
def client(local_okta_server: LocalOkta) -> Iterator[httpx.Client]:
    """A client of an application with routes that require more than a token."""
    app = app_for(settings_for(local_okta_server, dpop="allowed"))

    @app.get("/both")
    async def both(user: Annotated[Principal, Depends(signed_in(TWO_FACTORS, max_age=300))]) -> str:
        return user.subject

    @app.get("/strong", dependencies=[Depends(signed_in(TWO_FACTORS, "phr"))])
    async def strong() -> None: ...

    @app.get("/recent", dependencies=[Depends(signed_in(max_age=300))])
    async def recent() -> None: ...

    @app.get("/scoped")
    async def scoped(
        user: Annotated[Principal, Security(signed_in(TWO_FACTORS, max_age=300), scopes=["payslip:read"])],
    ) -> str:
        return user.subject

    with serve(app) as url, httpx.Client(base_url=url) as client:
        wait_until_ready(url)
        yield client


def assert_refused(response: httpx.Response, reason: str, required: str) -> None:
    """Check that `response` requires another sign-in."""
    assert (response.status_code, response.json()["error"]) == (401, f"Unauthorized sign-in: {reason}")
    assert response.headers["WWW-Authenticate"] == (
        'Bearer realm="api", error="insufficient_user_authentication", '
        f'error_description="{reason}", {required}{METADATA}, DPoP {ALGS}'
    )
    assert response.headers["Cache-Control"] == "no-store"


def test_recent_sign_in_with_two_factors_is_accepted(client: httpx.Client, okta_token: OktaToken) -> None:
    """A token with the required `acr` and a recent `auth_time` is accepted."""
    response = client.get("/both", headers=bearer(okta_token(acr=TWO_FACTORS)))
    assert (response.status_code, response.json()) == (200, "ada@example.com")


@pytest.mark.parametrize(
    "acr", [None, ONE_FACTOR, "", 1, True, [TWO_FACTORS], {"a": 1}, TWO_FACTORS.upper()], ids=str
)
def test_weak_sign_in_is_challenged(client: httpx.Client, okta_token: OktaToken, acr: object) -> None:
    """For a token with no or another `acr`, the challenge names everything that the route requires."""
    response = client.get("/both", headers=bearer(okta_token(acr=acr)))
    assert_refused(response, "a stronger sign-in is required", f'acr_values="{TWO_FACTORS}", max_age="300"')


@pytest.mark.parametrize("auth_time", [None, 0, "now", True, [1]], ids=str)
def test_old_sign_in_is_challenged(client: httpx.Client, okta_token: OktaToken, auth_time: object) -> None:
    """A token with no or an old `auth_time` gets the same challenge."""
    response = client.get("/both", headers=bearer(okta_token(acr=TWO_FACTORS, auth_time=auth_time)))
    assert_refused(
        response, "a more recent sign-in is required", f'acr_values="{TWO_FACTORS}", max_age="300"'
    )


@pytest.mark.parametrize(
    ("age", "status"),
    [
        (0, 200),
        (350, 200),
        (370, 401),
        (-50, 200),
        (-70, 401),
        (-(10**9), 401),
        pytest.param(-(10**400), 401, id="huge"),
    ],
)
def test_age_of_the_sign_in_is_limited(
    client: httpx.Client, okta_token: OktaToken, age: int, status: int
) -> None:
    """The leeway counts in both directions; a time far ahead is in another unit, and would never be too old."""
    token = okta_token(auth_time=int(time.time()) - age)
    assert client.get("/recent", headers=bearer(token)).status_code == status


def test_each_accepted_value_is_enough(client: httpx.Client, okta_token: OktaToken) -> None:
    """Any of the values is accepted; the challenge names all of them, the preferred one first."""
    for acr in (TWO_FACTORS, "phr"):
        assert client.get("/strong", headers=bearer(okta_token(acr=acr, auth_time=0))).status_code == 200
    response = client.get("/strong", headers=bearer(okta_token(acr=ONE_FACTOR)))
    assert_refused(response, "a stronger sign-in is required", f'acr_values="{TWO_FACTORS} phr"')


def test_age_alone_can_be_required(client: httpx.Client, okta_token: OktaToken) -> None:
    """With only `max_age`, the challenge has no `acr_values`."""
    response = client.get("/recent", headers=bearer(okta_token(auth_time=1)))
    assert_refused(response, "a more recent sign-in is required", 'max_age="300"')


def test_missing_scope_is_refused_before_the_sign_in(client: httpx.Client, okta_token: OktaToken) -> None:
    """A caller without the scope gets 403, not another sign-in."""
    assert client.get("/scoped", headers=bearer(okta_token())).status_code == 403
    assert client.get("/scoped", headers=bearer(okta_token(scp=["payslip:read"]))).status_code == 401
    token = okta_token(scp=["payslip:read"], acr=TWO_FACTORS)
    assert client.get("/scoped", headers=bearer(token)).status_code == 200


def test_invalid_token_is_refused_before_the_sign_in(client: httpx.Client, okta_token: OktaToken) -> None:
    """An expired token gets invalid_token."""
    response = client.get("/both", headers=bearer(okta_token(exp=1)))
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_challenge_names_the_scheme_of_the_request(client: httpx.Client, okta_token: OktaToken) -> None:
    """A request with DPoP gets a DPoP challenge."""
    key = dpop_key()
    token = okta_token(dpop=key)
    response = client.get("/both", headers=dpop_headers(token, key.proof("GET", f"{API}/both", token)))
    challenge = response.headers["WWW-Authenticate"]
    assert challenge.startswith('DPoP realm="api", error="insufficient_user_authentication"')
    assert challenge.count("error=") == 1


@pytest.mark.parametrize(
    ("acr", "max_age"),
    [
        ((TWO_FACTORS,), 0),
        ((TWO_FACTORS,), -1),
        ((), True),
        ((), 1.5),
        (([TWO_FACTORS],), 300),
        (("a b",), None),
        (('a"b',), None),
        (("a\r\nb",), None),
        (("",), None),
    ],
    ids=str,
)
def test_requirement_that_cannot_be_met_is_an_error(acr: tuple[str, ...], max_age: int | None) -> None:
    """What would refuse or accept everybody is found when the route is declared."""
    with pytest.raises(ValueError, match=r"write (each|whole)"):
        signed_in(*acr, max_age=max_age)
