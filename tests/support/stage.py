"""A stage for incidents: a real API with metrics, and the evidence that is left."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from local_okta.config import SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET
from local_okta.pytest_plugin import person_claims
from local_okta.state import LocalOkta
from tests.support.api import bearer, free_address
from tests.support.api_process import Api, running
from tests.support.service import wait_for

# What an ordinary start logs.
BEFORE = r"^.* (?:uvicorn\.error|backend\.observability\.metrics_server|backend\.okta\.middleware|backend\.okta\.keys) \[-\]: (?!.*not fetched).*\n"


@dataclass(frozen=True)
class Evidence:
    """What an incident left: lines of the log and of the metrics."""

    log: list[str]
    metrics: list[str]


class Stage:
    """An API with metrics, and its callers."""

    def __init__(self, okta: LocalOkta, api: Api, address: str) -> None:
        self.okta = okta
        self._api = api
        self._address = address
        self._client = httpx.Client(base_url=api.url)
        self._sent: list[str] = []

    def token(self) -> str:
        """A person's token."""
        return self.okta.keys.sign(person_claims(self.okta.issuer))

    def service_token(self) -> str:
        """A token that the local Okta issues, by its own clock."""
        answer = httpx.post(
            f"{self.okta.issuer}/v1/token",
            auth=(SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET),
            data={"grant_type": "client_credentials", "scope": "reports:read"},
        )
        token: str = answer.raise_for_status().json()["access_token"]
        return token

    def ask(self, token: str) -> int:
        """Ask with `token`; return the status."""
        return self.send("GET", bearer(token))

    def send(self, method: str, headers: dict[str, str]) -> int:
        """Send a request; return its status."""
        answer = self._client.request(method, "/hello/Ada", headers=headers)
        self._sent.append(f"[{answer.headers['X-Request-ID']}]: {method} ")
        return answer.status_code

    def evidence(self, *metrics: str) -> Evidence:
        """Each kind of line of the log after the start, once, and the metrics whose lines begin so."""
        self._client.close()
        wait_for(lambda: all(line in self._api.log for line in self._sent), 5)
        lines = re.sub(BEFORE, "", self._api.log, flags=re.MULTILINE).splitlines()
        kinds = {timeless(line): line for line in reversed(lines)}
        scraped = httpx.get(f"http://{self._address}/metrics").text.splitlines()
        return Evidence([*reversed(kinds.values())], [line for line in scraped if line.startswith(metrics)])


@contextmanager
def stage(okta: LocalOkta, *, keys: bool = True, **variables: str) -> Iterator[Stage]:
    """An API of the incident's own."""
    address = free_address()
    with running(okta, keys=keys, METRICS_ADDRESS=address, **variables) as api:
        yield Stage(okta, api, address)


def timeless(line: str) -> str:
    """The line without times, request id, port and made-up keys."""
    for pattern, same in (
        (r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}", "TIME"),
        (r" \[(?:[0-9a-f]{16}|-)\]:", " [ID]:"),
        (r"\d+\.\d (m?s)\b", r"N \1"),
        (r"localhost:\d+/", "localhost:PORT/"),
        (r"'made-up-\d+'", "'made-up'"),
        (r"(result=\"failed\"}) \d+", r"\1 N"),
    ):
        line = re.sub(pattern, same, line)
    return line
