"""The application under real gunicorn, in a separate process."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
from local_okta.state import LocalOkta

from tests.support.api import NO_TLS, bearer
from tests.support.processes import Output, environment, project_folder

START_SECONDS = 30


class Service:
    """A running gunicorn: its process, its URL and its standard error."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.output = Output(process.stderr)

    @property
    def log(self) -> str:
        """The standard error so far."""
        return self.output.text

    @property
    def url(self) -> str:
        """The URL that it listens on."""
        found = re.search(r"Listening at: (http://\S+)", self.log)
        assert found, self.log
        return found[1]

    def workers(self) -> set[int]:
        """The pids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {int(pid) for pid in children.read_text().split()}

    def status(self, path: str) -> int | None:
        """Return the status of a GET request on a new connection; None without a response."""
        try:
            return httpx.get(self.url + path, trust_env=False, verify=NO_TLS).status_code
        except httpx.TransportError:
            return None

    def slow(self, seconds: float, begun: list[int]) -> tuple[int, bool]:
        """Send a request that takes `seconds`; add its worker's pid to `begun` when the response starts.

        Returns the pid, and whether the response is complete.
        """
        url = f"{self.url}/slow?seconds={seconds}"
        with httpx.stream("GET", url, timeout=60, trust_env=False, verify=NO_TLS) as response:
            lines = response.iter_lines()
            pid = int(next(lines))
            begun.append(pid)
            try:
                return pid, list(lines) == ["done"]
            except httpx.HTTPError:
                return pid, False

    def ask(self, token: str, count: int) -> list[str]:
        """Send `count` requests, eight at a time, each on a new connection; return their ids."""

        def send(_: int) -> str:
            response = httpx.get(
                f"{self.url}/hello/Ada", headers=bearer(token), trust_env=False, verify=NO_TLS
            )
            return str(response.headers["X-Request-ID"])

        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(send, range(count)))

    def end(self) -> int:
        """Wait until the process ends; return the exit status."""
        status = self.process.wait(START_SECONDS)
        self.output.wait_for_end()
        return status


def wait_for(condition: Callable[[], bool], seconds: float = START_SECONDS) -> None:
    """Wait until `condition` is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def start(*arguments: str, module: str = "gunicorn", **variables: str) -> subprocess.Popen[str]:
    """Start gunicorn with the repository's gunicorn.conf.py, on a free port."""
    return subprocess.Popen(
        [sys.executable, "-m", module, "--bind", "127.0.0.1:0", *arguments],
        cwd=project_folder(),
        env=environment(**{"OKTA_CLIENT_ID": "0oalocalspa", **variables}),
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )


@contextmanager
def running(okta: LocalOkta, *arguments: str, **variables: str) -> Iterator[Service]:
    """Run the test application until the block ends, with two workers unless WEB_CONCURRENCY is given."""
    settings = {"OKTA_ISSUER": okta.issuer, "WEB_CONCURRENCY": "2", "DRAIN_SECONDS": "2", **variables}
    service = Service(start(*arguments, "tests.support.deployed_app:app", **settings))
    try:
        workers = int(settings["WEB_CONCURRENCY"])
        wait_for(lambda: service.log.count("signing keys fetched") >= workers)
        yield service
    finally:
        # A test may leave workers whose event loop is blocked.
        with suppress(ProcessLookupError):
            os.killpg(service.process.pid, signal.SIGKILL)
        service.end()
