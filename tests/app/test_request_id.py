"""The id of a request, in its response and in its log lines."""

import re

import httpx
import pytest

from tests.support.api import APP_ORIGIN, Lines


@pytest.mark.parametrize("path", ["/hello/Ada", "/healthz", "/missing"])
def test_valid_request_id_is_accepted(api: httpx.Client, lines: Lines, path: str) -> None:
    """The response and the log have the id that the caller sent."""
    response = api.get(path, headers={"X-Request-ID": "Trace_1.2-3"})
    assert response.headers["X-Request-ID"] == "Trace_1.2-3"
    assert vars(lines(1)[0])["request_id"] == "Trace_1.2-3"


@pytest.mark.parametrize("sent", ["", "a b", "a\tb", "x" * 65, "ä", "a;b", '{"a":1}'])
def test_invalid_request_id_is_replaced(api: httpx.Client, lines: Lines, sent: str) -> None:
    """An invalid id is not repeated; the request gets a new one."""
    response = api.get("/healthz", headers={b"X-Request-ID": sent.encode()})
    new = response.headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{16}", new)
    assert vars(lines(1)[0])["request_id"] == new
    assert api.get("/healthz").headers["X-Request-ID"] != new


def test_app_can_read_the_request_id(api: httpx.Client) -> None:
    """CORS exposes the id to a page of an allowed origin, also in an error response."""
    response = api.get("/", headers={"Origin": APP_ORIGIN})
    assert "X-Request-ID" in response.headers["Access-Control-Expose-Headers"].split(", ")
    assert response.headers.get_list("X-Request-ID") != []
