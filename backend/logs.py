"""Logging for the process: one handler, as text or as JSON lines."""

import logging
import logging.config

from backend.settings import Settings


class WithoutQuery(logging.Filter):
    """Takes the query string out of uvicorn's access lines: a client may have put a token there."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change `record` in place and let it pass."""
        if isinstance(record.args, tuple) and len(record.args) == 5:
            client, method, path, *rest = record.args
            record.args = (client, method, str(path).partition("?")[0], *rest)
        return True


def configure_logging(settings: Settings) -> None:
    """Log to standard error at `settings.log_level`, the servers' own loggers too."""
    # No level of their own: uvicorn gives its loggers INFO, whatever LOG_LEVEL says.
    to_root = {"handlers": [], "propagate": True, "level": "NOTSET"}
    loggers = {"uvicorn": to_root, "uvicorn.error": to_root}
    if logging.getLogger("uvicorn.access").hasHandlers():  # it has none after --no-access-log
        loggers["uvicorn.access"] = {**to_root, "filters": ["without_query"]}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "text": {"format": "%(asctime)s %(levelname)-7s %(name)s: %(message)s"},
                "json": {
                    "()": "pythonjsonlogger.json.JsonFormatter",
                    "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
                },
            },
            "filters": {"without_query": {"()": WithoutQuery}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": settings.log_format}},
            "root": {"level": settings.log_level, "handlers": ["stderr"]},
            "loggers": loggers,
        }
    )
