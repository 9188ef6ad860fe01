"""A folder without `.env`, and an environment that a test sets up."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio import run
from fastapi_okta_auth.doctor.__main__ import examine
from fastapi_okta_auth.doctor.report import Result

from backend.settings import Settings
from tests.support.broken_issuer import Issuer, issuer

REAL = "https://acme.okta.com/oauth2/default"


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run each test in an empty folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def broken() -> Iterator[Issuer]:
    """A valid issuer, until a test changes it."""
    with issuer() as state:
        yield state


def diagnose(
    token: str | None = None, route: str | None = None, proof: tuple[str, str] | None = None
) -> list[Result]:
    """Return what the doctor finds."""
    return run(examine, token, route, proof, "backend.main:app", Settings)


def set_up(monkeypatch: pytest.MonkeyPatch, url: str, **variables: str) -> None:
    """Set the variables for the issuer at `url`."""
    for name, value in {"OKTA_ISSUER": url, "OKTA_CLIENT_ID": "0oalocalspa", **variables}.items():
        monkeypatch.setenv(name, value)
