"""The id of a request, which its caller is told and its log lines carry."""

import re

import httpx
import pytest

from tests.support.api import APP_ORIGIN, Lines


@pytest.mark.parametrize("path", ["/hello/Ada", "/healthz", "/missing"])
def test_request_id_is_taken_over(api: httpx.Client, lines: Lines, path: str) -> None:
    """A caller's own id comes back in the answer and stands in the log."""
    answer = api.get(path, headers={"X-Request-ID": "Trace_1.2-3"})
    assert answer.headers["X-Request-ID"] == "Trace_1.2-3"
    assert vars(lines(1)[0])["request_id"] == "Trace_1.2-3"


@pytest.mark.parametrize("sent", ["", "a b", "a\tb", "x" * 65, "ä", "a;b", '{"a":1}'])
def test_other_ids_are_replaced(api: httpx.Client, lines: Lines, sent: str) -> None:
    """An id of another form is not repeated; a fresh one takes its place."""
    answer = api.get("/healthz", headers={b"X-Request-ID": sent.encode()})
    fresh = answer.headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{16}", fresh)
    assert vars(lines(1)[0])["request_id"] == fresh
    assert api.get("/healthz").headers["X-Request-ID"] != fresh


def test_id_can_be_read_by_the_app(api: httpx.Client) -> None:
    """A page of an allowed origin can read the id, also of a refusal."""
    answer = api.get("/", headers={"Origin": APP_ORIGIN})
    assert "X-Request-ID" in answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert answer.headers.get_list("X-Request-ID") != []
