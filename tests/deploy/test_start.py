"""How the process starts, and how it does not."""

import os
import re
import runpy
import time
from pathlib import Path

import pytest

from local_okta.keys import KeyRing
from local_okta.state import LocalOkta
from tests.support.key_server import key_server
from tests.support.pages import ROOT
from tests.support.service import running, start


def test_key_fetches(okta_server: LocalOkta) -> None:
    """Three workers fetch the keys three times at start, and no more."""
    with (
        key_server(KeyRing()) as keys,
        running(okta_server, WEB_CONCURRENCY="3", OKTA_JWKS_URI=keys.url) as service,
    ):
        assert [service.status("/readyz") for _ in range(30)] == [200] * 30
        time.sleep(1)
        assert keys.fetches == 3


def test_wrong_settings() -> None:
    """Wrong settings end the start with status 78 and one line a fault, before a worker starts."""
    process = start(OKTA_ISSUER="https://dev-1-admin.okta.com/oauth2/default", CORS_ORIGINS="*")
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 78
    assert [line.split(":")[0] for line in errors.splitlines()] == ["OKTA_ISSUER", "CORS_ORIGINS"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DRAIN_SECONDS", "soon"),
        ("DRAIN_SECONDS", "10000"),
        ("FORWARDED_ALLOW_IPS", "*"),
        ("FORWARDED_ALLOW_IPS", "10.0.0.0/8,0.0.0.0/0"),
        ("FORWARDED_ALLOW_IPS", "::/0"),
    ],
)
def test_wrong_server_settings(variable: str, value: str) -> None:
    """Wrong settings of the server end its start in the same way."""
    process = start(**{variable: value})
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 78
    assert re.fullmatch(rf"{variable}: .+\n", errors)


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
def test_cpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], expected: int) -> None:
    """There are as many workers as CPUs: of the cgroup (version 2 or 1), or of the machine."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert runpy.run_path(str(ROOT / "gunicorn.conf.py"))["cpus"](tmp_path) == expected
