"""Fail the run if any part of a token signed in it is logged."""

import logging
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from local_okta.keys import SigningKey

# Shorter pieces are useless to an attacker, and may appear by chance.
PIECE = 16
# The loggers of the tests' HTTP clients.
NOT_OURS = ("asyncio", "httpcore", "httpx", "hypothesis", "websockets.client")


class TokenWatch:
    """The tokens that were signed, and the logged words that are long enough to contain a piece."""

    def __init__(self) -> None:
        self.tokens: set[str] = set()
        self.words: set[str] = set()

    def logged(self, text: str) -> None:
        """Record what was logged."""
        self.words.update(re.findall(rf"[\w-]{{{PIECE},}}", text))

    def leaks(self) -> set[str]:
        """Return the tokens whose payload or signature was logged in part."""
        pieces = {piece for word in self.words for piece in _pieces(word)}
        return {
            token
            for token in self.tokens
            for part in token.split(".")[1:]
            if any(piece in pieces for piece in _pieces(part))
        }


def _pieces(text: str) -> Iterator[str]:
    return (text[start : start + PIECE] for start in range(len(text) - PIECE + 1))


@contextmanager
def watching() -> Iterator[TokenWatch]:
    """Watch all log records of this process and all keys that sign."""
    watch = TokenWatch()
    make_record, sign = logging.getLogRecordFactory(), SigningKey.sign

    def watched_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make_record(*args, **kwargs)
        watch.logged(record.getMessage())
        if record.exc_info:
            watch.logged("".join(traceback.format_exception(*record.exc_info)))
        return record

    def watched_sign(key: SigningKey, *args: Any) -> str:
        token = sign(key, *args)
        watch.tokens.add(token)
        return token

    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    for name in NOT_OURS:
        logging.getLogger(name).setLevel(logging.WARNING)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SigningKey, "sign", watched_sign)
        logging.setLogRecordFactory(watched_record)
        yield watch
    logging.setLogRecordFactory(make_record)
    root.setLevel(level)


@pytest.fixture(scope="session", autouse=True)
def token_watch() -> Iterator[TokenWatch]:
    """Fail the run if any log line contains part of a token that was signed in the run."""
    with watching() as watch:
        yield watch
        assert watch.leaks() == set()
