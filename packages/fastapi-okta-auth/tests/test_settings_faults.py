"""Settings that once ended in a traceback, some with part of a password: each is one line now."""

import subprocess
import sys
from pathlib import Path

import fastapi_okta_auth
import pydantic
import pytest
from fastapi_okta_auth import OktaSettings, SettingsError

VALID = {"OKTA_ISSUER": "https://acme.okta.com/oauth2/default", "OKTA_CLIENT_ID": "0oa1"}
PASSWORD = "hunter2secret"
LOAD = """\
import sys
from fastapi_okta_auth import OktaSettings, SettingsError
try:
    OktaSettings.load()
except SettingsError as error:
    sys.exit(str(error))
"""


@pytest.fixture(autouse=True)
def valid_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run each test in an empty folder, with settings that are valid so far."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("fastapi_okta_auth.settings.environment.ENV_FILE", ".env")
    for name, value in VALID.items():
        monkeypatch.setenv(name, value)


def fault() -> str:
    """Return the only fault of the settings."""
    with pytest.raises(SettingsError) as error:
        OktaSettings.load()
    [line] = error.value.faults
    return line


@pytest.mark.parametrize(
    "address",
    [
        f":{PASSWORD}#x@localhost:6379", f":{PASSWORD}/x@localhost:6379", f":{PASSWORD}?x@localhost:6379",
        f":{PASSWORD}[@localhost:6379", f":{PASSWORD}@localhost:port", f":{PASSWORD}@localhost:99999",
        f":{PASSWORD}@a:6379,b:6379", f":{PASSWORD}@", f":{PASSWORD}@localhost/0?socket_timeout={PASSWORD}",
        f":{PASSWORD}@localhost/0?option={PASSWORD}", f":{PASSWORD}@localhost/0?ssl_cert_reqs=none",
        f":{PASSWORD}@localhost/0?protocol=9",
    ],
)  # fmt: skip
def test_replay_store_url_that_redis_cannot_parse(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """One line says what to encode, and never shows the password."""
    monkeypatch.setenv("DPOP_REPLAY_STORE", f"redis://{address}")
    line = fault()
    assert line.startswith("DPOP_REPLAY_STORE: must be like redis://")
    assert PASSWORD not in line


def test_encoded_password_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the line says to write works."""
    url = "redis://user:a%23%2F%3F%40b@localhost:6379/0"
    monkeypatch.setenv("DPOP_REPLAY_STORE", url)
    assert OktaSettings.load().dpop_replay_store.get_secret_value() == url


def test_replay_store_without_the_package_says_what_to_install(tmp_path: Path) -> None:
    """Without redis, the start says so in one line."""
    installed, packages = Path(pydantic.__file__).parents[1], tmp_path / "packages"
    packages.mkdir()
    for entry in installed.iterdir():
        if not entry.name.startswith("redis"):
            (packages / entry.name).symlink_to(entry)
    path = f"{packages}:{Path(fastapi_okta_auth.__file__).parents[1]}"
    environment = {**VALID, "PYTHONPATH": path, "DPOP_REPLAY_STORE": f"redis://:{PASSWORD}@localhost"}
    command = [sys.executable, "-S", "-c", LOAD]  # -S: without the site-packages that have redis
    ended = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in ended.stderr
    assert ended.stderr.startswith("DPOP_REPLAY_STORE: requires the package redis; pip install ")
    assert PASSWORD not in ended.stderr


def test_folder_named_env(tmp_path: Path) -> None:
    """A `.env` that is a folder ends the start: its owner expects settings from it."""
    (tmp_path / ".env").mkdir()
    assert fault() == ".env: is a folder; remove it, or move it away"


def test_env_that_links_to_nothing(tmp_path: Path) -> None:
    """A link to nothing ends the start, too."""
    (tmp_path / ".env").symlink_to(tmp_path / "elsewhere")
    assert fault() == ".env: links to a file that does not exist; remove the link or create the file"
