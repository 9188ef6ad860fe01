"""Settings: what is accepted, and what each fault says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from backend.settings import Settings, SettingsError
from tests.support.pages import ROOT

GOOD = {"OKTA_ISSUER": "https://dev-1.okta.com/oauth2/default", "OKTA_CLIENT_ID": "0oa1"}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours, and a folder without `.env`."""
    for field in Settings.model_fields:
        monkeypatch.delenv(field.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    """Settings from GOOD and `variables`."""
    for name, value in {**GOOD, **variables}.items():
        monkeypatch.setenv(name, value)
    return Settings.load()


def faults(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[str]:
    """What is wrong with `variables`, in lines."""
    with pytest.raises(SettingsError) as error:
        load(monkeypatch, **variables)
    return error.value.faults


def test_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Issuer and client id are enough; the rest has the contract's defaults."""
    settings = load(monkeypatch)
    assert settings.okta_client_id == ("0oa1",)
    assert settings.okta_audience == ("api://default",)
    assert settings.jwks_uris == {
        "https://dev-1.okta.com/oauth2/default": "https://dev-1.okta.com/oauth2/default/v1/keys"
    }
    assert settings.okta_leeway == 60
    assert settings.cors_origins == ("http://localhost:3000",)
    assert settings.docs_enabled
    assert (settings.log_level, settings.log_format) == ("INFO", "text")


@pytest.mark.parametrize(
    "variables",
    [
        {"OKTA_ISSUER": "http://localhost:9000/oauth2/default"},
        {"OKTA_ISSUER": "http://127.0.0.1:9000/oauth2/aus123"},
        {"OKTA_ISSUER": "http://[::1]:9000/oauth2/default"},
        {"OKTA_ISSUER": "http://okta.localhost:9000/oauth2/default", "OKTA_JWKS_URI": "http://okta:9000/k"},
        {"OKTA_ISSUER": "https://login.example.com/oauth2/aus1"},
        {"OKTA_JWKS_URI": "https://proxy.example.com/keys"},
        {"OKTA_CLIENT_ID": "a, b"},
        {"OKTA_LEEWAY": "0"},
        {"OKTA_LEEWAY": "300"},
        {"CORS_ORIGINS": ""},
        {"CORS_ORIGINS": "https://app.example.com, http://localhost:5173"},
        {"LOG_LEVEL": "debug", "LOG_FORMAT": "JSON", "DOCS_ENABLED": "no"},
        {"METRICS_ADDRESS": ""},
        {"METRICS_ADDRESS": "0.0.0.0:9100"},
        {"METRICS_ADDRESS": "[::1]:9100"},
    ],
    ids=str,
)
def test_accepted(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    """What people rightly write is accepted."""
    load(monkeypatch, **variables)


@pytest.mark.parametrize(
    ("variable", "value", "fault"),
    [
        ("OKTA_ISSUER", "", "missing; put the issuer URI"),
        ("OKTA_ISSUER", "https://{yourOktaDomain}/oauth2/default", "a placeholder is left in"),
        (
            "OKTA_ISSUER",
            "https://dev-1-admin.okta.com",
            "take -admin out: https://dev-1.okta.com/oauth2/default",
        ),
        ("OKTA_ISSUER", "https://dev-1-admin.oktapreview.com/oauth2/default", "take -admin out"),
        ("OKTA_ISSUER", "https://dev-1.okta.com.com/oauth2/default", "ends in .com twice"),
        ("OKTA_ISSUER", "https://dev-1.okta.com", "is the org authorization server"),
        ("OKTA_ISSUER", "https://dev-1.okta.com/", "is the org authorization server"),
        ("OKTA_ISSUER", "https://dev-1.okta.com/oauth2", "is the org authorization server"),
        ("OKTA_ISSUER", "https://dev-1.okta.com/oauth2/default/", "ends in a slash"),
        ("OKTA_ISSUER", "http://dev-1.okta.com/oauth2/default", "is plain http; write https://"),
        ("OKTA_ISSUER", "http://localhost.example.com/oauth2/default", "is plain http"),
        ("OKTA_ISSUER", "http://10.0.0.1/oauth2/default", "is plain http"),
        ("OKTA_ISSUER", "dev-1.okta.com/oauth2/default", "is not an http(s) URL"),
        ("OKTA_ISSUER", "https://dev 1.okta.com/oauth2/default", "is not an http(s) URL"),
        ("OKTA_ISSUER", "https://dev-1.okta.com:99999/oauth2/default", "is not an http(s) URL"),
        ("OKTA_ISSUER", "https://u:p@dev-1.okta.com/oauth2/default", "has a user, a query or a fragment"),
        ("OKTA_ISSUER", "https://dev-1.okta.com/oauth2/default?x", "has a user, a query or a fragment"),
        ("OKTA_CLIENT_ID", "", "missing; put the client id"),
        ("OKTA_CLIENT_ID", "{clientId}", "a placeholder is left in"),
        ("OKTA_CLIENT_ID", "a,,b", "holds an empty item"),
        ("OKTA_CLIENT_ID", "a b", "holds an empty item or a space"),
        ("OKTA_AUDIENCE", " ", "is empty"),
        ("OKTA_JWKS_URI", "http://dev-1.okta.com/keys", "is plain http, so anyone on the way"),
        ("OKTA_JWKS_URI", "http://localhost:9000/keys", "is plain http, so anyone on the way"),
        ("OKTA_JWKS_URI", "file:///keys", "is not an http(s) URL"),
        ("OKTA_LEEWAY", "-1", "must be whole seconds from 0 to 300"),
        ("OKTA_LEEWAY", "301", "must be whole seconds from 0 to 300"),
        ("OKTA_LEEWAY", "1.5", "must be whole seconds from 0 to 300"),
        ("OKTA_LEEWAY", "60.0", "must be whole seconds from 0 to 300"),
        ("OKTA_LEEWAY", "a minute", "must be whole seconds from 0 to 300"),
        ("OKTA_LEEWAY", "", "must be whole seconds from 0 to 300"),
        ("CORS_ORIGINS", "*", "* would let every site call this API"),
        ("CORS_ORIGINS", "http://localhost:3000,*", "* would let every site call this API"),
        ("CORS_ORIGINS", "https://*.example.com", "* would let every site call this API"),
        ("CORS_ORIGINS", "http://localhost:3000/app", "an origin has no path; write http://localhost:3000"),
        ("CORS_ORIGINS", "http://localhost:3000/", "an origin has no path; write http://localhost:3000"),
        ("CORS_ORIGINS", "localhost:3000", "is not an http(s) URL"),
        ("CORS_ORIGINS", "null", "is not an http(s) URL"),
        ("CORS_ORIGINS", "https://App.example.com", "as https://app.example.com"),
        ("CORS_ORIGINS", "https://app.example.com:443", "as https://app.example.com"),
        ("RESOURCE_URL", "http://api.example.com", "is plain http; write https://api.example.com"),
        ("RESOURCE_URL", "https://api.example.com/v1/", "ends in a slash; write https://api.example.com/v1"),
        ("RESOURCE_URL", "api.example.com", "is not an http(s) URL"),
        ("DOCS_ENABLED", "maybe", "must be true or false"),
        ("LOG_LEVEL", "loud", "must be one of 'DEBUG', 'INFO', 'WARNING', 'ERROR' or 'CRITICAL'"),
        ("LOG_FORMAT", "xml", "must be one of 'text' or 'json'"),
        ("METRICS_ADDRESS", "9100", "must be host:port, like 127.0.0.1:9100, or empty for no metrics"),
        ("METRICS_ADDRESS", ":9100", "must be host:port"),
        ("METRICS_ADDRESS", "127.0.0.1:0", "must be host:port"),
        ("METRICS_ADDRESS", "127.0.0.1:65536", "must be host:port"),
        ("METRICS_ADDRESS", "http://127.0.0.1:9100", "must be host:port"),
        ("METRICS_ADDRESS", "::1:9100", "must be host:port"),
    ],
)
def test_faults(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, fault: str) -> None:
    """Each wrong value is one line, which names the variable and says what to put there."""
    [line] = faults(monkeypatch, **{variable: value})
    assert line.startswith(f"{variable}: ")
    assert fault in line
    assert "\n" not in line


def test_all_faults_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """All faults are told together, one line each."""
    lines = faults(monkeypatch, OKTA_ISSUER="https://dev-1.okta.com", OKTA_LEEWAY="x", CORS_ORIGINS="*")
    assert [line.partition(":")[0] for line in lines] == ["OKTA_ISSUER", "OKTA_LEEWAY", "CORS_ORIGINS"]


def test_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Settings come from `.env` too, and the real environment wins."""
    (tmp_path / ".env").write_text(
        "OKTA_ISSUER=https://dev-1.okta.com/oauth2/default\nOKTA_CLIENT_ID=a\nOKTA_LEEWAY=5\nOTHER=x\n"
    )
    monkeypatch.setenv("OKTA_LEEWAY", "7")
    settings = Settings.load()
    assert (settings.okta_client_id, settings.okta_leeway) == (("a",), 7)


def test_env_example(tmp_path: Path) -> None:
    """.env.example names every variable with the default it has, and those without one commented out."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = [line for line in lines if re.match(r"#?[A-Z_]+=", line)]
    (tmp_path / ".env").write_text("\n".join(line.removeprefix("#") for line in named))
    settings = Settings.load()
    assert {line.removeprefix("#").partition("=")[0].lower() for line in named} == set(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        if field.is_required():
            assert any(line.startswith(f"#{name.upper()}=") for line in named), name
        else:
            assert getattr(settings, name) == field.default, name


@pytest.mark.parametrize("server", [["uvicorn", "--port", "0"], ["gunicorn", "--check-config"]])
def test_exit_status(tmp_path: Path, server: list[str]) -> None:
    """A server started with wrong settings prints the faults alone and ends with EX_CONFIG."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "OKTA_CLIENT_ID": "a"}
    command = [sys.executable, "-m", *server, "backend.main:app"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**environment, "OKTA_ISSUER": "https://dev-1-admin.okta.com"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 78
    assert done.stderr.splitlines() == [
        "OKTA_ISSUER: is the admin console's domain; take -admin out: https://dev-1.okta.com/oauth2/default"
    ]
