"""The access log: one line a request."""

import logging
import re

import httpx
import pytest

from local_okta.keys import SigningKey
from local_okta.pytest_plugin import OktaToken, person_claims
from local_okta.state import LocalOkta
from tests.support.api import APP_ORIGIN, Lines, bearer


def test_accepted(api: httpx.Client, okta: LocalOkta, okta_token: OktaToken, lines: Lines) -> None:
    """A request's line has method, path, status, duration and who sent it, as text and as fields."""
    api.get("/hello/Ada", headers=bearer(okta_token()))
    [record] = lines(1)
    kid = okta.keys.published[0].kid
    assert re.fullmatch(
        rf"GET '/hello/Ada' 200 \d+\.\d ms kid='{kid}' client='0oalocalspa' subject='ada@example\.com'",
        record.getMessage(),
    )
    assert record.levelno == logging.INFO
    fields = vars(record)
    assert (fields["method"], fields["path"], fields["status"]) == ("GET", "/hello/Ada", 200)
    assert (fields["kid"], fields["client"], fields["subject"]) == (kid, "0oalocalspa", "ada@example.com")
    assert 0 < fields["duration_ms"] < 5000
    assert "reason" not in fields


def test_refused(api: httpx.Client, okta: LocalOkta, okta_token: OktaToken, lines: Lines) -> None:
    """A refused token leaves reason, claimed key and claimed client, and no subject that nobody verified."""
    api.get("/hello/Ada", headers=bearer(okta_token(exp=1)))
    [record] = lines(1)
    assert record.getMessage().startswith("GET '/hello/Ada' 401 ")
    kid = okta.keys.published[0].kid
    assert record.getMessage().endswith(f" ms reason='expired' kid='{kid}' client='0oalocalspa'")
    assert vars(record)["reason"] == "expired"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "no_credentials"),
        ({"Authorization": "Basic eDp5"}, "unsupported_scheme"),
        ({"Authorization": "Bearer"}, "malformed_header"),
        ({"Authorization": "Bearer a.b.c"}, "malformed"),
    ],
)
def test_reasons_without_a_token(
    api: httpx.Client, lines: Lines, headers: dict[str, str], reason: str
) -> None:
    """What cannot be read leaves its reason alone."""
    api.get("/", headers=headers)
    [record] = lines(1)
    assert record.getMessage().endswith(f" ms reason='{reason}'")


def test_scope_lacking(api: httpx.Client, okta_token: OktaToken, lines: Lines) -> None:
    """A good token that does not suffice leaves the reason beside who sent it."""
    api.get("/reports", headers=bearer(okta_token()))
    fields = vars(lines(1)[0])
    assert (fields["status"], fields["reason"]) == (403, "insufficient_scope")
    assert fields["subject"] == "ada@example.com"


def test_claimed_values_are_cut(
    api: httpx.Client, okta_token: OktaToken, caplog: pytest.LogCaptureFixture, lines: Lines
) -> None:
    """A claimed key or client that is long or breaks lines does not fill the log or forge lines in it."""
    caplog.set_level(logging.DEBUG, "backend.okta")
    api.get("/", headers=bearer(okta_token(headers={"kid": "k\nINFO " + "k" * 5000}, cid="c\n" + "c" * 5000)))
    message = lines(1)[0].getMessage()
    assert r"kid='k\nINFO kkk" in message
    assert r"client='c\nccc" in message
    assert len(message) < 300
    assert max(len(record.getMessage()) for record in caplog.records) < 300


def test_claimed_client_of_another_type(api: httpx.Client, okta_token: OktaToken, lines: Lines) -> None:
    """A claimed client that is no string is left out."""
    api.get("/", headers=bearer(okta_token(cid=["x"])))
    assert "client" not in vars(lines(1)[0])


def test_path_is_escaped_and_cut(api: httpx.Client, lines: Lines) -> None:
    """A path with a line break, or a long one, stays one short line; a query string is left out."""
    api.get("/x%0aINFO all is well", params={"access_token": "secret"})
    api.get("/" + "y" * 5000)
    first, second = lines(2)
    assert first.getMessage().startswith(r"GET '/x\nINFO all is well' 401 ")
    assert "secret" not in first.getMessage()
    assert len(second.getMessage()) < 400


def test_token_in_the_path(api: httpx.Client, okta_token: OktaToken, lines: Lines) -> None:
    """A token that a client puts into the path is not logged."""
    token = okta_token()
    api.get(f"/hello/{token}", headers=bearer(token))
    [record] = lines(1)
    assert record.getMessage().startswith("GET '/hello/[token]' 200 ")
    assert vars(record)["path"] == "/hello/[token]"


def test_probes_are_quiet(api: httpx.Client, lines: Lines) -> None:
    """The probes are logged at DEBUG alone."""
    for path in ("/healthz", "/readyz", "/docs"):
        api.get(path)
    assert [record.levelno for record in lines(3)] == [logging.DEBUG, logging.DEBUG, logging.INFO]


def test_exception(api: httpx.Client, okta_token: OktaToken, lines: Lines) -> None:
    """An exception in a route is a warning in the access log, under the id that the answer carries."""
    answer = api.get("/boom", headers=bearer(okta_token()))
    assert answer.status_code == 500
    [record] = lines(1)
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith("GET '/boom' 500 ")
    assert vars(record)["request_id"] == answer.headers["X-Request-ID"]


def test_keys_unavailable(keyless_url: str, okta_token: OktaToken, lines: Lines) -> None:
    """A 503 for want of keys is a warning with its reason."""
    httpx.get(keyless_url, headers=bearer(okta_token()))
    record = lines(1)[-1]
    assert (record.levelno, vars(record)["status"]) == (logging.WARNING, 503)
    assert vars(record)["reason"] == "keys_unavailable"


def test_refused_preflight(api: httpx.Client, lines: Lines) -> None:
    """A preflight from an origin that is not allowed leaves reason and origin; one that is allowed, none."""
    for origin in ("http://localhost:5173", APP_ORIGIN):
        headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        api.options("/hello/Ada", headers=headers)
    refused, granted = lines(2)
    assert refused.getMessage().endswith(" ms reason='preflight_refused' origin='http://localhost:5173'")
    assert vars(refused)["status"] == 400
    assert (vars(granted)["status"], "reason" in vars(granted)) == (200, False)


def test_forged_token(api: httpx.Client, okta: LocalOkta, lines: Lines) -> None:
    """A forged token leaves what it claims, and the reason that it was not believed."""
    kid = okta.keys.published[0].kid
    api.get("/", headers=bearer(SigningKey().sign(person_claims(okta.issuer), {"kid": kid})))
    fields = vars(lines(1)[0])
    assert (fields["reason"], fields["kid"], fields["client"]) == ("signature", kid, "0oalocalspa")
    assert "subject" not in fields
