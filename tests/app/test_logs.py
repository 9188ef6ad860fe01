"""How the log is written, and what it must not say."""

import io
import json
import logging
import logging.config
import re
from collections.abc import Iterator

import httpx
import pytest

from backend.observability.logging import configure_logging
from local_okta.keys import SigningKey
from local_okta.pytest_plugin import OktaToken
from local_okta.state import LocalOkta
from tests.support.api import bearer, settings_for
from tests.support.token_watch import TokenWatch, watching

CONFIGURED = ("uvicorn", "uvicorn.error", "uvicorn.access", "backend.okta.refusals")


@pytest.fixture
def restored_logging() -> Iterator[None]:
    """Put the loggers back as they were."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    loggers = [logging.getLogger(name) for name in CONFIGURED]
    before = [(logger, logger.level, logger.propagate) for logger in loggers]
    yield
    root.handlers, root.level = handlers, level
    for logger, own_level, propagate in before:
        logger.setLevel(own_level)
        logger.propagate = propagate


def divide(by: int) -> float:
    """Fail for 0."""
    return 1 / by


def test_copied_folder_logs_refusals(
    api: httpx.Client, okta: LocalOkta, okta_token: OktaToken, caplog: pytest.LogCaptureFixture
) -> None:
    """By itself `backend/okta` logs a refusal with its reason and the claimed key, and nothing of the token."""
    token = okta_token(exp=1)
    with caplog.at_level(logging.INFO, "backend.okta"):
        api.get("/hello/Ada", headers=bearer(token))
    assert f"refused GET '/hello/Ada': expired, kid '{okta.keys.published[0].kid}'" in caplog.text
    assert not any(part in caplog.text for part in token.split("."))


def test_part_of_a_token_is_found(okta_token: OktaToken, token_watch: TokenWatch) -> None:
    """The watch over the run's log sees tokens and lines, and finds a piece that both have."""
    with watching() as watch:
        token = okta_token(jti="AT.leaked")
        logging.getLogger("backend.x").debug("kid %s", SigningKey().kid)
        assert watch.leaks() == set()
        logging.getLogger("backend.x").debug("got ...%s", token[-40:-20])
        assert watch.leaks() == {token}
    # The watch over the whole run has seen it all too, and would fail it.
    assert token in token_watch.leaks()
    token_watch.tokens.remove(token)


@pytest.mark.usefixtures("restored_logging")
def test_json_lines(okta: LocalOkta, capsys: pytest.CaptureFixture[str]) -> None:
    """LOG_FORMAT=json writes one object a line, with `extra` in it, for the server's loggers too."""
    configure_logging(settings_for(okta, log_format="json"))
    logging.getLogger("backend.x").info("hello %s", "Ada", extra={"order": 7})
    logging.getLogger("uvicorn.error").warning("two\nlines")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["message"], first["levelname"], first["name"]) == ("hello Ada", "INFO", "backend.x")
    assert (first["order"], first["request_id"]) == (7, "-")
    assert second["message"] == "two\nlines"


@pytest.mark.usefixtures("restored_logging")
def test_json_traceback(okta: LocalOkta, capsys: pytest.CaptureFixture[str]) -> None:
    """A traceback and a stack are members of the object, and any value has a form in JSON."""
    configure_logging(settings_for(okta, log_format="json"))
    try:
        divide(0)
    except ZeroDivisionError:
        logging.getLogger("backend.x").exception("failed", stack_info=True, extra={"odd": object})
    entry = json.loads(capsys.readouterr().err)
    assert "ZeroDivisionError: division by zero" in entry["exc_info"]
    assert "Stack (most recent call last)" in entry["exc_info"]
    assert entry["odd"] == "<class 'object'>"


