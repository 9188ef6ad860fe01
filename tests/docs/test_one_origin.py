"""The how-to "One origin, no CORS": its app, its policy, and this repository's app below /app."""

import runpy
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from tests.support.api import settings_for
from tests.support.pages import HOW_TO, ROOT, write_files

NAVIGATION = {"Accept": "text/html"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the files of the page and two builds to the current folder."""
    write_files(HOW_TO / "one-origin.md", tmp_path)
    for build in ("dist", "frontend/dist"):
        (tmp_path / build).mkdir(parents=True)
        (tmp_path / build / "index.html").write_text("the page")
    monkeypatch.chdir(tmp_path)


def run(name: str) -> dict[str, object]:
    """Run a file of the page, and return its names."""
    return runpy.run_path(name)


def test_app(local_okta: LocalOkta, okta_token: OktaToken, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page and API share an origin, and the API keeps its rule."""
    monkeypatch.setenv("OKTA_ISSUER", local_okta.issuer)
    monkeypatch.setenv("OKTA_CLIENT_ID", "0oalocalspa")
    app = run("app.py")["app"]
    assert isinstance(app, FastAPI)
    with TestClient(app) as client:
        assert client.get("/").text == "the page"
        assert client.get("/reports/7", headers=NAVIGATION).text == "the page"
        assert client.get("/api/mine", headers=NAVIGATION).status_code == 401
        headers = {"Authorization": f"Bearer {okta_token()}"}
        assert client.get("/api/mine", headers=headers).json() == "ada@example.com"


def test_this_repositorys_app(local_okta: LocalOkta) -> None:
    """The two changes to `backend/main.py` serve the app, with its policy, and open no route of the API."""
    source = (ROOT / "backend/main.py").read_text()
    changed = source.partition("\n\nsettings = ")[0].replace(
        "okta=okta)", 'okta=okta, public_frontend="/app")'
    )
    changed = changed.replace("    return app\n", "    app.include_router(pages)\n    return app\n")
    names = run("pages.py")
    exec(changed, names)  # noqa: S102 - the code is ours
    app = names["create_app"](settings_for(local_okta))  # type: ignore[operator] # it is a function
    with TestClient(app) as client:
        response = client.get("/app/login/callback?code=1", headers=NAVIGATION)
        assert response.text == "the page"
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
        assert response.headers["cache-control"] == "no-cache"
        assert [client.get(path, headers=NAVIGATION).status_code for path in ("/", "/reports", "/x")] == [
            401
        ] * 3
