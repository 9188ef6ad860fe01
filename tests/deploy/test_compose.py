"""The compose file, as it stands; `make smoke` runs it."""

from typing import Any

import pytest
import yaml

from backend.server.settings import GRACE_SECONDS, ServerSettings
from backend.settings import Settings
from dev.reference import SERVER
from tests.support.pages import ROOT

SERVICES = ("local-okta", "backend", "frontend")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services of the compose file."""
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"])


def test_services(services: dict[str, Any]) -> None:
    """There is a local Okta, the API and the app, each on a port of this machine alone."""
    ports = {name: service["ports"] for name, service in services.items()}
    assert ports == {
        "local-okta": ["127.0.0.1:9000:9000"],
        "backend": ["127.0.0.1:8000:8000"],
        "frontend": ["127.0.0.1:3000:8080"],
    }


@pytest.mark.parametrize("file", ["settings.yml", "settings-with-issuer.yml"])
def test_settings(services: dict[str, Any], file: str) -> None:
    """The API gets every setting that there is, with a real org and without."""
    chosen = yaml.safe_load((ROOT / "deploy/compose" / file).read_text())["services"]["backend"]
    names = {*chosen["environment"], *services["backend"]["environment"]}
    assert names == {*map(str.upper, Settings.model_fields), *SERVER}


@pytest.mark.parametrize("name", SERVICES)
def test_hardened(services: dict[str, Any], name: str) -> None:
    """Every service has a read-only root, no capabilities, limits, an init, log rotation and a restart."""
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service["init"] is True
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    assert service["restart"] == "unless-stopped"


def test_grace_period(services: dict[str, Any]) -> None:
    """Docker waits longer than draining and the requests under way take together."""
    grace = int(services["backend"]["stop_grace_period"].removesuffix("s"))
    assert grace >= ServerSettings().drain_seconds + GRACE_SECONDS + 5


def test_no_service_waits_for_the_local_okta(services: dict[str, Any]) -> None:
    """With a real org nothing needs the local Okta."""
    assert "depends_on" not in services["backend"]
    assert list(services["frontend"]["depends_on"]) == ["backend"]


def test_production_lock_has_no_signer() -> None:
    """What the local Okta needs beside the API is in a lock file of its own."""
    runtime = (ROOT / "requirements/runtime.txt").read_text()
    local = (ROOT / "requirements/local-okta.txt").read_text()
    for package in ("jinja2", "python-multipart"):
        assert f"\n{package}==" in local
        assert f"\n{package}==" not in runtime
