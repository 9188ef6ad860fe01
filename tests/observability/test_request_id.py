"""The id of a request, in its response and in its log lines."""

import asyncio
import json
import re
from collections import Counter

import httpx
import pytest
import structlog
from fastapi import BackgroundTasks, FastAPI

from backend.observability.access_log import AccessLogMiddleware
from tests.support.api import APP_ORIGIN, Lines


@pytest.mark.parametrize("path", ["/hello/Ada", "/healthz", "/missing"])
def test_valid_request_id_is_accepted(api: httpx.Client, lines: Lines, path: str) -> None:
    """The response and the log have the id that the caller sent."""
    response = api.get(path, headers={"X-Request-ID": "Trace_1.2-3"})
    assert response.headers["X-Request-ID"] == "Trace_1.2-3"
    assert lines(1)[0]["request_id"] == "Trace_1.2-3"


@pytest.mark.parametrize("sent", ["", "a b", "a\tb", "x" * 65, "ä", "a;b", '{"a":1}'])
def test_invalid_request_id_is_replaced(api: httpx.Client, lines: Lines, sent: str) -> None:
    """An invalid id is not repeated; the request gets a new one."""
    response = api.get("/healthz", headers={b"X-Request-ID": sent.encode()})
    new = response.headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{16}", new)
    assert lines(1)[0]["request_id"] == new
    assert api.get("/healthz").headers["X-Request-ID"] != new


def test_app_can_read_the_request_id(api: httpx.Client) -> None:
    """CORS exposes the id to a page of an allowed origin, also in an error response."""
    response = api.get("/", headers={"Origin": APP_ORIGIN})
    assert "X-Request-ID" in response.headers["Access-Control-Expose-Headers"].split(", ")
    assert response.headers.get_list("X-Request-ID") != []


@pytest.mark.anyio
async def test_every_line_of_a_request_has_its_id(log_lines: list[bytes]) -> None:
    """Lines of a route, of a route in a thread, of a background task and of both kinds of logger have it."""
    app = FastAPI()
    app.add_middleware(AccessLogMiddleware)

    def log(where: str) -> None:
        structlog.get_logger("tests").info("from structlog", where=where)

    @app.get("/async")
    async def in_event_loop(tasks: BackgroundTasks) -> None:
        log("route")
        tasks.add_task(log, "background task")

    @app.get("/thread")
    def in_thread() -> None:
        log("thread")

    before = len(log_lines)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        requests = [client.get(path, headers={"X-Request-ID": f"{path[1:]}-{number}"})
                    for number in range(20) for path in ("/async", "/thread")]  # fmt: skip
        await asyncio.gather(*requests)
    found = Counter(json.loads(line)["request_id"] for line in log_lines[before:])
    assert found == {f"async-{n}": 3 for n in range(20)} | {f"thread-{n}": 2 for n in range(20)}
