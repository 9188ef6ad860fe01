"""Which requests of Universal Logout count, and which tokens are refused then."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi_okta_auth import LOGOUT_PATH
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from local_okta.keys import SigningKey, sign_compact
from local_okta.testing import OktaToken
from local_okta.universal_logout import TYPE, logout_token

from tests.logout.conftest import AUDIENCE, Service, email, iss_sub
from tests.support.api import NO_TLS

REVOKED = (401, "user_revoked")
ADA = "00ulocalada"


def test_user_by_id(service: Service, okta_token: OktaToken) -> None:
    """Every token of the user is refused at once, one that is cached too; nobody else's."""
    ada, unused, grace = okta_token(person="ada"), okta_token(person="ada"), okta_token(person="grace")
    assert service.status(ada) == service.status(grace) == (200, None)
    assert service.logout(iss_sub(service.okta, ADA)).status_code == 204
    response = service.get(ada)
    assert (response.status_code, response.json()["code"]) == REVOKED
    assert response.json()["error"] == "Unauthorized token or token was revoked for this user"
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
    assert service.status(unused) == REVOKED
    assert service.status(grace) == (200, None)


@pytest.mark.parametrize("body", [email("ADA@example.COM"), {"sub_id": email("ada@example.com")["subject"]}])
def test_user_by_login(service: Service, okta_token: OktaToken, body: dict[str, Any]) -> None:
    """A login counts in any case; Okta's samples name it in `sub_id`."""
    ada, grace = okta_token(person="ada"), okta_token(person="grace")
    assert service.logout(body).status_code == 204
    assert service.status(ada) == REVOKED
    assert service.status(grace) == (200, None)


def test_user_by_an_email_claim(service: Service, okta_token: OktaToken) -> None:
    """The address may be in a claim of its own."""
    token = okta_token(email="Ada@other.example")
    assert service.logout(email("ada@other.example")).status_code == 204
    assert service.status(token) == REVOKED
    assert service.status(okta_token()) == (200, None)


def test_token_without_a_user_id_is_compared_by_sub(service: Service, okta_token: OktaToken) -> None:
    """An agent's token names the user in `sub` alone."""
    agent = okta_token(uid=None, cid=None, act={"sub": "0oalocalservice"})
    assert service.status(agent) == (200, None)
    assert service.logout(iss_sub(service.okta, "ada@example.com")).status_code == 204
    assert service.status(agent) == REVOKED
    assert service.status(okta_token()) == (200, None)  # it has a uid, which is another


def test_service_is_never_refused(service: Service, okta_token: OktaToken) -> None:
    """A token without a user is not affected, whatever the request names."""
    token = okta_token(person=None)
    for body in (email("0oalocalservice"), iss_sub(service.okta, "0oalocalservice")):
        assert service.logout(body).status_code == 204
    assert service.status(token) == (200, None)


@pytest.mark.parametrize(("age", "refused"), [(-1, False), (0, True), (1, True)])
def test_moment_is_that_of_okta(service: Service, okta_token: OktaToken, age: int, *, refused: bool) -> None:
    """A token counts if it was issued after the request, by the clock of Okta."""
    moment = int(time.time()) - 10
    assert service.logout(iss_sub(service.okta, ADA), iat=moment).status_code == 204
    status = service.status(okta_token(iat=moment - age))
    assert status == (REVOKED if refused else (200, None))


def test_token_without_iat_is_refused(service: Service, okta_token: OktaToken) -> None:
    """Nobody knows when it was issued."""
    assert service.logout(iss_sub(service.okta, ADA)).status_code == 204
    assert service.status(okta_token(iat=None)) == REVOKED


@pytest.mark.parametrize("skew", [-45, 45])
def test_skew_between_okta_and_the_service(service: Service, okta_token: OktaToken, skew: int) -> None:
    """Tokens and requests are dated by one clock, so that it does not matter which one is ahead."""
    service.okta.switches.skew = skew
    before = okta_token()
    assert service.status(before) == (200, None)
    assert service.logout(iss_sub(service.okta, ADA)).status_code == 204
    assert service.status(before) == REVOKED
    assert service.status(okta_token(iat=service.okta.switches.now() + 1)) == (200, None)


def test_older_request_does_not_move_the_moment_back(service: Service, okta_token: OktaToken) -> None:
    """Requests may arrive in another order."""
    now = int(time.time())
    for moment in (now, now - 100):
        assert service.logout(iss_sub(service.okta, ADA), iat=moment).status_code == 204
    assert service.status(okta_token(iat=now)) == REVOKED


