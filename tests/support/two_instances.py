"""Two instances behind a proxy under load: scale, update, kill one, issuer outage, key rotation.

`python -m tests.support.two_instances nginx` (or haproxy) needs that proxy, and Redis or Valkey.
"""

import argparse
import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import httpx
from local_okta.keys import SigningKey
from local_okta.serving import running
from local_okta.state import LocalOkta
from local_okta.testing import person_claims
from okta_support.dpop import API, dpop_headers, dpop_key
from okta_support.key_server import KeyServer, key_server, status, well
from okta_support.redis_server import redis_server

from tests.support.api import NO_TLS, bearer, free_address
from tests.support.processes import environment, project_folder
from tests.support.proxies import PROXIES, proxy
from tests.support.service import wait_for

CLIENTS = 8
PAUSE_SECONDS = 0.05
KEY_SECONDS = 60  # the minimum time that the service caches keys
PROMISED = {
    "valid": {200},
    "dpop": {200},
    "expired": {401},
    "other audience": {401},
    "unknown key": {401, 503},  # 503 while the issuer cannot be asked
    "no token": {401},
}


class Instance:
    """One gunicorn with one worker at a fixed address; its log goes to a file in `folder`."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.address = free_address()
        self._log = folder / f"{self.address}.log"
        self._settings = environment(**settings)

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        command = [sys.executable, "-m", "gunicorn", "--bind", self.address]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                command, cwd=project_folder(), env=self._settings, stderr=log, start_new_session=True
            )
        wait_for(self._is_ready, 120)

    def _is_ready(self) -> bool:
        assert self._process.poll() is None, self._log.read_text()
        try:
            return httpx.get(f"http://{self.address}/readyz", verify=NO_TLS).is_success
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """Stop it with SIGTERM."""
        self._process.terminate()
        assert self._process.wait() == 0, self._log.read_text()

    def kill(self) -> None:
        """Kill its processes."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class Load:
    """Clients that send requests of each kind; counts the responses."""

    def __init__(self, url: str, okta: LocalOkta) -> None:
        self.requests = 0
        self.lost: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.replayed = 0
        self._url = url
        self._okta = okta
        self._choose = random.Random(1).choice

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send requests until the block ends."""
        async with httpx.AsyncClient(
            base_url=self._url, timeout=20, trust_env=False, verify=NO_TLS
        ) as client:
            self._ended = False
            clients = [asyncio.create_task(self._client(client)) for _ in range(CLIENTS)]
            try:
                yield
            finally:
                self._ended = True
                await asyncio.gather(*clients)

    async def _client(self, client: httpx.AsyncClient) -> None:
        while not self._ended:
            kind = self._choose([*PROMISED, "replay"])
            if kind == "replay":
                await self._replay(client)
            else:
                self._judge(kind, await self._send(client, self._headers(kind)), PROMISED[kind])
            await asyncio.sleep(PAUSE_SECONDS)

    async def _replay(self, client: httpx.AsyncClient) -> None:
        """Send one proof twice at once: only one request may be accepted, at any instance."""
        headers = self._headers("dpop")
        outcomes = list(await asyncio.gather(self._send(client, headers), self._send(client, headers)))
        for outcome in outcomes:
            self._judge("replay", outcome, {200, 401})
        self.replayed += outcomes == [200, 200]
        if outcomes == [401, 401]:
            self.wrong["replay: both refused"] += 1

    async def _send(self, client: httpx.AsyncClient, headers: dict[str, str]) -> int | str:
        self.requests += 1
        try:
            return (await client.get("/me", headers=headers)).status_code
        except httpx.HTTPError as error:
            return type(error).__name__

    def _judge(self, kind: str, outcome: int | str, promised: set[int]) -> None:
        if outcome not in promised:
            # An accepted or refused request has a verdict; any other one is lost.
            counter = self.wrong if outcome in (200, 400, 401, 403) else self.lost
            counter[f"{kind}: {outcome}"] += 1

    def _headers(self, kind: str) -> dict[str, str]:
        claims, key = person_claims(self._okta.issuer), dpop_key()
        sign = self._okta.keys.sign
        match kind:
            case "no token":
                return {}
            case "valid":
                return bearer(sign(claims))
            case "dpop":
                token = sign({**claims, "cnf": {"jkt": key.jkt}})
                return dpop_headers(token, key.proof("GET", f"{API}/me", token))
            case "expired":
                return bearer(sign({**claims, "exp": 1}))
            case "other audience":
                return bearer(sign({**claims, "aud": "api://other"}))
            case _:
                return bearer(sign(claims, {"kid": f"made-up-{random.random()}"}))


class Run:
    """The phases of the test: each method does something to the instances or the issuer."""

    def __init__(self, instances: list[Instance], okta: LocalOkta, keys: KeyServer) -> None:
        self._first, self._second, self._third = instances
        self._okta = okta
        self._keys = keys

    def steady(self) -> None:
        """Do nothing."""

    def scale(self) -> None:
        """Start a third instance and stop it again."""
        self._third.start()
        time.sleep(10)
        self._third.stop()

    def rolling_update(self) -> None:
        """Replace one instance after the other."""
        for instance in (self._first, self._second):
            instance.stop()
            instance.start()

    def killed_instance(self) -> None:
        """Kill an instance, and start it again after a while; then the other one."""
        for instance in (self._first, self._second):
            instance.kill()
            time.sleep(5)
            instance.start()
            time.sleep(2)  # nginx avoids an instance for a second after it has failed

    def issuer_outage(self) -> None:
        """Let the issuer return 503 for longer than the keys are cached."""
        self._keys.respond = status(503)
        time.sleep(KEY_SECONDS * 1.3)
        self._keys.respond = well

    def key_rotation(self) -> None:
        """Rotate as Okta does: publish the next key, sign with it once all have it, withdraw the old one."""
        [old], new = self._okta.keys.published, SigningKey()
        self._okta.keys.published = (old, new)
        time.sleep(KEY_SECONDS * 1.2)
        self._okta.keys.published = (new, old)
        time.sleep(1)
        self._okta.keys.published = (new,)

    def phases(self) -> list[Callable[[], None]]:
        """Return the phases in order."""
        return [
            self.steady, self.scale, self.rolling_update, self.killed_instance, self.issuer_outage,
            self.key_rotation, self.steady,
        ]  # fmt: skip


@contextmanager
def stage(proxy_name: str) -> Iterator[tuple[str, LocalOkta, Run]]:
    """Run the issuer, the store, two of three instances and the proxy; yield the proxy's URL."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        okta = stack.enter_context(running())
        keys = stack.enter_context(key_server(okta.keys))
        keys.cache_control = f"max-age={KEY_SECONDS}"
        redis = stack.enter_context(redis_server(folder))
        settings = {
            "OKTA_ISSUER": okta.issuer, "OKTA_JWKS_URI": keys.url, "OKTA_CLIENT_ID": "0oalocalspa",
            "DPOP": "allowed", "DPOP_REPLAY_STORE": redis.url, "WEB_CONCURRENCY": "1",
        }  # fmt: skip
        instances = [Instance(folder, settings) for _ in range(3)]
        for instance in instances[:2]:
            instance.start()
            stack.callback(instance.kill)
        addresses = [instance.address for instance in instances]
        yield stack.enter_context(proxy(proxy_name, folder, addresses)), okta, Run(instances, okta, keys)


