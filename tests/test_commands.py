"""What the README says: make run, make token, curl, Ctrl-C."""

import os
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from dev.ports import in_use
from tests.pages import ROOT, sessions

REAL_ORG = {"OKTA_ISSUER": "https://dev-1.okta.com/oauth2/default", "OKTA_CLIENT_ID": "0oa1"}
PORTS = (8000, 9000)
APP_PORT = 3000
NODE_MODULES = ROOT / "frontend" / "node_modules" / ".package-lock.json"


def environment(**variables: str) -> dict[str, str]:
    """A user's environment, without any setting of ours."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return {**kept, **variables}


@pytest.fixture
def old_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Node that is too old for the app, so that it is left out."""
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho v18.19.0\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


class Terminal:
    """`make run` in a terminal of its own."""

    def __init__(self, **variables: str) -> None:
        self.pid, self.screen = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            os.execvpe("make", ["make", "run"], environment(**variables))  # noqa: S606 - no shell is wanted
        self.output = ""
        self.status: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is None:
            self.press_ctrl_c()

    def wait_for(self, text: str, seconds: float = 30) -> None:
        """Read the screen until `text` stands on it."""
        deadline = time.monotonic() + seconds
        while text not in self.output:
            assert time.monotonic() < deadline, self.output
            if select.select([self.screen], [], [], 0.1)[0]:
                self.output += os.read(self.screen, 65536).decode()

    def press_ctrl_c(self) -> int:
        """Press Ctrl-C; return the exit status of make."""
        os.write(self.screen, b"\x03")
        return self.exit_status()

    def exit_status(self) -> int:
        """Read the screen to its end; return the exit status of make."""
        try:
            while chunk := os.read(self.screen, 65536):
                self.output += chunk.decode()
        except OSError:  # Linux says EIO where a terminal's other end is closed
            pass
        os.close(self.screen)
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status


without_app = pytest.mark.usefixtures("old_node")


@pytest.fixture(autouse=True)
def free_ports() -> None:
    """These tests use the ports of the README."""
    for port in PORTS:
        assert not in_use(port), f"port {port} is in use: end what listens there to run this test"


@pytest.fixture(autouse=True)
def no_env_file() -> Iterator[None]:
    """Put the developer's own `.env` aside."""
    mine, aside = ROOT / ".env", ROOT / ".env.aside"
    if mine.exists():
        shutil.move(mine, aside)
    yield
    if aside.exists():
        shutil.move(aside, mine)


def shell(command: str) -> str:
    """Run `command` in another terminal, somewhere else; return what it prints."""
    done = subprocess.run(
        command, shell=True, cwd="/", env=environment(), capture_output=True, text=True, check=True
    )
    return done.stdout


@without_app
def test_what_the_readme_says() -> None:
    """The printed curl works as printed, its variants are refused, and Ctrl-C ends all with status 0."""
    with Terminal() as terminal:
        terminal.wait_for("Ctrl-C ends it.")
        printed = re.search(r"curl .*", terminal.output)
        assert printed is not None
        curl = printed[0].strip()
        assert shell(curl) == '{"message":"Hello, Ada"}'
        without = shell(re.sub(r'-H "Authorization.*?" ', "-i ", curl))
        assert without.startswith("HTTP/1.1 401")
        assert 'www-authenticate: Bearer realm="api"' in without
        assert without.endswith('{"error":"Unauthorized Access"}')
        preflight = shell(
            "curl -si -X OPTIONS http://localhost:8000/hello/Ada -H 'Origin: http://localhost:3000'"
            " -H 'Access-Control-Request-Method: GET' -H 'Access-Control-Request-Headers: authorization'"
        )
        assert preflight.startswith("HTTP/1.1 200")
        assert "access-control-allow-origin: http://localhost:3000" in preflight
        assert terminal.press_ctrl_c() == 0
        assert "Traceback" not in terminal.output
        assert not any(map(in_use, PORTS))


@without_app
def test_console_blocks() -> None:
    """Every command in a console block prints what the page shows; `...` stands for any lines."""
    with Terminal() as terminal:
        terminal.wait_for("Ctrl-C ends it.")
        for command, output in sessions():
            done = subprocess.run(
                command, shell=True, cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
            )
            pattern = re.escape(output.strip()).replace(r"\.\.\.", ".*")
            printed = done.stdout.replace("\r\n", "\n").strip()
            assert re.fullmatch(pattern, printed, re.DOTALL), f"{command}\n{printed}"