def _part(members: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(members).encode()).decode().rstrip("=")


def forged(service: Service, name: str, other: SigningKey) -> str:
    """Return a token that must be refused."""
    okta, now = service.okta, int(time.time())
    claims = {"iss": okta.org, "aud": AUDIENCE, "jti": "j1", "iat": now, "exp": now + 60}
    key = okta.org_keys.published[0]
    header = {"typ": TYPE, "alg": "RS256", "kid": key.kid}
    good = logout_token(okta, AUDIENCE)
    head, payload, signature = good.split(".")
    unsigned = _part(header | {"alg": "none"})
    whole: dict[str, Callable[[], str]] = {
        "another org's key": lambda: other.sign(claims, {"typ": TYPE}),
        "another org's key under our kid": lambda: other.sign(claims, {"typ": TYPE, "kid": key.kid}),
        "key of the authorization server": lambda: okta.keys.sign(claims, {"typ": TYPE}),
        "an access token": OktaToken(okta),
        "no signature": lambda: f"{head}.{payload}.",
        "changed payload": lambda: f"{head}.{_part(claims)}.{signature}",
        "alg none": lambda: f"{unsigned}.{payload}.",
        "HMAC with the public key": lambda: sign_compact(
            header | {"alg": "HS256"}, claims, json.dumps(key.jwk()).encode(), "HS256"
        ),
    }
    if name in whole:
        return whole[name]()
    changes: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "no typ": ({"typ": None}, {}),
        "typ of an access token": ({"typ": "at+jwt"}, {}),
        "crit": ({"crit": ["exp"]}, {}),
        "no kid": ({"kid": None}, {}),
        "wrong issuer": ({}, {"iss": "https://evil.okta.com"}),
        "issuer of the authorization server": ({}, {"iss": okta.issuer}),
        "wrong audience": ({}, {"aud": "https://other.example.com/oauth/global-token-revocation"}),
        "audience is the API": ({}, {"aud": "api://default"}),
        "two audiences": ({}, {"aud": [AUDIENCE, "https://other.example.com"]}),
        "expired": ({}, {"iat": now - 200, "exp": now - 61}),
        "no exp": ({}, {"exp": None}),
        "valid for too long": ({}, {"exp": now + 25 * 3600}),
        "valid for longer than a float can say": ({}, {"iat": now + 0.5, "exp": 10**400}),
        "issued in the future": ({}, {"iat": now + 3600}),
        "no iat": ({}, {"iat": None}),
        "iat is text": ({}, {"iat": str(now)}),
        "iat is a huge negative number": ({}, {"iat": -(10**400)}),
        "not valid yet": ({}, {"nbf": now + 3600}),
        "no jti": ({}, {"jti": None}),
        "jti is a number": ({}, {"jti": 7}),
        "empty jti": ({}, {"jti": ""}),
        "long jti": ({}, {"jti": "j" * 256}),
        "jti with U+0000": ({}, {"jti": "a\0b"}),
    }
    changed_header, changed_claims = changes[name]
    present = {key: value for key, value in {**claims, **changed_claims}.items() if value is not None}
    return key.sign(present, {"typ": TYPE, **changed_header})


FORGED = [
    "another org's key", "another org's key under our kid", "key of the authorization server", "an access token",
    "no signature", "changed payload", "alg none", "HMAC with the public key", "no typ", "typ of an access token",
    "crit", "no kid", "wrong issuer", "issuer of the authorization server", "wrong audience",
    "audience is the API", "two audiences", "expired", "no exp", "valid for too long",
    "valid for longer than a float can say", "issued in the future", "no iat", "iat is text", "iat is a huge negative number", "not valid yet", "no jti", "jti is a number",
    "empty jti", "long jti", "jti with U+0000",
]  # fmt: skip


def test_forged_requests_change_nothing(
    service: Service, okta_token: OktaToken, other_key: SigningKey, record_property: Any
) -> None:
    """Each one is a 401 with the reason, and the user's tokens still count."""
    token, rows = okta_token(), []
    for name in FORGED:
        response = service.logout(iss_sub(service.okta, ADA), forged(service, name, other_key))
        assert response.status_code == 401, (name, response.text)
        rows.append(f"| {name} | {response.status_code} | `{response.json()['code']}` |")
        assert service.status(token) == (200, None), name
    record_property("forged", "\n".join(rows))