async def run(proxy_name: str, seconds: float) -> bool:
    """Run all phases and print a table; return whether nothing was lost, wrong or replayed."""
    with stage(proxy_name) as (url, okta, events):
        phases, failed = events.phases(), False
        print(f"{proxy_name}\n| phase | seconds | requests | lost | wrong verdicts | replays accepted |")
        print("|---|---|---|---|---|---|")
        for phase in phases:
            load, began = Load(url, okta), time.monotonic()
            async with load.running():
                await asyncio.to_thread(phase)
                await asyncio.sleep(max(0.0, began + seconds / len(phases) - time.monotonic()))
            cells = (
                phase.__name__.replace("_", " "), f"{time.monotonic() - began:.0f}", load.requests,
                dict(load.lost) or 0, dict(load.wrong) or 0, load.replayed,
            )  # fmt: skip
            print(f"| {' | '.join(map(str, cells))} |", flush=True)
            failed |= bool(load.lost or load.wrong or load.replayed)
    return not failed


def main() -> None:
    """Run behind the proxy given; exit status 1 if a request was lost or got a wrong verdict."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.two_instances", description=__doc__)
    parser.add_argument("proxy", choices=[name for name in PROXIES if shutil.which(name)])
    parser.add_argument("seconds", nargs="?", type=float, default=600, help="altogether, at least")
    arguments = parser.parse_args()
    sys.exit(not asyncio.run(run(arguments.proxy, arguments.seconds)))


if __name__ == "__main__":
    main()
