"""`make run` and `make token`, as the README describes them, on free ports."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from okta_support.token_watch import TokenWatch

from backend.settings import Settings
from dev.app import app_variables, runs_vite, start_app
from dev.processes import in_use
from tests.support.pages import ROOT, sessions
from tests.support.processes import environment
from tests.support.terminal import READY, REAL_ORG, Terminal, make, shell

NODE_MODULES = ROOT / "frontend" / "node_modules" / ".package-lock.json"
without_app = pytest.mark.usefixtures("old_node")
with_app = pytest.mark.skipif(
    not NODE_MODULES.exists(), reason="frontend/node_modules is not set up: make frontend"
)
Ports = dict[str, str]


def used(ports: Ports, *names: str) -> list[bool]:
    """Return whether something listens on each of the named ports, or on each port."""
    return [in_use(int(ports[name])) for name in names or ports]


@without_app
def test_printed_curl_works_and_ctrl_c_stops_everything(
    checkout: Path, ports: Ports, token_watch: TokenWatch
) -> None:
    """The printed command gets a greeting, without its token a 401, and Ctrl-C frees the ports."""
    with Terminal(checkout, **ports) as terminal:
        terminal.wait_for(READY)
        printed = re.search(r"curl .*", terminal.output)
        assert printed is not None
        curl = printed[0].strip()
        token_watch.tokens.update(re.findall(r"Bearer ([\w.-]+)", curl))
        assert shell(curl) == '{"message":"Hello, Ada"}'
        refused = shell(re.sub(r'-H "Authorization.*?" ', "-i ", curl))
        assert refused.startswith("HTTP/1.1 401")
        assert 'www-authenticate: Bearer realm="api"' in refused
        assert '{"error":"Unauthorized Access","code":"no_credentials","checks":[' in refused
        preflight = shell(
            f"curl -si -X OPTIONS http://localhost:{ports['API_PORT']}/hello/Ada"
            f" -H 'Origin: http://localhost:{ports['APP_PORT']}'"
            " -H 'Access-Control-Request-Method: GET' -H 'Access-Control-Request-Headers: authorization'"
        )
        assert preflight.startswith("HTTP/1.1 200")
        shown = len(terminal.output)
        terminal.press_ctrl_c()
        assert not re.search("Traceback|make:", terminal.output[shown:])
        assert not any(used(ports))


@without_app
@pytest.mark.slow
@pytest.mark.timeout(240)
def test_console_blocks_of_the_docs(checkout: Path, ports: Ports) -> None:
    """Every command in a console block prints what the page shows; `...` stands for any lines."""
    moved = {"8000": ports["API_PORT"], "9000": ports["OKTA_PORT"], "3000": ports["APP_PORT"]}

    issuer = f"http://localhost:{ports['OKTA_PORT']}/oauth2/default"

    def move(text: str) -> str:
        text = re.sub(r"(?<=localhost:)(8000|9000|3000)", lambda port: moved[port[0]], text)
        return text.replace("make token", f"OKTA_ISSUER={issuer} make token")

    with Terminal(checkout, **ports) as terminal:
        terminal.wait_for(READY)
        for command, output in sessions():
            done = subprocess.run(
                move(command), shell=True, cwd=checkout, env=environment(**ports), capture_output=True,
                text=True, check=True,
            )  # fmt: skip
            pattern = re.escape(move(output.strip())).replace(r"\.\.\.", ".*")
            printed = done.stdout.replace("\r\n", "\n").strip()
            assert re.fullmatch(pattern, printed, re.DOTALL), f"{command}\n{printed}"


@without_app
@pytest.mark.slow
def test_make_token_prints_the_token_alone(checkout: Path, ports: Ports, token_watch: TokenWatch) -> None:
    """`make token` prints the token of the requested person, and nothing else."""
    with Terminal(checkout, **ports) as terminal:
        terminal.wait_for(READY)
        arguments = "ARGS='--user grace@example.com --scope \"openid reports:read\"'"
        token = shell(make(checkout, "token", arguments), OKTA_PORT=ports["OKTA_PORT"])
        assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", token)
        token_watch.tokens.add(token.strip())
        me = shell(
            f"curl -s -H 'Authorization: Bearer {token.strip()}' http://localhost:{ports['API_PORT']}/me"
        )
        assert '"subject":"grace@example.com"' in me
        assert '"scopes":["openid","reports:read"]' in me


@without_app
@pytest.mark.slow
def test_change_in_backend_restarts_the_api(checkout: Path, ports: Ports) -> None:
    """An edited route is served without a manual restart."""
    route = checkout / "backend/routes/health.py"
    before = route.read_text()
    with Terminal(checkout, **ports) as terminal:
        terminal.wait_for(READY)
        try:
            route.write_text(before.replace('"alive"', '"changed"'))
            deadline = time.monotonic() + 30
            while "changed" not in shell(f"curl -s http://localhost:{ports['API_PORT']}/healthz || true"):
                assert time.monotonic() < deadline, terminal.output
                time.sleep(0.2)
        finally:
            route.write_text(before)


@without_app
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_leaves_no_process_behind(checkout: Path, ports: Ports, number: signal.Signals) -> None:
    """SIGTERM and a hang-up stop the servers too."""
    with subprocess.Popen(
        [sys.executable, "-m", "dev.run"],
        cwd=checkout, env=environment(**ports), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        start_new_session=True, text=True,
    ) as run:  # fmt: skip
        assert run.stdout is not None
        for line in run.stdout:
            if READY in line:
                break
        run.send_signal(number)
        assert run.wait(15) == 0
    assert not any(used(ports))


@without_app
@pytest.mark.slow
def test_with_an_org_there_is_no_local_okta(checkout: Path, ports: Ports) -> None:
    """With the issuer of an Okta org the API starts with it, and the screen says how to work without it."""
    with Terminal(checkout, **REAL_ORG, **ports) as terminal:
        terminal.wait_for("not served")
        assert (
            f"Okta org    {REAL_ORG['OKTA_ISSUER']}   (without it: make run LOCAL_OKTA=1)" in terminal.output
        )
        assert used(ports, "API_PORT", "OKTA_PORT") == [True, False]
        ready = shell(f"curl -s http://localhost:{ports['API_PORT']}/readyz")
        assert ready == '{"status":"no signing keys"}'


ORG_FILE = """\
OKTA_ISSUER=https://acme.okta.com/oauth2/aus1
OKTA_CLIENT_ID=0oa1
OKTA_AUDIENCE=api://acme
OKTA_JWKS_URI=https://acme.okta.com/keys
UNIVERSAL_LOGOUT_ISSUER=https://acme.okta.com
INTROSPECTION_CLIENT_ID=0oa2
INTROSPECTION_CLIENT_SECRET=acme-secret
RESOURCE_URL=https://api.acme.com
CORS_ORIGINS=https://app.acme.com
DPOP=required
DATABASE_URL=postgresql+psycopg://api@db.acme.com/api
"""


def settings_of_make_run(folder: Path, checkout: Path, **variables: str) -> dict[str, object]:
    """Return the settings with which `make run` starts the API in `folder`."""
    code = "import json; from dev.local import configure; from backend.settings import Settings;"
    code += "configure(); print(json.dumps(Settings.load().model_dump(mode='json')))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder, env=environment(PYTHONPATH=str(checkout), LOG_FORMAT="json", **variables),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout))


def test_local_okta_replaces_the_org_in_env_file(checkout: Path, tmp_path: Path) -> None:
    """With LOCAL_OKTA=1 no value of the org in `.env` counts; what is in the environment does."""
    local = settings_of_make_run(tmp_path, checkout)
    (tmp_path / ".env").write_text(ORG_FILE)
    assert settings_of_make_run(tmp_path, checkout)["okta_issuer"] == ["https://acme.okta.com/oauth2/aus1"]
    assert settings_of_make_run(tmp_path, checkout, LOCAL_OKTA="1") == local
    assert settings_of_make_run(tmp_path, checkout, LOCAL_OKTA="1", DPOP="off") == {**local, "dpop": "off"}


def test_without_the_app_nothing_is_said_of_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A service that was generated without the app needs no Node."""
    monkeypatch.setattr("dev.app.FOLDER", tmp_path / "frontend")
    start_app([], 3000, {})
    assert capsys.readouterr().out == ""


