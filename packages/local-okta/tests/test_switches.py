"""The switches under `/local`."""

import time
from typing import Any

import httpx
import pytest
from local_okta.app import create_app
from local_okta.config import Config, origin_of
from local_okta.state import LocalOkta
from local_okta_browser import Browser, decoded, json_object
from starlette.types import Message, Scope


def switch(okta: LocalOkta, path: str, **parameters: str | float) -> httpx.Response:
    """Post to a switch."""
    return httpx.post(f"{origin_of(okta.issuer)}/local/{path}", params=parameters)


def published(browser: Browser) -> list[str]:
    """Return the ids of the published keys."""
    return [key["kid"] for key in browser.get("/v1/keys").json()["keys"]]


def test_rotation_publishes_the_old_key_too(browser: Browser, local_okta: LocalOkta) -> None:
    """Rotation signs with a new key and still publishes the old one, so old tokens stay valid."""
    before = browser.tokens()["access_token"]
    assert switch(local_okta, "rotate").status_code == 200
    after = browser.tokens()["access_token"]
    kids = [decoded(token)[0]["kid"] for token in (after, before)]
    assert kids[0] != kids[1]
    assert published(browser) == kids
    assert browser.introspect(before)["active"]


def test_rotation_without_overlap_withdraws_the_old_key(browser: Browser, local_okta: LocalOkta) -> None:
    """Rotation without overlap publishes only the new key."""
    before = decoded(browser.tokens()["access_token"])[0]["kid"]
    switch(local_okta, "rotate", overlap="false")
    assert published(browser) == [decoded(browser.tokens()["access_token"])[0]["kid"]]
    assert before not in published(browser)


def test_outage_lasts_until_the_reset(browser: Browser, local_okta: LocalOkta) -> None:
    """During an outage every endpoint except the switches returns 503, until the reset."""
    switch(local_okta, "outage")
    assert browser.get("/v1/keys").status_code == 503
    assert browser.authorize().status_code == 503
    assert browser.client_credentials().status_code == 503
    assert switch(local_okta, "reset").json()["outage"] is False
    assert browser.get("/v1/keys").status_code == 200


def test_delay_lasts_until_the_reset(browser: Browser, local_okta: LocalOkta) -> None:
    """With a delay responses are late, except those of the switches, until the reset."""
    assert switch(local_okta, "delay", seconds=0.3).json()["delay"] == 0.3
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{local_okta.issuer}/v1/keys", timeout=0.1)
    assert browser.get("/v1/keys").status_code == 200
    switch(local_okta, "reset")
    assert httpx.get(f"{local_okta.issuer}/v1/keys", timeout=0.2).status_code == 200


def test_outage_ends_after_its_seconds(browser: Browser, local_okta: LocalOkta) -> None:
    """An outage with a duration ends without a reset."""
    assert switch(local_okta, "outage", seconds=0.2).json()["outage"] is True
    assert browser.get("/v1/keys").status_code == 503
    time.sleep(0.25)
    assert browser.get("/v1/keys").status_code == 200


@pytest.mark.parametrize("seconds", [-600, 600])
def test_skew_moves_the_times_in_tokens(browser: Browser, local_okta: LocalOkta, seconds: int) -> None:
    """A skewed clock moves every time in the tokens."""
    switch(local_okta, "skew", seconds=seconds)
    tokens = browser.tokens()
    expected = time.time() + seconds
    for kind in ("access_token", "id_token"):
        claims = decoded(tokens[kind])[1]
        for name, moment in (("iat", expected), ("auth_time", expected), ("exp", expected + 3600)):
            assert abs(claims[name] - moment) < 10


def test_token_lifetime_applies_to_new_tokens(browser: Browser, local_okta: LocalOkta) -> None:
    """The lifetime of new tokens, and expires_in with it, can be set."""
    switch(local_okta, "token-lifetime", seconds=60)
    tokens = browser.tokens()
    assert tokens["expires_in"] == 60
    for kind in ("access_token", "id_token"):
        claims = decoded(tokens[kind])[1]
        assert claims["exp"] - claims["iat"] == 60


def test_reset_restores_the_defaults(local_okta: LocalOkta) -> None:
    """The reset restores clock, lifetime and outage."""
    for path, seconds in (("skew", 60), ("token-lifetime", 60), ("outage", 60)):
        switch(local_okta, path, seconds=seconds)
    state = switch(local_okta, "reset").json()
    assert (state["skew"], state["token_lifetime"], state["outage"]) == (0, 3600, False)


