"""Run an incident on a real API that exports, and collect what the log and the metrics show."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from local_okta.config import SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET
from local_okta.state import LocalOkta
from local_okta.testing import person_claims

from tests.support.api import bearer
from tests.support.api_process import Api, running
from tests.support.collector import Collector, collecting, exporting_to

SHOWN = ("level", "event", "code", "origin", "kid", "client", "user_id")


@dataclass(frozen=True)
class Evidence:
    """The log lines, with the fields in SHOWN, and the metrics of an incident."""

    log: list[str]
    metrics: list[str]


class Stage:
    """An API that exports to `collector`, and helpers to call it."""

    def __init__(self, okta: LocalOkta, api: Api, collector: Collector) -> None:
        self.okta = okta
        self.collector = collector
        self._api = api
        self._client = httpx.Client(base_url=api.url)

    def token(self) -> str:
        """A person's token."""
        return self.okta.keys.sign(person_claims(self.okta.issuer))

    def service_token(self) -> str:
        """A token that the local Okta issues, with the time of its clock."""
        response = httpx.post(
            f"{self.okta.issuer}/v1/token",
            auth=(SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET),
            data={"grant_type": "client_credentials", "scope": "reports:read"},
        )
        token: str = response.raise_for_status().json()["access_token"]
        return token

    def ask(self, token: str) -> int:
        """Send a request with `token`; return the status."""
        return self.send("GET", bearer(token))

    def send(self, method: str, headers: dict[str, str]) -> int:
        """Send a request; return its status."""
        return self._client.request(method, "/hello/Ada", headers=headers).status_code

    def evidence(self, *metrics: str) -> Evidence:
        """End the API; return each kind of log line once, and the metrics that start with `metrics`."""
        self._client.close()
        self._api.end()
        lines = [
            json.dumps(shown) for line in self._api.log.splitlines() if (shown := _shown(json.loads(line)))
        ]
        kinds = {timeless(line): line for line in reversed(lines)}
        exported = self.collector.prometheus(target=False)
        return Evidence([*reversed(kinds.values())], [line for line in exported if line.startswith(metrics)])


def _shown(line: dict[str, Any]) -> dict[str, Any]:
    """Return the fields to show of a line that belongs to a request, or says that a fetch of keys failed."""
    of_request = "request_id" in line and line.get("path") != "/readyz"
    if not of_request and "not fetched" not in line["event"]:
        return {}
    return {name: line[name] for name in SHOWN if name in line}


@contextmanager
def stage(okta: LocalOkta, *, keys: bool = True, **variables: str) -> Iterator[Stage]:
    """Start an API that exports, for one incident."""
    with (
        collecting() as collector,
        running(okta, keys=keys, **exporting_to(collector.url), **variables) as api,
    ):
        yield Stage(okta, api, collector)


def timeless(line: str) -> str:
    """Return the line without durations, port and made-up keys."""
    for pattern, same in (
        (r"\d+\.\d s\b", "N s"),
        (r"localhost:\d+/", "localhost:PORT/"),
        (r'"made-up-\d+"', '"made-up"'),
        (r"(result=\"failed\"}) \d+", r"\1 N"),
    ):
        line = re.sub(pattern, same, line)
    return line
