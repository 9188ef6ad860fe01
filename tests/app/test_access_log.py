"""The access log: one line per request."""

import logging
import re

import httpx
import pytest
from local_okta.keys import SigningKey
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken, person_claims

from tests.support.api import APP_ORIGIN, Lines, bearer
from tests.support.api_process import running
from tests.support.service import wait_for

FROM_HERE = " client_address='127.0.0.1'"


def test_line_of_an_accepted_request(
    api: httpx.Client, local_okta: LocalOkta, okta_token: OktaToken, lines: Lines
) -> None:
    """The line has method, path, status, duration and caller, as text and as fields."""
    api.get("/hello/Ada", headers=bearer(okta_token()))
    [record] = lines(1)
    kid = local_okta.keys.published[0].kid
    assert re.fullmatch(
        rf"GET '/hello/Ada' 200 \d+\.\d ms kid='{kid}' client='0oalocalspa' user_id='\w+'"
        rf" subject='ada@example\.com'"
        rf" client_address='127\.0\.0\.1'",
        record.getMessage(),
    )
    assert record.levelno == logging.INFO
    fields = vars(record)
    assert (fields["method"], fields["path"], fields["status"]) == ("GET", "/hello/Ada", 200)
    assert (fields["kid"], fields["client"], fields["subject"]) == (kid, "0oalocalspa", "ada@example.com")
    assert fields["client_address"] == "127.0.0.1"
    assert 0 < fields["duration_ms"] < 5000
    assert "code" not in fields


def test_line_of_a_refused_token(
    api: httpx.Client, local_okta: LocalOkta, okta_token: OktaToken, lines: Lines
) -> None:
    """The line has the reason, the claimed key and client, and no unverified subject."""
    api.get("/hello/Ada", headers=bearer(okta_token(exp=1)))
    [record] = lines(1)
    assert record.getMessage().startswith("GET '/hello/Ada' 401 ")
    kid = local_okta.keys.published[0].kid
    assert record.getMessage().endswith(f" ms code='expired' kid='{kid}' client='0oalocalspa'{FROM_HERE}")
    assert vars(record)["code"] == "expired"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        pytest.param({}, "no_credentials", id="no header"),
        pytest.param({"Authorization": "Basic eDp5"}, "unsupported_scheme", id="Basic"),
        pytest.param({"Authorization": "Bearer"}, "malformed_header", id="Bearer without a token"),
        pytest.param({"Authorization": "Bearer a.b.c"}, "malformed", id="not a JWT"),
    ],
)
def test_reason_without_a_readable_token(
    api: httpx.Client, lines: Lines, headers: dict[str, str], reason: str
) -> None:
    """Without a readable token the line has the reason and the address only."""
    api.get("/", headers=headers)
    [record] = lines(1)
    assert record.getMessage().endswith(f" ms code='{reason}'{FROM_HERE}")


def test_missing_scope_is_logged_with_the_caller(
    api: httpx.Client, okta_token: OktaToken, lines: Lines
) -> None:
    """A valid token without the required scope leaves the reason and the verified caller."""
    api.get("/reports", headers=bearer(okta_token()))
    fields = vars(lines(1)[0])
    assert (fields["status"], fields["code"]) == (403, "insufficient_scope")
    assert fields["subject"] == "ada@example.com"


def test_long_claimed_values_are_cut_and_escaped(
    api: httpx.Client, okta_token: OktaToken, caplog: pytest.LogCaptureFixture, lines: Lines
) -> None:
    """A long key id or client, or one with a line break, cannot fill the log or forge a line."""
    caplog.set_level(logging.DEBUG, "fastapi_okta_auth")
    api.get("/", headers=bearer(okta_token(headers={"kid": "k\nINFO " + "k" * 5000}, cid="c\n" + "c" * 5000)))
    message = lines(1)[0].getMessage()
    assert r"kid='k\nINFO kkk" in message
    assert r"client='c\nccc" in message
    assert len(message) < 300
    assert max(len(record.getMessage()) for record in caplog.records) < 300


def test_claimed_client_that_is_no_string_is_left_out(
    api: httpx.Client, okta_token: OktaToken, lines: Lines
) -> None:
    """A claimed client of another type has no field."""
    api.get("/", headers=bearer(okta_token(cid=["x"])))
    assert "client" not in vars(lines(1)[0])


def test_path_is_escaped_and_cut_and_has_no_query(api: httpx.Client, lines: Lines) -> None:
    """A path with a line break, or a long one, is one short line."""
    api.get("/x%0aINFO all is well", params={"access_token": "secret"})
    api.get("/" + "y" * 5000)
    first, second = lines(2)
    assert first.getMessage().startswith(r"GET '/x\nINFO all is well' 401 ")
    assert "secret" not in first.getMessage()
    assert len(second.getMessage()) < 400


