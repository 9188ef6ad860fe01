"""What SIGHUP and SIGTTIN change in a running server: the settings, and the number of workers."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from tests.support.api import bearer
from tests.support.pages import ROOT
from tests.support.processes import environment
from tests.support.service import Service, wait_for

pytestmark = [pytest.mark.long, pytest.mark.slow]


@contextmanager
def configured(folder: Path, okta: LocalOkta, **settings: str) -> Iterator[Service]:
    """Run the application as shipped in `folder`, with `settings` in its `.env`."""
    for name in ("backend", "gunicorn.conf.py", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    defaults = {"OKTA_ISSUER": okta.issuer, "OKTA_CLIENT_ID": "0oalocalspa", "WEB_CONCURRENCY": "1"}
    write(folder, **{**defaults, **settings})
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0"],
        cwd=folder,
        env=environment(),
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    service = Service(process)
    try:
        wait_for(lambda: "signing keys fetched" in service.log)
        yield service
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        service.end()


def write(folder: Path, **settings: str) -> None:
    """Write `.env`; settings that are there already keep their values unless they are given."""
    file = folder / ".env"
    lines = file.read_text().splitlines() if file.exists() else []
    merged = dict(line.split("=", 1) for line in lines) | settings
    file.write_text("".join(f"{name}={value}\n" for name, value in merged.items()))


def reload(service: Service, workers: int) -> None:
    """Send SIGHUP, and wait until `workers` new workers have replaced the old ones."""
    before, fetched = service.workers(), service.log.count("signing keys fetched")
    service.process.send_signal(signal.SIGHUP)
    wait_for(lambda: len(service.workers()) == workers and not service.workers() & before)
    wait_for(lambda: service.log.count("signing keys fetched") >= fetched + workers)


def hello(service: Service, token: str) -> int:
    """Return the status of a request with `token`."""
    return httpx.get(f"{service.url}/hello/Ada", headers=bearer(token), trust_env=False).status_code


def test_reload_applies_every_setting(
    tmp_path: Path, local_okta_server: LocalOkta, okta_token: OktaToken
) -> None:
    """After SIGHUP a client that was removed is refused, and the log and the workers follow `.env` too."""
    with configured(tmp_path, local_okta_server, LOG_FORMAT="text") as service:
        assert hello(service, okta_token()) == 200
        write(tmp_path, OKTA_CLIENT_ID="0oanother", WEB_CONCURRENCY="2", LOG_FORMAT="json")
        reload(service, 2)
        assert [hello(service, okta_token()) for _ in range(10)] == [401] * 10
        assert hello(service, okta_token(cid="0oanother")) == 200
        wait_for(lambda: re.search(r"^\{.*/hello/Ada", service.log, re.MULTILINE) is not None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OKTA_ISSUER", "https://dev-1-admin.okta.com/oauth2/default"),
        ("DRAIN_SECONDS", "soon"),
        ("WEB_CONCURRENCY", "auto"),
    ],
)
def test_reload_with_invalid_settings_changes_nothing(
    tmp_path: Path, local_okta_server: LocalOkta, okta_token: OktaToken, name: str, value: str
) -> None:
    """One line says what is wrong; the service keeps its settings, and a later reload works."""
    with configured(tmp_path, local_okta_server) as service:
        valid = (tmp_path / ".env").read_text()
        write(tmp_path, **{name: value})
        reload(service, 1)
        assert f"the settings are invalid, so the previous ones stay in use: {name}" in service.log
        assert hello(service, okta_token()) == 200
        (tmp_path / ".env").write_text(valid)
        write(tmp_path, OKTA_CLIENT_ID="0oanother")
        reload(service, 1)
        assert hello(service, okta_token()) == 401


@pytest.mark.parametrize("signals", [["SIGTTIN"], ["SIGTTIN", "SIGTTIN", "SIGHUP"]], ids=" ".join)
def test_workers_that_would_share_no_proofs_are_not_added(
    tmp_path: Path, local_okta_server: LocalOkta, signals: list[str]
) -> None:
    """With used DPoP proofs in memory there is one worker, whoever asks for more."""
    with configured(tmp_path, local_okta_server, DPOP="allowed") as service:
        for name in signals:
            service.process.send_signal(signal.Signals[name])
            time.sleep(1)
        wait_for(lambda: "required for several workers" in service.log)
        wait_for(lambda: len(service.workers()) == 1)
        wait_for(lambda: service.status("/readyz") == 200)


def test_reload_that_turns_dpop_on_keeps_one_worker(tmp_path: Path, local_okta_server: LocalOkta) -> None:
    """A reload that needs a shared store and has none logs it and does not end the service."""
    with configured(tmp_path, local_okta_server, WEB_CONCURRENCY="2") as service:
        write(tmp_path, DPOP="allowed")
        reload(service, 1)
        wait_for(lambda: "required for several workers" in service.log)
        assert service.status("/readyz") == 200


def test_workers_are_added_otherwise(tmp_path: Path, local_okta_server: LocalOkta) -> None:
    """SIGTTIN adds a worker, and SIGTTOU removes one."""
    with configured(tmp_path, local_okta_server) as service:
        service.process.send_signal(signal.SIGTTIN)
        wait_for(lambda: len(service.workers()) == 2)
        service.process.send_signal(signal.SIGTTOU)
        wait_for(lambda: len(service.workers()) == 1)
        assert service.status("/readyz") == 200
