"""A client that sends one thing as fast as it can does not hurt the others.

Each limit in the assertions is three times the one that docs/reference/server-limits.md promises,
because the machine may be busy. `--greedy-seconds 10` gives each client ten seconds.
"""

import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from tests.support.greedy import KINDS, effect_of
from tests.support.proxies import nginx_as_documented
from tests.support.service import Service, running

pytestmark = [pytest.mark.long, pytest.mark.slow]

FACTOR = 3
MEDIAN_SECONDS = 0.05
LONGEST_SECONDS = 1
GROWN_BYTES = 30_000_000
LOGGED_BYTES = 1000  # for each connection that the client opens


@pytest.fixture(scope="module")
def service(local_okta_server: LocalOkta) -> Iterator[Service]:
    """One service with one worker, as shipped."""
    with running(local_okta_server, WEB_CONCURRENCY="1") as service:
        yield service


@pytest.fixture(scope="module")
def proxied(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of nginx in front of the service, as the deployment page configures it."""
    folder: Path = tmp_path_factory.mktemp("nginx")
    with nginx_as_documented(folder, service.url) as url:
        yield url


@pytest.mark.parametrize("way", ["directly", "behind nginx"])
@pytest.mark.parametrize("name", KINDS)
def test_greedy_client_does_not_hurt_others(
    request: pytest.FixtureRequest, service: Service, okta_token: OktaToken, name: str, way: str
) -> None:
    """Others are served in time, the worker stays alive and its memory stays small."""
    url = service.url if way == "directly" else request.getfixturevalue("proxied")
    seconds = request.config.getoption("--greedy-seconds")
    effect = effect_of(service, url, KINDS[name], okta_token(), seconds)
    print(f"{name}, {way}: {effect}")
    assert effect.ended == 0
    assert effect.failed == 0
    assert statistics.median(effect.waits) < FACTOR * MEDIAN_SECONDS
    assert max(effect.waits) < FACTOR * LONGEST_SECONDS
    assert effect.grown < FACTOR * GROWN_BYTES
