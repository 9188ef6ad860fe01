"""What a caller with a good token, a forger and /readyz see when the key server is ill."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from backend.okta import jwks
from local_okta.keys import SigningKey
from local_okta.pytest_plugin import OktaToken, person_claims
from local_okta.serving import serve
from local_okta.state import LocalOkta
from tests.support.api import NO_TLS, app_for, bearer, settings_for, wait_until_ready
from tests.support.key_server import FAULTS, KeyServer, content, held, slow, well

pytestmark = pytest.mark.long


@pytest.fixture
def url(okta: LocalOkta, server: KeyServer) -> Iterator[str]:
    """An application that gets its keys from `server`."""
    with serve(app_for(settings_for(okta, okta_jwks_uri=server.url))) as url:
        yield url


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five seconds are long for a test."""
    monkeypatch.setattr(jwks, "TIMEOUT_SECONDS", 1)


def forged(okta: LocalOkta) -> str:
    """A token that anyone could make: its key is unknown to the issuer."""
    return SigningKey().sign(person_claims(okta.issuer))


def status_of(url: str, token: str) -> int:
    """The status of a request with `token`."""
    return httpx.get(f"{url}/hello/Ada", headers=bearer(token), timeout=20, verify=NO_TLS).status_code


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_after_a_good_fetch(
    okta: LocalOkta, okta_token: OktaToken, server: KeyServer, url: str, fault: str
) -> None:
    """Good tokens pass on the keys held, an unknown key has no verdict, and /readyz says degraded."""
    wait_until_ready(url)
    server.answer = FAULTS[fault]
    assert status_of(url, forged(okta)) == 503
    assert status_of(url, okta_token()) == 200
    answer = httpx.get(f"{url}/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "degraded"})
    assert server.fetches == 2


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_from_the_start(okta: LocalOkta, okta_token: OktaToken, server: KeyServer, fault: str) -> None:
    """Without keys nobody gets a verdict, the process lives, and it heals by itself."""
    server.answer = FAULTS[fault]
    with serve(app_for(settings_for(okta, okta_jwks_uri=server.url))) as url:
        token = okta_token()
        answer = httpx.get(f"{url}/", headers=bearer(token), timeout=20)
        assert (answer.status_code, answer.json()) == (503, {"error": "Service Unavailable"})
        assert "WWW-Authenticate" not in answer.headers
        assert int(answer.headers["Retry-After"]) >= 1
        assert status_of(url, forged(okta)) == 503
        assert httpx.get(f"{url}/").status_code == 401
        assert httpx.get(f"{url}/readyz").status_code == 503
        assert httpx.get(f"{url}/healthz").status_code == 200
        server.answer = well
        wait_until_ready(url)
        assert status_of(url, token) == 200


def test_first_requests_share_a_fetch(okta: LocalOkta, okta_token: OktaToken, server: KeyServer) -> None:
    """Fifty first requests at once wait for one fetch and then pass."""
    server.answer = slow
    token = okta_token()
    with (
        serve(app_for(settings_for(okta, okta_jwks_uri=server.url))) as url,
        ThreadPoolExecutor(50) as pool,
    ):
        statuses = list(pool.map(lambda _: status_of(url, token), range(50)))
    assert statuses == [200] * 50
    assert server.fetches == 1


def test_flood_of_unknown_keys(okta_token: OktaToken, server: KeyServer, url: str) -> None:
    """Three hundred made-up key ids cost at most three fetches."""
    wait_until_ready(url)
    tokens = [okta_token(headers={"kid": f"made-up-{number}"}) for number in range(300)]
    with httpx.Client(base_url=url) as client, ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda token: client.get("/", headers=bearer(token)), tokens))
    # 401 where a fetch has shown that there is no such key, 503 during the cooldown.
    assert {answer.status_code for answer in answers} <= {401, 503}
    assert server.fetches <= 3


def test_known_key_does_not_wait(okta: LocalOkta, okta_token: OktaToken, server: KeyServer, url: str) -> None:
    """A good token passes while a fetch for an unknown key is still under way."""
    wait_until_ready(url)
    release = threading.Event()
    server.answer = held(release)
    with ThreadPoolExecutor(1) as pool:
        unknown = pool.submit(status_of, url, forged(okta))
        server.wait_for_fetch(2)
        for number in range(20):
            assert status_of(url, okta_token(jti=f"AT.{number}")) == 200
        assert not unknown.done()
        release.set()
        assert unknown.result() == 401


def test_first_caller_goes_away(okta: LocalOkta, okta_token: OktaToken, server: KeyServer) -> None:
    """A caller that gives up does not take the fetch with it."""
    release = threading.Event()
    server.answer = held(release)
    with serve(app_for(settings_for(okta, okta_jwks_uri=server.url))) as url:
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{url}/", headers=bearer(okta_token()), timeout=0.1)
        release.set()
        assert status_of(url, okta_token()) == 200
    assert server.fetches == 1


def test_unknown_key_whose_caller_goes_away(
    okta: LocalOkta, okta_token: OktaToken, server: KeyServer, url: str
) -> None:
    """A fetch for an unknown key goes on when its caller gives up, and serves the next one."""
    wait_until_ready(url)
    okta.keys.rotate(overlap=True)
    server.answer = slow
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{url}/", headers=bearer(okta_token()), timeout=0.1)
    assert status_of(url, okta_token()) == 200
    assert server.fetches == 2


@pytest.mark.parametrize(
    ("overlap", "status"), [(True, 200), (False, 401)], ids=["both published", "withdrawn"]
)
def test_rotation(
    okta: LocalOkta,
    okta_token: OktaToken,
    server: KeyServer,
    url: str,
    overlap: bool,  # noqa: FBT001 -- a parameter
    status: int,
) -> None:
    """A new key works at its first token; the old one goes on while it is published, for known tokens too."""
    wait_until_ready(url)
    before = okta_token()
    assert status_of(url, before) == 200
    okta.keys.rotate(overlap=overlap)
    assert status_of(url, okta_token()) == 200
    assert status_of(url, before) == status
    assert server.fetches == 2


def test_bad_entries_are_skipped(okta: LocalOkta, okta_token: OktaToken, server: KeyServer) -> None:
    """Entries that cannot verify RS256 do not spoil the good ones, and do not verify anything."""
    key = okta.keys.published[0]
    jwk = key.jwk()
    entries: list[object] = [None, {}, "x", {**jwk, "kid": None}, {**jwk, "kid": 3}]
    variants: dict[str, dict[str, object]] = {
        "enc": {"use": "enc"}, "ops": {"key_ops": ["encrypt"]}, "opstype": {"key_ops": "verify"},
        "rs512": {"alg": "RS512"}, "ec": {"kty": "EC"}, "oct": {"kty": "oct"}, "short": {"n": "AQAB"},
        "none": {"n": None}, "e1": {"e": "AQ"},
    }  # fmt: skip
    entries += [{**jwk, **change, "kid": kid} for kid, change in variants.items()]
    bare = {name: value for name, value in jwk.items() if name not in ("use", "alg")}
    server.answer = content({"keys": [*entries, {**bare, "kid": "bare"}, jwk]})
    with serve(app_for(settings_for(okta, okta_jwks_uri=server.url))) as url:
        wait_until_ready(url)
        assert status_of(url, okta_token()) == 200
        assert status_of(url, okta_token(headers={"kid": "bare"})) == 200
        for kid in variants:
            # 503 where the key could be new: the issuer is asked once per cooldown.
            assert status_of(url, okta_token(headers={"kid": kid})) in (401, 503), kid
