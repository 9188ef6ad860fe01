"""How the process starts, and what stops the start."""

import os
import re
import runpy
import subprocess
import time
from pathlib import Path

import pytest
from fastapi_okta_auth import SettingsError
from local_okta.keys import KeyRing
from local_okta.state import LocalOkta
from okta_support.key_server import key_server

from backend.server.settings import ServerSettings, available_cpus
from tests.support.pages import ROOT
from tests.support.service import running, start
from tests.support.terminal import REAL_ORG


def test_each_worker_fetches_the_keys_once(local_okta_server: LocalOkta) -> None:
    """Three workers fetch the keys three times."""
    with (
        key_server(KeyRing()) as keys,
        running(local_okta_server, WEB_CONCURRENCY="3", OKTA_JWKS_URI=keys.url) as service,
    ):
        assert [service.status("/readyz") for _ in range(30)] == [200] * 30
        time.sleep(1)
        assert keys.fetches == 3


def test_invalid_settings_stop_the_start() -> None:
    """Invalid settings end the start with status 78 and one line per fault, before a worker starts."""
    process = start(OKTA_ISSUER="https://dev-1-admin.okta.com/oauth2/default", CORS_ORIGINS="*")
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 78
    assert [line.split(":")[0] for line in errors.splitlines()] == ["OKTA_ISSUER", "CORS_ORIGINS"]


@pytest.mark.parametrize("module", ["gunicorn", "backend.server"])
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DRAIN_SECONDS", "soon"),
        ("DRAIN_SECONDS", "10000"),
        ("DRAIN_SECONDS", ""),
        ("FORWARDED_ALLOW_IPS", "*"),
        ("FORWARDED_ALLOW_IPS", "10.0.0.0/8,0.0.0.0/0"),
        ("FORWARDED_ALLOW_IPS", "::/0"),
        ("FORWARDED_ALLOW_IPS", ""),
        ("WEB_CONCURRENCY", "0"),
        ("WEB_CONCURRENCY", "10000"),
    ],
)
def test_invalid_server_settings_stop_the_start(module: str, variable: str, value: str) -> None:
    """Invalid settings of the server end its start with status 78 and one line."""
    assert_rejected(start(module=module, **{variable: value}), variable)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("WEB_CONCURRENCY", ""),
        ("WEB_CONCURRENCY", "auto"),
        ("WEB_CONCURRENCY", '"2"'),
        ("WEB_CONCURRENCY", "-1"),
        ("WEB_CONCURRENCY", "1.5"),
        ("FORWARDED_ALLOW_IPS", "10.0.0.1/8"),
        ("FORWARDED_ALLOW_IPS", "proxy.example.com"),
    ],
)
def test_values_that_gunicorn_cannot_parse_stop_the_start(variable: str, value: str) -> None:
    """`python -m backend.server` checks what gunicorn parses before its configuration file."""
    assert_rejected(start(module="backend.server", **{variable: value}), variable)


def assert_rejected(process: subprocess.Popen[str], variable: str) -> None:
    """Check that `process` ends with EX_CONFIG and one line about `variable`."""
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 78
    assert re.fullmatch(rf"{re.escape(variable)}: .+\n", errors)


def test_server_settings_are_read_from_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.env` counts for the server as it does for the API; the environment wins."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("fastapi_okta_auth.settings.environment.ENV_FILE", ".env")
    (tmp_path / ".env").write_text("WEB_CONCURRENCY=3\nDRAIN_SECONDS=7\n")
    monkeypatch.setenv("DRAIN_SECONDS", "8")
    settings = ServerSettings.load()
    assert (settings.web_concurrency, settings.drain_seconds) == (3, 8)


def test_env_file_that_is_not_utf_8_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `.env` in Latin-1 gets one line."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("fastapi_okta_auth.settings.environment.ENV_FILE", ".env")
    (tmp_path / ".env").write_bytes("# Schlüssel\nDRAIN_SECONDS=7\n".encode("latin-1"))
    with pytest.raises(SettingsError, match=r"^\.env: is not UTF-8"):
        ServerSettings.load()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "100000 100000\n"}, 1),
        ({"cpu.max": "10000 100000\n"}, 1),
        ({"cpu.max": "110000 100000\n"}, 2),
        ({"cpu.max": "max 100000\n"}, 2),
        ({"cpu.max": "900000 100000\n"}, 2),
        ({"cpu/cpu.cfs_quota_us": "50000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 1),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 2),
        ({}, 2),
    ],
)
def test_one_worker_per_cpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], expected: int
) -> None:
    """The quota of the cgroup (version 2 or 1) limits the CPUs of the machine."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert available_cpus(tmp_path) == expected


def test_worker_count_without_cpu_affinity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without CPU affinity and cgroups, as on macOS, there is one worker per CPU of the machine."""
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert available_cpus(tmp_path) == 8


@pytest.mark.parametrize("writable", [True, False], ids=["writable", "missing or read-only"])
def test_heartbeats_work_without_shared_memory(monkeypatch: pytest.MonkeyPatch, writable: bool) -> None:  # noqa: FBT001 -- a parameter
    """The workers' heartbeat is in /dev/shm, else in the system's temporary folder."""
    for name, value in REAL_ORG.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "access", lambda *_: writable)
    conf = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    assert conf["worker_tmp_dir"] == ("/dev/shm" if writable else None)  # noqa: S108 -- gunicorn's advice


def test_gunicorn_serves_without_uvloop(local_okta_server: LocalOkta, tmp_path: Path) -> None:
    """The event loop of asyncio works as well, only slower."""
    (tmp_path / "uvloop.py").write_text("raise ImportError")
    with running(local_okta_server, PYTHONPATH=str(tmp_path), DRAIN_SECONDS="0") as service:
        assert service.status("/readyz") == 200
        service.process.terminate()
        assert service.end() == 0
        assert "Error" not in service.log
