"""What a caller sends cannot forge or fill the lines of the log, and each refusal names key and client."""

import logging
from collections.abc import Iterator

import httpx
import pytest
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.app import app_for, settings_for
from okta_support.dpop import API, dpop_headers, dpop_key
from okta_support.requests import bearer, wait_until_ready

NO_INTROSPECTION = {"introspection_client_id": "", "introspection_client_secret": ""}


@pytest.fixture
def url(local_okta: LocalOkta, caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    """An application with DPoP and without introspection, which logs its refusals."""
    caplog.set_level(logging.DEBUG, "fastapi_okta_auth")
    with serve(app_for(settings_for(local_okta, dpop="allowed", **NO_INTROSPECTION))) as url:
        wait_until_ready(url)
        yield url


def refusals(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the lines about refused requests."""
    return [line for line in caplog.messages if line.startswith("refused")]


@pytest.mark.parametrize(
    "sent", ["k\nERROR all keys are lost", "\0" * 600, "\N{GRINNING FACE}" * 600, "\u2028x"]
)
def test_key_id_and_client_are_one_short_line(
    url: str, okta_token: OktaToken, caplog: pytest.LogCaptureFixture, sent: str
) -> None:
    """A key id or a client with line breaks, or a long one, is one short printable line."""
    for token in (okta_token(headers={"kid": sent}), okta_token(cid=sent)):
        assert httpx.get(url, headers=bearer(token)).status_code == 401
    lines = refusals(caplog)
    assert len(lines) == 2
    assert all(line.isascii() and line.isprintable() and len(line) < 256 for line in lines)


def test_refused_bound_token_has_key_and_client(
    url: str, local_okta: LocalOkta, okta_token: OktaToken, caplog: pytest.LogCaptureFixture
) -> None:
    """A bound token is refused with them as every other one: as Bearer, and with a proof for another URL."""
    token = okta_token(dpop=dpop_key())
    proof = dpop_key().proof("GET", f"{API}/other", token)
    for headers in (bearer(token), dpop_headers(token, proof)):
        assert httpx.get(f"{url}/me", headers=headers).status_code == 401
    kid = local_okta.keys.published[0].kid
    assert [f"kid {kid}, client 0oalocalspa" in line for line in refusals(caplog)] == [True, True]


@pytest.mark.usefixtures("url")
def test_route_that_requires_introspection_is_named_at_start(caplog: pytest.LogCaptureFixture) -> None:
    """One line says that such a route gets 503, and which variable to set."""
    started = [record.getMessage() for record in caplog.get_records("setup")]
    lines = [line for line in started if "INTROSPECTION_CLIENT_ID" in line]
    assert lines == ["a route requires an active token, and gets 503: set INTROSPECTION_CLIENT_ID"]
