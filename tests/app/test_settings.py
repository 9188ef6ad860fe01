"""The settings of the service: what is valid, and what the line about an invalid value says."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from dotenv import dotenv_values
from fastapi_okta_auth import SettingsError

from backend.settings import Settings
from tests.support.pages import ROOT

ISSUER = "https://acme.okta.com/oauth2/default"
VALID = {"OKTA_ISSUER": ISSUER, "OKTA_CLIENT_ID": "0oa1"}


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run each test in an empty folder, where it can write `.env`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("fastapi_okta_auth.settings.environment.ENV_FILE", ".env")


def load(monkeypatch: pytest.MonkeyPatch, **changes: str) -> Settings:
    """Load settings from VALID and `changes`."""
    for name, value in {**VALID, **changes}.items():
        monkeypatch.setenv(name, value)
    return Settings.load()


def faults(monkeypatch: pytest.MonkeyPatch, **changes: str) -> list[str]:
    """Return the lines about `changes`."""
    with pytest.raises(SettingsError) as error:
        load(monkeypatch, **changes)
    return error.value.faults


def test_issuer_and_client_id_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything else has a default."""
    settings = load(monkeypatch)
    assert settings.cors_origins == ("http://localhost:3000",)
    assert settings.docs_enabled
    assert (settings.log_level, settings.log_format) == ("INFO", "json")  # standard error is no terminal


@pytest.mark.parametrize(
    "changes",
    [
        {"CORS_ORIGINS": ""},
        {"CORS_ORIGINS": "https://app.example.com, http://localhost:5173"},
        {"CORS_ORIGINS": "http://[::1]:3000"},
        {"LOG_LEVEL": "debug", "LOG_FORMAT": "JSON", "DOCS_ENABLED": "no\r"},
    ],
    ids=str,
)
def test_valid_values(monkeypatch: pytest.MonkeyPatch, changes: dict[str, str]) -> None:
    """Valid values are accepted, in any case and with surrounding whitespace where that is safe."""
    load(monkeypatch, **changes)


@pytest.mark.parametrize(
    ("variable", "value", "fault"),
    [
        ("CORS_ORIGINS", "*", "* would let every site call this API"),
        ("CORS_ORIGINS", "http://localhost:3000,*", "* would let every site call this API"),
        ("CORS_ORIGINS", "https://*.example.com", "* would let every site call this API"),
        ("CORS_ORIGINS", "http://localhost:3000/app", "an origin has no path; write http://localhost:3000"),
        ("CORS_ORIGINS", "http://localhost:3000/", "an origin has no path; write http://localhost:3000"),
        ("CORS_ORIGINS", "localhost:3000", "is not an http(s) URL"),
        ("CORS_ORIGINS", "null", "is not an http(s) URL"),
        ("CORS_ORIGINS", "https://a.example;https://b.example", "a semicolon"),
        ("CORS_ORIGINS", "https://App.example.com", "as https://app.example.com"),
        ("CORS_ORIGINS", "https://app.example.com:443", "as https://app.example.com"),
        ("CORS_ORIGINS", "https://bücher.example", "as https://xn--bcher-kva.example"),
        ("DOCS_ENABLED", "maybe", "must be true or false"),
        ("LOG_LEVEL", "loud", "must be one of 'DEBUG', 'INFO', 'WARNING', 'ERROR' or 'CRITICAL'"),
        ("LOG_FORMAT", "xml", "must be one of 'text' or 'json'"),
    ],
)  # fmt: skip
def test_invalid_values(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, fault: str) -> None:
    """Each invalid value is one line that names the variable and says what to put there."""
    [line] = faults(monkeypatch, **{variable: value})
    assert line.startswith(f"{variable}: ")
    assert fault in line
    assert line.isprintable()


def test_env_example_has_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """.env.example names every variable with its default, or with an example where there is none."""
    monkeypatch.delenv("DATABASE_URL")  # the tests' own
    values = dict(re.findall(r"^#([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert {name.lower() for name in values} == set(Settings.model_fields)
    (tmp_path / ".env").write_text(
        "\n".join(f"{name}={value}" for name, value in {**values, **VALID}.items())
    )
    settings = Settings.load()
    for name, field in Settings.model_fields.items():
        if not field.is_required() and field.default_factory is None:
            assert getattr(settings, name) == field.default, name


def test_copied_env_example_changes_nothing(tmp_path: Path) -> None:
    """Every line is commented out: `make run` and Compose have defaults of their own, which a copy would replace."""
    shutil.copy(ROOT / ".env.example", tmp_path / ".env")
    assert dotenv_values(tmp_path / ".env") == {}


def test_example_values_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example's issuer and client id do not start the service."""
    example = (ROOT / ".env.example").read_text()
    values = dict(re.findall(r"^#(OKTA_\w+)=(.+)$", example, re.MULTILINE))
    lines = faults(monkeypatch, **values)
    assert [line.partition(";")[0] for line in lines] == [
        "OKTA_ISSUER: is the example value",
        "OKTA_CLIENT_ID: is the example value",
    ]


@pytest.mark.parametrize(
    "server", [["uvicorn", "--port", "0"], ["gunicorn", "--check-config"]], ids=lambda s: s[0]
)
@pytest.mark.parametrize(
    ("env_file", "line"),
    [
        (
            b"OKTA_ISSUER=https://acme-admin.okta.com",
            f"OKTA_ISSUER: is the admin console's domain; write {ISSUER}",
        ),
        (
            "OKTA_ISSUER=https://m\xfcller.example".encode("latin-1"),
            ".env: is not UTF-8 text; save it as UTF-8",
        ),
    ],
    ids=["wrong value", "not UTF-8"],
)
def test_server_exits_with_78_and_one_line(
    tmp_path: Path, server: list[str], env_file: bytes, line: str
) -> None:
    """A server with invalid settings prints only the faults and exits with EX_CONFIG."""
    (tmp_path / ".env").write_bytes(env_file)
    done = subprocess.run(
        [sys.executable, "-m", *server, "backend.main:app"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "OKTA_CLIENT_ID": "a"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 78
    assert done.stderr.splitlines() == [line]


def test_server_warns_about_a_misspelled_variable(tmp_path: Path) -> None:
    """The server logs a warning and starts."""
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--check-config", "backend.main:app"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **VALID, "OKTA_AUDIENCES": "x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    [line] = done.stderr.splitlines()
    record = json.loads(line)
    assert record["event"] == "OKTA_AUDIENCES is set and nothing reads it; did you mean OKTA_AUDIENCE?"
    assert record["level"] == "warning"


def test_variable_of_version_2_names_what_to_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """METRICS_ADDRESS is gone; where it is empty, as in the old example file, nothing is said."""
    monkeypatch.setenv("METRICS_ADDRESS", "")
    assert Settings.misspelled_variables() == []
    monkeypatch.setenv("METRICS_ADDRESS", "127.0.0.1:9100")
    [line] = Settings.misspelled_variables()
    assert line.startswith(
        "METRICS_ADDRESS is set and nothing reads it; send metrics over OTLP: set FASTAPI_OTEL"
    )
