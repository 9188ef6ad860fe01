"""A clean environment for the doctor, and one that a test sets up."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio import run

from backend.doctor import examine
from backend.doctor.result import Result
from backend.settings import Settings
from tests.support.broken_issuer import Issuer, issuer

REAL = "https://dev-1.okta.com/oauth2/default"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours, no proxy, and a folder without `.env`."""
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
    for name in (*(field.upper() for field in Settings.model_fields), *proxies):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def broken() -> Iterator[Issuer]:
    """An issuer that is well until a test spoils it."""
    with issuer() as state:
        yield state


def diagnose(token: str | None = None) -> list[Result]:
    """What the doctor finds."""
    return run(examine, token)


def set_up(monkeypatch: pytest.MonkeyPatch, url: str, **variables: str) -> None:
    """An environment for the issuer at `url`."""
    for name, value in {"OKTA_ISSUER": url, "OKTA_CLIENT_ID": "0oalocalspa", **variables}.items():
        monkeypatch.setenv(name, value)
