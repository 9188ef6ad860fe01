"""The command `local-okta`, also as `python -m local_okta`."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from local_okta.__main__ import main
from local_okta.state import LocalOkta
from local_okta_commands import assert_one_line_error, free_port, run


@contextmanager
def server(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the server as a process, and terminate it at the end of the block."""
    command = [sys.executable, "-m", "local_okta", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def wait_for(url: str) -> httpx.Response:
    """Wait for a URL to respond, and return the response."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return httpx.get(url)
        except httpx.ConnectError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_signals_stop_the_server_with_status_0(signum: signal.Signals) -> None:
    """SIGINT and SIGTERM exit with status 0; the issuer has the port; the log has a warning."""
    port = free_port()
    issuer = f"http://localhost:{port}/oauth2/default"
    with server("--port", str(port)) as process:
        assert wait_for(f"{issuer}/.well-known/openid-configuration").json()["issuer"] == issuer
        process.send_signal(signum)
        _, stderr = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "FOR DEVELOPMENT ONLY" in stderr
    assert issuer in stderr
    assert "Traceback" not in stderr


def test_issuer_option_sets_the_paths() -> None:
    """The issuer may differ from the address; its path is the path of the endpoints."""
    port = free_port()
    issuer = "http://okta.example:9000/oauth2/custom"
    with server("--port", str(port), "--issuer", issuer):
        response = wait_for(f"http://127.0.0.1:{port}/oauth2/custom/.well-known/openid-configuration")
    assert response.json()["issuer"] == issuer


def test_allow_host_option_adds_a_host() -> None:
    """A host given by --allow-host is accepted, any other one is not."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/oauth2/default/v1/keys"
    with server("--port", str(port), "--allow-host", "local-okta"):
        wait_for(url)
        assert httpx.get(url, headers={"Host": f"local-okta:{port}"}).status_code == 200
        assert httpx.get(url, headers={"Host": f"other:{port}"}).status_code == 400


def test_port_in_use_is_a_one_line_error(local_okta: LocalOkta) -> None:
    """A port in use is one line on standard error, with status 1."""
    port = local_okta.issuer.split(":")[2].split("/")[0]
    assert_one_line_error(run("--port", port), f"127.0.0.1:{port}", "in use")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port", "0"),
        ("--port", "65536"),
        ("--port", "many"),
        ("--issuer", "localhost:9000/oauth2/default"),
        ("--issuer", "http://localhost:9000/oauth2/default/"),
        ("--issuer", "http://localhost:9000"),
        ("--allow-host", "http://local-okta"),
        ("--allow-host", "local-okta:9000"),
        ("--allow-host", "*"),
    ],
)
def test_invalid_arguments_are_usage_errors(
    arguments: tuple[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An invalid port, issuer or host is a usage error."""
    monkeypatch.setattr(sys, "argv", ["local_okta", *arguments])
    with pytest.raises(SystemExit) as exit_status:
        main()
    assert exit_status.value.code == 2
    assert f"argument {arguments[0]}: must be" in capsys.readouterr().err


def test_server_listens_on_loopback_by_default() -> None:
    """By default the server does not listen on other addresses of the machine."""
    port = free_port()
    with server("--port", str(port)):
        wait_for(f"http://127.0.0.1:{port}/local")
        with socket.socket() as other, pytest.raises(OSError, match="refused"):
            other.connect(("127.0.0.2", port))
