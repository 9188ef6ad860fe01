"""Docker and compose, as a user calls them."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent.parent
PROJECT: Final = "fastapi-okta-smoke"
IMAGE: Final = "fastapi-okta-backend"
SERVICES: Final = ("local-okta", "backend", "frontend")
APP: Final = "http://localhost:3000"
API: Final = "http://localhost:8000"
ISSUER: Final = "http://localhost:9000/oauth2/default"


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the repository; whatever `.env` or the environment says of Okta does not count."""
    ours = (
        "OKTA_",
        "VITE_",
        "CORS_",
        "RESOURCE_",
        "DOCS_",
        "LOG_",
        "METRICS_",
        "COMPOSE_",
        "WEB_",
        "FORWARDED_",
        "DRAIN_",
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        command, cwd=ROOT, env=kept | variables, capture_output=True, text=True, check=False
    )


def docker(*arguments: str) -> str:
    """What `docker` prints. Fails with what it says where it fails."""
    done = run("docker", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def compose(*arguments: str, project: str = PROJECT, **variables: str) -> str:
    """What `docker compose` prints, with `variables` as the environment. Fails as `docker` does."""
    command = ("docker", "compose", "--project-name", project, "--env-file", os.devnull, *arguments)
    done = run(*command, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def inspect(service: str) -> dict[str, Any]:
    """How the engine runs a service's container."""
    found: list[dict[str, Any]] = json.loads(docker("inspect", compose("ps", "--quiet", service)))
    return found[0]
