"""What the doctor finds, in an environment that a test sets up."""

import pytest
from anyio import run
from fastapi_okta_auth.doctor.__main__ import examine
from fastapi_okta_auth.doctor.report import Result

from okta_support.app import Settings

APP = "okta_support.main:app"
REAL = "https://acme.okta.com/oauth2/default"


def diagnose(
    token: str | None = None, route: str | None = None, proof: tuple[str, str] | None = None
) -> list[Result]:
    """Return what the doctor finds."""
    return run(examine, token, route, proof, APP, Settings)


def set_up(monkeypatch: pytest.MonkeyPatch, url: str, **variables: str) -> None:
    """Set the variables for the issuer at `url`."""
    for name, value in {"OKTA_ISSUER": url, "OKTA_CLIENT_ID": "0oalocalspa", **variables}.items():
        monkeypatch.setenv(name, value)
