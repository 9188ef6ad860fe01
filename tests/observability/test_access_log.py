"""The access log: one line per request, refused or not."""

import re

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from local_okta.keys import SigningKey
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken, person_claims
from structlog.contextvars import bind_contextvars

from backend.observability.access_log import AccessLogMiddleware
from tests.support.api import APP_ORIGIN, Lines, bearer
from tests.support.api_process import running
from tests.support.service import wait_for


def test_line_of_an_accepted_request(
    api: httpx.Client, local_okta: LocalOkta, okta_token: OktaToken, lines: Lines
) -> None:
    """The line has the request, the route, status, duration and caller."""
    api.get("/hello/Ada", headers=bearer(okta_token(uid="00u1")))
    [line] = lines(1)
    assert 0 < line.pop("duration_ms") < 5000
    assert re.fullmatch("[0-9a-f]{16}", line.pop("request_id"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line.pop("timestamp"))
    assert line == {
        "event": "GET '/hello/Ada' 200", "method": "GET", "path": "/hello/Ada", "route": "/hello/{name}",
        "status": 200, "kid": local_okta.keys.published[0].kid, "client": "0oalocalspa", "user_id": "00u1",
        "client_address": "127.0.0.1", "level": "info", "logger": "backend.observability.access_log",
    }  # fmt: skip


def test_line_of_a_refused_token(
    api: httpx.Client, local_okta: LocalOkta, okta_token: OktaToken, lines: Lines
) -> None:
    """The line has the code, the claimed key and client, and no unverified user."""
    api.get("/hello/Ada", headers=bearer(okta_token(exp=1)))
    [line] = lines(1)
    assert (line["event"], line["code"]) == ("GET '/hello/Ada' 401", "expired")
    assert (line["kid"], line["client"]) == (local_okta.keys.published[0].kid, "0oalocalspa")
    assert not {"user_id", "route"} & line.keys()


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        pytest.param({}, "no_credentials", id="no header"),
        pytest.param({"Authorization": "Basic eDp5"}, "unsupported_scheme", id="Basic"),
        pytest.param({"Authorization": "Bearer"}, "malformed_header", id="Bearer without a token"),
        pytest.param({"Authorization": "Bearer a.b.c"}, "malformed", id="not a JWT"),
    ],
)
def test_code_without_a_readable_token(
    api: httpx.Client, lines: Lines, headers: dict[str, str], code: str
) -> None:
    """Without a readable token the line has the code and the address only."""
    api.get("/", headers=headers)
    [line] = lines(1)
    assert line["code"] == code
    assert not {"kid", "client", "user_id"} & line.keys()


def test_missing_scope_is_logged_with_the_caller(
    api: httpx.Client, okta_token: OktaToken, lines: Lines
) -> None:
    """A valid token without the required scope leaves the code, the scope and the verified caller."""
    api.get("/reports", headers=bearer(okta_token(uid="00u1")))
    [line] = lines(1)
    assert (line["status"], line["code"]) == (403, "insufficient_scope")
    assert (line["required"], line["user_id"]) == ("scope 'reports:read'", "00u1")


def test_long_claimed_values_are_cut_and_escaped(
    api: httpx.Client, okta_token: OktaToken, log_lines: list[bytes], lines: Lines
) -> None:
    """A long key id or client, or one with a line break, cannot fill the log or forge a line."""
    api.get("/", headers=bearer(okta_token(headers={"kid": "k\nINFO " + "k" * 5000}, cid="c\n" + "c" * 5000)))
    [line] = lines(1)
    assert line["kid"].startswith("k%0AINFO kkk")
    assert line["client"].startswith("c%0Accc")
    assert b"\n" not in log_lines[-1]
    assert len(log_lines[-1]) < 500


def test_claimed_client_that_is_no_string_is_left_out(
    api: httpx.Client, okta_token: OktaToken, lines: Lines
) -> None:
    """A claimed client of another type has no field."""
    api.get("/", headers=bearer(okta_token(cid=["x"])))
    assert "client" not in lines(1)[0]


def test_route_has_the_prefixes_of_its_routers(lines: Lines) -> None:
    """The route is the declared path, so that lines can be counted by it; a 404 has none."""
    app = FastAPI()
    app.add_middleware(AccessLogMiddleware)
    books = APIRouter(prefix="/books")
    books.add_api_route("/{title}", lambda title: title)
    app.include_router(books, prefix="/v1")
    with serve(app) as url:
        for path in ("/v1/books/emma", "/v1/films/emma"):
            httpx.get(url + path)
    found, missing = lines(2)
    assert (found["status"], found["route"]) == (200, "/v1/books/{title}")
    assert (missing["status"], "route" in missing) == (404, False)