@without_app
def test_token_alone() -> None:
    """Make token prints the token of the person asked for, and nothing else."""
    with Terminal() as terminal:
        terminal.wait_for("Ctrl-C ends it.")
        token = shell(
            f"make -sC {ROOT} token ARGS='--user grace@example.com --scope \"openid reports:read\"'"
        )
        assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", token)
        me = shell(f"curl -s -H 'Authorization: Bearer {token.strip()}' http://localhost:8000/me")
        assert '"subject":"grace@example.com"' in me
        assert '"scopes":["openid","reports:read"]' in me
        assert terminal.press_ctrl_c() == 0


@without_app
def test_termination() -> None:
    """SIGTERM, and a hang-up, leave no orphan."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        with subprocess.Popen(
            [ROOT / ".venv/bin/python", "-m", "dev.run"],
            cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True, text=True,
        ) as run:  # fmt: skip
            assert run.stdout is not None
            for line in run.stdout:
                if "Ctrl-C ends it." in line:
                    break
            run.send_signal(number)
            assert run.wait(15) == 0
        assert not any(map(in_use, PORTS))


def test_real_org() -> None:
    """With the issuer of a real org, the API runs alone and says so."""
    with Terminal(**REAL_ORG) as terminal:
        terminal.wait_for("Ctrl-C ends it.")
        assert "Only the API: the issuer is  https://dev-1.okta.com/oauth2/default" in terminal.output
        assert [in_use(port) for port in PORTS] == [True, False]
        assert shell("curl -s http://localhost:8000/readyz") == '{"status":"no signing keys"}'
        assert terminal.press_ctrl_c() == 0


@without_app
def test_node_too_old() -> None:
    """Where Node is missing or too old, one line says so, and the API is served all the same."""
    with Terminal() as terminal:
        terminal.wait_for("not served")
        line = next(line for line in terminal.output.splitlines() if "not served" in line)
        assert line.strip() == "App         not served: it needs Node 20.19 or newer, and this is v18.19.0"
        assert [in_use(port) for port in (*PORTS, APP_PORT)] == [True, True, False]
        assert terminal.press_ctrl_c() == 0


@pytest.mark.skipif(not NODE_MODULES.exists(), reason="frontend/node_modules is not set up: make frontend")
def test_app_is_served() -> None:
    """Where Node is, the app is served too, and ends with the rest."""
    with Terminal() as terminal:
        terminal.wait_for("App         http://localhost:3000")
        assert "<title>FastAPI with Okta</title>" in shell("curl -s http://localhost:3000/")
        assert terminal.press_ctrl_c() == 0
        assert not any(map(in_use, (*PORTS, APP_PORT)))


@pytest.mark.parametrize("port", PORTS)
def test_port_in_use(port: int) -> None:
    """A port in use is one line."""
    with socket.create_server(("127.0.0.1", port)), Terminal() as terminal:
        assert terminal.exit_status() == 2
    first, second = terminal.output.splitlines()
    assert first == f"port {port} is in use: end what listens there, then try again"
    assert second.startswith("make: *** ")


def test_wrong_setting() -> None:
    """A wrong setting is one line, and make names the exit status 78."""
    with Terminal(**{**REAL_ORG, "OKTA_ISSUER": "https://dev-1-admin.okta.com"}) as terminal:
        assert terminal.exit_status() == 2
        first, second = terminal.output.splitlines()
        assert first.startswith("OKTA_ISSUER: is the admin console's domain")
        assert re.fullmatch(r"make: \*\*\* \[Makefile:\d+: run\] Error 78", second)


@pytest.mark.parametrize(
    ("python", "fault"),
    [
        ("", "Python 3.11 or newer is needed"),
        ("{}/no-venv", "lacks the venv module"),
    ],
)
def test_setup_faults(tmp_path: Path, python: str, fault: str) -> None:
    """A wrong Python and a missing venv module are one line each."""
    for name in ("Makefile", "requirements.txt", "requirements-local-okta.txt"):
        shutil.copy(ROOT / name, tmp_path)
    without_venv = tmp_path / "no-venv"
    without_venv.write_text('#!/bin/sh\ncase "$2" in *venv*) exit 1;; esac\nexec python3 "$@"\n')
    without_venv.chmod(0o755)
    done = subprocess.run(
        ["make", "run", f"PYTHON={python.format(tmp_path)}"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    first, second = done.stderr.splitlines()
    assert fault in first
    assert second.startswith("make: *** ")


def test_help() -> None:
    """Plain make lists the commands of the README."""
    listed = set(re.findall(r"^  make (\S+)", shell(f"make -sC {ROOT}"), re.MULTILINE))
    assert {"setup", "run", "token", "test", "check"} <= listed
