"""The server's own settings, from the environment or `.env`; the environment wins."""

import math
import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final

from fastapi_okta_auth import EnvironmentSettings
from pydantic import BeforeValidator, Field

GRACE_SECONDS: Final = 15
"""How long requests under way may continue once the listener is closed."""


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