def test_get_returns_the_state(local_okta: LocalOkta) -> None:
    """GET /local returns the state of the switches."""
    switch(local_okta, "skew", seconds=-30)
    state = json_object(httpx.get(f"{origin_of(local_okta.issuer)}/local"))
    kids = [key.kid for key in local_okta.keys.published]
    assert state == {
        "outage": False,
        "skew": -30,
        "delay": 0,
        "token_lifetime": 3600,
        "universal_logout": "",
        "keys": kids,
    }


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("outage", {"seconds": 0}),
        ("skew", {}),
        ("skew", {"seconds": "soon"}),
        ("token-lifetime", {"seconds": 32}),
        ("token-lifetime", {"seconds": 86_401}),
        ("rotate", {"overlap": "perhaps"}),
    ],
)
def test_invalid_values_change_nothing(local_okta: LocalOkta, path: str, parameters: dict[str, Any]) -> None:
    """An invalid value gets a 422 and changes nothing."""
    before = local_okta.keys.published
    assert switch(local_okta, path, **parameters).status_code == 422
    assert local_okta.keys.published == before
    assert not local_okta.switches.outage


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://evil.example", "null"])
def test_other_origins_are_refused(local_okta: LocalOkta, origin: str) -> None:
    """A request with another Origin, the application's too, gets a 403: any page can send a form."""
    url = f"{origin_of(local_okta.issuer)}/local/outage"
    assert httpx.post(url, headers={"Origin": origin}).status_code == 403
    assert not local_okta.switches.outage


APP = {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"}


def test_a_registered_app_may_switch_with_json(local_okta: LocalOkta) -> None:
    """A registered app reads the state, and switches with a JSON request, which its page may read."""
    url = f"{origin_of(local_okta.issuer)}/local"
    response = httpx.post(f"{url}/outage", headers=APP, json={})
    assert (response.status_code, local_okta.switches.outage) == (200, True)
    assert response.headers["access-control-allow-origin"] == APP["Origin"]
    assert httpx.get(url, headers=APP).json()["outage"] is True


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""]
)
def test_an_app_may_not_switch_with_a_form(local_okta: LocalOkta, media_type: str) -> None:
    """What a browser sends without asking first gets a 403, whoever's page sent it."""
    url = f"{origin_of(local_okta.issuer)}/local/outage"
    response = httpx.post(url, headers={**APP, "Content-Type": media_type}, content="{}")
    assert (response.status_code, local_okta.switches.outage) == (403, False)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3001"])
def test_json_of_another_page_is_refused(local_okta: LocalOkta, origin: str) -> None:
    """JSON from a page that is not of a registered app gets a 403, and so does its preflight."""
    url = f"{origin_of(local_okta.issuer)}/local/outage"
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    preflight = httpx.options(url, headers={"Origin": origin, **asked})
    assert preflight.status_code == 400
    assert httpx.post(url, headers={"Origin": origin}, json={}).status_code == 403
    two = [("Origin", APP["Origin"]), ("Origin", origin), ("Content-Type", "application/json")]
    assert httpx.post(url, headers=two, content="{}").status_code == 403
    assert not local_okta.switches.outage


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_requests_of_other_sites_are_refused(local_okta: LocalOkta, site: str) -> None:
    """A browser's request from another site or port gets a 403 by Sec-Fetch-Site, a GET too."""
    url = f"{origin_of(local_okta.issuer)}/local"
    assert httpx.get(url, headers={"Sec-Fetch-Site": site}).status_code == 403
    assert httpx.post(f"{url}/outage", headers={"Sec-Fetch-Site": site}).status_code == 403
    assert not local_okta.switches.outage


def test_own_origin_is_accepted(local_okta: LocalOkta) -> None:
    """A request with this server's Origin is accepted."""
    for own in (origin_of(local_okta.issuer), origin_of(local_okta.issuer).replace("localhost", "127.0.0.1")):
        headers = {"Origin": own, "Sec-Fetch-Site": "same-origin"}
        assert httpx.post(f"{own}/local/reset", headers=headers).status_code == 200


async def status_for_peer(client: tuple[str, int] | None, config: Config | None = None) -> int:
    """Return the status of a reset that comes from a peer address."""
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/local/reset",
        "query_string": b"",
        "headers": [(b"host", b"localhost:9000")],
        "client": client,
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    await create_app(config)(scope, receive, send)
    status = sent[0]["status"]
    assert isinstance(status, int)
    return status


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("client", "status"),
    [
        (("127.0.0.1", 1), 200),
        (("::1", 1), 200),
        (("192.0.2.7", 1), 403),
        (("2001:db8::7", 1), 403),
        (None, 403),
    ],
)
async def test_only_loopback_peers_are_accepted(client: tuple[str, int] | None, status: int) -> None:
    """A peer that is not on loopback, or has no address, gets a 403."""
    assert await status_for_peer(client) == status


@pytest.mark.anyio
async def test_in_a_container_the_engine_is_the_peer() -> None:
    """With --switches-for-all, which Compose sets, a peer that is not on loopback may switch."""
    assert await status_for_peer(("172.18.0.1", 1), Config(switches_for_all=True)) == 200


def test_forwarded_for_is_ignored(local_okta: LocalOkta) -> None:
    """X-Forwarded-For does not change the peer."""
    url = f"{origin_of(local_okta.issuer)}/local"
    assert httpx.get(url, headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 200
