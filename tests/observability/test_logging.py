"""The format of the log, and what it must not contain."""

import json
import logging
import logging.config
import re
import threading
import time
from collections.abc import Iterator

import pytest
import structlog
from local_okta.keys import SigningKey
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.token_watch import TokenWatch, watching

from backend.observability.logging import OncePerMinute, configure_logging
from tests.support.api import settings_for

CONFIGURED = ("uvicorn", "uvicorn.error", "uvicorn.access")
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"

FORMATS = pytest.mark.parametrize("log_format", ["text", "json"])


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    """Restore the loggers after the test."""
    root, configured = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    loggers = [logging.getLogger(name) for name in CONFIGURED]
    before = [(logger, logger.level, logger.propagate) for logger in loggers]
    yield
    structlog.configure(**configured)
    root.handlers, root.level = handlers, level
    for logger, own_level, propagate in before:
        logger.setLevel(own_level)
        logger.propagate = propagate


def fail(secret: str) -> float:
    """Raise with `secret` in the message and in a local variable."""
    kept = secret
    raise LookupError(f"no user for {kept}")


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


def test_both_kinds_of_logger_write_the_same_line(
    local_okta: LocalOkta, capsys: pytest.CaptureFixture[str]
) -> None:
    """LOG_FORMAT=json writes one object a line, with the fields of `extra` or of the call."""
    configure_logging(settings_for(local_okta, log_format="json"))
    logging.getLogger("backend.x").info("hello %s", "Ada", extra={"order": 7})
    structlog.get_logger("backend.x").info("hello Ada", order=7)
    logging.getLogger("uvicorn.error").warning("two\nlines", extra={"color_message": "\033[1mtwo"})
    first, second, third = map(json.loads, capsys.readouterr().err.splitlines())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", first.pop("timestamp"))
    assert second.pop("timestamp")
    assert first == second == {"event": "hello Ada", "order": 7, "level": "info", "logger": "backend.x"}
    assert (third["event"], third["level"], "color_message" in third) == ("two\nlines", "warning", False)


def test_text_line_has_time_level_text_logger_and_fields(
    local_okta: LocalOkta, capsys: pytest.CaptureFixture[str]
) -> None:
    """LOG_FORMAT=text writes them in one line; a line break in a value starts no new one."""
    configure_logging(settings_for(local_okta, log_format="text"))
    structlog.get_logger("backend.x").info("hello", order=7, name="a\nb")
    logging.getLogger("backend.x").info("hello", extra={"order": 7, "name_": "a\nb"})
    for line, name in zip(capsys.readouterr().err.splitlines(), ("name", "name_"), strict=True):
        time_and_level = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\+00:00 \[info     \]"
        assert re.fullmatch(rf"{time_and_level} hello +\[backend\.x\] order=7 {name}='a\\nb'", line)


@FORMATS
def test_traceback_is_written_without_local_variables(
    local_okta: LocalOkta, capsys: pytest.CaptureFixture[str], log_format: str
) -> None:
    """A local variable may be a token or a password; `rich` is installed here, and would print it."""
    configure_logging(settings_for(local_okta, log_format=log_format))
    for logger in (logging.getLogger("backend.x"), structlog.get_logger("backend.x")):
        try:
            fail("correct " + "horse")
        except LookupError:
            logger.exception("failed")
    written = capsys.readouterr().err
    assert written.count("LookupError: no user for correct horse") == 2
    assert written.count("Traceback (most recent call last)") == 2
    assert "secret = " not in written
    assert written.count("correct horse") == 2


@FORMATS
def test_tokens_are_redacted_wherever_they_stand(
    local_okta: LocalOkta, capsys: pytest.CaptureFixture[str], log_format: str
) -> None:
    """A token in a message, an argument, a nested value, a traceback or a key is replaced."""
    configure_logging(settings_for(local_okta, log_format=log_format))
    for logger in (logging.getLogger("backend.x"), structlog.get_logger("backend.x")):
        logger.info(f"got {TOKEN}")  # noqa: G004 - on purpose
        logger.info("got %s", TOKEN)
        try:
            fail(TOKEN)
        except LookupError:
            logger.exception("failed")
    logging.getLogger("backend.x").info("nested", extra={"headers": [{"authorization": f"Bearer {TOKEN}"}]})
    structlog.get_logger("backend.x").info("nested", headers=[{"authorization": f"Bearer {TOKEN}", TOKEN: 1}])
    written = capsys.readouterr().err
    assert written.count("[token]") >= 9
    assert not any(part in written for part in TOKEN.split("."))


