"""Each proof is accepted once, for as long as it is valid, in memory and in Redis or Valkey."""

import asyncio
import logging
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fastapi_okta_auth.dpop.replay import (
    MemoryReplayStore,
    RedisReplayStore,
    ReplayStore,
    replay_store,
)
from fastapi_okta_auth.errors import ServiceUnavailable
from okta_support.redis_server import RedisServer, losing_proxy, redis_server, switching_proxy
from okta_support.requests import free_address
from okta_support.simulated_time import SimulatedTime

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A server for the tests of this file."""
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[ReplayStore]:
    """Each store, empty."""
    server = request.getfixturevalue("running_server") if request.param == "redis" else None
    store = replay_store(server.url if server else "", "https://api.example.com")
    yield store
    await store.close()


def digest(number: int) -> bytes:
    """Return a proof's digest."""
    return number.to_bytes(32, "big")


async def test_proof_is_accepted_once(store: ReplayStore) -> None:
    """The second use is refused, and another proof is not."""
    assert await store.add("key", digest(1), 60)
    assert not await store.add("key", digest(1), 60)
    assert await store.add("key", digest(2), 60)


async def test_one_of_many_concurrent_uses_is_accepted(store: ReplayStore) -> None:
    """Two hundred uses at once count as one."""
    accepted = await asyncio.gather(*(store.add("key", digest(3), 60) for _ in range(200)))
    assert accepted.count(True) == 1


async def test_use_is_forgotten_after_its_time(running_server: RedisServer) -> None:
    """An entry in Redis expires by itself."""
    store = RedisReplayStore(running_server.url)
    assert await store.add("key", digest(4), 1)
    await asyncio.sleep(1.2)
    assert await store.add("key", digest(4), 1)
    await store.close()


async def test_memory_forgets_expired_uses_and_makes_room() -> None:
    """A full store accepts new proofs once the old ones have expired."""
    time = SimulatedTime()
    store = MemoryReplayStore(entries=2, per_key=2, clock=time.clock)
    assert await store.add("key", digest(1), 60)
    assert await store.add("key", digest(2), 90)
    time.now = 61
    assert await store.add("key", digest(3), 60)
    assert not await store.add("key", digest(2), 90)


async def test_full_memory_is_unavailable() -> None:
    """A full store evicts nothing: an evicted proof could be used again."""
    store = MemoryReplayStore(entries=2, per_key=2)
    assert await store.add("a", digest(1), 60)
    assert await store.add("b", digest(2), 60)
    with pytest.raises(ServiceUnavailable) as raised:
        await store.add("c", digest(3), 60)
    assert raised.value.code == "replay_store_full"
    assert not await store.add("a", digest(1), 60)


async def test_one_key_cannot_fill_memory_for_others() -> None:
    """Only the client that sends too many proofs is refused."""
    store = MemoryReplayStore(entries=100, per_key=2)
    assert await store.add("busy", digest(1), 60)
    assert await store.add("busy", digest(2), 60)
    with pytest.raises(ServiceUnavailable):
        await store.add("busy", digest(3), 60)
    assert await store.add("other", digest(4), 60)


async def test_busy_client_is_not_refused() -> None:
    """One client may send a thousand requests per second for as long as a proof is stored."""
    store = MemoryReplayStore(clock=lambda: 0.0)
    assert all([await store.add("busy", digest(number), 90) for number in range(90_000)])


async def test_unreachable_server_is_unavailable_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    """If the server is down, no proof is accepted, and the log says why."""
    store = RedisReplayStore(f"redis://:secret@{free_address()}/0")
    with pytest.raises(ServiceUnavailable) as raised:
        await store.add("key", digest(5), 60)
    await store.close()
    assert raised.value.code == "replay_store_unavailable"
    assert (raised.value.status, raised.value.challenge, raised.value.retry_after) == (503, None, 1)
    assert "ConnectionError" in caplog.text
    assert "secret" not in caplog.text


