"""The client of the `mcp` package, with a token or with a sign-in at the local Okta."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
from local_okta.state import LocalOkta
from local_okta_browser import Browser
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from mcp.types import CallToolResult, TextContent
from okta_support.requests import bearer


@asynccontextmanager
async def connected(url: str, http: httpx2.AsyncClient, **options: Any) -> AsyncIterator[Client]:
    """Connect to the MCP server at `url` with the headers or the authentication of `http`."""
    async with http, Client(streamable_http_client(url, http_client=http), **options) as client:
        yield client


def with_token(token: str) -> httpx2.AsyncClient:
    """Return an HTTP client that sends `token`."""
    return httpx2.AsyncClient(headers=bearer(token))


def text_of(result: CallToolResult) -> str:
    """Return the text that the model reads."""
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


class SignIn:
    """A client with a fixed client ID, whose user is Ada; `requests` are those to the authorize endpoint.

    It is the storage of the client's provider too, and can hold a token from the start.
    """

    def __init__(self, url: str, okta: LocalOkta, client_id: str, redirect_uri: str, token: str = "") -> None:
        self.requests: list[dict[str, str]] = []
        self._okta = okta
        self._response: dict[str, str] = {}
        self._tokens = OAuthToken(access_token=token) if token else None
        metadata = OAuthClientMetadata.model_validate({"redirect_uris": [redirect_uri]})
        registered = {"client_id": client_id, "issuer": okta.issuer, "token_endpoint_auth_method": "none"}
        self._client = OAuthClientInformationFull.model_validate({**metadata.model_dump(), **registered})
        self._auth = OAuthClientProvider(url, metadata, self, self._open_browser, self._wait_for_code)

    def http(self) -> httpx2.AsyncClient:
        """Return an HTTP client that signs in when it is refused."""
        return httpx2.AsyncClient(auth=self._auth)

    async def _open_browser(self, url: str) -> None:
        self.requests.append(dict(parse_qsl(urlsplit(url).query)))
        with Browser(self._okta) as browser:
            response = browser.choose(browser.get(url))
        assert response.status_code == 302, response.text
        self._response = dict(parse_qsl(urlsplit(response.headers["location"]).query))

    async def _wait_for_code(self) -> AuthorizationCodeResult:
        return AuthorizationCodeResult(code=self._response["code"], state=self._response["state"])

    async def get_tokens(self) -> OAuthToken | None:
        """Return the tokens."""
        return self._tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        """Keep the tokens."""
        self._tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        """Return what an administrator registered."""
        return self._client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        """Fail: a client with a fixed client ID does not register itself."""
        raise AssertionError(client_info.client_id)
