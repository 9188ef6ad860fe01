"""The settings that stop the start. Add a test for each setting that you add."""

import re
from pathlib import Path

import pytest
from fastapi_okta_auth import SettingsError

import backend
from backend.settings import Settings

ROOT = Path(backend.__file__).parent.parent
FILES = [ROOT / ".env.example", *ROOT.glob("docker-compose.yml")]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """The variables that are required, and no `.env`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OKTA_ISSUER", "https://acme.okta.com/oauth2/default")
    monkeypatch.setenv("OKTA_CLIENT_ID", "0oa1")
    return monkeypatch


def test_missing_issuer_is_named(environment: pytest.MonkeyPatch) -> None:
    """The error names the variable."""
    environment.delenv("OKTA_ISSUER")
    with pytest.raises(SettingsError, match=r"^OKTA_ISSUER: missing"):
        Settings.load()


def test_every_origin_is_refused(environment: pytest.MonkeyPatch) -> None:
    """The origins of browser apps are named one by one."""
    environment.setenv("CORS_ORIGINS", "*")
    with pytest.raises(SettingsError, match=r"^CORS_ORIGINS: "):
        Settings.load()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_setting_is_in_the_file(file: Path) -> None:
    """`.env.example` explains each setting, and Compose passes only those on that its files name."""
    files = [file, *ROOT.glob("deploy/compose/*.yml")] if file.suffix == ".yml" else [file]
    named = re.findall(r"^[ #]*([A-Z_]+)[=:]", "\n".join(it.read_text() for it in files), re.MULTILINE)
    assert {*map(str.upper, Settings.model_fields)} - {*named} == set()
