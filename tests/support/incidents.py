"""Six incidents on the real API: `python -m tests.support.incidents 2>/dev/null` prints the output for the docs."""

import re
from collections.abc import Callable

from local_okta.keys import SigningKey
from local_okta.serving import running as running_okta
from local_okta.state import LocalOkta
from local_okta.testing import person_claims

from tests.support.stage import Evidence, stage, timeless

FLOOD = 50


def wrong_audience(okta: LocalOkta) -> Evidence:
    """The API expects another audience than the tokens have."""
    with stage(okta, OKTA_AUDIENCE="api://orders") as api:
        assert [api.ask(api.token()) for _ in range(3)] == [401, 401, 401]
        return api.evidence('okta_refusals_total{okta_refusal_code="audience"}')


def issuer_down(okta: LocalOkta) -> Evidence:
    """The issuer returns 503 while the API runs; then a token arrives that a new key has signed."""
    with stage(okta) as api:
        known = api.token()
        okta.keys.rotate(overlap=True)
        okta.switches.start_outage(None)
        assert [api.ask(api.token()), api.ask(known)] == [401, 200]
        return api.evidence(
            'okta_refusals_total{okta_refusal_code="unknown_key"}',
            "okta_keys_fetches_total",
            "okta_keys_held",
        )


def issuer_down_at_start(okta: LocalOkta) -> Evidence:
    """The API starts while the issuer returns 503."""
    okta.switches.start_outage(None)
    with stage(okta, keys=False) as api:
        assert api.ask(api.token()) == 503
        return api.evidence('okta_refusals_total{okta_refusal_code="keys_unavailable"}', "okta_keys_held")


def rotated_without_overlap(okta: LocalOkta) -> Evidence:
    """A key is replaced, and no longer published, while tokens that it signed are in use."""
    with stage(okta) as api:
        old = api.token()
        okta.keys.rotate(overlap=False)
        assert [api.ask(token) for token in (old, api.token(), old)] == [200, 200, 401]
        return api.evidence('okta_refusals_total{okta_refusal_code="unknown_key"}', "okta_keys_fetches_total")


def clock_off(okta: LocalOkta) -> Evidence:
    """The API's clock is ten minutes behind the issuer's, then ten minutes ahead of it."""
    with stage(okta) as api:
        okta.switches.skew = 600
        assert api.ask(api.service_token()) == 401
        okta.switches.skew, okta.switches.token_lifetime = -600, 300
        assert api.ask(api.service_token()) == 401
        return api.evidence(
            'okta_refusals_total{okta_refusal_code="expired"}',
            'okta_refusals_total{okta_refusal_code="not_yet_valid"}',
        )


def origin_missing(okta: LocalOkta) -> Evidence:
    """An app runs on an origin that CORS_ORIGINS does not name."""
    with stage(okta) as api:
        asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
        assert api.send("OPTIONS", {"Origin": "http://localhost:5173", **asked}) == 400
        return api.evidence('http_server_request_duration_seconds_count{http_request_method="OPTIONS"')


def flood(okta: LocalOkta) -> Evidence:
    """Forged tokens arrive, half with made-up key ids and half with the id of the real key."""
    forger, kid = SigningKey(), okta.keys.published[0].kid
    claims = person_claims(okta.issuer)
    with stage(okta) as api:
        valid = api.token()
        for number in range(FLOOD):
            assert api.ask(forger.sign(claims, {"kid": f"made-up-{number}"})) == 401
            assert api.ask(forger.sign(claims, {"kid": kid})) == 401
        assert api.ask(valid) == 200
        return api.evidence(
            'okta_refusals_total{okta_refusal_code="signature"}',
            'okta_refusals_total{okta_refusal_code="unknown_key"}',
            "okta_keys_fetches_total",
        )


INCIDENTS: dict[str, list[Callable[[LocalOkta], Evidence]]] = {
    "Wrong audience": [wrong_audience],
    "Issuer down": [issuer_down, issuer_down_at_start],
    "Key rotated without overlap": [rotated_without_overlap],
    "Clock off by ten minutes": [clock_off],
    "CORS origin missing": [origin_missing],
    "Flood of forged tokens": [flood],
}


def comparable(lines: list[str]) -> list[str]:
    """Return the lines without what differs between runs; keys are numbered in order of appearance."""
    text = "\n".join(timeless(line) for line in lines)
    for number, kid in enumerate(dict.fromkeys(re.findall(r"['\"]([\w-]{32})['\"]", text))):
        text = text.replace(kid, f"KEY {number}")
    return text.splitlines()


def main() -> None:
    """Run all incidents and print their log lines and metrics as code blocks."""
    for title, stagings in INCIDENTS.items():
        print(f"## {title}\n")
        for staging in stagings:
            with running_okta() as okta:
                found = staging(okta)
            print(f"{staging.__doc__}\n")
            for lines in (found.log, found.metrics):
                print("```text", *lines, "```\n", sep="\n")


if __name__ == "__main__":
    main()
