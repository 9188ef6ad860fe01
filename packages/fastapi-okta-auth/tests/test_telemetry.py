"""Metrics of the package: through OpenTelemetry's API, and never in the way of a request."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Security
from fastapi_okta_auth import Principal, active_token
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.app import app_for, settings_for
from okta_support.dpop import ME, dpop_api, dpop_headers, dpop_key
from okta_support.key_server import key_server
from okta_support.requests import bearer, free_address, wait_until_ready
from opentelemetry.sdk.metrics.export import InMemoryMetricReader


class Metrics:
    """The metrics of this process."""

    def __init__(self, reader: InMemoryMetricReader) -> None:
        self.reader = reader

    def values(self, name: str, *attributes: str) -> Counter[tuple[Any, ...]]:
        """Return the values of all series of a metric, by the values of these attributes."""
        data = self.reader.get_metrics_data()
        points = [
            point
            for resource in (data.resource_metrics if data else [])
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]
        counted: Counter[tuple[Any, ...]] = Counter()
        for point in points:
            value = int(point.count if hasattr(point, "count") else point.value)
            counted[tuple((point.attributes or {})[attribute] for attribute in attributes)] = value
        return counted


@pytest.fixture
def metered(metric_reader: InMemoryMetricReader) -> Metrics:
    """The metrics of this process."""
    return Metrics(metric_reader)


def test_refusals_are_counted_by_code(metered: Metrics, api: httpx.Client, okta_token: OktaToken) -> None:
    """One in the middleware and one in a dependency."""
    before = metered.values("okta.refusals", "okta.refusal.code")
    api.get("/", headers=bearer(okta_token(exp=1)))
    api.get("/")
    api.get("/admin", headers=bearer(okta_token(groups=[])))
    assert metered.values("okta.refusals", "okta.refusal.code") - before == {
        ("expired",): 1, ("no_credentials",): 1, ("forbidden",): 1,
    }  # fmt: skip


def test_tokens_are_counted_by_whether_they_were_cached(
    metered: Metrics, api: httpx.Client, okta_token: OktaToken
) -> None:
    """Verifications of tokens that are not cached, valid or not, are timed."""
    names = ("okta.tokens", "okta.token.cached"), ("okta.token.verification.duration",)
    before = [metered.values(*name) for name in names]
    token = okta_token()
    for presented in (token, token, token, okta_token(exp=1), "garbage"):
        api.get("/", headers=bearer(presented))
    tokens, timed = (metered.values(*name) - old for name, old in zip(names, before, strict=True))
    assert tokens == {(True,): 2, (False,): 3}
    assert timed == {(): 3}


def test_keys_are_observed_while_they_are_open(
    metered: Metrics, local_okta: LocalOkta, okta_token: OktaToken
) -> None:
    """Fetches by issuer and result, and the number and the age of the keys until the application stops."""
    issuer = local_okta.issuer
    fetches = metered.values("okta.keys.fetches", "okta.issuer", "okta.result")
    with serve(app_for(settings_for(local_okta))) as url:
        wait_until_ready(url)
        assert metered.values("okta.keys.held", "okta.issuer")[issuer,] == 1
        assert (issuer,) in (ages := metered.values("okta.keys.age", "okta.issuer"))
        assert 0 <= ages[issuer,] < 60
        local_okta.keys.rotate(overlap=True)
        local_okta.switches.start_outage(None)
        httpx.get(url, headers=bearer(okta_token()))
        new = metered.values("okta.keys.fetches", "okta.issuer", "okta.result") - fetches
        assert (new[issuer, "ok"], new[issuer, "failed"] >= 1) == (1, True)
        assert metered.values("okta.keys.held", "okta.issuer")[issuer,] == 1
    assert (issuer,) not in metered.values("okta.keys.held", "okta.issuer")


def test_keys_of_another_url_are_observed_under_their_issuer(metered: Metrics, local_okta: LocalOkta) -> None:
    """OKTA_JWKS_URI says where the keys are, and not whose they are."""
    with (
        key_server(local_okta.keys) as server,
        serve(app_for(settings_for(local_okta, okta_jwks_uri=server.url))) as url,
    ):
        wait_until_ready(url)
        assert metered.values("okta.keys.held", "okta.issuer")[local_okta.issuer,] == 1


def test_introspections_are_counted_by_result(
    metered: Metrics, local_okta: LocalOkta, okta_token: OktaToken
) -> None:
    """An active token, an inactive one, and an issuer that cannot be asked."""
    app = app_for(settings_for(local_okta))

    @app.post("/transfers")
    async def transfers(user: Annotated[Principal, Security(active_token)]) -> str:
        return user.subject

    before = metered.values("okta.introspections", "okta.result")
    headers = bearer(token := okta_token())
    with serve(app) as url:
        wait_until_ready(url)
        statuses = [httpx.post(f"{url}/transfers", headers=headers).status_code]
        local_okta.revoke(token)
        statuses += [httpx.post(f"{url}/transfers", headers=headers).status_code]
        local_okta.switches.start_outage(None)
        statuses += [httpx.post(f"{url}/transfers", headers=headers).status_code]
    assert statuses == [200, 401, 503]
    assert metered.values("okta.introspections", "okta.result") - before == {
        ("active",): 1, ("inactive",): 1, ("introspection_failed",): 1,
    }  # fmt: skip


def test_proofs_are_counted_by_result(metered: Metrics, local_okta: LocalOkta, okta_token: OktaToken) -> None:
    """A proof that is used twice, and a store that cannot be reached."""
    key = dpop_key()
    token = okta_token(dpop=key)
    before = metered.values("okta.dpop.proofs", "okta.result")
    with dpop_api(local_okta) as client:
        headers = dpop_headers(token, key.proof("GET", ME, token))
        assert [client.get("/me", headers=headers).status_code for _ in range(2)] == [200, 401]
    with dpop_api(local_okta, dpop_replay_store=f"redis://{free_address()}") as client:
        headers = dpop_headers(token, key.proof("GET", ME, token))
        assert client.get("/me", headers=headers).status_code == 503
    assert metered.values("okta.dpop.proofs", "okta.result") - before == {
        ("recorded",): 1, ("replayed",): 1, ("replay_store_unavailable",): 1,
    }  # fmt: skip


def test_instruments_that_raise_are_logged_once() -> None:
    """Valid tokens pass, invalid ones are refused, the keys are refreshed, and each metric is logged once."""
    command = [sys.executable, "-m", "okta_support.broken_metrics"]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    failures = re.findall(
        r"^metric (\w+) failed; further failures are not logged$", done.stderr, re.MULTILINE
    )
    assert sorted(failures) == ["keys_fetched", "refused", "verified"]
