"""A public declaration that is not safe stops the start, under uvicorn and under gunicorn."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.api import free_address
from tests.support.pages import ROOT
from tests.support.processes import environment

pytestmark = pytest.mark.long

CATCH_ALL = '@{}.get("/{{rest:path}}")\nasync def rest(rest: str) -> str:\n    return rest\n'
PUBLIC = '@app.get("/late", openapi_extra={"security": []})\nasync def late() -> None: ...\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the service."""
    shutil.copytree(ROOT / "backend", tmp_path / "backend")
    shutil.copy(ROOT / "gunicorn.conf.py", tmp_path)
    return tmp_path


def start(folder: Path, server: str, app: str) -> tuple[int, str]:
    """Start `app`; return the exit status and standard error."""
    host, _, port = free_address().partition(":")
    listen = ["--bind", f"{host}:{port}"] if server == "gunicorn" else ["--host", host, "--port", port]
    settings = environment(
        OKTA_ISSUER="http://localhost:9/oauth2/default",
        OKTA_CLIENT_ID="0oalocalspa",
        WEB_CONCURRENCY="1",  # gunicorn ends with status 1 and a traceback if two workers fail at once
    )
    command = [sys.executable, "-m", server, app, *listen]
    done = subprocess.run(
        command, cwd=folder, env=settings, capture_output=True, text=True, check=False, timeout=50
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("server", ["uvicorn", "gunicorn"])
def test_unsafe_public_route_ends_the_start_with_one_line(folder: Path, server: str) -> None:
    """With a protected route before /healthz, the service does not start, and one line says why."""
    me = folder / "backend" / "routes" / "me.py"
    me.write_text(me.read_text() + "\n\n" + CATCH_ALL.format("router"))
    status, errors = start(folder, server, "backend.main:app")
    assert status == 3
    [line] = [line for line in errors.splitlines() if "public route" in line]
    assert "public route GET /healthz is declared after GET /{rest:path}, which" in line
    assert "declare the public route first, or give it a path that the other does not match" in line
    assert "Traceback" not in errors


@pytest.mark.parametrize("server", ["uvicorn", "gunicorn"])
def test_unsafe_route_added_later_does_not_start(folder: Path, server: str) -> None:
    """Routes that another module adds are checked too."""
    (folder / "late.py").write_text(f"from backend.main import app\n{CATCH_ALL.format('app')}{PUBLIC}")
    status, errors = start(folder, server, "late:app")
    assert status == 3  # the exit status of uvicorn and gunicorn if the application fails to start
    assert "public route GET /late is declared after" in errors
    assert "Traceback" not in errors
