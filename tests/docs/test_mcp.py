"""The page on MCP servers: its app, called by the client of the `mcp` package."""

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import httpx
import httpx2
import pytest
from fastapi import FastAPI
from fastapi_okta_auth import Okta, OktaJWTMiddleware
from local_okta.serving import bind, serve, serving
from local_okta.state import LocalOkta
from local_okta.testing import Config, OktaToken, running
from mcp import MCPError
from mcp.client.context import ClientRequestContext
from mcp.server import MCPServer
from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver import Elicit, RequestStateSecurity, Resolve
from mcp.types import ElicitRequestParams, ElicitResult
from pydantic import BaseModel

from tests.support.api import app_for, bearer, free_address, settings_for
from tests.support.mcp_client import SignIn, connected, text_of, with_token
from tests.support.pages import ROOT, blocks

pytestmark = pytest.mark.slow  # for what it needs: mcp is in requirements/workshop.txt

PAGE = ROOT / "docs/how-to/protect-an-mcp-server.md"
APP, WITH_QUESTIONS = blocks(PAGE, "python")
WELL_KNOWN = "/.well-known/oauth-protected-resource"
READ = ["reports:read"]
BOTH = ["reports:read", "reports:approve"]
# As VS Code has it; an administrator registers it by hand.
CLIENT_ID = "0oamcpclient"
REDIRECT_URI = "http://127.0.0.1:33418/"
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
ACCEPT = {"Accept": "application/json, text/event-stream"}


@contextmanager
def running_page(okta: LocalOkta, client_id: str) -> Iterator[str]:
    """Serve the app of the page, with the settings that it needs, and yield its RESOURCE_URL."""
    address = free_address()
    names: dict[str, Any] = {"__name__": "app"}
    with (
        pytest.MonkeyPatch.context() as patch,
        bind("127.0.0.1", int(address.rpartition(":")[2])) as listener,
    ):
        patch.setenv("OKTA_ISSUER", okta.issuer)
        patch.setenv("OKTA_CLIENT_ID", client_id)
        patch.setenv("RESOURCE_URL", f"http://{address}")
        exec(compile(APP, PAGE.name, "exec"), names)  # noqa: S102 - the code is ours
        with serving(names["app"], listener):
            wait_for_keys(names["okta"])
            yield f"http://{address}"


def wait_for_keys(okta: Okta) -> None:
    """Wait until tokens can be verified."""
    deadline = time.monotonic() + 30
    while not okta.ready:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def api_url(local_okta: LocalOkta) -> Iterator[str]:
    """The app of the page."""
    with running_page(local_okta, "0oalocalspa") as url:
        yield url


def test_without_a_token(api_url: str, local_okta: LocalOkta) -> None:
    """The exact URL is denied; the challenge names the metadata of `/mcp`, and that of the whole app does not exist."""
    response = httpx.post(f"{api_url}/mcp", json=INITIALIZE)
    assert response.status_code == 401
    [url] = re.findall('resource_metadata="(.+?)"', response.headers["WWW-Authenticate"])
    assert url == f"{api_url}{WELL_KNOWN}/mcp"
    assert httpx.get(url).json() == {
        "resource": f"{api_url}/mcp",
        "authorization_servers": [local_okta.issuer],
        "scopes_supported": ["reports:approve", "reports:read"],
        "bearer_methods_supported": ["header"],
    }
    for path in ("/mcp/", f"/mcp{WELL_KNOWN}", WELL_KNOWN, f"{WELL_KNOWN}/mcp/", f"{WELL_KNOWN}/other"):
        assert httpx.get(api_url + path).status_code == 401


