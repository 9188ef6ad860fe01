"""A proof is for one URL, in any equivalent spelling; request headers do not change it."""

from typing import Any

import pytest
from fastapi_okta_auth.dpop.url import claimed_url, request_url

API = "https://api.example.com"


def scope(raw_path: str, **more: Any) -> dict[str, Any]:
    """Return the scope of a request for `raw_path`."""
    return {"type": "http", "path": "/not-used", "raw_path": raw_path.encode(), **more}


def fits(htu: object, raw_path: str, resource: str = API, **more: Any) -> bool:
    """Return whether a proof for `htu` fits a request for `raw_path`."""
    request = scope(raw_path, **more)
    url = request_url(resource, request)
    return url is not None and claimed_url(htu, request) == url


@pytest.mark.parametrize(
    ("htu", "raw_path", "resource"),
    [
        pytest.param(f"{API}/hello/Ada", "/hello/Ada", API, id="the same"),
        pytest.param(f"{API}/hello/Ada?x=1&y=/z", "/hello/Ada", API, id="query in htu"),
        pytest.param(f"{API}/hello/Ada#top", "/hello/Ada", API, id="fragment in htu"),
        pytest.param(f"{API}/hello/Ada?x=1#f", "/hello/Ada", API, id="query and fragment in htu"),
        pytest.param("HTTPS://API.Example.COM/hello/Ada", "/hello/Ada", API, id="upper-case scheme and host"),
        pytest.param(f"{API}:443/hello/Ada", "/hello/Ada", API, id="default port of https"),
        pytest.param("http://api:80/me", "/me", "http://api", id="default port of http"),
        pytest.param("http://api/me", "/me", "http://api:80", id="default port in RESOURCE_URL"),
        pytest.param(f"{API}:8443/me", "/me", f"{API}:8443", id="another port"),
        pytest.param(API, "/", API, id="empty path"),
        pytest.param(f"{API}/", "/", f"{API}/", id="RESOURCE_URL with a slash"),
        pytest.param(f"{API}/v1/me", "/me", f"{API}/v1", id="prefix that a proxy removes"),
        pytest.param(f"{API}/v1/me", "/me", f"{API}/v1/", id="prefix with a slash"),
        pytest.param(f"{API}/hello/%41da", "/hello/Ada", API, id="unreserved character encoded in htu"),
        pytest.param(f"{API}/hello/Ada", "/hello/%41da", API, id="unreserved character encoded in the path"),
        pytest.param(f"{API}/hello/a%2fb", "/hello/a%2Fb", API, id="case of percent-encoding"),
        pytest.param(f"{API}/hello/Zoë", "/hello/Zo%C3%AB", API, id="letter beyond ASCII"),
        pytest.param(f"{API}/hello/a b", "/hello/a%20b", API, id="space"),
        pytest.param(f"{API}/x/../me", "/me", API, id="dot segments"),
        pytest.param(f"{API}/x/%2e%2e/me", "/me", API, id="encoded dot segments"),
        pytest.param("http://[::1]:8000/me", "/me", "http://[::1]:8000", id="IPv6"),
        pytest.param("http://[0:0:0:0:0:0:0:1]:8000/me", "/me", "http://[::1]:8000", id="long form of IPv6"),
        pytest.param("http://127.0.0.1:8000/me", "/me", "http://127.0.0.1:8000", id="IPv4"),
    ],
)
def test_equivalent_url_is_accepted(htu: str, raw_path: str, resource: str) -> None:
    """Both sides are normalised (RFC 3986 sections 6.2.2 and 6.2.3)."""
    assert fits(htu, raw_path, resource)


