"""Docker and compose, as a user calls them."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any, Final

from backend.settings import Settings

ROOT: Final = Path(__file__).parent.parent.parent
PROJECT: Final = "fastapi-okta-smoke"
IMAGE: Final = f"{PROJECT}-backend"
SERVICES: Final = ("local-okta", "backend", "frontend")
APP: Final = "http://localhost:3000"
API: Final = "http://localhost:8000"
ISSUER: Final = "http://localhost:9000/oauth2/default"


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the repository, without settings of the service in the environment."""
    compose_files = "".join(file.read_text() for file in ROOT.glob("docker-compose*.yml"))
    settings = {*re.findall(r"[A-Z][A-Z_]+(?=:|\})", compose_files), *map(str.upper, Settings.model_fields)}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in settings and not name.startswith("COMPOSE_")
    }
    return subprocess.run(
        command, cwd=ROOT, env=kept | variables, capture_output=True, text=True, check=False
    )


def docker(*arguments: str) -> str:
    """Run `docker` and return its output. Fails with its error output."""
    done = run("docker", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def compose(*arguments: str, project: str = PROJECT, **variables: str) -> str:
    """Run `docker compose` with `variables` in the environment and return its output. Fails as `docker` does."""
    command = ("docker", "compose", "--project-name", project, "--env-file", os.devnull, *arguments)
    done = run(*command, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def inspect(service: str) -> dict[str, Any]:
    """Return the engine's description of a service's container."""
    found: list[dict[str, Any]] = json.loads(docker("inspect", compose("ps", "--quiet", service)))
    return found[0]
