"""The format of the log, and what it must not contain."""

import io
import json
import logging
import logging.config
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from local_okta.keys import SigningKey
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from backend.observability.logging import configure_logging
from tests.support.api import settings_for
from tests.support.token_watch import TokenWatch, watching

CONFIGURED = ("uvicorn", "uvicorn.error", "uvicorn.access", "fastapi_okta_auth.refusals")


@pytest.fixture
def restored_logging() -> Iterator[None]:
    """Restore the loggers after the test."""
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
    """Raise for 0."""
    return 1 / by


def test_part_of_a_token_is_found(okta_token: OktaToken, token_watch: TokenWatch) -> None:
    """The token watch finds part of a token in a line."""
    with watching() as watch:
        token = okta_token(jti="AT.leaked")
        logging.getLogger("backend.x").debug("kid %s", SigningKey().kid)
        assert watch.leaks() == set()
        logging.getLogger("backend.x").debug("got ...%s", token[-40:-20])
        assert watch.leaks() == {token}
    # Otherwise the watch over the whole run would fail.
    assert token in token_watch.leaks()
    token_watch.tokens.remove(token)


@pytest.mark.usefixtures("restored_logging")
def test_json_lines_have_all_fields_of_extra(
    local_okta: LocalOkta, capsys: pytest.CaptureFixture[str]
) -> None:
    """LOG_FORMAT=json writes one object per line with any field, for the server's loggers too."""
    configure_logging(settings_for(local_okta, log_format="json"))
    logging.getLogger("backend.x").info("hello %s", "Ada", extra={"order": 7, "more": 3})
    logging.getLogger("uvicorn.error").warning("two\nlines")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["message"], first["levelname"], first["name"]) == ("hello Ada", "INFO", "backend.x")
    assert (first["order"], first["more"], first["request_id"]) == (7, 3, "-")
    assert second["message"] == "two\nlines"


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.usefixtures("restored_logging")
def test_record_with_a_field_named_more_is_written_at_once(
    local_okta: LocalOkta, capsys: pytest.CaptureFixture[str], log_format: str
) -> None:
    """No record waits for the next one."""
    configure_logging(settings_for(local_okta, log_format=log_format))
    logging.getLogger("backend.x").info("hello", extra={"more": 3})
    assert "hello" in capsys.readouterr().err


@pytest.mark.usefixtures("restored_logging")
def test_json_line_has_traceback_and_stack(local_okta: LocalOkta, capsys: pytest.CaptureFixture[str]) -> None:
    """Traceback and stack are fields, and a value of any type has a form in JSON."""
    configure_logging(settings_for(local_okta, log_format="json"))
    try:
        divide(0)
    except ZeroDivisionError:
        logging.getLogger("backend.x").exception("failed", stack_info=True, extra={"odd": object})
    entry = json.loads(capsys.readouterr().err)
    assert "ZeroDivisionError: division by zero" in entry["exc_info"]
    assert "Stack (most recent call last)" in entry["stack_info"]
    assert "object" in entry["odd"]


@pytest.mark.usefixtures("restored_logging")
def test_json_line_ignores_the_time_format_of_another_handler(
    local_okta: LocalOkta, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another handler's formatter leaves its `asctime` in the record; JSON formats its own."""
    configure_logging(settings_for(local_okta, log_format="json"))
    other = logging.StreamHandler(io.StringIO())
    other.setFormatter(logging.Formatter("%(asctime)s %(message)s", "at noon"))
    logger = logging.getLogger("backend.x")
    logger.addHandler(other)
    logger.warning("hello")
    logger.removeHandler(other)
    assert json.loads(capsys.readouterr().err)["asctime"] != "at noon"


@pytest.mark.usefixtures("restored_logging")
def test_json_line_escapes_a_lone_surrogate(
    local_okta: LocalOkta, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file name that is not UTF-8 is escaped."""
    configure_logging(settings_for(local_okta, log_format="json"))
    logging.getLogger("backend.x").warning("no such file: %s", "a\udc80")
    assert json.loads(capsys.readouterr().err)["message"] == "no such file: a\udc80"


@pytest.mark.usefixtures("restored_logging")
def test_text_lines_have_time_level_logger_and_request_id(
    local_okta: LocalOkta, capsys: pytest.CaptureFixture[str]
) -> None:
    """LOG_FORMAT=text writes time, level, logger, request id and message, then the traceback."""
    configure_logging(settings_for(local_okta))
    logging.getLogger("backend.x").info("hello %s", "Ada")
    try:
        divide(0)
    except ZeroDivisionError:
        logging.getLogger("backend.x").exception("failed")
    first, second, *traceback = capsys.readouterr().err.splitlines()
    iso_time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"
    assert re.fullmatch(rf"{iso_time} INFO    backend\.x \[-\]: hello Ada", first)
    assert re.fullmatch(rf"{iso_time} ERROR   backend\.x \[-\]: failed", second)
    assert traceback[-1] == "ZeroDivisionError: division by zero"


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.usefixtures("restored_logging")
def test_time_is_utc_with_offset_in_any_time_zone(
    local_okta: LocalOkta,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    log_format: str,
) -> None:
    """The local time zone does not change the time of a line."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        configure_logging(settings_for(local_okta, log_format=log_format))
        record = logging.makeLogRecord({"name": "backend.x", "msg": "now", "levelno": logging.INFO})
        record.created = datetime(2026, 3, 29, 1, 30, tzinfo=UTC).timestamp()
        logging.getLogger("backend.x").handle(record)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert "2026-03-29T01:30:00.000+00:00" in capsys.readouterr().err


@pytest.mark.usefixtures("restored_logging")
def test_record_that_cannot_be_formatted_is_reported(
    local_okta: LocalOkta, capsys: pytest.CaptureFixture[str]
) -> None:
    """A record whose arguments do not match is reported, and the next one is written."""
    configure_logging(settings_for(local_okta))
    record = logging.makeLogRecord({"msg": "%d", "args": ("x",), "levelno": logging.INFO})
    logging.getLogger().handle(record)
    logging.getLogger("backend.x").info("hello")
    written = capsys.readouterr().err
    assert "--- Logging error ---" in written
    assert written.endswith("backend.x [-]: hello\n")


@pytest.mark.usefixtures("restored_logging")
def test_log_level_applies_to_the_servers_loggers(
    local_okta: LocalOkta, capsys: pytest.CaptureFixture[str]
) -> None:
    """LOG_LEVEL drops lower levels, in the server's loggers too."""
    logging.getLogger("uvicorn.error").setLevel(logging.INFO)
    configure_logging(settings_for(local_okta, log_level="WARNING"))
    logging.getLogger("backend.x").info("hello")
    logging.getLogger("uvicorn.error").info("hello")
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("restored_logging")
def test_other_loggers_do_not_log_a_request_twice(local_okta: LocalOkta) -> None:
    """The loggers that repeat the access log are off."""
    configure_logging(settings_for(local_okta))
    assert not logging.getLogger("uvicorn.access").hasHandlers()
