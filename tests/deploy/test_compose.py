"""The compose file, as it is written; `make smoke` runs it."""

import re
from typing import Any

import pytest
import yaml
from local_okta.config import API_CLIENT_ID, API_CLIENT_SECRET, Config

from backend.server.settings import GRACE_SECONDS, ServerSettings
from backend.settings import Settings
from dev.reference import SERVER
from tests.support.pages import ROOT

SERVICES = ("local-okta", "backend", "migrate", "postgres", "frontend", "valkey")
SETTINGS = ("settings.yml", "settings-with-issuer.yml")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """Return the services of the compose files, which Compose merges."""
    files = ("docker-compose.yml", "docker-compose.override.yml")
    return {
        name: service
        for file in files
        for name, service in yaml.safe_load((ROOT / file).read_text())["services"].items()
    }


def extended(file: str, service: str = "backend") -> dict[str, Any]:
    """Return what one of the settings files adds to a service."""
    return dict(yaml.safe_load((ROOT / "deploy/compose" / file).read_text())["services"][service])


def test_ports_are_published_on_loopback_only(services: dict[str, Any]) -> None:
    """Each port has a variable for another one; the API shares the network of the local Okta."""
    ports = {name: service.get("ports", []) for name, service in services.items()}
    assert ports == {
        "local-okta": [
            "127.0.0.1:${OKTA_PORT:-9000}:${OKTA_PORT:-9000}",
            "127.0.0.1:${API_PORT:-8000}:${API_PORT:-8000}",
        ],
        "backend": [],
        "migrate": [],
        "postgres": [],
        "frontend": ["127.0.0.1:${APP_PORT:-3000}:8080"],
        "valkey": [],
    }
    local = extended("settings.yml")
    assert local["network_mode"] == "service:local-okta"
    assert local["environment"]["PORT"] == "${API_PORT:-8000}"
    assert extended("settings-with-issuer.yml")["ports"] == ["127.0.0.1:${API_PORT:-8000}:8000"]


@pytest.mark.parametrize("file", SETTINGS)
def test_api_gets_every_setting(services: dict[str, Any], file: str) -> None:
    """With the local Okta and with an org, each setting is passed on, once."""
    chosen, common = extended(file)["environment"], services["backend"]["environment"]
    assert not set(chosen) & set(common)
    settings = {name for name in {*chosen, *common} if "OTEL_" not in name and name != "PORT"}
    assert settings == {*map(str.upper, Settings.model_fields), *SERVER}


def test_org_gets_no_value_of_the_local_okta() -> None:
    """The file for an org has no default at all, and the local one has the local clients."""
    text = (ROOT / "deploy/compose/settings-with-issuer.yml").read_text()
    assert not re.search(r"0oalocal|not-a-secret|localhost", text)
    assert all(value is None or ":?" in value for value in extended(SETTINGS[1])["environment"].values())
    local = extended(SETTINGS[0])["environment"]
    assert set(re.findall(r"0oalocal\w+", local["OKTA_CLIENT_ID"])) == set(Config().clients)
    assert local["INTROSPECTION_CLIENT_ID"] == f"${{INTROSPECTION_CLIENT_ID:-{API_CLIENT_ID}}}"
    assert local["INTROSPECTION_CLIENT_SECRET"] == f"${{INTROSPECTION_CLIENT_SECRET:-{API_CLIENT_SECRET}}}"


@pytest.mark.parametrize("name", SERVICES)
def test_services_are_hardened(services: dict[str, Any], name: str) -> None:
    """Each service has a read-only root, no capabilities, limits, an init, log rotation and a restart policy."""
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service["init"] is True
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")


def test_grace_period_covers_draining_and_requests_under_way(services: dict[str, Any]) -> None:
    """Docker waits longer than gunicorn, also with the DRAIN_SECONDS of production."""
    grace = int(services["backend"]["stop_grace_period"].removesuffix("s"))
    assert grace > ServerSettings().drain_seconds + GRACE_SECONDS + 1
    assert services["backend"]["environment"]["DRAIN_SECONDS"] == "${DRAIN_SECONDS:-0}"


def test_migrations_run_before_the_api(services: dict[str, Any]) -> None:
    """They have the image and the database of the API, and example data is for the local Okta only."""
    migrate, backend = services["migrate"], services["backend"]
    assert backend["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert migrate["build"] == backend["build"]
    assert migrate["environment"]["DATABASE_URL"] == backend["environment"]["DATABASE_URL"]
    assert extended("settings.yml", "migrate")["command"] == ["python", "-m", "backend.seed"]
    assert extended("settings-with-issuer.yml", "migrate")["command"] == ["python", "-m", "backend.migrate"]


def test_no_service_waits_for_the_local_okta_with_an_org(services: dict[str, Any]) -> None:
    """With an org, `up backend frontend` does not start the local Okta."""
    assert list(services["backend"]["depends_on"]) == ["migrate"]
    assert list(services["migrate"]["depends_on"]) == ["postgres"]
    assert "depends_on" not in extended("settings-with-issuer.yml")
    assert list(services["frontend"]["depends_on"]) == ["backend"]


def test_production_lock_has_no_signer() -> None:
    """What only the local Okta needs is not in the lock file of the service."""
    runtime = (ROOT / "requirements/runtime.txt").read_text()
    local = (ROOT / "requirements/dev.txt").read_text()
    for package in ("jinja2", "python-multipart"):
        assert f"\n{package}==" in local
        assert f"\n{package}==" not in runtime


def test_build_of_the_app_has_every_file_that_its_source_imports() -> None:
    """Docker gets what frontend/.dockerignore names; without the rest, the build in the image fails."""
    app = ROOT / "frontend"
    named = re.findall("^!(.+?)/?$", (app / ".dockerignore").read_text(), re.MULTILINE)
    imported = {
        (file.parent / target).resolve().relative_to(app).parts[0].removesuffix(".ts")
        for file in (app / "src").rglob("*.ts*")
        if ".test." not in file.name
        for target in re.findall("from '([.][^']+)'", file.read_text())
    }
    assert {"brand", "src"} <= imported
    assert imported <= {name.removesuffix(".ts") for name in named}


@pytest.mark.parametrize("dockerfile", ["Dockerfile", "frontend/Dockerfile"])
def test_files_of_an_image_do_not_have_the_modes_of_the_checkout(dockerfile: str) -> None:
    """A clone under umask 077 has files that the image's user could not read: the last stage sets each mode."""
    last_stage = (ROOT / dockerfile).read_text().rpartition("\nFROM ")[2]
    copied = re.findall(r"^COPY (?!--from=dependencies )(.+)$", last_stage, re.MULTILINE)
    assert len(copied) >= 2
    assert [line for line in copied if not line.startswith("--chmod=0")] == []