@pytest.mark.usefixtures("restored_logging")
def test_json_keeps_its_own_time(okta: LocalOkta, capsys: pytest.CaptureFixture[str]) -> None:
    """A record that another handler has formatted, in its way, keeps its form in JSON."""
    configure_logging(settings_for(okta, log_format="json"))
    other = logging.StreamHandler(io.StringIO())
    other.setFormatter(logging.Formatter("%(asctime)s %(message)s", "at noon"))
    logger = logging.getLogger("backend.x")
    logger.addHandler(other)
    logger.warning("hello")
    logger.removeHandler(other)
    assert json.loads(capsys.readouterr().err)["asctime"] != "at noon"


@pytest.mark.usefixtures("restored_logging")
def test_json_of_what_utf_8_cannot_hold(okta: LocalOkta, capsys: pytest.CaptureFixture[str]) -> None:
    """A lone surrogate, as in the name of a file that is not UTF-8, is escaped."""
    configure_logging(settings_for(okta, log_format="json"))
    logging.getLogger("backend.x").warning("no such file: %s", "a\udc80")
    assert json.loads(capsys.readouterr().err)["message"] == "no such file: a\udc80"


@pytest.mark.usefixtures("restored_logging")
def test_text_lines(okta: LocalOkta, capsys: pytest.CaptureFixture[str]) -> None:
    """LOG_FORMAT=text writes time, level, logger, request id and message, then the traceback."""
    configure_logging(settings_for(okta))
    logging.getLogger("backend.x").info("hello %s", "Ada")
    try:
        divide(0)
    except ZeroDivisionError:
        logging.getLogger("backend.x").exception("failed")
    first, second, *traceback = capsys.readouterr().err.splitlines()
    time = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}"
    assert re.fullmatch(rf"{time} INFO    backend\.x \[-\]: hello Ada", first)
    assert re.fullmatch(rf"{time} ERROR   backend\.x \[-\]: failed", second)
    assert traceback[-1] == "ZeroDivisionError: division by zero"


@pytest.mark.usefixtures("restored_logging")
def test_time_goes_on(okta: LocalOkta, capsys: pytest.CaptureFixture[str]) -> None:
    """Each line has its own time, to the millisecond, as `logging` itself writes it."""
    configure_logging(settings_for(okta))
    for created in (1_700_000_000.25, 1_700_000_000.75, 1_700_000_001.0):
        record = logging.makeLogRecord({"name": "backend.x", "msg": "now", "levelno": logging.INFO})
        record.created, record.msecs = created, (created % 1) * 1000
        logging.getLogger("backend.x").handle(record)
        assert capsys.readouterr().err.startswith(logging.Formatter().formatTime(record))


@pytest.mark.usefixtures("restored_logging")
def test_record_that_cannot_be_written(okta: LocalOkta, capsys: pytest.CaptureFixture[str]) -> None:
    """A record whose arguments do not fit is reported, and the next one is written."""
    configure_logging(settings_for(okta))
    record = logging.makeLogRecord({"msg": "%d", "args": ("x",), "levelno": logging.INFO})
    logging.getLogger().handle(record)
    logging.getLogger("backend.x").info("hello")
    written = capsys.readouterr().err
    assert "--- Logging error ---" in written
    assert written.endswith("backend.x [-]: hello\n")


@pytest.mark.usefixtures("restored_logging")
def test_level(okta: LocalOkta, capsys: pytest.CaptureFixture[str]) -> None:
    """LOG_LEVEL holds back what lies below it, in the server's loggers too."""
    logging.getLogger("uvicorn.error").setLevel(logging.INFO)
    configure_logging(settings_for(okta, log_level="WARNING"))
    logging.getLogger("backend.x").info("hello")
    logging.getLogger("uvicorn.error").info("hello")
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("restored_logging")
def test_one_line_for_a_request(okta: LocalOkta) -> None:
    """The loggers that would tell of a request a second time are switched off."""
    configure_logging(settings_for(okta))
    assert not logging.getLogger("uvicorn.access").hasHandlers()
    assert not logging.getLogger("backend.okta.refusals").isEnabledFor(logging.ERROR)