@pytest.mark.anyio
@pytest.mark.parametrize(("mode", "version"), [("auto", "2026-07-28"), ("legacy", "2025-11-25")])
async def test_tools_see_the_caller(api_url: str, okta_token: OktaToken, mode: str, version: str) -> None:
    """A client of either protocol lists the tools and calls them; no tool has the caller as an argument."""
    ada = with_token(okta_token(scp=BOTH))
    async with connected(f"{api_url}/mcp", ada, mode=mode) as client:
        assert client.protocol_version == version
        arguments = {
            tool.name: [*tool.input_schema["properties"]] for tool in (await client.list_tools()).tools
        }
        assert arguments == {"list_reports": [], "approve_report": ["number"]}
        assert text_of(await client.call_tool("list_reports", {})) == "the reports of 00ulocalada"
        assert (
            text_of(await client.call_tool("list_reports", {"user": "grace"})) == "the reports of 00ulocalada"
        )
        approved = await client.call_tool("approve_report", {"number": 7})
        assert text_of(approved) == "ada@example.com approved report 7"


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_tool_requires_a_scope(api_url: str, okta_token: OktaToken, mode: str) -> None:
    """Without it the tool does not run, and the model reads why."""
    async with connected(f"{api_url}/mcp", with_token(okta_token(scp=READ)), mode=mode) as client:
        refused = await client.call_tool("approve_report", {"number": 7})
        assert refused.is_error
        assert text_of(refused).endswith("the token lacks the scope reports:approve")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("claims", "status", "code", "challenge"),
    [
        ({"cid": "0oaother", "scp": READ}, 401, "client", 'error="invalid_token"'),
        ({"aud": "api://other", "scp": READ}, 401, "audience", 'error="invalid_token"'),
        ({"scp": ["openid"]}, 403, "insufficient_scope", 'scope="reports:read"'),
    ],
)
async def test_refused_token(
    api_url: str, okta_token: OktaToken, claims: dict[str, Any], status: int, code: str, challenge: str
) -> None:
    """The refusal is that of any other route, and names the metadata of `/mcp`."""
    token = okta_token(**claims)
    async with with_token(token) as http:
        response = await http.post(f"{api_url}/mcp", json=INITIALIZE)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert challenge in response.headers["WWW-Authenticate"]
    assert f'resource_metadata="{api_url}{WELL_KNOWN}/mcp"' in response.headers["WWW-Authenticate"]
    with pytest.RaisesGroup(MCPError, flatten_subgroups=True):
        async with connected(f"{api_url}/mcp", with_token(token)):
            pass


@pytest.mark.anyio
@pytest.mark.parametrize(("first", "requested"), [(None, BOTH), (["openid"], READ)])
async def test_sign_in_with_a_fixed_client_id(first: list[str] | None, requested: list[str]) -> None:
    """The client finds the authorization server from the 401, and steps up from the 403; it never registers itself."""
    config = Config(client_changes={CLIENT_ID: {"redirect_uris": (REDIRECT_URI,)}})
    with running(config) as okta, running_page(okta, CLIENT_ID) as api_url:
        token = OktaToken(okta)(cid=CLIENT_ID, scp=first) if first else ""
        sign_in = SignIn(f"{api_url}/mcp", okta, CLIENT_ID, REDIRECT_URI, token)
        async with connected(f"{api_url}/mcp", sign_in.http()) as client:
            assert text_of(await client.call_tool("list_reports", {})) == "the reports of 00ulocalada"
    [request] = sign_in.requests
    assert (request["client_id"], request["redirect_uri"]) == (CLIENT_ID, REDIRECT_URI)
    assert request["resource"] == f"{api_url}/mcp"
    assert set(request["scope"].split()) == {*requested, "offline_access"}


def test_there_are_no_sessions(api_url: str, okta_token: OktaToken) -> None:
    """The server issues no session ID, under any name, opens no stream and has no session to end."""
    headers = {"Host": "api.example.com", **ACCEPT, **bearer(okta_token(scp=READ))}
    response = httpx.post(f"{api_url}/mcp", json=INITIALIZE, headers=headers)
    assert (response.status_code, "mcp-session-id" in response.headers) == (200, False)
    for method in ("GET", "DELETE"):
        assert httpx.request(method, f"{api_url}/mcp", headers=headers).status_code == 405


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_each_request_is_that_of_its_token(api_url: str, okta_token: OktaToken, mode: str) -> None:
    """What one user began is not continued as that user with another's token, or without one."""
    http = with_token(okta_token(scp=READ))
    async with connected(f"{api_url}/mcp", http, mode=mode) as client:
        assert text_of(await client.call_tool("list_reports", {})) == "the reports of 00ulocalada"
        http.headers |= bearer(okta_token(person="grace", scp=READ))
        assert text_of(await client.call_tool("list_reports", {})) == "the reports of 00ulocalgrace"
        del http.headers["Authorization"]
        with pytest.raises(MCPError):
            await client.call_tool("list_reports", {})


