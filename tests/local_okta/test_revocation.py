"""The introspection dependency of docs/verification.md."""

import runpy
from pathlib import Path

import httpx
from fastapi import Depends

from local_okta.config import SPA_CLIENT_ID
from local_okta.serving import serve
from local_okta.state import LocalOkta
from tests.local_okta.browser import Browser, bare_basic
from tests.support.api import app_for, bearer, settings_for, wait_until_ready
from tests.support.pages import ROOT, blocks

PAGE = ROOT / "docs" / "verification.md"


def test_documented_dependency_refuses_a_revoked_token(
    browser: Browser, okta: LocalOkta, tmp_path: Path
) -> None:
    """A revoked token gets a 401 on the route, and a failed introspection a 500."""
    [snippet] = [block for block in blocks(PAGE, "python") if "async def active" in block]
    module = tmp_path / "introspection.py"
    module.write_text(snippet.replace("http://localhost:9000/oauth2/default", okta.issuer))
    app = app_for(settings_for(okta))

    @app.get("/payments", dependencies=[Depends(runpy.run_path(str(module))["active"])])
    async def payments() -> str:
        return "paid"

    header = bearer(token := browser.tokens()["access_token"])
    of_another = bearer(browser.client_credentials().json()["access_token"])
    with serve(app) as url:
        wait_until_ready(url)
        assert httpx.get(f"{url}/payments", headers=header).json() == "paid"
        browser.post("/v1/revoke", data={"token": token}, headers=bare_basic(SPA_CLIENT_ID))
        response = httpx.get(f"{url}/payments", headers=header)
        assert (response.status_code, response.json()) == (401, {"detail": "token was revoked"})
        assert response.headers["WWW-Authenticate"].endswith('error_description="token was revoked"')
        assert httpx.get(f"{url}/hello/Ada", headers=header).status_code == 200
        # The dependency does not send the secret of this client.
        assert httpx.get(f"{url}/payments", headers=of_another).status_code == 500
