"""Made-up key ids behind balancers that stop sending to an instance that returns 5xx."""

import logging
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken, person_claims
from okta_support.key_server import KeyServer, key_server
from okta_support.requests import NO_TLS, bearer

from tests.support.proxies import proxy
from tests.support.service import Service, running

pytestmark = [pytest.mark.long, pytest.mark.slow]
MADE_UP = 1000
_log = logging.getLogger(__name__)


@pytest.fixture
def published(local_okta: LocalOkta) -> Iterator[KeyServer]:
    """The key server of the local Okta's issuer."""
    with key_server(local_okta.keys) as server:
        yield server


@pytest.fixture
def instances(local_okta: LocalOkta, published: KeyServer) -> Iterator[list[Service]]:
    """Two instances of one worker each."""
    with ExitStack() as stack:
        variables = {"OKTA_JWKS_URI": published.url, "WEB_CONCURRENCY": "1"}
        yield [stack.enter_context(running(local_okta, **variables)) for _ in range(2)]


def status(url: str, token: str) -> int:
    """Return the status of a request on a new connection."""
    return httpx.get(url, headers=bearer(token), trust_env=False, verify=NO_TLS).status_code


@pytest.mark.parametrize("balancer", ["nginx that counts 503", "haproxy that counts 5xx"])
def test_made_up_key_ids_eject_nothing(
    tmp_path: Path,
    local_okta: LocalOkta,
    okta_token: OktaToken,
    published: KeyServer,
    instances: list[Service],
    balancer: str,
) -> None:
    """1,000 of them are 401, no genuine caller notices, and a new key is accepted after one fetch."""
    claims, genuine = person_claims(local_okta.issuer), okta_token()
    made_up = [local_okta.keys.sign(claims, {"kid": secrets.token_urlsafe()}) for _ in range(MADE_UP)]
    addresses = [instance.url.removeprefix("http://") for instance in instances]
    with proxy(balancer, tmp_path, addresses) as url, ThreadPoolExecutor(8) as pool:
        before = published.fetches
        sent = [token for unknown in made_up for token in (unknown, genuine)]
        counted = Counter(
            zip(
                (token == genuine for token in sent),
                pool.map(lambda token: status(url, token), sent),
                strict=True,
            )
        )
        assert counted == {(False, 401): MADE_UP, (True, 200): MADE_UP}
        fetched = published.fetches - before
        local_okta.keys.rotate(overlap=True)
        before, started = published.fetches, time.monotonic()
        for instance in instances:
            while status(instance.url, okta_token()) != 200:
                assert time.monotonic() < started + 60
                time.sleep(0.05)
        _log.info(
            "%s: %s, %d fetches for made-up ids, %d for the new key, accepted after %.1f s",
            balancer, dict(counted), fetched, published.fetches - before, time.monotonic() - started,
        )  # fmt: skip
        assert published.fetches - before <= len(instances)
    log = "".join(file.read_text() for file in tmp_path.glob("*.log"))
    assert "temporarily disabled" not in log
    assert "DOWN" not in log