def test_bound_field_is_in_the_line_of_its_request_alone(lines: Lines) -> None:
    """An async route adds a field to its request's line, and changes none; a thread's fields are its own."""
    app = FastAPI()
    app.add_middleware(AccessLogMiddleware)

    @app.get("/async")
    async def bind() -> None:
        bind_contextvars(tenant="acme", status="mine")

    app.add_api_route("/thread", lambda: bind_contextvars(tenant="acme"))
    with serve(app) as url, httpx.Client(base_url=url) as client:  # one connection
        for path in ("/async", "/thread"):
            client.get(path)
    bound, other = lines(2)
    assert (bound["tenant"], bound["status"]) == ("acme", 200)
    assert "tenant" not in other


def test_path_is_escaped_and_cut_and_has_no_query(api: httpx.Client, lines: Lines) -> None:
    """A path with a line break, or a long one, is one short line."""
    api.get("/x%0aINFO all is well", params={"access_token": "secret"})
    api.get("/" + "y" * 5000)
    first, second = lines(2)
    assert first["event"] == "GET '/x%0AINFO all is well' 401"
    assert "secret" not in str(first)
    assert len(str(second)) < 800


def test_token_in_the_path_is_redacted(api: httpx.Client, okta_token: OktaToken, lines: Lines) -> None:
    """A token that a client puts into the path is not logged."""
    token = okta_token()
    api.get(f"/hello/{token}", headers=bearer(token))
    [line] = lines(1)
    assert (line["event"], line["path"]) == ("GET '/hello/[token]' 200", "/hello/[token]")


def test_successful_probes_are_logged_at_debug(api: httpx.Client, lines: Lines) -> None:
    """Probes are quiet; other public routes are not."""
    for path in ("/healthz", "/readyz", "/docs"):
        api.get(path)
    assert [line["level"] for line in lines(3)] == ["debug", "debug", "info"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_forged_token_sent_to_a_probe_is_logged(
    api: httpx.Client, local_okta: LocalOkta, lines: Lines, path: str
) -> None:
    """A refused request is logged at INFO, on the path of a probe too."""
    kid = local_okta.keys.published[0].kid
    api.post(path, headers=bearer(SigningKey().sign(person_claims(local_okta.issuer), {"kid": kid})))
    [line] = lines(1)
    assert (line["level"], line["status"], line["code"]) == ("info", 401, "signature")


def test_failed_probe_is_logged_at_info(keyless_url: str, lines: Lines) -> None:
    """A probe that returns 503 is visible, and no warning: every start has some."""
    assert httpx.get(f"{keyless_url}/readyz").status_code == 503
    assert lines(1)[0]["level"] == "info"


def test_exception_is_a_warning_under_the_id_of_the_response(
    api: httpx.Client, okta_token: OktaToken, lines: Lines
) -> None:
    """An exception in a route is a 500 in the access log."""
    response = api.get("/boom", headers=bearer(okta_token()))
    assert response.status_code == 500
    [line] = lines(1)
    assert (line["level"], line["event"]) == ("warning", "GET '/boom' 500")
    assert line["request_id"] == response.headers["X-Request-ID"]


def test_unavailable_keys_are_a_warning(keyless_url: str, okta_token: OktaToken, lines: Lines) -> None:
    """A 503 without signing keys has its code."""
    httpx.get(keyless_url, headers=bearer(okta_token()))
    [line] = lines(1)
    assert (line["level"], line["status"], line["code"]) == ("warning", 503, "keys_unavailable")


def test_refused_preflight_has_code_and_origin(api: httpx.Client, lines: Lines) -> None:
    """A preflight from an origin that is not allowed has a code; an allowed one has none."""
    for origin in ("http://localhost:5173", APP_ORIGIN):
        headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        api.options("/hello/Ada", headers=headers)
    refused, granted = lines(2)
    assert (refused["status"], refused["code"]) == (400, "preflight_refused")
    assert refused["origin"] == "http://localhost:5173"
    assert (granted["status"], "code" in granted) == (200, False)


def test_forged_token_leaves_its_claims_and_the_code(
    api: httpx.Client, local_okta: LocalOkta, lines: Lines
) -> None:
    """An invalid signature leaves the claimed key and client, and no user."""
    kid = local_okta.keys.published[0].kid
    api.get("/", headers=bearer(SigningKey().sign(person_claims(local_okta.issuer), {"kid": kid})))
    [line] = lines(1)
    assert (line["code"], line["kid"], line["client"]) == ("signature", kid, "0oalocalspa")
    assert "user_id" not in line


def test_address_is_that_of_the_client_behind_a_trusted_proxy(local_okta: LocalOkta) -> None:
    """The address comes from `X-Forwarded-For` where uvicorn trusts the proxy."""
    with running(local_okta, FORWARDED_ALLOW_IPS="127.0.0.1") as api:
        httpx.get(f"{api.url}/", headers={"X-Forwarded-For": "203.0.113.7"})
        wait_for(lambda: '"client_address":"203.0.113.7"' in api.log, 5)