def test_body_is_limited(service: Service) -> None:
    """Anyone can send one, and 800 connections at once with 1 MiB each would fill the memory."""
    for size, status in ((16 * 1024, 401), (16 * 1024 + 1, 413)):
        assert service.logout(b" " * size, "token").status_code == status


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic dXNlcjpwYXNz"}, {"Authorization": "Bearer"}]
)
def test_request_without_a_token(service: Service, headers: dict[str, str]) -> None:
    """The route is public, and refuses by itself."""
    body = iss_sub(service.okta, ADA)
    url = service.url + LOGOUT_PATH
    response = httpx.post(url, json=body, headers=headers, trust_env=False, verify=NO_TLS)
    assert response.status_code in {400, 401}
    assert "WWW-Authenticate" in response.headers


def test_replay(service: Service, okta_token: OktaToken) -> None:
    """A JWT counts once, for any body: the body is not signed."""
    token = logout_token(service.okta, AUDIENCE)
    grace = okta_token(person="grace")
    assert service.logout(iss_sub(service.okta, ADA), token).status_code == 204
    for uid in (ADA, "00ulocalgrace"):
        response = service.logout(iss_sub(service.okta, uid), token)
        assert (response.status_code, response.json()["code"]) == (401, "used")
    assert service.status(grace) == (200, None)


def test_malformed_body_does_not_use_up_the_token(service: Service) -> None:
    """Nothing changes before the whole request is valid."""
    token = logout_token(service.okta, AUDIENCE)
    assert service.logout({}, token).status_code == 400
    assert service.logout(iss_sub(service.okta, ADA), token).status_code == 204


SUBJECT = {"format": "email", "email": "ada@example.com"}
MALFORMED: list[Any] = [
    b"", b"{", b"null", b"[]", b"\xff", b'{"subject": {"format": "email", "email": "\\ud800"}}',
    b'{"subject": {"format": "email", "email": "a", "email": "b"}}',
    b'{"subject":' * 1400,
    {"subject": SUBJECT, "sub_id": SUBJECT}, {"subject": SUBJECT, "more": 1}, {"subject": "ada"},
    {"subject": {**SUBJECT, "more": "x"}}, {"subject": {"format": "email"}},
    {"subject": {"format": "email", "email": 7}}, {"subject": {"format": "email", "email": ""}},
    {"subject": {"format": "email", "email": "a" * 321}}, {"subject": {"format": "email", "email": "a\0b"}},
    {"subject": {"format": "opaque", "id": "x"}}, {"subject": {"format": ["email"], "email": "x"}},
    {"subject": {"format": "iss_sub", "iss": "https://other.okta.com/oauth2/default", "sub": ADA}},
    {"subject": {"format": "iss_sub", "sub": ADA}},
]  # fmt: skip


@pytest.mark.parametrize("body", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_body(service: Service, body: Any) -> None:
    """A body that does not name a user in a known way is a 400."""
    response = service.logout(body)
    assert response.status_code == 400, response.text
    assert response.json()["code"] == "malformed_subject"


_scalars = st.none() | st.booleans() | st.floats() | st.integers() | st.text()
_json = _scalars | st.lists(_scalars, max_size=3) | st.dictionaries(st.text(), _scalars, max_size=3)
_names = st.sampled_from(["subject", "sub_id", "format", "email", "iss", "sub", "iss_sub"]) | st.text()
_subjects = st.dictionaries(_names, st.sampled_from(["email", "iss_sub"]) | _json, max_size=4)
_bodies = st.binary(max_size=64) | st.dictionaries(_names, _subjects | _json, max_size=2).map(
    lambda value: json.dumps(value).encode()
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=_bodies)
def test_any_body(service: Service, body: bytes) -> None:
    """Whatever the body is: 204 for one that names a user, else 400; never a 5xx."""
    response = service.logout(body)
    if response.status_code == 204:
        [subject] = json.loads(body).values()
        assert subject["format"] in {"email", "iss_sub"}
    else:
        assert response.status_code == 400


def test_off(local_okta: Any, api: httpx.Client, okta_token: OktaToken) -> None:
    """Without UNIVERSAL_LOGOUT_ISSUER the route does not exist."""
    token = logout_token(local_okta, AUDIENCE)
    response = api.post(
        LOGOUT_PATH, json=email("ada@example.com"), headers={"Authorization": f"Bearer {token}"}
    )
    assert response.status_code == 404
    assert api.get("/", headers={"Authorization": f"Bearer {okta_token()}"}).status_code == 200
