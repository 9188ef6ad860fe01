"""Hooks for instrumentation, such as counters."""

import logging
from collections.abc import Callable
from typing import ParamSpec

_P = ParamSpec("_P")
_log = logging.getLogger(__name__)


class VerifierHooks:
    """Hooks that do nothing. Override what you need, and pass it to OktaTokenVerifier and SigningKeys.

    The methods run on the event loop, on the path of a request, so they must not block.
    A method that raises is logged once and never fails a request.
    """

    def cache_hit(self) -> None:
        """Called when a token is found in the cache of verified tokens."""

    def token_verified(self, seconds: float) -> None:
        """Called when the verification of a token that is not in the cache ends, valid or not."""

    def keys_fetched(self, count: int, *, ok: bool) -> None:
        """Called after each fetch of the key set; `count` is the number of keys now in the cache."""


class HookCaller:
    """Calls hooks and logs the first exception of each."""

    def __init__(self) -> None:
        self._failed: set[str] = set()

    def __call__(self, hook: Callable[_P, None], *args: _P.args, **kwargs: _P.kwargs) -> None:
        """Call `hook`; log an exception instead of raising it."""
        try:
            hook(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - a hook may raise anything
            name = getattr(hook, "__qualname__", repr(hook))
            if name not in self._failed:
                self._failed.add(name)
                _log.error("hook %s failed; further failures are not logged", name, exc_info=error)
