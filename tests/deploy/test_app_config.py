"""The settings of the app's container, as its script writes them at start."""

import subprocess
from pathlib import Path

import httpx
import pytest

from tests.support.pages import ROOT
from tests.support.proxies import app_as_documented

SCRIPT = ROOT / "frontend/nginx/30-app-config.sh"
ISSUER = "https://a.example/oauth2/default"


def start(folder: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run the script with settings that are valid except for `changes`; it writes to `folder`."""
    settings = {
        "VITE_OKTA_ISSUER": ISSUER,
        "VITE_OKTA_CLIENT_ID": "0oa1",
        "VITE_API_URL": "https://b.example",
    }
    return subprocess.run(
        ["sh", SCRIPT, folder],
        env={"PATH": "/usr/bin:/bin", **settings, **changes},
        capture_output=True,
        text=True,
        check=False,
    )


def test_first_issuer_and_first_client_are_the_apps(tmp_path: Path) -> None:
    """OKTA_ISSUER and OKTA_CLIENT_ID, which Compose passes on, may list several."""
    lists = {"VITE_OKTA_ISSUER": f"{ISSUER},https://c.example/oauth2/x", "VITE_OKTA_CLIENT_ID": "0oa1,0oa2"}
    assert start(tmp_path, **lists).returncode == 0
    config, policy = (tmp_path / "config.js").read_text(), (tmp_path / "policy.conf").read_text()
    assert f'issuer: "{ISSUER}", clientId: "0oa1"' in config
    assert "https://a.example" in policy
    assert "c.example" not in config + policy


@pytest.mark.parametrize(
    ("settings", "console"),
    [
        ({}, "false"),
        ({"VITE_CONSOLE": "true"}, "true"),
        ({"VITE_OKTA_ISSUER": "http://localhost:9000/oauth2/default"}, "true"),
        ({"VITE_OKTA_ISSUER": "http://localhost:9000/oauth2/default", "VITE_CONSOLE": "false"}, "false"),
        ({"VITE_OKTA_ISSUER": "http://localhost.a.example/oauth2/default"}, "false"),
    ],
    ids=str,
)
def test_console_comes_with_the_local_okta_or_by_choice(
    tmp_path: Path, settings: dict[str, str], console: str
) -> None:
    """A container with an org has none by default, and one with the local Okta has it."""
    assert start(tmp_path, **settings).returncode == 0
    assert f"console: {console}," in (tmp_path / "config.js").read_text()


@pytest.mark.parametrize("value", ["", ",", f",{ISSUER}", f'{ISSUER}";alert(1),', f"{ISSUER}\nfetch(1)"])
def test_unusable_issuer_ends_the_start(tmp_path: Path, value: str) -> None:
    """A first issuer that is none, or that could become code, is one line and status 78."""
    ended = start(tmp_path, VITE_OKTA_ISSUER=value)
    assert (ended.returncode, ended.stderr.count("\n")) == (78, 1)
    assert ended.stderr.startswith("VITE_OKTA_ISSUER: ")
    assert not [*tmp_path.iterdir()]


def test_app_is_served_as_the_deployment_page_says(tmp_path: Path) -> None:
    """A page of the app, also a deep link, has the policy and is asked for again; a missing file is a 404."""
    dist, settings = tmp_path / "dist", tmp_path / "app"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("the app")
    (dist / "config.js").write_text("of the build")
    (dist / "assets/main-1.js").write_text("a script")
    assert start(settings).returncode == 0
    with app_as_documented(tmp_path, dist, settings) as url:
        for path in ("/", "/reports/7"):
            page = httpx.get(url + path)
            assert (page.status_code, page.text, page.headers["Cache-Control"]) == (
                200,
                "the app",
                "no-cache",
            )
            assert (
                "connect-src https://a.example https://b.example" in page.headers["Content-Security-Policy"]
            )
        assert "0oa1" in httpx.get(f"{url}/config.js").text
        assert httpx.get(f"{url}/assets/main-1.js").headers["Cache-Control"] == "max-age=31536000"
        assert [httpx.get(url + path).status_code for path in ("/icon.png", "/assets/old.js")] == [404, 404]