@contextmanager
def served(okta: LocalOkta, server: MCPServer, **options: Any) -> Iterator[str]:
    """Serve an MCP server of the SDK behind the middleware and yield the URL of its endpoint."""
    verifying = Okta(issuer=okta.issuer, client_id="0oalocalspa")
    app = FastAPI(lifespan=lambda _: server.session_manager.run())
    app.add_middleware(OktaJWTMiddleware, okta=verifying)
    app.mount("/", server.streamable_http_app(**options))
    with serve(app) as url:
        wait_for_keys(verifying)
        yield f"{url}/mcp"


def test_sessions_of_the_sdk_are_not_bound(local_okta: LocalOkta, okta_token: OktaToken) -> None:
    """Grace ends Ada's session, which is why the page has none."""
    ada, grace = ({**ACCEPT, **bearer(okta_token(person=name))} for name in ("ada", "grace"))
    with served(local_okta, MCPServer("sessions")) as url:
        began = httpx.post(url, json=INITIALIZE, headers=ada)
        session = {"mcp-session-id": began.headers["mcp-session-id"]}
        assert httpx.delete(url, headers=grace | session).status_code == 200
        ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
        assert httpx.post(url, json=ping, headers=ada | session).status_code == 404


class Answer(BaseModel):
    """What a user answers."""

    sure: bool


async def ask() -> Elicit[Answer]:
    """Ask the user."""
    return Elicit("Are you sure?", Answer)


@pytest.mark.anyio
@pytest.mark.parametrize("bound", [True, False])
async def test_answers_are_bound_to_the_caller(
    local_okta: LocalOkta, okta_token: OktaToken, *, bound: bool
) -> None:
    """With the page's lines, Grace cannot use what Ada answered; without them she can."""
    names: dict[str, Any] = {
        "MCPServer": MCPServer,
        "RequestStateSecurity": RequestStateSecurity,
        "ServerRequestContext": ServerRequestContext,
        "secret": secrets.token_bytes(32),
    }
    exec(compile(WITH_QUESTIONS, PAGE.name, "exec"), names)  # noqa: S102 - the code is ours
    server: MCPServer = names["server"] if bound else MCPServer("reports")

    @server.tool()
    async def delete(answer: Annotated[Answer, Resolve(ask)]) -> str:
        return f"deleted: {answer.sure}"

    http = with_token(okta_token())

    async def answer(_: ClientRequestContext, __: ElicitRequestParams) -> ElicitResult:
        http.headers |= bearer(okta_token(person=person))
        return ElicitResult(action="accept", content={"sure": True})

    with served(local_okta, server, stateless_http=True) as url:
        async with connected(url, http, elicitation_callback=answer) as client:
            person = "ada"
            assert text_of(await client.call_tool("delete", {})) == "deleted: True"
            person = "grace"
            http.headers |= bearer(okta_token())
            if bound:
                with pytest.raises(MCPError, match="Invalid or expired requestState"):
                    await client.call_tool("delete", {})
            else:
                assert text_of(await client.call_tool("delete", {})) == "deleted: True"


@pytest.mark.anyio
async def test_client_in_a_browser(api_url: str, local_okta: LocalOkta, okta_token: OktaToken) -> None:
    """The settings of the page allow what clients send, on the route and on the metadata, and no more."""
    [block] = blocks(PAGE, "sh")
    settings = {name.lower(): value for name, value in (line.split("=") for line in block.splitlines())}
    sent: set[str] = set()

    async def record(request: httpx2.Request) -> None:
        sent.update(name for name in request.headers if name.startswith("mcp-"))

    for mode in ("auto", "legacy"):
        http = with_token(okta_token(scp=READ))
        http.event_hooks = {"request": [record]}
        async with connected(f"{api_url}/mcp", http, mode=mode) as client:
            await client.call_tool("list_reports", {})
    assert settings["cors_headers"].split(",") == sorted(sent)
    asked = {
        "Origin": "https://agent.example.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": ", ".join(["authorization", "content-type", *sent]),
    }
    with serve(app_for(settings_for(local_okta, **settings))) as url:
        async with httpx2.AsyncClient(base_url=url, headers=asked) as http:
            for path in ("/mcp", f"{WELL_KNOWN}/mcp"):
                assert (await http.options(path)).status_code == 200
