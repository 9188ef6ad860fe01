"""Valid tokens, forged tokens and /readyz while the key server fails."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi_okta_auth import keys
from local_okta.keys import SigningKey
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken, person_claims
from okta_support.app import app_for, settings_for
from okta_support.key_server import FAULTS, KeyServer, content, held, slow, well
from okta_support.requests import NO_TLS, bearer, wait_until_ready

pytestmark = pytest.mark.long


@pytest.fixture
def url(local_okta: LocalOkta, server: KeyServer) -> Iterator[str]:
    """An application that gets its keys from `server`."""
    with serve(app_for(settings_for(local_okta, okta_jwks_uri=server.url))) as url:
        yield url


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the timeout of a fetch from five seconds to one."""
    monkeypatch.setattr(keys, "TIMEOUT_SECONDS", 1)


def forged(okta: LocalOkta) -> str:
    """Sign a token with a key that the issuer does not publish."""
    return SigningKey().sign(person_claims(okta.issuer))


def status_of(url: str, token: str) -> int:
    """Return the status of a request with `token`."""
    return httpx.get(f"{url}/hello/Ada", headers=bearer(token), timeout=20, verify=NO_TLS).status_code


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_after_a_fetch_keeps_the_cached_keys(
    local_okta: LocalOkta, okta_token: OktaToken, server: KeyServer, url: str, fault: str
) -> None:
    """Valid tokens are verified with the cached keys, an unknown key gets 401, and /readyz says degraded."""
    wait_until_ready(url)
    server.respond = FAULTS[fault]
    assert status_of(url, forged(local_okta)) == 401
    assert status_of(url, okta_token()) == 200
    response = httpx.get(f"{url}/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "degraded"})
    assert server.fetches == 2


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_at_startup_is_a_503_until_it_ends(
    local_okta: LocalOkta, okta_token: OktaToken, server: KeyServer, fault: str
) -> None:
    """Without keys every token gets 503; the process stays alive and recovers by itself."""
    server.respond = FAULTS[fault]
    with serve(app_for(settings_for(local_okta, okta_jwks_uri=server.url))) as url:
        token = okta_token()
        response = httpx.get(f"{url}/", headers=bearer(token), timeout=20)
        assert (response.status_code, response.json()["error"]) == (503, "Service Unavailable")
        assert "WWW-Authenticate" not in response.headers
        assert int(response.headers["Retry-After"]) >= 1
        assert status_of(url, forged(local_okta)) == 503
        assert httpx.get(f"{url}/").status_code == 401
        assert httpx.get(f"{url}/readyz").status_code == 503
        assert httpx.get(f"{url}/healthz").status_code == 200
        server.respond = well
        wait_until_ready(url)
        assert status_of(url, token) == 200


def test_first_requests_share_a_fetch(
    local_okta: LocalOkta, okta_token: OktaToken, server: KeyServer
) -> None:
    """Fifty concurrent first requests share one fetch and then succeed."""
    server.respond = slow
    token = okta_token()
    with (
        serve(app_for(settings_for(local_okta, okta_jwks_uri=server.url))) as url,
        ThreadPoolExecutor(50) as pool,
    ):
        statuses = list(pool.map(lambda _: status_of(url, token), range(50)))
    assert statuses == [200] * 50
    assert server.fetches == 1


def test_known_key_does_not_wait_for_a_fetch(
    local_okta: LocalOkta, okta_token: OktaToken, server: KeyServer, url: str
) -> None:
    """A valid token is accepted while a fetch for an unknown key is under way."""
    wait_until_ready(url)
    release = threading.Event()
    server.respond = held(release)
    with ThreadPoolExecutor(1) as pool:
        unknown = pool.submit(status_of, url, forged(local_okta))
        server.wait_for_fetch(2)
        for number in range(20):
            assert status_of(url, okta_token(jti=f"AT.{number}")) == 200
        assert not unknown.done()
        release.set()
        assert unknown.result() == 401


def test_disconnected_first_caller_does_not_cancel_the_fetch(
    local_okta: LocalOkta, okta_token: OktaToken, server: KeyServer
) -> None:
    """The next caller uses the fetch that a disconnected caller started."""
    release = threading.Event()
    server.respond = held(release)
    with serve(app_for(settings_for(local_okta, okta_jwks_uri=server.url))) as url:
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{url}/", headers=bearer(okta_token()), timeout=0.1)
        release.set()
        assert status_of(url, okta_token()) == 200
    assert server.fetches == 1


def test_disconnected_caller_does_not_cancel_the_fetch_for_an_unknown_key(
    local_okta: LocalOkta, okta_token: OktaToken, server: KeyServer, url: str
) -> None:
    """A fetch for an unknown key continues when its caller disconnects, and serves the next one."""
    wait_until_ready(url)
    local_okta.keys.rotate(overlap=True)
    server.respond = slow
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{url}/", headers=bearer(okta_token()), timeout=0.1)
    assert status_of(url, okta_token()) == 200
    assert server.fetches == 2


@pytest.mark.parametrize(
    ("overlap", "status"), [(True, 200), (False, 401)], ids=["both published", "withdrawn"]
)
def test_rotated_key_works_at_once(
    local_okta: LocalOkta,
    okta_token: OktaToken,
    server: KeyServer,
    url: str,
    overlap: bool,  # noqa: FBT001 -- a parameter
    status: int,
) -> None:
    """A new key works with its first token; the old key works while it is published, also for cached tokens."""
    wait_until_ready(url)
    before = okta_token()
    assert status_of(url, before) == 200
    local_okta.keys.rotate(overlap=overlap)
    assert status_of(url, okta_token()) == 200
    assert status_of(url, before) == status
    assert server.fetches <= 3


def test_unusable_entries_are_skipped(
    local_okta: LocalOkta, okta_token: OktaToken, server: KeyServer
) -> None:
    """Entries that cannot verify RS256 verify nothing and do not affect the others."""
    key = local_okta.keys.published[0]
    jwk = key.jwk()
    entries: list[object] = [None, {}, "x", {**jwk, "kid": None}, {**jwk, "kid": 3}]
    variants: dict[str, dict[str, object]] = {
        "enc": {"use": "enc"}, "ops": {"key_ops": ["encrypt"]}, "opstype": {"key_ops": "verify"},
        "rs512": {"alg": "RS512"}, "ec": {"kty": "EC"}, "oct": {"kty": "oct"}, "short": {"n": "AQAB"},
        "none": {"n": None}, "e1": {"e": "AQ"},
    }  # fmt: skip
    entries += [{**jwk, **change, "kid": kid} for kid, change in variants.items()]
    bare = {name: value for name, value in jwk.items() if name not in ("use", "alg")}
    server.respond = content({"keys": [*entries, {**bare, "kid": "bare"}, jwk]})
    with serve(app_for(settings_for(local_okta, okta_jwks_uri=server.url))) as url:
        wait_until_ready(url)
        assert status_of(url, okta_token()) == 200
        assert status_of(url, okta_token(headers={"kid": "bare"})) == 200
        for kid in variants:
            # 503 if the key could be new: the issuer is asked once per cooldown.
            assert status_of(url, okta_token(headers={"kid": kid})) in (401, 503), kid
