"""Configure logging: structlog's lines and the standard library's, to standard error, as text or JSON."""

import json
import logging
import logging.config
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, Literal

import orjson
import structlog
from opentelemetry import trace
from structlog.typing import EventDict, Processor

from backend.settings import Settings

JWT: Final = r"eyJ[\w.-]{16,}"
"""Matches what looks like a JWT: the header starts with `{"`."""

_JWT: Final = re.compile(JWT.encode())

LEFT_OUT: Final = {
    # These contain the query string.
    '%s - "WebSocket %s" [accepted]',
    '%s - "WebSocket %s" 403',
    '%s - "WebSocket %s" %d',
    "connection open",
    "connection closed",
    "connection rejected (%d %s)",
    # An ERROR for each denial response (uvicorn issue 3138).
    "ASGI callable returned without completing handshake.",
    # A traceback for a client's text that is not UTF-8; the connection closes with 1007.
    "Invalid UTF-8 sequence received from client.",
}
"""What uvicorn logs about WebSockets, before arguments are filled in: the access log has a line for each."""


def configure_logging(settings: Settings) -> None:
    """Log to standard error at `settings.log_level`, other libraries too.

    structlog's loggers write their line themselves. A record of the standard library goes through
    the same processors in a handler.
    """
    rendering = line_processors(settings.log_format, colors=sys.stderr.isatty())
    structlog.configure(
        processors=[*FIELDS, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(settings.log_level)),
        logger_factory=StandardError,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(_standard_library(settings.log_level, rendering))


def _standard_library(level: str, rendering: list[Processor]) -> dict[str, Any]:
    # uvicorn sets its loggers to INFO, and gives them handlers of their own.
    to_root = {"handlers": [], "propagate": True, "level": "NOTSET"}
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [structlog.stdlib.ExtraAdder(), _without_color_message],
        "processors": [
            *FIELDS,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *rendering,
            _decoded,
        ],
    }
    handler = {"class": "logging.StreamHandler", "filters": ["opentelemetry"], "formatter": "structlog"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "opentelemetry": {"()": OncePerMinute, "name": "opentelemetry"},
            "websockets": {"()": WebSocketLines},
        },
        "formatters": {"structlog": formatter},
        "handlers": {"stderr": handler},
        "root": {"level": level, "handlers": ["stderr"]},
        "loggers": {
            "uvicorn": to_root,
            "uvicorn.error": {**to_root, "filters": ["websockets"]},
            # The access log contains their information.
            "uvicorn.access": {"handlers": [], "propagate": False},
        },
    }


class StandardError:
    """Writes the lines of a logger. A line that cannot be written is lost, and the request continues."""

    def __init__(self, name: str = "") -> None:
        self.name = name

    def write(self, line: bytes) -> None:
        """Write `line` at once, or lose it on a full disk or a closed pipe."""
        try:
            sys.stderr.buffer.write(line + b"\n")
            sys.stderr.buffer.flush()
        except (OSError, ValueError):  # ValueError: the file is closed
            pass

    debug = info = warning = error = critical = write


class OncePerMinute(logging.Filter):
    """Lets one record a minute pass from the logger `name` and its children, and all from other loggers.

    A failing exporter logs every attempt.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether `record` passes."""
        if not super().filter(record):
            return True
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + 60
        return True


class WebSocketLines(logging.Filter):
    """Leaves out what repeats the access log, under every server that runs uvicorn."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether `record` passes."""
        return record.msg not in LEFT_OUT


def _trace_id(_: Any, __: str, fields: EventDict) -> EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        fields["trace_id"] = trace.format_trace_id(context.trace_id)
    return fields


def _timestamp(_: Any, __: str, fields: EventDict) -> EventDict:
    fields["timestamp"] = datetime.now(UTC)  # orjson formats it faster than structlog's TimeStamper
    return fields


def _without_color_message(_: Any, __: str, fields: EventDict) -> EventDict:
    fields.pop("color_message", None)  # uvicorn's message once more, with colours
    return fields


FIELDS: Final[list[Processor]] = [
    structlog.contextvars.merge_contextvars,
    _trace_id,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    _timestamp,
    structlog.processors.StackInfoRenderer(additional_ignores=["logging"]),
    structlog.processors.format_exc_info,  # without local variables, which may be tokens
]
"""What completes the fields of each line."""


def line_processors(log_format: Literal["text", "json"], *, colors: bool = False) -> list[Processor]:
    """Return the processors that turn the fields into a line of bytes.

    Tokens are replaced in the whole line, so that no field, message or traceback is left out.
    """
    return [_json if log_format == "json" else _text(colors=colors), _without_tokens]


def _json(_: Any, __: str, fields: EventDict) -> bytes:
    try:
        return orjson.dumps(fields, default=str, option=orjson.OPT_UTC_Z)
    except TypeError:  # a lone surrogate, an integer of more than 64 bits, a key that is no string
        return json.dumps(fields, default=str, skipkeys=True).encode()


def _text(*, colors: bool) -> Callable[[Any, str, EventDict], bytes]:
    render = structlog.dev.ConsoleRenderer(
        colors=colors,
        exception_formatter=structlog.dev.plain_traceback,
        repr_native_str=True,  # a line break in a value must not start a line
        sort_keys=False,
    )
    return lambda logger, name, fields: render(logger, name, fields).encode(errors="backslashreplace")


def _without_tokens(_: Any, __: str, line: Any) -> bytes:
    return _JWT.sub(b"[token]", line)


def _decoded(_: Any, __: str, line: Any) -> str:
    return str(line, "utf-8")