def test_app_has_the_settings_of_the_api(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The app signs in at the API's first issuer, as its first client; for an org, `.env.local` wins."""
    monkeypatch.setattr("dev.app.FOLDER", tmp_path)
    settings = Settings(okta_issuer="https://acme.okta.com/oauth2/aus1", okta_client_id="0oa1,0oa2")
    (tmp_path / ".env.local").write_text("VITE_OKTA_CLIENT_ID=0oa3\n")
    org = app_variables(settings, "http://localhost:8000", local=False)
    assert org == {
        "VITE_OKTA_ISSUER": "https://acme.okta.com/oauth2/aus1",
        "VITE_API_URL": "http://localhost:8000",
        "VITE_DPOP": "false",
    }
    assert app_variables(settings, "http://localhost:8000", local=True) == org | {
        "VITE_OKTA_CLIENT_ID": "0oa1"
    }


@without_app
@pytest.mark.slow
def test_proxy_variables_do_not_disturb(checkout: Path, ports: Ports) -> None:
    """With HTTP_PROXY set, everything on this machine is called directly."""
    dead = "http://127.0.0.1:9"
    with Terminal(checkout, HTTP_PROXY=dead, http_proxy=dead, HTTPS_PROXY=dead, **ports) as terminal:
        terminal.wait_for(READY)


@pytest.mark.parametrize(
    ("version", "runs"),
    [
        ("20.20.2", False),
        ("22.17.1", False),
        ("22.18.0", True),
        ("24.1.0", True),
    ],
)
def test_node_versions_are_those_of_the_app(version: str, runs: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    """The app's package.json requires Node 22.18."""
    assert runs_vite(f"v{version}") is runs


@without_app
@pytest.mark.slow
def test_old_node_is_one_line(checkout: Path, ports: Ports) -> None:
    """If Node is missing or too old, one line says so, and the API is still served."""
    with Terminal(checkout, **ports) as terminal:
        terminal.wait_for("not served")
        line = next(line for line in terminal.output.splitlines() if "not served" in line)
        assert line.strip() == (
            "App         not served: it needs Node 22.18 or newer, and this is v18.19.0: see"
            " https://nodejs.org/download, or run nvm install 22; then start make run again"
        )
        assert used(ports) == [True, True, False]


@with_app
@pytest.mark.slow
def test_app_is_served_on_its_port(checkout: Path, ports: Ports) -> None:
    """With Node the app is served too, sends DPoP tokens if the API requires them, and stops with the rest."""
    app = f"http://localhost:{ports['APP_PORT']}"
    with Terminal(checkout, DPOP="required", **ports) as terminal:
        terminal.wait_for(f"App         {app}")
        assert "<title>FastAPI with Okta</title>" in shell(f"curl -s {app}/")
        assert '"VITE_DPOP": "true"' in shell(f"curl -s {app}/src/main.tsx")
        terminal.press_ctrl_c()
        assert not any(used(ports))


@with_app
@pytest.mark.slow
@pytest.mark.usefixtures("wrapped_node")
def test_wrapper_around_node_is_stopped_too(checkout: Path, ports: Ports) -> None:
    """If `node` only starts the real one, Ctrl-C stops both."""
    with Terminal(checkout, **ports) as terminal:
        terminal.wait_for(f"App         http://localhost:{ports['APP_PORT']}")
        terminal.press_ctrl_c()
        assert not any(used(ports, "APP_PORT"))


@pytest.mark.parametrize("names", [["API_PORT"], ["OKTA_PORT"], ["API_PORT", "OKTA_PORT"]])
def test_each_port_in_use_is_one_line(checkout: Path, ports: Ports, names: list[str]) -> None:
    """The line names the port and the variable that changes it."""
    with ExitStack() as stack:
        for name in names:
            stack.enter_context(socket.create_server(("127.0.0.1", int(ports[name]))))
        terminal = stack.enter_context(Terminal(checkout, **ports))
        assert terminal.exit_status() == 2
    *lines, last = terminal.output.splitlines()
    assert lines == [
        f"port {ports[name]} is in use: stop what listens there, or set {name}" for name in names
    ]
    assert last.startswith("make: *** ")


WITHOUT_ISSUER = "is set without OKTA_ISSUER; set both for your Okta org, or none for the local Okta"


@pytest.mark.parametrize(
    ("variables", "lines"),
    [
        ({**REAL_ORG, "OKTA_ISSUER": "https://acme-admin.okta.com"}, ["OKTA_ISSUER: is the admin console's domain; write https://acme.okta.com/oauth2/default"]),
        ({"OKTA_CLIENT_ID": "0oa1"}, [f"OKTA_CLIENT_ID: {WITHOUT_ISSUER}"]),
        ({"OKTA_AUDIENCE": "api://mine"}, [f"OKTA_AUDIENCE: {WITHOUT_ISSUER}"]),
        ({"OKTA_ISUER": "https://acme.okta.com/oauth2/default"}, ["OKTA_ISUER is set and nothing reads it; did you mean OKTA_ISSUER?"]),
        ({"API_PORT": "http", "APP_PORT": "70000"}, ["API_PORT: must be a number from 1 to 65535", "APP_PORT: must be a number from 1 to 65535"]),
    ],
    ids=["admin domain", "client id alone", "audience alone", "misspelled issuer", "ports"],
)  # fmt: skip
def test_invalid_settings_are_one_line_each(checkout: Path, variables: Ports, lines: list[str]) -> None:
    """`make run` prints the faults and does not start a local Okta in place of an org."""
    with Terminal(checkout, **variables) as terminal:
        assert terminal.exit_status() == 2
    *faults, last = terminal.output.splitlines()
    assert faults == lines
    assert re.fullmatch(r"make: \*\*\* \[Makefile:\d+: run\] Error 78", last)


def test_lower_case_names_in_env_file_count(checkout: Path, tmp_path: Path) -> None:
    """`make run` reads `.env` as the API does."""
    (tmp_path / ".env").write_bytes("okta_client_id=0oa1\n# Müller\n".encode("latin-1"))
    run = [sys.executable, "-m", "dev.run"]
    variables = environment(PYTHONPATH=str(checkout))
    done = subprocess.run(run, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (78, ".env: is not UTF-8 text; save it as UTF-8\n")
    (tmp_path / ".env").write_text("okta_client_id=0oa1\n")
    done = subprocess.run(run, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (78, f"OKTA_CLIENT_ID: {WITHOUT_ISSUER}\n")


def test_file_of_the_local_okta_counts(checkout: Path, tmp_path: Path) -> None:
    """`make run` accepts the clients of `local-okta.toml`, and prints its faults."""
    (tmp_path / "local-okta.toml").write_text('[[clients]]\nclient_id = "0oabatch"\nsecret = "x"\n')
    code = "import os; from dev.local import configure; configure(); print(os.environ['OKTA_CLIENT_ID'])"
    variables = environment(PYTHONPATH=str(checkout))
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=True)
    assert done.stdout == "0oalocalspa,0oalocalservice,0oalocalagent,0oalocalapi,0oabatch\n"
    (tmp_path / "local-okta.toml").write_text("scopes = 1\n")
    command = [sys.executable, "-m", "dev.run"]
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
    line = 'local-okta.toml: scopes: is not valid: write scopes = ["figures:read"]\n'
    assert (done.returncode, done.stderr) == (78, line)
