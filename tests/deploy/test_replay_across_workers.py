"""A proof is accepted once, with any number of workers."""

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path

import aiohttp
import httpx
import pytest
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.dpop import API, dpop_headers, dpop_key
from okta_support.redis_server import redis_server

from tests.support.api import NO_TLS, free_address
from tests.support.processes import environment, project_folder
from tests.support.service import running, start

REPLAYS = 1000
CONNECTIONS = 100


async def send(url: str, headers: dict[str, str], count: int) -> Counter[tuple[int, str]]:
    """Send the same request `count` times at once; return how often each response occurred."""
    async with aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:

        async def get() -> tuple[int, str]:
            async with session.get("/me", headers=headers) as response:
                return response.status, (await response.json()).get("error", "accepted")

        return Counter(await asyncio.gather(*(get() for _ in range(count))))


@pytest.mark.anyio
@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_one_of_a_thousand_replays_at_two_workers_is_accepted(
    local_okta: LocalOkta, okta_token: OktaToken, tmp_path: Path
) -> None:
    """The store decides atomically, so a replay at another worker is refused as well."""
    key = dpop_key()
    token = okta_token(dpop=key)
    with (
        redis_server(tmp_path) as redis,
        running(local_okta, DPOP="allowed", DPOP_REPLAY_STORE=redis.url) as service,
    ):
        assert len(service.workers()) == 2
        proof = key.proof("GET", f"{API}/me", token)
        counts = await send(service.url, dpop_headers(token, proof), REPLAYS)
        print(dict(counts))
        replayed = (401, "Unauthorized proof or proof has already been used")
        assert counts == {(200, "accepted"): 1, replayed: REPLAYS - 1}


@pytest.mark.parametrize("arguments", [(), ("--workers", "2")], ids=["WEB_CONCURRENCY", "--workers"])
def test_several_workers_without_a_shared_store_stop_the_start(
    local_okta: LocalOkta, arguments: tuple[str, ...]
) -> None:
    """Each worker would accept the proof once."""
    workers = "1" if arguments else "2"
    process = start(*arguments, OKTA_ISSUER=local_okta.issuer, DPOP="allowed", WEB_CONCURRENCY=workers)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 78
    [line] = [line for line in errors.splitlines() if "DPOP" in line]
    assert line == (
        "DPOP_REPLAY_STORE: required for several workers, or each would accept a proof once; "
        "set it to a redis:// URL, or WEB_CONCURRENCY to 1"
    )


@pytest.mark.slow
def test_uvicorn_does_not_start_several_workers_either(local_okta: LocalOkta) -> None:
    """Each worker reads the command line, and the server ends with its workers."""
    _, _, port = free_address().partition(":")
    variables = {"OKTA_ISSUER": local_okta.issuer, "OKTA_CLIENT_ID": "0oaexample", "DPOP": "allowed"}
    done = subprocess.run(
        [sys.executable, "-m", "uvicorn", "backend.main:app", "--workers", "2", "--port", port],
        cwd=project_folder(), env=environment(**variables), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "DPOP_REPLAY_STORE: required for several workers" in done.stdout + done.stderr


def test_one_worker_stores_proofs_in_memory(local_okta: LocalOkta, okta_token: OktaToken) -> None:
    """Without a store a single worker accepts each proof once."""
    key = dpop_key()
    token = okta_token(dpop=key)
    with running(local_okta, DPOP="required", WEB_CONCURRENCY="1") as service:
        headers = dpop_headers(token, key.proof("GET", f"{API}/me", token))
        statuses = [
            httpx.get(f"{service.url}/me", headers=headers, verify=NO_TLS).status_code for _ in range(2)
        ]
    assert statuses == [200, 401]