def test_stack_is_a_field(local_okta: LocalOkta, capsys: pytest.CaptureFixture[str]) -> None:
    """`stack_info` works for both kinds of logger."""
    configure_logging(settings_for(local_okta, log_format="json"))
    logging.getLogger("backend.x").info("here", stack_info=True)
    structlog.get_logger("backend.x").info("here", stack_info=True)
    for line in map(json.loads, capsys.readouterr().err.splitlines()):
        assert line["stack"].startswith("Stack (most recent call last)")
        assert "test_stack_is_a_field" in line["stack"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param(object, "<class 'object'>", id="object"),
        pytest.param("a\udc80", "a\udc80", id="lone surrogate"),
        pytest.param(2**70, 2**70, id="large integer"),
        pytest.param({1: 2}, {"1": 2}, id="key that is no string"),
    ],
)
def test_any_value_has_a_form_in_json(
    local_okta: LocalOkta, capsys: pytest.CaptureFixture[str], value: object, written: object
) -> None:
    """No value of a field loses the line."""
    configure_logging(settings_for(local_okta, log_format="json"))
    structlog.get_logger("backend.x").info("odd", value=value)
    logging.getLogger("backend.x").info("odd", extra={"value": value})
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["value"] for line in lines] == [written, written]


@FORMATS
def test_time_is_utc_in_any_time_zone(
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
        before = time.gmtime()
        structlog.get_logger("backend.x").info("now")
        logging.getLogger("backend.x").info("now")
    finally:
        monkeypatch.undo()
        time.tzset()
    hours = {time.strftime(f"%Y-%m-%d{gap}%H", moment) for moment in (before, time.gmtime()) for gap in "T "}
    for line in capsys.readouterr().err.splitlines():
        assert any(hour in line for hour in hours)


def test_record_that_cannot_be_formatted_is_reported(
    local_okta: LocalOkta, capsys: pytest.CaptureFixture[str]
) -> None:
    """A record whose arguments do not match is reported, and the next one is written."""
    configure_logging(settings_for(local_okta, log_format="json"))
    record = logging.makeLogRecord(
        {"name": "backend.x", "msg": "%d", "args": ("x",), "levelno": logging.INFO}
    )
    logging.getLogger().handle(record)
    logging.getLogger("backend.x").info("hello")
    written = capsys.readouterr().err
    assert "--- Logging error ---" in written
    assert json.loads(written.splitlines()[-1])["event"] == "hello"


def test_log_level_applies_to_all_loggers(local_okta: LocalOkta, capsys: pytest.CaptureFixture[str]) -> None:
    """LOG_LEVEL drops lower levels, in the server's loggers too."""
    logging.getLogger("uvicorn.error").setLevel(logging.INFO)
    configure_logging(settings_for(local_okta, log_level="WARNING"))
    logging.getLogger("backend.x").info("hello")
    logging.getLogger("uvicorn.error").info("hello")
    structlog.get_logger("backend.x").info("hello")
    assert capsys.readouterr().err == ""


def test_server_does_not_log_a_request_twice(local_okta: LocalOkta) -> None:
    """The server's access log is off."""
    configure_logging(settings_for(local_okta))
    assert not logging.getLogger("uvicorn.access").hasHandlers()


def test_lines_of_threads_are_whole(local_okta: LocalOkta, capfd: pytest.CaptureFixture[str]) -> None:
    """Lines that several threads write at once, long ones too, are not mixed."""
    configure_logging(settings_for(local_okta, log_format="json"))
    text = "x" * 20_000

    def write() -> None:
        for _ in range(20):
            structlog.get_logger("backend.x").info("from structlog", text=text)
            logging.getLogger("backend.x").info("from logging", extra={"text": text})

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [line["text"] == text for line in lines] == [True] * 160


def test_opentelemetry_logs_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """A failing exporter logs each try; other loggers are not limited."""
    now = time.monotonic()
    once = OncePerMinute("opentelemetry")
    caplog.handler.addFilter(once)
    exporter = logging.getLogger("opentelemetry.exporter.otlp.proto.http.metric_exporter")
    for _ in range(3):
        exporter.error("failed")
        logging.getLogger("opentelemetryless").error("failed")
    caplog.handler.removeFilter(once)
    assert [record.name for record in caplog.records].count(exporter.name) == 1
    assert len(caplog.records) == 4
    assert time.monotonic() - now < 60
