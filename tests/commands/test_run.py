"""What the README says: make run, make token, curl, Ctrl-C. In one file, since all need the same ports."""

import re
import signal
import socket
import subprocess

import pytest

from dev.ports import in_use
from tests.support.pages import ROOT, sessions
from tests.support.processes import environment
from tests.support.terminal import PORTS, REAL_ORG, Terminal, shell
from tests.support.token_watch import TokenWatch

pytestmark = pytest.mark.long


APP_PORT = 3000
NODE_MODULES = ROOT / "frontend" / "node_modules" / ".package-lock.json"
without_app = pytest.mark.usefixtures("old_node")
with_app = pytest.mark.skipif(
    not NODE_MODULES.exists(), reason="frontend/node_modules is not set up: make frontend"
)


@without_app
def test_what_the_readme_says(token_watch: TokenWatch) -> None:
    """The printed curl works as printed, its variants are refused, and Ctrl-C ends all with status 0."""
    with Terminal() as terminal:
        terminal.wait_for("Ctrl-C ends it.")
        printed = re.search(r"curl .*", terminal.output)
        assert printed is not None
        curl = printed[0].strip()
        token_watch.tokens.update(re.findall(r"Bearer ([\w.-]+)", curl))
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
def test_token_alone(token_watch: TokenWatch) -> None:
    """Make token prints the token of the person asked for, and nothing else."""
    with Terminal() as terminal:
        terminal.wait_for("Ctrl-C ends it.")
        token = shell(
            f"make -sC {ROOT} token ARGS='--user grace@example.com --scope \"openid reports:read\"'"
        )
        assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", token)
        token_watch.tokens.add(token.strip())
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


@with_app
def test_app_is_served() -> None:
    """Where Node is, the app is served too, and ends with the rest."""
    with Terminal() as terminal:
        terminal.wait_for("App         http://localhost:3000")
        assert "<title>FastAPI with Okta</title>" in shell("curl -s http://localhost:3000/")
        assert terminal.press_ctrl_c() == 0
        assert not any(map(in_use, (*PORTS, APP_PORT)))


@with_app
@pytest.mark.usefixtures("wrapped_node")
def test_wrapped_node() -> None:
    """Where `node` only starts the real one, Ctrl-C ends that too."""
    with Terminal() as terminal:
        terminal.wait_for("App         http://localhost:3000")
        assert terminal.press_ctrl_c() == 0
        assert not in_use(APP_PORT)


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
