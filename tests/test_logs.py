"""What the log says of a request, and what it must not say."""

import json
import logging
import logging.config
from collections.abc import Iterator

import httpx
import pytest

from backend.logs import WithoutQuery, configure_logging
from local_okta.pytest_plugin import OktaToken
from local_okta.state import LocalOkta
from tests.conftest import bearer, settings_for

SERVER_LOGGERS = ("uvicorn", "uvicorn.error", "uvicorn.access")


@pytest.fixture
def restored_logging() -> Iterator[None]:
    """Put the loggers back as they were."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in SERVER_LOGGERS}
    yield
    root.handlers, root.level = handlers, level
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_refusal_is_logged_with_its_reason(
    api: httpx.Client, okta_token: OktaToken, caplog: pytest.LogCaptureFixture
) -> None:
    """A refused token leaves the reason's code in the log, and nothing of itself."""
    token = okta_token(exp=1)
    with caplog.at_level(logging.INFO, "backend"):
        api.get("/hello/Ada", headers=bearer(token))
    assert "refused GET '/hello/Ada': expired" in caplog.text
    assert not any(part in caplog.text for part in token.split("."))


def test_line_breaks_are_escaped(api: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    """A path with a line break cannot write a line of its own into the log."""
    with caplog.at_level(logging.DEBUG, "backend"):
        api.get("/x%0aINFO all is well")
    assert "'/x\\nINFO all is well'" in caplog.text


@pytest.mark.usefixtures("restored_logging")
def test_json_lines(okta: LocalOkta, capsys: pytest.CaptureFixture[str]) -> None:
    """LOG_FORMAT=json writes one object a line, for the server's loggers too."""
    configure_logging(settings_for(okta, log_format="json"))
    logging.getLogger("backend.x").info("hello %s", "Ada")
    logging.getLogger("uvicorn.error").warning("two\nlines")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["message"], first["levelname"], first["name"]) == ("hello Ada", "INFO", "backend.x")
    assert second["message"] == "two\nlines"


@pytest.mark.usefixtures("restored_logging")
def test_level(okta: LocalOkta, capsys: pytest.CaptureFixture[str]) -> None:
    """LOG_LEVEL holds back what lies below it, in the server's loggers too."""
    logging.getLogger("uvicorn.error").setLevel(logging.INFO)
    configure_logging(settings_for(okta, log_level="WARNING"))
    logging.getLogger("backend.x").info("hello")
    logging.getLogger("uvicorn.error").info("hello")
    assert capsys.readouterr().err == ""


def test_access_line_without_query() -> None:
    """The server's access line loses its query string, where a client may have put a token."""
    args = ("127.0.0.1:1", "GET", "/hello/Ada?access_token=secret", "1.1", 200)
    record = logging.LogRecord("uvicorn.access", logging.INFO, "", 0, '%s - "%s %s HTTP/%s" %d', args, None)
    assert WithoutQuery().filter(record)
    assert record.getMessage() == '127.0.0.1:1 - "GET /hello/Ada HTTP/1.1" 200'
