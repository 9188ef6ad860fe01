"""`fastapi run` and `fastapi dev` find the app."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.api import free_address, wait_until_ready
from tests.support.processes import environment, project_folder
from tests.support.terminal import REAL_ORG

BIN = Path(sys.executable).parent
COMMANDS = {
    "fastapi run": ["fastapi", "run", "--host", "{host}", "--port", "{port}"],
    "fastapi dev": ["fastapi", "dev", "--no-reload", "--host", "{host}", "--port", "{port}"],
}


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_server_finds_the_app(command: list[str]) -> None:
    """The commands work in the project's folder; `fastapi` takes the entrypoint from pyproject.toml."""
    address = free_address()
    host, _, port = address.partition(":")
    filled = [word.format(host=host, port=port) for word in command]
    with subprocess.Popen(
        [BIN / filled[0], *filled[1:]],
        cwd=project_folder(), env=environment(**REAL_ORG), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        try:
            wait_until_ready(f"http://{address}", "healthz")
        finally:
            server.terminate()
