"""Metrics through OpenTelemetry's API: nothing is recorded until the application sets up its SDK.

Names follow OpenTelemetry's semantic conventions: attributes are in the namespace `okta`.
"""

import functools
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, ParamSpec, TypeVar

from opentelemetry.metrics import CallbackOptions, Counter, Observation, get_meter

from .errors import OktaAuthError

_P = ParamSpec("_P")
_T = TypeVar("_T")
_log = logging.getLogger(__name__)
_failed: Final = set[str]()


def _never_raising(record: Callable[_P, None]) -> Callable[_P, None]:
    """Log the first exception of `record`; a request or the refresh of the keys never sees one."""

    @functools.wraps(record)
    def recording(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            record(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - an SDK or its extensions may raise anything
            if record.__name__ not in _failed:
                _failed.add(record.__name__)
                _log.error(
                    "metric %s failed; further failures are not logged", record.__name__, exc_info=error
                )

    return recording


@dataclass
class Counts:
    """Tokens that were checked. Plain numbers, because a counter of OpenTelemetry costs 4 µs a request."""

    cached: int = 0
    verified: int = 0


tokens: Final = Counts()
_keys: Final = dict[str, tuple[int, float]]()  # by issuer: how many, and when they were fetched


def _observe_tokens(_: CallbackOptions) -> Iterable[Observation]:
    yield Observation(tokens.cached, {"okta.token.cached": True})
    yield Observation(tokens.verified, {"okta.token.cached": False})


def _observe_held(_: CallbackOptions) -> Iterable[Observation]:
    return [Observation(held, {"okta.issuer": issuer}) for issuer, (held, _) in _keys.copy().items()]


def _observe_age(_: CallbackOptions) -> Iterable[Observation]:
    now = time.monotonic()
    return [
        Observation(now - fetched, {"okta.issuer": issuer})
        for issuer, (held, fetched) in _keys.copy().items()
        if held
    ]


_meter: Final = get_meter("fastapi_okta_auth")
_refusals: Final = _meter.create_counter(
    "okta.refusals", unit="{refusal}", description="Refused requests, by code"
)
_verification: Final = _meter.create_histogram(
    "okta.token.verification.duration",
    unit="s",
    description="Time to verify a token that the cache did not have, with a wait for keys",
    explicit_bucket_boundaries_advisory=(0.0001, 0.0002, 0.0005, 0.001, 0.005, 0.05, 0.5, 5.0),
)
_fetches: Final = _meter.create_counter(
    "okta.keys.fetches", unit="{fetch}", description="Fetches of the signing keys, by issuer and result"
)
introspections: Final = _meter.create_counter(
    "okta.introspections", unit="{request}", description="Tokens that Okta was asked about, by result"
)
exchanges: Final = _meter.create_counter(
    "okta.token.exchanges", unit="{request}", description="Tokens for another API, by result"
)
proofs: Final = _meter.create_counter(
    "okta.dpop.proofs", unit="{proof}", description="DPoP proofs given to the replay store, by result"
)
_meter.create_observable_counter(
    "okta.tokens",
    [_observe_tokens],
    unit="{token}",
    description="Tokens that were checked, by whether the cache had them",
)
_meter.create_observable_gauge(
    "okta.keys.held", [_observe_held], unit="{key}", description="Signing keys in use, by issuer"
)
_meter.create_observable_gauge(
    "okta.keys.age",
    [_observe_age],
    unit="s",
    description="Time since the keys were fetched, by issuer",
)


@_never_raising
def refused(code: str) -> None:
    """Count a refused request."""
    _refusals.add(1, {"okta.refusal.code": code})


@_never_raising
def verified(seconds: float) -> None:
    """Count a token that the cache did not have; its verification, successful or not, took `seconds`."""
    tokens.verified += 1
    _verification.record(seconds)


@_never_raising
def keys_fetched(issuer: str, held: int, *, ok: bool) -> None:
    """Count a fetch of the keys of `issuer`, after which `held` are in use."""
    _fetches.add(1, {"okta.issuer": issuer, "okta.result": "ok" if ok else "failed"})
    _keys[issuer] = held, time.monotonic() if ok else _keys.get(issuer, (0, time.monotonic()))[1]


@_never_raising
def keys_closed(issuer: str) -> None:
    """Forget the keys of `issuer`, which are no longer in use."""
    _keys.pop(issuer, None)


def counted(
    counter: Counter, results: Mapping[bool, str]
) -> Callable[[Callable[_P, Coroutine[Any, Any, _T]]], Callable[_P, Coroutine[Any, Any, _T]]]:
    """Decorate a coroutine function: count each call by its result.

    The result is that in `results` of whether the returned value is true, or the code of a refusal.
    """

    def decorate(function: Callable[_P, Coroutine[Any, Any, _T]]) -> Callable[_P, Coroutine[Any, Any, _T]]:
        @functools.wraps(function)
        async def counting(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            try:
                returned = await function(*args, **kwargs)
            except OktaAuthError as error:
                _count(counter, error.code)
                raise
            _count(counter, results[bool(returned)])
            return returned

        return counting

    return decorate


@_never_raising
def _count(counter: Counter, result: str) -> None:
    counter.add(1, {"okta.result": result})
