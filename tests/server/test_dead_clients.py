"""A client that stops sending or reading holds its connection no longer than the limits page says.

Each client stops at some point and then waits for the end. The assertions allow three times the
limit, because the machine may be busy.
"""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from local_okta.state import LocalOkta
from local_okta.testing import person_claims

from tests.support.dead import CLIENTS, FACTOR, HEALTH, Dead, seconds_open
from tests.support.service import Service, running

pytestmark = [pytest.mark.long, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def service(local_okta_server: LocalOkta) -> Iterator[Service]:
    """One service with one worker, as shipped, that allows no clock skew."""
    with running(local_okta_server, WEB_CONCURRENCY="1", OKTA_LEEWAY="0") as service:
        yield service


@pytest.fixture(scope="module")
def ends(service: Service, local_okta_server: LocalOkta) -> Iterator[dict[str, Future[float]]]:
    """How long each client's connection lasts; all of them are open at once."""
    with ThreadPoolExecutor(len(CLIENTS)) as pool:
        yield {
            name: pool.submit(seconds_open, service.url, client, token_for(client, local_okta_server))
            for name, client in CLIENTS.items()
        }


def token_for(client: Dead, okta: LocalOkta) -> str:
    """Return a token for the lifetime that `client` asks for."""
    return okta.keys.sign(person_claims(okta.issuer) | {"exp": int(time.time()) + client.lifetime})


@pytest.mark.parametrize("name", CLIENTS)
def test_dead_client_is_let_go(ends: dict[str, Future[float]], name: str) -> None:
    """The server ends the connection of a client that does nothing more, or reads nothing."""
    seconds = ends[name].result()
    print(f"{name}: {seconds:.1f} s of {CLIENTS[name].limit}")
    assert seconds < FACTOR * CLIENTS[name].limit


def test_idle_connection_is_closed(local_okta_server: LocalOkta) -> None:
    """A connection without a request ends after gunicorn's `keepalive`."""
    with running(local_okta_server, "--keep-alive", "2", WEB_CONCURRENCY="1") as service:
        assert 2 <= seconds_open(service.url, Dead(HEALTH, 2), "") < FACTOR * 2 + 1
