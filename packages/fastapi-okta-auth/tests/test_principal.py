"""The caller: how claims are read, and that they are immutable."""

import operator
from typing import Any

import httpx
import pytest
from fastapi import Request
from fastapi_okta_auth import Principal
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.app import app_for, settings_for
from okta_support.requests import bearer, wait_until_ready
from okta_support.tokens import reason_of


def principal(**claims: object) -> Principal:
    """Create a caller with these claims."""
    return Principal.from_claims({"iss": "https://a", "sub": "ada", "cid": "web", "exp": 1, **claims}, "k")


def test_claims_are_immutable_at_every_depth() -> None:
    """Requests share the principal of a cached token, so a route must not be able to change it."""
    claims: dict[str, Any] = {"groups": ["Everyone"], "address": {"lines": [{"text": "a"}]}}
    user = principal(**claims)
    for change in (
        lambda: user.claims["groups"].append("Admins"),
        lambda: operator.setitem(user.claims, "groups", ["Admins"]),  # type: ignore[call-overload] # not allowed
        lambda: user.claims["address"].update(city="b"),
        lambda: user.claims["address"]["lines"].append("b"),
        lambda: user.claims["address"]["lines"][0].update(text="b"),
        lambda: setattr(user, "groups", ("Admins",)),
    ):
        with pytest.raises((AttributeError, TypeError)):
            change()
    assert user.claims["address"]["lines"][0]["text"] == "a"


def test_repr_and_hash_do_not_include_the_claims() -> None:
    """A logged principal shows no claims, and a principal can be a dictionary key."""
    user = principal(email="ada@example.com")
    assert "email" not in repr(user)
    assert {user: 1}[principal(email="ada@example.com")] == 1


@pytest.mark.parametrize(
    ("claims", "client_id", "actor"),
    [
        ({"cid": "web", "client_id": "other", "act": {"sub": "agent"}}, "web", "agent"),
        ({"cid": None, "client_id": "web"}, "", None),
        ({"client_id": "web"}, "web", None),
        ({"client_id": "web", "act": {"sub": "agent"}}, "web", "agent"),
        ({"act": {"sub": "agent", "act": {"sub": "inner"}}}, "agent", "agent"),
        ({"act": "agent"}, "", None),
        ({"act": {"sub": 7}}, "", None),
    ],
    ids=str,
)
def test_client_and_actor(claims: dict[str, object], client_id: str, actor: str | None) -> None:
    """The client is `cid`, else `client_id`, else the outermost `act.sub`; the actor is `act.sub`."""
    user = Principal.from_claims({"iss": "https://a", "sub": "ada", "exp": 1, **claims}, "k")
    assert (user.client_id, user.actor) == (client_id, actor)


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({"scp": ["a", "b"]}, ("a", "b")),
        ({"scope": "a  b"}, ("a", "b")),
        ({"scp": ["a"], "scope": "b"}, ("a",)),
        ({"scp": "a b"}, ()),
        ({"scp": None, "scope": "a"}, ()),
        ({"scp": ["a", 7]}, ()),
        ({"scope": ["a"]}, ()),
        ({"scp": {"a": 1}}, ()),
        ({}, ()),
    ],
    ids=str,
)
def test_scopes(claims: dict[str, object], scopes: tuple[str, ...]) -> None:
    """Scopes are `scp`, an array, else `scope`, a string; any other type grants nothing."""
    assert principal(**claims).scopes == scopes


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"cid": None, "client_id": "0oalocalspa"}, None),
        ({"cid": None, "act": {"sub": "0oalocalspa"}}, None),
        ({"cid": None, "client_id": "0oaother", "act": {"sub": "0oalocalspa"}}, "client is not accepted"),
        ({"cid": "0oaother", "client_id": "0oalocalspa"}, "client is not accepted"),
        ({"cid": None, "act": {"sub": "x", "act": {"sub": "0oalocalspa"}}}, "client is not accepted"),
        ({"sub": ""}, "subject is missing"),
    ],
    ids=str,
)
def test_first_client_claim_counts(
    api: httpx.Client, okta_token: OktaToken, claims: dict[str, Any], reason: str | None
) -> None:
    """Only the first of the client claims counts, and an empty subject is refused."""
    assert reason_of(api, okta_token(**claims)) == reason


def test_request_user_works_as_users_of_starlette(local_okta: LocalOkta, okta_token: OktaToken) -> None:
    """Code written for Starlette's authentication finds what it expects."""
    app = app_for(settings_for(local_okta))

    @app.get("/user")
    async def user(request: Request) -> list[str | bool]:
        return [request.user.is_authenticated, request.user.display_name, request.user.identity]

    with serve(app) as url:
        wait_until_ready(url)
        response = httpx.get(f"{url}/user", headers=bearer(okta_token()))
    assert response.json() == [True, "ada@example.com", "ada@example.com"]


@pytest.mark.parametrize(
    ("uid", "user_id"), [("00u1", "00u1"), ("", None), (None, None), (7, None), (["00u1"], None)]
)
def test_user_id(uid: object, user_id: str | None) -> None:
    """Only a non-empty string is the id of a user; a service's token has none."""
    user = principal(uid=uid)
    assert (user.issuer, user.user_id) == ("https://a", user_id)
    assert principal().user_id is None


def test_only_the_space_separates_scopes() -> None:
    """Other whitespace is part of a name (RFC 6749 section 3.3), so it grants nothing."""
    assert principal(scope="a  b\tc\u00a0d e").scopes == ("a", "b\tc\u00a0d", "e")
