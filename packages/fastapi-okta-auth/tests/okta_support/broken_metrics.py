"""Verify tokens while every instrument of OpenTelemetry raises: `python -m okta_support.broken_metrics`."""

from typing import Any

import anyio
from fastapi_okta_auth import telemetry
from fastapi_okta_auth.keys import SigningKeys
from local_okta.serving import running
from local_okta.testing import person_claims
from opentelemetry import metrics

from okta_support.key_server import ISSUER, key_server
from okta_support.signing_keys import caller, fails, verifier_for
from okta_support.simulated_time import SimulatedTime


class BrokenCounter(metrics.NoOpCounter):
    """Raises."""

    def add(self, *_: Any, **__: Any) -> None:
        """Fail."""
        raise ZeroDivisionError


class BrokenHistogram(metrics.NoOpHistogram):
    """Raises."""

    def record(self, *_: Any, **__: Any) -> None:
        """Fail."""
        raise OSError("no space left on device")


class BrokenMeter(metrics.NoOpMeter):
    """Creates instruments that raise."""

    def create_counter(self, name: str, *_: Any, **__: Any) -> metrics.Counter:
        """Create a counter that raises."""
        return BrokenCounter(name)

    def create_histogram(self, name: str, *_: Any, **__: Any) -> metrics.Histogram:
        """Create a histogram that raises."""
        return BrokenHistogram(name)


class BrokenProvider(metrics.NoOpMeterProvider):
    """Creates meters whose instruments raise."""

    def get_meter(self, name: str, *_: Any, **__: Any) -> metrics.Meter:
        """Create such a meter."""
        return BrokenMeter(name)


async def main() -> None:
    """Check that tokens are accepted and refused, and that keys are refreshed."""
    with running() as okta, key_server(okta.keys) as server:
        server.cache_control, time = "max-age=60", SimulatedTime()
        async with SigningKeys(ISSUER, server.url, clock=time.clock, sleep=time.sleep) as keys:
            await time.idle()
            verifier, claims = verifier_for(okta, keys), person_claims(okta.issuer)
            token = okta.keys.sign(claims)
            for _ in range(3):
                assert (await caller(verifier, token)).subject == "ada@example.com"
            assert await fails(verifier, okta.keys.sign({**claims, "exp": 1}))
            await time.go(200)
            assert server.fetches >= 3
    for _ in range(2):
        telemetry.refused("expired")


if __name__ == "__main__":
    metrics.set_meter_provider(BrokenProvider())
    anyio.run(main)
