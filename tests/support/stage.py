"""Run an incident on a real API with metrics, and collect what the log and the metrics show."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from local_okta.config import SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET
from local_okta.state import LocalOkta
from local_okta.testing import person_claims

from tests.support.api import bearer, free_address
from tests.support.api_process import Api, running
from tests.support.service import wait_for

# Lines that every start logs.
BEFORE = (
    r"^.* (?:(?:uvicorn\.error|backend\.observability\.metrics_server|fastapi_okta_auth\.middleware|fastapi_okta_auth\.keys)"
    r" \[-\]: (?!.*not fetched)|.*: GET '/readyz' 503).*\n"
)


@dataclass(frozen=True)
class Evidence:
    """The log lines and metrics of an incident."""

    log: list[str]
    metrics: list[str]


class Stage:
    """An API with metrics, and helpers to call it."""

    def __init__(self, okta: LocalOkta, api: Api, address: str) -> None:
        self.okta = okta
        self._api = api
        self.metrics = address
        self._client = httpx.Client(base_url=api.url)
        self._sent: list[str] = []

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
        response = self._client.request(method, "/hello/Ada", headers=headers)
        self._sent.append(f"[{response.headers['X-Request-ID']}]: {method} ")
        return response.status_code

    def evidence(self, *metrics: str) -> Evidence:
        """Return each kind of log line after the start once, and the metrics that start with `metrics`."""
        self._client.close()
        wait_for(lambda: all(line in self._api.log for line in self._sent), 5)
        lines = re.sub(BEFORE, "", self._api.log, flags=re.MULTILINE).splitlines()
        kinds = {timeless(line): line for line in reversed(lines)}
        scraped = httpx.get(f"http://{self.metrics}/metrics").text.splitlines()
        return Evidence([*reversed(kinds.values())], [line for line in scraped if line.startswith(metrics)])


@contextmanager
def stage(okta: LocalOkta, *, keys: bool = True, **variables: str) -> Iterator[Stage]:
    """Start an API with metrics for one incident."""
    address = free_address()
    with running(okta, keys=keys, METRICS_ADDRESS=address, **variables) as api:
        yield Stage(okta, api, address)


def timeless(line: str) -> str:
    """Return the line without times, request id, port and made-up keys."""
    for pattern, same in (
        (r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", "TIME"),
        (r" \[(?:[0-9a-f]{16}|-)\]:", " [ID]:"),
        (r"\d+\.\d (m?s)\b", r"N \1"),
        (r"localhost:\d+/", "localhost:PORT/"),
        (r"'made-up-\d+'", "'made-up'"),
        (r"(result=\"failed\"}) \d+", r"\1 N"),
    ):
        line = re.sub(pattern, same, line)
    return line
