"""Every server writes the same log, and a log that cannot be written fails no request."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from tests.support.api import bearer, free_address, wait_until_ready
from tests.support.processes import Output, environment, project_folder
from tests.support.service import wait_for

pytestmark = [pytest.mark.long, pytest.mark.slow]

BIN = Path(sys.executable).parent
SERVERS = {
    "uvicorn": ["uvicorn", "backend.main:app", "--host", "{host}", "--port", "{port}"],
    "fastapi run": ["fastapi", "run", "--host", "{host}", "--port", "{port}"],
    "gunicorn": ["gunicorn", "--bind", "{host}:{port}"],
}


def start(
    okta: LocalOkta, command: list[str], address: str, stderr: int | None = subprocess.PIPE
) -> subprocess.Popen[str]:
    """Start a server of the API at `address`."""
    host, _, port = address.partition(":")
    program, *arguments = (word.format(host=host, port=port) for word in command)
    settings = environment(OKTA_ISSUER=okta.issuer, OKTA_CLIENT_ID="0oalocalspa", DRAIN_SECONDS="0")
    return subprocess.Popen(
        [BIN / program, *arguments],
        cwd=project_folder(), env=settings, stdout=subprocess.DEVNULL, stderr=stderr, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("command", SERVERS.values(), ids=SERVERS)
def test_server_writes_json_lines_with_the_same_fields(
    local_okta: LocalOkta, okta_token: OktaToken, command: list[str]
) -> None:
    """Once the application is loaded, every line is an object; each request has one, refused or not."""
    address = free_address()
    with start(local_okta, command, address) as server:
        output = Output(server.stderr)
        try:
            wait_until_ready(f"http://{address}")
            httpx.get(f"http://{address}/hello/Ada", headers=bearer(okta_token()))
            httpx.get(f"http://{address}/hello/Ada")
            wait_for(lambda: output.text.count("/hello/Ada' ") == 2, 5)
        finally:
            server.terminate()
            server.wait(30)
            output.wait_for_end()
    lines = [json.loads(line) for line in output.text.splitlines()]
    assert {"signing keys fetched", "Application startup complete."} <= {
        line["event"].partition(" from ")[0] for line in lines
    }
    accepted, refused = (line for line in lines if line.get("path") == "/hello/Ada")
    always = {
        "timestamp", "level", "logger", "event", "request_id", "method", "path", "status", "duration_ms",
        "client_address",
    }  # fmt: skip
    assert set(accepted) == always | {"route", "kid", "client", "user_id"}
    assert set(refused) == always | {"code"}
    assert all({"timestamp", "level", "logger", "event"} <= line.keys() for line in lines)


@pytest.mark.parametrize("command", SERVERS.values(), ids=SERVERS)
def test_full_disk_fails_no_request(local_okta: LocalOkta, okta_token: OktaToken, command: list[str]) -> None:
    """Where no line can be written, requests go on, and an exception is still a 500."""
    address = free_address()
    with open("/dev/full", "wb", buffering=0) as full:  # noqa: PTH123 - every write to it fails with ENOSPC
        server = start(local_okta, command, address, full.fileno())
    with server, httpx.Client(base_url=f"http://{address}") as client:
        try:
            wait_until_ready(f"http://{address}")
            valid, expired = bearer(okta_token()), bearer(okta_token(exp=1))
            assert [client.get("/hello/Ada", headers=valid).status_code for _ in range(100)] == [200] * 100
            assert [client.get("/hello/Ada", headers=expired).status_code for _ in range(100)] == [401] * 100
        finally:
            server.terminate()
