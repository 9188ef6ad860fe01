"""What the commands in this folder set where no Okta org is configured: the local Okta."""

import os
from dataclasses import dataclass, fields

from fastapi_okta_auth import SettingsError
from local_okta.config import API_CLIENT_ID, API_CLIENT_SECRET, AUDIENCE, origin_of
from local_okta.config_file import ConfigError, read_config

from backend.settings import SQLITE_FILE, Settings


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of `make run`, from the variables API_PORT and so on."""

    api: int = 8000
    okta: int = 9000
    app: int = 3000

    @property
    def api_url(self) -> str:
        """The URL of the API."""
        return f"http://localhost:{self.api}"

    @property
    def app_url(self) -> str:
        """The URL of the app."""
        return f"http://localhost:{self.app}"

    @property
    def issuer(self) -> str:
        """The issuer of the local Okta."""
        return f"http://localhost:{self.okta}/oauth2/default"


def configure() -> Ports:
    """Set the variables of the local Okta where no issuer is set, and return the ports.

    With LOCAL_OKTA=1 the local Okta is used although `.env` names an org, whose values then do not count.
    Raises SettingsError for values that suggest that an org was meant, and for faults of
    `local-okta.toml`.
    """
    configured = Settings.variables()
    ports = _ports(configured)
    forced = bool(os.environ.get("LOCAL_OKTA"))
    chosen = dict(os.environ) if forced else configured
    if forced or not configured.get("OKTA_ISSUER"):
        client_ids = _client_ids()
        if not forced and (faults := _half_configured(configured, client_ids)):
            raise SettingsError(faults)
        os.environ |= _local_okta(ports, client_ids)
    defaults = {
        "RESOURCE_URL": ports.api_url,
        "CORS_ORIGINS": ports.app_url,
        "DPOP": "allowed",
    }
    if forced:
        defaults["DATABASE_URL"] = SQLITE_FILE  # no demo data in a database of the org
    if "RESOURCE_URL" not in chosen:
        defaults["EXPLAIN_CHECKS"] = "true"
    os.environ |= {name: value for name, value in defaults.items() if name not in chosen}
    return ports


def _local_okta(ports: Ports, client_ids: str) -> dict[str, str]:
    return {
        "OKTA_ISSUER": ports.issuer,
        "OKTA_CLIENT_ID": client_ids,
        "OKTA_AUDIENCE": AUDIENCE,
        "OKTA_JWKS_URI": "",
        "UNIVERSAL_LOGOUT_ISSUER": origin_of(ports.issuer),
        "INTROSPECTION_CLIENT_ID": API_CLIENT_ID,
        "INTROSPECTION_CLIENT_SECRET": API_CLIENT_SECRET,
    }


def _client_ids() -> str:
    """Return the ids of the local Okta's clients, with those of `local-okta.toml`."""
    try:
        return ",".join(read_config().clients)
    except ConfigError as error:
        raise SettingsError(str(error).splitlines()) from error


def _half_configured(configured: dict[str, str], client_ids: str) -> list[str]:
    """Return a line for each variable of an org that is set without OKTA_ISSUER."""
    local = {"OKTA_CLIENT_ID": client_ids, "OKTA_AUDIENCE": AUDIENCE, "OKTA_JWKS_URI": ""}
    faults = [
        f"{name}: is set without OKTA_ISSUER; set both for your Okta org, or none for the local Okta"
        for name, value in local.items()
        if configured.get(name, "") not in ("", value)
    ]
    return faults + [
        line for line in Settings.misspelled_variables() if line.rstrip("?").endswith("OKTA_ISSUER")
    ]


def _ports(configured: dict[str, str]) -> Ports:
    values, faults = {}, []
    for port in fields(Ports):
        name = f"{port.name.upper()}_PORT"
        value = configured.get(name, "")
        if value.isdecimal() and 0 < int(value) < 65536:
            values[port.name] = int(value)
        elif value:
            faults.append(f"{name}: must be a number from 1 to 65535")
    if faults:
        raise SettingsError(faults)
    return Ports(**values)
