"""Logging for the process: one handler, as text or as JSON lines."""

import json
import logging
import logging.config
import time
from itertools import islice
from typing import Any, Final, TextIO

from pydantic_core import PydanticSerializationError, to_json

from backend.observability.access_log import request_id
from backend.settings import Settings

# What logging sets, in the order of its setting, comes first in a record; then what `extra=` gave it.
_STANDARD: Final = len(vars(logging.makeLogRecord({})))


class StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to standard error, in one go what comes with `more` after it: see access_log.py."""

    _waiting = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record and those that wait for it, or let it wait."""
        try:
            self._waiting += self.format(record) + self.terminator
            if not getattr(record, "more", False):
                lines, self._waiting = self._waiting, ""
                self.stream.write(lines)
                self.flush()
        except Exception:  # noqa: BLE001 - as every handler of logging does
            self.handleError(record)


class TextFormatter(logging.Formatter):
    """One line of text for a record, and its traceback if it has one."""

    _second = -1
    _shown = ""

    def format(self, record: logging.LogRecord) -> str:
        """Return time, level, logger, request id and message."""
        line = f"{self._time(record)} {record.levelname:<7} {record.name} [{_identity(record)}]: "
        return "\n".join([line + record.getMessage(), *self._stacks(record)])

    def _time(self, record: logging.LogRecord) -> str:
        second = int(record.created)
        if second != self._second:  # most records share it with the one before
            self._shown = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))
            self._second = second
        return f"{self._shown},{int(record.msecs):03d}"

    def _stacks(self, record: logging.LogRecord) -> list[str]:
        if not record.exc_info and not record.stack_info:
            return []
        exception = self.formatException(record.exc_info) if record.exc_info else ""
        stack = self.formatStack(record.stack_info) if record.stack_info else ""
        return [text for text in (exception, stack) if text]


class JsonFormatter(TextFormatter):
    """One JSON object for a record, with all that `extra=` gave it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object, on one line."""
        asctime = self._time(record)
        entry: dict[str, Any] = {
            "asctime": asctime,
            "levelname": record.levelname,
            "name": record.name,
            "request_id": _identity(record),
            "message": record.getMessage(),
        }
        entry.update(islice(vars(record).items(), _STANDARD, None))
        entry.pop("more", None)
        entry["asctime"] = asctime  # the formatter of another handler leaves its own in the record
        if stacks := self._stacks(record):
            entry["exc_info"] = "\n".join(stacks)
        return _encode(entry)


def _encode(entry: dict[str, Any]) -> str:
    try:
        return to_json(entry, fallback=str).decode()
    except PydanticSerializationError:  # what UTF-8 cannot hold; ASCII with escapes can
        return json.dumps(entry, default=str)


def _identity(record: logging.LogRecord) -> str:
    # The access log's records, which are made a little later, bring their own.
    return vars(record).get("request_id") or request_id.get()


def configure_logging(settings: Settings) -> None:
    """Log to standard error at `settings.log_level`, the servers' own loggers too."""
    # Nothing here shows them, and each record would pay for them (logging HOWTO, "Optimization").
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    # No level of their own: uvicorn gives its loggers INFO, whatever LOG_LEVEL says.
    to_root = {"handlers": [], "propagate": True, "level": "NOTSET"}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"text": {"()": TextFormatter}, "json": {"()": JsonFormatter}},
            "handlers": {"stderr": {"()": StderrHandler, "formatter": settings.log_format}},
            "root": {"level": settings.log_level, "handlers": ["stderr"]},
            "loggers": {
                "uvicorn": to_root,
                "uvicorn.error": to_root,
                # access_log.py says the same, and more.
                "uvicorn.access": {"handlers": [], "propagate": False},
                "backend.okta.refusals": {"level": "CRITICAL"},
            },
        }
    )
