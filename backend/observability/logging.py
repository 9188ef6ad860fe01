"""Configure logging: one handler on standard error, text or JSON lines."""

import logging
import logging.config
from datetime import UTC, datetime

from pythonjsonlogger.json import JsonFormatter as BaseJsonFormatter

from backend.observability.access_log import request_id
from backend.observability.websocket_lines import WebSocketLines
from backend.settings import Settings


class UtcTime(logging.Formatter):
    """Format the time of a record as ISO 8601, in UTC with its offset."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        """Return the time with milliseconds."""
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class TextFormatter(UtcTime):
    """Format a record as one line of text, followed by its traceback."""


class JsonFormatter(UtcTime, BaseJsonFormatter):
    """Format a record as one JSON object, with all fields of `extra`."""


class RequestIdFilter(logging.Filter):
    """Add the id of the current request to each record that has none."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Set `request_id`; every record passes."""
        vars(record).setdefault("request_id", request_id.get())
        return True


def configure_logging(settings: Settings) -> None:
    """Log to standard error at `settings.log_level`, the servers' loggers too."""
    text = "%(asctime)s %(levelname)-7s %(name)s [%(request_id)s]: %(message)s"
    fields = ["asctime", "levelname", "name", "request_id", "message"]
    # uvicorn sets its loggers to INFO.
    to_root = {"handlers": [], "propagate": True, "level": "NOTSET"}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"request_id": {"()": RequestIdFilter}, "websockets": {"()": WebSocketLines}},
            "formatters": {
                "text": {"()": TextFormatter, "fmt": text},
                "json": {"()": JsonFormatter, "fmt": fields},
            },
            "handlers": {
                "stderr": {
                    "class": "logging.StreamHandler",
                    "filters": ["request_id"],
                    "formatter": settings.log_format,
                }
            },
            "root": {"level": settings.log_level, "handlers": ["stderr"]},
            "loggers": {
                "uvicorn": to_root,
                "uvicorn.error": {**to_root, "filters": ["websockets"]},
                # The access log contains their information.
                "uvicorn.access": {"handlers": [], "propagate": False},
            },
        }
    )
