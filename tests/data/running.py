"""The application with a database of its own, and requests as people."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import httpx
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from backend.main import create_app
from tests.data.conftest import REPORT, SCOPES
from tests.support.api import NO_TLS, bearer, settings_for
from tests.support.service import wait_for

Result = TypeVar("Result")


@dataclass(frozen=True)
class Running:
    """A running application, and tokens for it."""

    url: str
    sign: OktaToken

    def token(self, name: str, *groups: str) -> str:
        """Return a token of `name`, who is in `groups`, with every scope."""
        return self.sign(uid=f"00ulocal{name}", sub=f"{name}@example.com", scp=SCOPES, groups=list(groups))

    def call(
        self, token: str, method: str = "GET", path: str = "/reports", **options: object
    ) -> httpx.Response:
        """Return the response to one request."""
        headers = bearer(token) | options.pop("headers", {})  # type: ignore[operator]  # options hold any argument of httpx
        return httpx.request(
            method,
            self.url + path,
            headers=headers,
            timeout=60,
            trust_env=False,
            verify=NO_TLS,
            **options,  # type: ignore[arg-type]
        )

    def submit(self, token: str, title: str = "Train") -> httpx.Response:
        """Submit a report."""
        return self.call(token, "POST", json=REPORT | {"title": title})

    def readiness(self) -> tuple[int, str]:
        """Return the status of `/readyz`, and what it says."""
        response = httpx.get(f"{self.url}/readyz", trust_env=False, verify=NO_TLS)
        return response.status_code, response.json()["status"]

    def wait_until(self, status: int, says: str) -> None:
        """Wait until `/readyz` says so."""
        wait_for(lambda: self.readiness() == (status, says))


@contextmanager
def running(okta: LocalOkta, sign: OktaToken, database_url: str) -> Iterator[Running]:
    """Run the application until the block ends; it has keys when the block begins."""
    with serve(create_app(settings_for(okta, database_url=database_url))) as url:
        service = Running(url, sign)
        wait_for(lambda: service.readiness()[1] != "no signing keys")
        yield service


def at_once(calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """Make all calls at the same time; return what they return."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call: call(), calls))
