"""What a caller sends cannot forge or fill the lines of the package's own log."""

import logging

import httpx
import pytest
from fastapi import FastAPI
from fastapi_okta_auth import Okta, OktaJWTMiddleware
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.requests import bearer

from tests.support.api import settings_for


@pytest.mark.parametrize(
    "sent", ["k\nERROR all keys are lost", "\0" * 600, "\N{GRINNING FACE}" * 600, "\u2028x"]
)
def test_key_id_and_client_are_one_short_line(
    local_okta: LocalOkta, okta_token: OktaToken, caplog: pytest.LogCaptureFixture, sent: str
) -> None:
    """A key id or a client with line breaks, or a long one, is one short printable line."""
    app = FastAPI()
    app.add_middleware(OktaJWTMiddleware, okta=Okta(settings_for(local_okta)))
    with caplog.at_level(logging.DEBUG, "fastapi_okta_auth"), serve(app) as url:
        for token in (okta_token(headers={"kid": sent}), okta_token(cid=sent)):
            assert httpx.get(url, headers=bearer(token)).status_code == 401
    refusals = [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]
    assert len(refusals) == 2
    assert all(line.isascii() and line.isprintable() and len(line) < 256 for line in refusals)