async def test_silent_server_is_unavailable() -> None:
    """A server that accepts connections and never responds is a 503 after the timeout."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = RedisReplayStore(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        async with asyncio.timeout(10):
            with pytest.raises(ServiceUnavailable):
                await store.add("key", digest(6), 60)
        await store.close()


async def test_lost_connection_is_replaced(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """After a restart of the server, its connections are opened again and no request fails."""
    with redis_server(tmp_path) as server:
        store = RedisReplayStore(server.url)
        assert await store.add("key", digest(7), 60)
        server.stop()
        server.start()
        assert await store.add("key", digest(8), 60)
        await store.close()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_full_server_is_unavailable(tmp_path: Path) -> None:
    """If the server is out of memory, no proof is accepted."""
    with redis_server(tmp_path) as server:
        server.stop()
        server.start("--maxmemory", "1", "--maxmemory-policy", "noeviction")
        store = RedisReplayStore(server.url)
        with pytest.raises(ServiceUnavailable):
            await store.add("key", digest(9), 60)
        await store.close()


async def test_more_requests_than_connections_are_all_served(
    running_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Requests wait for a free connection."""
    caplog.set_level(logging.WARNING)
    store = RedisReplayStore(running_server.url)
    accepted = await asyncio.gather(*(store.add("key", digest(1000 + number), 60) for number in range(100)))
    await store.close()
    assert all(accepted)


async def test_connection_that_breaks_after_the_server_recorded_the_proof(
    running_server: RedisServer,
) -> None:
    """The command is repeated, and recognises its own entry: the first use is accepted."""
    with losing_proxy(running_server.address, b"dpop:") as proxy:
        store = RedisReplayStore(f"redis://{proxy.address}/0")
        assert await store.add("key", digest(20), 60)
        assert proxy.lost == 1
        assert not await store.add("key", digest(20), 60)
        await store.close()


async def test_demoted_primary_costs_no_request_once_another_took_over(tmp_path: Path) -> None:
    """A replica answers READONLY on open connections: the store connects again and repeats the command."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with (
        redis_server(tmp_path / "a") as old,
        redis_server(tmp_path / "b") as new,
        switching_proxy(old.address) as proxy,
    ):
        store = RedisReplayStore(f"redis://{proxy.address}/0")
        assert await store.add("key", digest(21), 60)
        old.command("REPLICAOF", *new.address.split(":"))
        with pytest.raises(ServiceUnavailable):
            await store.add("key", digest(22), 60)
        proxy.target = new.address
        assert await store.add("key", digest(22), 60)
        await store.close()


@pytest.mark.parametrize("policy", ["noeviction", "volatile-lru", "allkeys-lfu"])
async def test_server_that_evicts_keys_is_an_error_in_the_log(
    running_server: RedisServer, caplog: pytest.LogCaptureFixture, policy: str
) -> None:
    """An evicted proof could be used again. One line, with the first proof."""
    running_server.command("CONFIG", "SET", "maxmemory-policy", policy)
    store = RedisReplayStore(running_server.url)
    for number in range(3):
        assert await store.add("key", digest(30_000 + 10 * len(policy) + number), 60)
    assert await store.eviction_policy() == policy
    await store.close()
    running_server.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
    lines = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(lines) == (policy != "noeviction")
    assert all(f"maxmemory-policy {policy}" in line for line in lines)


async def test_server_that_hides_its_settings_is_used(running_server: RedisServer) -> None:
    """Managed servers may refuse CONFIG."""
    running_server.command("ACL", "SETUSER", "api", "on", ">pw", "~*", "+set", "+ping", "+client")
    store = RedisReplayStore(running_server.url.replace("redis://", "redis://api:pw@"))
    assert await store.eviction_policy() == ""
    assert await store.add("key", digest(40), 60)
    await store.close()


async def test_one_worker_of_a_parent_stores_proofs_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second process with the same parent cannot open its store; one of another service can."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    code = (
        "import asyncio, sys, tempfile\n"
        "from fastapi_okta_auth.dpop.replay import replay_store\n"
        "tempfile.tempdir = sys.argv[1]\n"
        "asyncio.run(replay_store('', sys.argv[2]).open())\n"
        "print('open', flush=True)\n"
        "input()\n"
    )

    def start(resource: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", code, tmp_path, resource],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    with start("https://a.example") as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "open\n"
        with start("https://a.example") as second, start("https://b.example") as other:
            assert "DPOP_REPLAY_STORE: required for several workers" in second.communicate(timeout=60)[1]
            assert other.communicate("\n", timeout=60)[0] == "open\n"
        first.communicate("\n", timeout=60)
    with start("https://a.example") as again:
        assert again.communicate("\n", timeout=60)[0] == "open\n"
