"""A load balancer with one server, and clients that send requests without a pause."""

import threading
import time
from typing import Self

import httpx


class Balancer:
    """Send requests from `clients` threads while `probe` returns 200.

    A context manager. `sent` counts the responses with status 200; `failures` has a line for each
    request that failed.
    """

    def __init__(
        self, url: str, path: str, headers: dict[str, str], *, probe: str = "/readyz", clients: int = 8
    ) -> None:
        self.url = url
        self.path = path
        self.headers = headers
        self.probe = probe
        self.sent = 0
        self.failures: list[str] = []
        self._ready = threading.Event()
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._probe)]
        self._threads += [threading.Thread(target=self._send) for _ in range(clients)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    @property
    def sending(self) -> bool:
        """Whether the last probe succeeded."""
        return self._ready.is_set()

    def wait_for_requests(self, number: int, seconds: float = 60) -> None:
        """Wait until `number` more requests have succeeded."""
        goal, deadline = self.sent + number, time.monotonic() + seconds
        while self.sent < goal:
            assert time.monotonic() < deadline, f"{self.sent} of {goal} requests; {self.failures[:3]}"
            time.sleep(0.02)

    def _probe(self) -> None:
        while not self._end.is_set():
            try:
                ready = httpx.get(self.url + self.probe, trust_env=False).is_success
            except httpx.HTTPError:
                ready = False
            (self._ready.set if ready else self._ready.clear)()
            time.sleep(0.05)

    def _send(self) -> None:
        with httpx.Client(base_url=self.url, headers=self.headers, trust_env=False) as client:
            while not self._end.is_set():
                if self._ready.wait(0.1):
                    self._count(client)

    def _count(self, client: httpx.Client) -> None:
        try:
            status = client.get(self.path).status_code
        except httpx.HTTPError as error:
            outcome = f"{type(error).__name__}: {error}"
        else:
            outcome = "" if status == 200 else f"status {status}"
        with self._lock:
            if outcome:
                self.failures.append(outcome)
            else:
                self.sent += 1
