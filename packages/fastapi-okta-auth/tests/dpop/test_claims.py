"""A proof is valid for one method, URL and token, for a short time, and once (RFC 9449 section 4.3)."""

import logging
import time

import httpx
import pytest
from local_okta.state import LocalOkta
from local_okta.testing import DPoPKey, OktaToken
from okta_support.dpop import API, ME, assert_refused_proof, dpop_api, dpop_headers, dpop_key
from okta_support.requests import free_address


@pytest.mark.parametrize("method", [None, "POST", "", "GET ", 1, ["GET"], "\uff27ET"], ids=str)
def test_proof_for_another_method_is_refused(
    allowed: httpx.Client, token: str, key: DPoPKey, method: object
) -> None:
    """A proof for GET is not valid for POST."""
    proof = key.proof("GET", ME, token, htm=method)
    response = allowed.get("/me", headers=dpop_headers(token, proof))
    assert_refused_proof(response, "htm is not the method of the request")


def test_method_is_compared_without_case(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """okta-auth-js sends the method as its caller wrote it."""
    assert allowed.get("/me", headers=dpop_headers(token, key.proof("get", ME, token))).status_code == 200
    lookalike = key.proof("po\u017ft", f"{API}/items", token)
    response = allowed.post("/items", headers=dpop_headers(token, lookalike))
    assert_refused_proof(response, "htm is not the method of the request")


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "OPTIONS"])
def test_proof_covers_every_method(allowed: httpx.Client, token: str, key: DPoPKey, method: str) -> None:
    """A proof for any method is accepted: a method that the route lacks gets 405, not 401."""
    url = f"{API}/items"
    proof = key.proof(method, url, token)
    assert allowed.request(method, "/items", headers=dpop_headers(token, proof)).status_code in (200, 405)


@pytest.mark.parametrize(
    "url",
    [None, f"{API}/hello/Ada", "https://localhost:8000/me", "http://127.0.0.1:8000/me", "/me", 1],
    ids=str,
)
def test_proof_for_another_url_is_refused(
    allowed: httpx.Client, token: str, key: DPoPKey, url: object
) -> None:
    """A proof for one URL is not valid for another."""
    proof = key.proof("GET", ME, token, htu=url)
    response = allowed.get("/me", headers=dpop_headers(token, proof))
    assert_refused_proof(response, "htu is not the URL of the request")


@pytest.mark.parametrize(
    ("path", "url"),
    [
        pytest.param("/me?x=1&y=2", f"{ME}?x=1&y=2", id="query as in the request"),
        pytest.param("/me?x=1", ME, id="query in the request alone"),
        pytest.param("/me", f"{ME}?x=1#f", id="query and fragment in the proof alone"),
        pytest.param("/hello/Zo%C3%AB", f"{API}/hello/Zoë", id="letter beyond ASCII"),
        pytest.param("/hello/a%20b", f"{API}/hello/%61%20b", id="percent-encoding"),
        pytest.param("/", API, id="no path"),
        pytest.param("/me", "HTTP://LOCALHOST:8000/me", id="upper case"),
    ],
)
def test_proof_for_the_same_url_in_another_spelling_is_accepted(
    allowed: httpx.Client, token: str, key: DPoPKey, path: str, url: str
) -> None:
    """Spellings that real clients use are accepted; test_url.py has the rest."""
    proof = key.proof("GET", url, token)
    assert allowed.get(path, headers=dpop_headers(token, proof)).status_code == 200


def test_headers_of_proxies_do_not_change_the_url(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """The URL comes from RESOURCE_URL, not from Host or X-Forwarded headers."""
    made_up = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    proof = key.proof("GET", ME, token)
    assert allowed.get("/me", headers={**made_up, **dpop_headers(token, proof)}).status_code == 200
    proof = key.proof("GET", "https://evil.example/me", token)
    response = allowed.get("/me", headers={**made_up, **dpop_headers(token, proof)})
    assert_refused_proof(response, "htu is not the URL of the request")


def test_prefix_that_a_proxy_removes_is_part_of_the_url(
    local_okta: LocalOkta, token: str, key: DPoPKey
) -> None:
    """Clients sign the URL that they call, including a prefix that the proxy removes."""
    with dpop_api(local_okta, resource_url="https://api.example.com/v1") as client:
        proof = key.proof("GET", "https://api.example.com/v1/me", token)
        assert client.get("/me", headers=dpop_headers(token, proof)).status_code == 200
        proof = key.proof("GET", "https://api.example.com/me", token)
        assert client.get("/me", headers=dpop_headers(token, proof)).status_code == 401


@pytest.mark.parametrize("ath", [None, "", "A" * 43, "é", 1], ids=str)
def test_proof_for_another_token_is_refused(
    allowed: httpx.Client, token: str, key: DPoPKey, ath: object
) -> None:
    """A proof is valid for one access token (RFC 9449 section 4.3)."""
    response = allowed.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token, ath=ath)))
    assert_refused_proof(response, "ath is not the hash of the access token")