@pytest.mark.parametrize(
    ("htu", "raw_path", "resource"),
    [
        pytest.param(f"{API}/hello/Bob", "/hello/Ada", API, id="another path"),
        pytest.param(f"{API}/hello/ada", "/hello/Ada", API, id="case of the path"),
        pytest.param(f"{API}/hello/Ada/", "/hello/Ada", API, id="slash at the end"),
        pytest.param(f"{API}/hello//Ada", "/hello/Ada", API, id="doubled slash"),
        pytest.param(f"{API}/hello/a/b", "/hello/a%2Fb", API, id="encoded slash"),
        pytest.param(f"{API}/hello/x", "/hello/x#y", API, id="fragment in the path"),
        pytest.param(f"{API}/hello/x", "/hello/x?y", API, id="question mark in the path"),
        pytest.param("http://api.example.com/me", "/me", API, id="another scheme"),
        pytest.param("wss://api.example.com/me", "/me", API, id="WebSocket scheme on HTTP"),
        pytest.param("https://other.example.com/me", "/me", API, id="another host"),
        pytest.param("https://api.example.com.evil.example/me", "/me", API, id="host with a suffix"),
        pytest.param(f"{API}:8443/me", "/me", API, id="another port"),
        pytest.param("https://u:p@api.example.com/me", "/me", API, id="credentials"),
        pytest.param("https://evil.example/me", "@evil.example/me", API, id="host in the request target"),
        pytest.param("https://evil.example/me", "https://evil.example/me", API, id="absolute request target"),
        pytest.param("https://evil.example/me", "//evil.example/me", API, id="path that looks like a host"),
        pytest.param(f"{API}/me", "/me", f"{API}/v1", id="without the prefix"),
        pytest.param("/me", "/me", API, id="relative"),
        pytest.param("//api.example.com/me", "/me", API, id="without a scheme"),
        pytest.param("", "/", API, id="empty"),
        pytest.param("https://[::1/me", "/me", API, id="broken IPv6"),
        pytest.param("https://api.example.com:port/me", "/me", API, id="port that is no number"),
        pytest.param("https://api.example.com:99999/me", "/me", API, id="port out of range"),
        pytest.param("https://\ud800/me", "/me", API, id="lone surrogate"),
        pytest.param("https://api.example.com\\@evil.example/me", "/me", API, id="backslash"),
        pytest.param("http://xn--/", "/me", API, id="host that IDNA cannot decode"),
        pytest.param(f"http://{'a' * 64}.example/", "/me", API, id="label over 63 characters"),
        pytest.param(f"{API}/", "/hello/..", API, id="dot segments"),
        pytest.param(f"{API}/hello/..", "/hello/..", API, id="dot segments in both"),
        pytest.param(f"{API}/", "/hello/%2e%2e", API, id="encoded dot segments"),
        pytest.param(f"{API}/hello/", "/hello/%2E", API, id="encoded dot"),
        pytest.param(f"{API}/hello/", "/hello/.%2e/hello/.", API, id="half-encoded dot segments"),
        pytest.param(None, "/me", API, id="missing"),
        pytest.param([f"{API}/me"], "/me", API, id="array"),
    ],
)
def test_other_url_is_refused(htu: object, raw_path: str, resource: str) -> None:
    """A URL that is not equivalent is refused."""
    assert not fits(htu, raw_path, resource)


def test_headers_of_the_request_do_not_change_the_url() -> None:
    """Host and X-Forwarded headers are ignored, because a caller can set them."""
    headers = [
        (b"host", b"evil.example"),
        (b"x-forwarded-host", b"evil.example"),
        (b"x-forwarded-proto", b"http"),
    ]
    assert fits(f"{API}/me", "/me", headers=headers)
    assert not fits(
        "http://evil.example/me", "/me", headers=headers, scheme="http", server=("evil.example", 80)
    )


def test_prefix_that_the_server_adds_counts_once() -> None:
    """A server with --root-path adds it to every path; RESOURCE_URL already contains it."""
    assert fits(f"{API}/v1/me", "/v1/me", f"{API}/v1", root_path="/v1")


@pytest.mark.parametrize(
    ("root_path", "path", "seen"),
    [
        ("/api", "/apix/me", "/apix/me"),
        ("/api", "/api", "/"),
        ("/api/", "/api/me", "/me"),
        ("/", "/me", "/me"),
    ],
)
def test_prefix_ends_at_a_slash(root_path: str, path: str, seen: str) -> None:
    """A path that merely begins with the same letters keeps them."""
    assert fits(f"{API}{seen}", path, root_path=root_path)
    assert not fits(f"{API}/x/me", path, root_path=root_path)


def test_path_is_used_where_the_server_gives_no_raw_path() -> None:
    """`raw_path` is optional in ASGI."""
    assert request_url(API, {"type": "http", "path": "/hello/Zoë b"}) == f"{API}:443/hello/Zo%C3%AB%20b"


@pytest.mark.parametrize(
    "htu", ["wss://api.example.com/ws", "https://api.example.com/ws", "WSS://api.example.com/ws"]
)
def test_websocket_accepts_either_scheme(htu: str) -> None:
    """`htu` of a handshake may have the scheme wss or https."""
    assert fits(htu, "/ws", type="websocket")
    assert not fits(htu.lower().replace("s://", "://"), "/ws", type="websocket")
