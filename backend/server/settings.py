"""The server's own settings, from the environment or `.env`; the environment wins.

A reload with invalid settings changes nothing.
"""

import logging
import math
import os
import re
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final

from fastapi_okta_auth import EnvironmentSettings, SettingsError
from pydantic import BeforeValidator, Field

from backend.settings import Settings, load_or_exit

GRACE_SECONDS: Final = 15
"""How long requests under way may continue once the listener is closed."""

_log: Final = logging.getLogger(__name__)


def available_cpus(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """Return how many CPUs this process may use: its affinity, or its cgroup's quota rounded up."""
    # macOS has no CPU affinity.
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        if (cgroup / "cpu.max").exists():
            quota, period = (cgroup / "cpu.max").read_text().split()
        else:
            quota = (cgroup / "cpu/cpu.cfs_quota_us").read_text()
            period = (cgroup / "cpu/cpu.cfs_period_us").read_text()
        limit = math.ceil(int(quota) / int(period))
    except (OSError, ValueError):  # no cgroup, or "max" for no quota
        return available
    return min(limit, available) if limit > 0 else available


def _worker_count(value: object) -> int:
    if re.fullmatch("[1-9][0-9]{0,2}", str(value)) is None:
        raise ValueError("must be a number from 1 to 999, without quotes; remove it for one per CPU")
    return int(str(value))


def _drain_seconds(value: object) -> int:
    if re.fullmatch("[0-9]{1,4}", str(value)) is None:
        raise ValueError("must be whole seconds from 0 to 9999; 5 suits most")
    return int(str(value))


def _proxies(value: object) -> str:
    for network in str(value).split(","):
        if network.strip() in ("*", "0.0.0.0/0", "::/0"):
            raise ValueError(f"{network.strip()} trusts every caller; name the networks of the proxies")
        try:
            ip_network(network.strip())
        except ValueError as error:
            raise ValueError(f"{error}; name addresses or networks, like 10.0.12.0/24") from None
    return str(value)


class ServerSettings(EnvironmentSettings):
    """What gunicorn.conf.py and the worker read; the fields are the variables, in lower case."""

    web_concurrency: Annotated[int, BeforeValidator(_worker_count)] = Field(default_factory=available_cpus)
    drain_seconds: Annotated[int, BeforeValidator(_drain_seconds)] = 5
    forwarded_allow_ips: Annotated[str, BeforeValidator(_proxies)] = "127.0.0.1"


@dataclass(frozen=True)
class LoadedSettings:
    """Valid settings of the server and of the API."""

    server: ServerSettings
    api: Settings

    @property
    def one_worker(self) -> bool:
        """Whether used DPoP proofs are in memory: with more workers, each would accept a proof once."""
        return self.api.dpop != "off" and not self.api.dpop_replay_store.get_secret_value()


class SettingsOfNow:
    """Loads the settings at the start and at each reload, and keeps the last valid ones."""

    def __init__(self) -> None:
        self.valid = True
        self._last: LoadedSettings | None = None

    @property
    def last(self) -> LoadedSettings:
        """The last valid settings, which a worker inherits from the master."""
        return self._last or self.load()

    def load(self) -> LoadedSettings:
        """Return the settings; invalid ones exit with EX_CONFIG at the start, and are logged later."""
        if self._last is None:
            self._last = LoadedSettings(load_or_exit(ServerSettings), load_or_exit(Settings))
            return self._last
        try:
            self._last = LoadedSettings(ServerSettings.load(), Settings.load())
            self.valid = True
        except SettingsError as error:
            self.valid = False
            _log.error("the settings are invalid, so the previous ones stay in use: %s", error)
        return self._last


settings_of_now: Final = SettingsOfNow()