@pytest.mark.parametrize("iat", [None, "now", True, [1]], ids=str)
def test_proof_without_a_time_is_refused(
    allowed: httpx.Client, token: str, key: DPoPKey, iat: object
) -> None:
    """`iat` must be a number."""
    response = allowed.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token, iat=iat)))
    assert_refused_proof(response, "iat is missing or not a number")


@pytest.mark.parametrize(
    ("offset", "reason"),
    [
        pytest.param(-50, None, id="50 s old"),
        pytest.param(-70, "proof has expired", id="70 s old"),
        pytest.param(-(10**30), "proof has expired", id="from before the big bang"),
        pytest.param(25, None, id="25 s ahead"),
        pytest.param(40, "proof was issued in the future", id="40 s ahead"),
        pytest.param(1e300, "proof was issued in the future", id="float far ahead"),
    ],
)
def test_clock_skew_is_limited(
    allowed: httpx.Client, token: str, key: DPoPKey, offset: float, reason: str | None
) -> None:
    """A proof is accepted from 30 s before to 60 s after its `iat`."""
    response = allowed.get(
        "/me", headers=dpop_headers(token, key.proof("GET", ME, token, iat=time.time() + offset))
    )
    if reason is None:
        assert response.status_code == 200
    else:
        assert_refused_proof(response, reason)


@pytest.mark.parametrize("jti", [None, "", "a" * 257, 1, ["a"]], ids=lambda jti: str(jti)[:10])
def test_proof_without_an_id_is_refused(allowed: httpx.Client, token: str, key: DPoPKey, jti: object) -> None:
    """A proof without a usable `jti` is refused, because its reuse could not be detected."""
    response = allowed.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token, jti=jti)))
    assert_refused_proof(response, "jti is missing or too long")


@pytest.mark.parametrize("jti", ["a" * 256, "ë", "\u0000"], ids=ascii)
def test_replayed_proof_is_refused(allowed: httpx.Client, token: str, key: DPoPKey, jti: str) -> None:
    """A proof is accepted once, with any `jti`."""
    headers = dpop_headers(token, key.proof("GET", ME, token, jti=jti))
    assert allowed.get("/me", headers=headers).status_code == 200
    assert_refused_proof(allowed.get("/me", headers=headers), "proof has already been used")
    again = dpop_headers(token, key.proof("GET", f"{ME}?x", token, jti=jti, iat=int(time.time()) - 1))
    assert_refused_proof(allowed.get("/me", headers=again), "proof has already been used")


def test_id_may_be_used_for_another_url_or_by_another_key(
    allowed: httpx.Client, okta_token: OktaToken, token: str, key: DPoPKey
) -> None:
    """Ids are unique per key and URL (RFC 9449 section 11.1)."""
    other = dpop_key("ES384")
    others = okta_token(dpop=other)
    jti = "the same"
    assert allowed.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token, jti=jti))).is_success
    assert allowed.get("/", headers=dpop_headers(token, key.proof("GET", API, token, jti=jti))).is_success
    assert allowed.get(
        "/me", headers=dpop_headers(others, other.proof("GET", ME, others, jti=jti))
    ).is_success


def test_refused_proof_is_not_used_up(allowed: httpx.Client, token: str, key: DPoPKey) -> None:
    """`jti` is recorded after all other checks, so a refused proof can be sent again."""
    proof = key.proof("POST", f"{API}/items", token)
    assert allowed.get("/items", headers=dpop_headers(token, proof)).status_code == 401
    assert allowed.post("/items", headers=dpop_headers(token, proof)).status_code == 200


def test_unreachable_replay_store_is_unavailable(
    local_okta: LocalOkta, token: str, key: DPoPKey, caplog: pytest.LogCaptureFixture
) -> None:
    """A proof that cannot be recorded gets 503; requests without a proof still work."""
    caplog.set_level(logging.INFO)
    with dpop_api(local_okta, dpop_replay_store=f"redis://{free_address()}/0") as client:
        response = client.get("/me", headers=dpop_headers(token, key.proof("GET", ME, token)))
        assert (response.status_code, response.json()["error"]) == (503, "Service Unavailable")
        assert "WWW-Authenticate" not in response.headers
        assert response.headers["Retry-After"] == "1"
        assert client.get("/readyz").status_code == 200
    assert "replay_store_unavailable" in caplog.text
