"""Revoke users while two replicas with two workers each are under load: when is the last 200 seen?

`python -m tests.logout.load 40` prints a histogram for 40 users. It needs PostgreSQL.
"""

import asyncio
import logging
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
from fastapi_okta_auth import LOGOUT_PATH
from local_okta.serving import running
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from local_okta.universal_logout import logout_token

from backend.migrate import migrate
from tests.logout.conftest import AUDIENCE, iss_sub
from tests.support.api import NO_TLS, bearer, free_address, wait_until_ready
from tests.support.postgresql import postgresql
from tests.support.processes import environment, project_folder

CLIENTS = 8  # for each replica; half of them call as the user
BEFORE_SECONDS = 0.5
AFTER_SECONDS = 2.0
BUCKET_SECONDS = 0.1


@contextmanager
def replica(okta: LocalOkta, database_url: str) -> Iterator[str]:
    """Run gunicorn with two workers, and yield its URL."""
    address = free_address()
    settings = environment(
        OKTA_ISSUER=okta.issuer,
        OKTA_CLIENT_ID="0oalocalspa",
        UNIVERSAL_LOGOUT_ISSUER=okta.org,
        DATABASE_URL=database_url,
        WEB_CONCURRENCY="2",
        DRAIN_SECONDS="0",
        LOG_LEVEL="WARNING",
    )
    command = [sys.executable, "-m", "gunicorn", "--bind", address]
    with subprocess.Popen(command, cwd=project_folder(), env=settings) as process:
        try:
            wait_until_ready(f"http://{address}")
            yield f"http://{address}"
        finally:
            process.terminate()


class Round:
    """One user is revoked; `delays` are the seconds after the 204 at which their requests still got 200."""

    def __init__(self, sign: OktaToken, name: str) -> None:
        self.uid = f"00uload{name}"
        self.revoked = sign(uid=self.uid, sub=f"{name}@example.com")
        self.other = sign(uid=f"00uother{name}", sub=f"other-{name}@example.com")
        self.requests = 0
        self.answered = float("inf")
        self.sent_of_200: list[float] = []
        self.statuses_of_other: Counter[int] = Counter()
        self.ends = float("inf")

    async def call(self, url: str, *, as_other: bool) -> None:
        """Call without a pause, on a new connection each time, so that every worker is reached."""
        headers = bearer(self.other if as_other else self.revoked) | {"Connection": "close"}
        async with httpx.AsyncClient(verify=NO_TLS, trust_env=False, timeout=30) as client:
            while (sent := time.monotonic()) < self.ends:
                status = (await client.get(url, headers=headers)).status_code
                self.requests += 1
                if as_other:
                    self.statuses_of_other[status] += 1
                elif status == 200:
                    self.sent_of_200.append(sent)

    async def run(self, okta: LocalOkta, urls: list[str]) -> float:
        """Revoke the user in the middle; return how long after the 204 the last successful request was sent."""
        calls = [
            asyncio.create_task(self.call(url, as_other=number % 2 == 1))
            for url in urls
            for number in range(CLIENTS)
        ]
        await asyncio.sleep(BEFORE_SECONDS)
        async with httpx.AsyncClient(verify=NO_TLS, trust_env=False, timeout=30) as client:
            headers = bearer(logout_token(okta, AUDIENCE))
            response = await client.post(urls[0] + LOGOUT_PATH, headers=headers, json=iss_sub(okta, self.uid))
        self.answered = time.monotonic()
        assert response.status_code == 204, response.text
        self.ends = self.answered + AFTER_SECONDS
        await asyncio.gather(*calls)
        assert self.sent_of_200, "the user's token never worked"
        return max(0.0, max(self.sent_of_200) - self.answered)


async def rounds(okta: LocalOkta, urls: list[str], count: int) -> None:
    """Print the delays of `count` users, how many requests there were, and what others got."""
    sign, delays, others, requests = OktaToken(okta), [], Counter[int](), 0
    for number in range(count):
        one = Round(sign, str(number))
        delays.append(await one.run(okta, urls))
        others += one.statuses_of_other
        requests += one.requests
    print(f"{count} users, {requests} requests, 2 replicas with 2 workers each")
    print(f"statuses of everybody else: {dict(others)}")
    buckets = Counter(int(delay / BUCKET_SECONDS) for delay in delays)
    print("last 200 for the user, in seconds after the 204:")
    for bucket in range(max(buckets) + 1):
        print(
            f"{bucket * BUCKET_SECONDS:.1f} to {(bucket + 1) * BUCKET_SECONDS:.1f}  {'#' * buckets[bucket]}"
        )
    print(f"median {sorted(delays)[count // 2]:.2f} s, longest {max(delays):.2f} s")


def main() -> None:
    """Run it."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with ExitStack() as stack:
        okta = stack.enter_context(running())
        server = stack.enter_context(postgresql())
        migrate(server.url)
        urls = [stack.enter_context(replica(okta, server.url)) for _ in range(2)]
        asyncio.run(rounds(okta, urls, int(sys.argv[1]) if len(sys.argv) > 1 else 40))


if __name__ == "__main__":
    main()
