"""The start page and its buttons."""

import re

import httpx
import pytest
from local_okta.app import create_app
from local_okta.config import PEOPLE, Config, origin_of
from local_okta.state import LocalOkta
from starlette.types import Message, Scope

BROWSER = {"Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Site": "same-origin"}


def test_page_shows_people_clients_and_scopes(local_okta: LocalOkta) -> None:
    """The page lists the people, the clients with their secrets, the scopes and the issuer."""
    text = httpx.get(origin_of(local_okta.issuer)).text
    for person in PEOPLE:
        assert person.name in text
    for client in local_okta.clients.values():
        assert client.client_id in text
        assert client.secret is None or client.secret in text
    for expected in ("reports:approve", local_okta.issuer, local_okta.keys.published[0].kid):
        assert expected in text


def test_people_for_the_page_of_an_app(local_okta: LocalOkta) -> None:
    """The page of a registered app reads whom it can name as `login_hint`, also where the switches are refused."""
    response = httpx.get(
        f"{origin_of(local_okta.issuer)}/local/people",
        headers={"Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"},
    )
    assert response.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert response.json() == [
        {"name": "Ada Lovelace", "login": "ada@example.com", "groups": ["Everyone", "Admins"]},
        {"name": "Grace Hopper", "login": "grace@example.com", "groups": ["Everyone"]},
    ]


def test_page_loads_nothing_and_may_not_be_framed(local_okta: LocalOkta) -> None:
    """The policy allows only the page's own style, and forms to this server."""
    response = httpx.get(origin_of(local_okta.issuer))
    policy = response.headers["content-security-policy"].split("; ")
    for directive in ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"):
        assert directive in policy
    assert "<script" not in response.text
    assert not re.search(r'src=|href="http(?!://localhost)', response.text)


def test_every_button_works(local_okta: LocalOkta) -> None:
    """Every button posts to a switch and returns to the page, which shows the new state."""
    origin = origin_of(local_okta.issuer)
    actions = re.findall(r'<button formaction="([^"]+)"', httpx.get(origin).text)
    assert len(actions) >= 8
    for action in actions:
        response = httpx.post(f"{origin}{action}", headers={**BROWSER, "Origin": origin})
        assert (response.status_code, response.headers["location"]) == (303, "/")


def test_page_shows_the_state_during_an_outage(local_okta: LocalOkta) -> None:
    """During an outage the page still responds, and shows the outage, the skew and both keys."""
    local_okta.switches.start_outage(None)
    local_okta.switches.skew = -600
    local_okta.keys.rotate(overlap=True)
    text = httpx.get(origin_of(local_okta.issuer)).text
    assert "every request gets a 503" in text
    assert "-600 seconds" in text
    assert all(key.kid in text for key in local_okta.keys.published)


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://evil.example", "null"])
def test_posts_of_other_sites_are_refused(local_okta: LocalOkta, origin: str) -> None:
    """A form on another site cannot press a button."""
    url = f"{origin_of(local_okta.issuer)}/local/outage"
    response = httpx.post(url, headers={"Accept": "text/html", "Origin": origin})
    assert response.status_code == 403
    assert not local_okta.switches.outage


@pytest.mark.anyio
@pytest.mark.parametrize(("peer", "disabled"), [("127.0.0.1", False), ("192.0.2.7", True)])
async def test_buttons_are_disabled_for_other_machines(peer: str, disabled: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    """For a peer that may not use the switches, the buttons are disabled."""
    headers = [(b"host", b"localhost:9000")]
    scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": headers, "query_string": b""}
    body = b""

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        nonlocal body
        body += message.get("body", b"")

    await create_app(Config())({**scope, "client": (peer, 1)}, receive, send)
    assert (b"<fieldset disabled>" in body) is disabled
