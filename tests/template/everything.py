"""The largest service: its app builds, and its containers run. Only `make template-matrix` runs this file.

It needs Node, Docker and the network.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.api import bearer
from tests.support.processes import environment
from tests.support.template import PARTS, TARGETS, generate, make


@pytest.fixture(scope="module")
def service(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service with every part."""
    folder = tmp_path_factory.mktemp("everything") / "my-service"
    return generate(template, folder, {"parts": list(PARTS), "deployment": list(TARGETS)})


@pytest.fixture
def containers(service: Path, ports: dict[str, str]) -> Iterator[dict[str, str]]:
    """The service in containers, and its ports."""
    try:
        make(service, "up", **ports)
        yield ports
    finally:
        make(service, "down", **ports)


def test_app_passes_its_checks(service: Path) -> None:
    """Format, lint, types, tests and build of the app are clean."""
    make(service, "frontend")


def test_containers_run(service: Path, containers: dict[str, str]) -> None:
    """`make up` starts the local Okta, the API and the app, and a token of the one is valid for the other."""
    command = ("docker", "compose", "exec", "-T", "local-okta", "python", "-m", "local_okta.get_token")
    done = subprocess.run(
        command, cwd=service, env=environment(**containers), capture_output=True, text=True, check=True
    )
    url = f"http://localhost:{containers['API_PORT']}/hello/Ada"
    response = httpx.get(url, headers=bearer(done.stdout.strip()))
    assert json.loads(response.text) == {"message": "Hello, Ada"}
    assert "<title>My service</title>" in httpx.get(f"http://localhost:{containers['APP_PORT']}").text


pytestmark = pytest.mark.timeout(1200)