def test_token_in_the_path_is_redacted(api: httpx.Client, okta_token: OktaToken, lines: Lines) -> None:
    """A token that a client puts into the path is not logged."""
    token = okta_token()
    api.get(f"/hello/{token}", headers=bearer(token))
    [record] = lines(1)
    assert record.getMessage().startswith("GET '/hello/[token]' 200 ")
    assert vars(record)["path"] == "/hello/[token]"


def test_successful_probes_are_logged_at_debug(api: httpx.Client, lines: Lines) -> None:
    """Probes are quiet; other public routes are not."""
    for path in ("/healthz", "/readyz", "/docs"):
        api.get(path)
    assert [record.levelno for record in lines(3)] == [logging.DEBUG, logging.DEBUG, logging.INFO]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_forged_token_sent_to_a_probe_is_logged(
    api: httpx.Client, local_okta: LocalOkta, lines: Lines, path: str
) -> None:
    """A refused request is logged at INFO, on the path of a probe too."""
    kid = local_okta.keys.published[0].kid
    api.post(path, headers=bearer(SigningKey().sign(person_claims(local_okta.issuer), {"kid": kid})))
    [record] = lines(1)
    assert (record.levelno, vars(record)["status"]) == (logging.INFO, 401)
    assert vars(record)["code"] == "signature"


def test_failed_probe_is_logged_at_info(keyless_url: str, lines: Lines) -> None:
    """A probe that returns 503 is visible, and no warning: every start has some."""
    assert httpx.get(f"{keyless_url}/readyz").status_code == 503
    assert lines(1)[0].levelno == logging.INFO


def test_exception_is_a_warning_under_the_id_of_the_response(
    api: httpx.Client, okta_token: OktaToken, lines: Lines
) -> None:
    """An exception in a route is a 500 in the access log."""
    response = api.get("/boom", headers=bearer(okta_token()))
    assert response.status_code == 500
    [record] = lines(1)
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith("GET '/boom' 500 ")
    assert vars(record)["request_id"] == response.headers["X-Request-ID"]


def test_unavailable_keys_are_a_warning(keyless_url: str, okta_token: OktaToken, lines: Lines) -> None:
    """A 503 without signing keys has its reason."""
    httpx.get(keyless_url, headers=bearer(okta_token()))
    record = lines(1)[-1]
    assert (record.levelno, vars(record)["status"]) == (logging.WARNING, 503)
    assert vars(record)["code"] == "keys_unavailable"


def test_refused_preflight_has_reason_and_origin(api: httpx.Client, lines: Lines) -> None:
    """A preflight from an origin that is not allowed has a reason; an allowed one has none."""
    for origin in ("http://localhost:5173", APP_ORIGIN):
        headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        api.options("/hello/Ada", headers=headers)
    refused, granted = lines(2)
    assert refused.getMessage().endswith(
        f" ms code='preflight_refused' origin='http://localhost:5173'{FROM_HERE}"
    )
    assert vars(refused)["status"] == 400
    assert (vars(granted)["status"], "code" in vars(granted)) == (200, False)


def test_forged_token_leaves_its_claims_and_the_reason(
    api: httpx.Client, local_okta: LocalOkta, lines: Lines
) -> None:
    """An invalid signature leaves the claimed key and client, and no subject."""
    kid = local_okta.keys.published[0].kid
    api.get("/", headers=bearer(SigningKey().sign(person_claims(local_okta.issuer), {"kid": kid})))
    fields = vars(lines(1)[0])
    assert (fields["code"], fields["kid"], fields["client"]) == ("signature", kid, "0oalocalspa")
    assert "subject" not in fields


def test_address_is_that_of_the_client_behind_a_trusted_proxy(local_okta: LocalOkta) -> None:
    """The address comes from `X-Forwarded-For` where uvicorn trusts the proxy."""
    with running(local_okta, FORWARDED_ALLOW_IPS="127.0.0.1") as api:
        httpx.get(f"{api.url}/", headers={"X-Forwarded-For": "203.0.113.7"})
        wait_for(lambda: "client_address='203.0.113.7'" in api.log, 5)


def test_filter_that_drops_a_record_loses_only_that_one(
    api: httpx.Client, okta_token: OktaToken, lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    """Each line is written by itself: a filter on the handler drops one request of three."""
    caplog.handler.addFilter(drop_second := lambda record: "second" not in record.getMessage())
    headers = bearer(okta_token())
    for name in ("first", "second", "third"):
        api.get(f"/hello/{name}", headers=headers)
    paths = [vars(record)["path"] for record in lines(2)]
    caplog.handler.removeFilter(drop_second)
    assert paths == ["/hello/first", "/hello/third"]
