"""`make soak`: load the service while its key server fails and recovers repeatedly."""

import argparse
import asyncio
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from local_okta.keys import SigningKey
from local_okta.serving import running
from local_okta.state import LocalOkta
from local_okta.testing import person_claims
from okta_support.key_server import FAULTS, KeyServer, key_server, well

from tests.support.api import bearer, free_address, wait_until_ready
from tests.support.processes import environment

CALLERS = 8
FAULT_SECONDS = 1.0


@dataclass
class Outcome:
    """The responses by kind and status, the unexpected ones, and the memory in megabytes."""

    responses: Counter[tuple[str, int]] = field(default_factory=Counter)
    wrong: list[tuple[str, int]] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


# A token with an unknown key gets 503 while the key server cannot be asked.
EXPECTED = {
    "valid": {200},
    "rotated": {200, 401, 503},
    "expired": {401},
    "other audience": {401},
    "forged": {401, 503},
    "broken": {401},
    "none": {401},
}


def headers_of(kind: str, okta: LocalOkta, steady: SigningKey, at: random.Random) -> dict[str, str]:
    """Return the headers of a request of this kind; `steady` is a key that is always published."""
    claims = {**person_claims(okta.issuer), "jti": f"AT.{at.random()}"}
    tokens = {
        "valid": lambda: steady.sign(claims),
        "rotated": lambda: okta.keys.sign(claims),
        "expired": lambda: steady.sign({**claims, "exp": 1}),
        "other audience": lambda: steady.sign({**claims, "aud": "api://other"}),
        "forged": lambda: steady.sign(claims, {"kid": f"made-up-{at.random()}"}),
        "broken": lambda: steady.sign(claims)[:-8] + "AAAAAAAA",
    }
    return bearer(tokens[kind]()) if kind in tokens else {}


async def soak(url: str, process: int, okta: LocalOkta, server: KeyServer, seconds: float) -> Outcome:
    """Load `url` for `seconds` while `server` changes, and count the responses."""
    at, outcome, end = random.Random(1), Outcome(), time.monotonic() + seconds
    steady = okta.keys.published[0]

    async def call(client: httpx.AsyncClient) -> None:
        while time.monotonic() < end:
            kind = at.choice(list(EXPECTED))
            response = await client.get("/hello/Ada", headers=headers_of(kind, okta, steady, at))
            outcome.responses[kind, response.status_code] += 1
            if response.status_code not in EXPECTED[kind]:
                outcome.wrong.append((kind, response.status_code))

    async def disturb() -> None:
        while time.monotonic() < end:
            server.respond = at.choice([well, at.choice(list(FAULTS.values()))])
            okta.keys.published = (SigningKey() if at.random() < 0.2 else okta.keys.published[0], steady)
            await asyncio.sleep(FAULT_SECONDS)
            outcome.memory.append(resident_megabytes(process))

    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        await asyncio.gather(disturb(), *(call(client) for _ in range(CALLERS)))
    return outcome


def resident_megabytes(process: int) -> float:
    """Return the resident memory of a process."""
    fields = Path(f"/proc/{process}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def service(okta: LocalOkta, server: KeyServer) -> Iterator[tuple[str, int]]:
    """Run the real service in a separate process; yield its URL and process id."""
    address = free_address()
    host, _, port = address.partition(":")
    settings = environment(
        OKTA_ISSUER=okta.issuer, OKTA_CLIENT_ID="0oalocalspa", OKTA_JWKS_URI=server.url, LOG_LEVEL="ERROR"
    )
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "backend.main:app",
        "--host",
        host,
        "--port",
        port,
        "--no-access-log",
    ]
    with subprocess.Popen(command, env=settings) as process:
        url = f"http://{address}"
        try:
            wait_until_ready(url)
            yield url, process.pid
        finally:
            process.terminate()


def run(seconds: float) -> Outcome:
    """Start everything and load it for `seconds`."""
    with running() as okta, key_server(okta.keys) as server, service(okta, server) as (url, process):
        return asyncio.run(soak(url, process, okta, server, seconds))


def main() -> None:
    """Run the soak test and print the counts; exit with status 1 if any response was unexpected."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.soak", description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=60)
    outcome = run(parser.parse_args().seconds)
    for (kind, status), count in sorted(outcome.responses.items()):
        print(f"{kind:15} {status} {count:7}")
    first, last = outcome.memory[len(outcome.memory) // 3], outcome.memory[-1]
    print(
        f"unexpected responses: {len(outcome.wrong)}; "
        f"memory: {first:.0f} MB after a third, {last:.0f} MB at the end"
    )
    sys.exit(bool(outcome.wrong))


if __name__ == "__main__":
    main()
