"""Six incidents, staged on the real API: `python -m tests.incidents` prints what docs/incidents.md shows."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from local_okta.config import SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET
from local_okta.keys import SigningKey
from local_okta.pytest_plugin import person_claims
from local_okta.serving import running as running_okta
from local_okta.state import LocalOkta
from tests.api_process import Api, running
from tests.conftest import bearer, free_address
from tests.deploy.service import wait_for

FLOOD = 200
# What an ordinary start logs.
BEFORE = r"^.* (?:uvicorn\.error|backend\.exporter|backend\.okta\.middleware|backend\.okta\.keys) \[-\]: (?!.*not fetched).*\n"


@dataclass(frozen=True)
class Evidence:
    """What an incident left: lines of the log and of the metrics."""

    log: list[str]
    metrics: list[str]


class Stage:
    """An API with metrics, and callers that wait until their request is logged."""

    def __init__(self, okta: LocalOkta, api: Api, address: str) -> None:
        self.okta = okta
        self._api = api
        self._address = address
        self._client = httpx.Client(base_url=api.url)

    def token(self) -> str:
        """A person's token."""
        return self.okta.keys.sign(person_claims(self.okta.issuer))

    def service_token(self) -> str:
        """A token that the local Okta issues, by its own clock."""
        answer = httpx.post(
            f"{self.okta.issuer}/v1/token",
            auth=(SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET),
            data={"grant_type": "client_credentials", "scope": "reports:read"},
        )
        token: str = answer.raise_for_status().json()["access_token"]
        return token

    def ask(self, token: str) -> int:
        """Ask with `token`; return the status."""
        return self.send("GET", bearer(token))

    def send(self, method: str, headers: dict[str, str]) -> int:
        """Send a request; return its status, once it is logged."""
        answer = self._client.request(method, "/hello/Ada", headers=headers)
        wait_for(lambda: f"[{answer.headers['X-Request-ID']}]: {method} " in self._api.log, 5)
        return answer.status_code

    def evidence(self, *metrics: str) -> Evidence:
        """Each kind of line of the log after the start, once, and the metrics whose lines begin so."""
        self._client.close()
        lines = re.sub(BEFORE, "", self._api.log, flags=re.MULTILINE).splitlines()
        kinds = {timeless(line): line for line in reversed(lines)}
        scraped = httpx.get(f"http://{self._address}/metrics").text.splitlines()
        return Evidence([*reversed(kinds.values())], [line for line in scraped if line.startswith(metrics)])


@contextmanager
def stage(okta: LocalOkta, *, keys: bool = True, **variables: str) -> Iterator[Stage]:
    """An API of the incident's own."""
    address = free_address()
    with running(okta, keys=keys, METRICS_ADDRESS=address, **variables) as api:
        yield Stage(okta, api, address)


def wrong_audience(okta: LocalOkta) -> Evidence:
    """The API expects another audience than the authorization server writes."""
    with stage(okta, OKTA_AUDIENCE="api://orders") as api:
        assert [api.ask(api.token()) for _ in range(3)] == [401, 401, 401]
        return api.evidence('http_refusals_total{reason="audience"}')


def issuer_down(okta: LocalOkta) -> Evidence:
    """The issuer answers 503 while the API runs; then a token comes that a new key has signed."""
    with stage(okta) as api:
        known = api.token()
        okta.keys.rotate(overlap=True)
        okta.switches.start_outage(None)
        assert [api.ask(api.token()), api.ask(known)] == [503, 200]
        return api.evidence(
            'http_refusals_total{reason="keys_unavailable"}', "okta_key_fetches_total", "okta_keys_held"
        )


def issuer_down_at_start(okta: LocalOkta) -> Evidence:
    """The API starts while the issuer answers 503."""
    okta.switches.start_outage(None)
    with stage(okta, keys=False) as api:
        assert api.ask(api.token()) == 503
        return api.evidence('http_refusals_total{reason="keys_unavailable"}', "okta_keys_held")


def rotated_without_overlap(okta: LocalOkta) -> Evidence:
    """A key is replaced, and no longer published, while tokens that it signed are in use."""
    with stage(okta) as api:
        old = api.token()
        okta.keys.rotate(overlap=False)
        assert [api.ask(token) for token in (old, api.token(), old)] == [200, 200, 401]
        return api.evidence(
            'http_refusals_total{reason="unknown_key"}', 'okta_key_fetches_total{result="ok"}'
        )


def clock_off(okta: LocalOkta) -> Evidence:
    """The API's clock is ten minutes behind the issuer's, then ten minutes ahead of it."""
    with stage(okta) as api:
        okta.switches.skew = 600
        assert api.ask(api.service_token()) == 401
        okta.switches.skew, okta.switches.token_lifetime = -600, 300
        assert api.ask(api.service_token()) == 401
        return api.evidence(
            'http_refusals_total{reason="expired"}', 'http_refusals_total{reason="not_yet_valid"}'
        )


def origin_missing(okta: LocalOkta) -> Evidence:
    """An app runs on an origin that CORS_ORIGINS does not name."""
    with stage(okta) as api:
        asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
        assert api.send("OPTIONS", {"Origin": "http://localhost:5173", **asked}) == 400
        return api.evidence('http_refusals_total{reason="preflight_refused"}')


def flood(okta: LocalOkta) -> Evidence:
    """Forged tokens come in, half with made-up keys and half with the id of the real one."""
    forger, kid = SigningKey(), okta.keys.published[0].kid
    claims = person_claims(okta.issuer)
    with stage(okta) as api:
        good = api.token()
        for number in range(FLOOD):
            assert api.ask(forger.sign(claims, {"kid": f"made-up-{number}"})) == 401
            assert api.ask(forger.sign(claims, {"kid": kid})) == 401
        assert api.ask(good) == 200
        return api.evidence(
            'http_refusals_total{reason="signature"}',
            'http_refusals_total{reason="unknown_key"}',
            'okta_key_fetches_total{result="ok"}',
        )


INCIDENTS: dict[str, list[Callable[[LocalOkta], Evidence]]] = {
    "Wrong audience": [wrong_audience],
    "Issuer down": [issuer_down, issuer_down_at_start],
    "Key rotated without overlap": [rotated_without_overlap],
    "Clock off by ten minutes": [clock_off],
    "CORS origin missing": [origin_missing],
    "Flood of forged tokens": [flood],
}


def timeless(line: str) -> str:
    """The line without times, request id, port and made-up keys."""
    for pattern, same in (
        (r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}", "TIME"),
        (r" \[(?:[0-9a-f]{16}|-)\]:", " [ID]:"),
        (r"\d+\.\d (m?s)\b", r"N \1"),
        (r"localhost:\d+/", "localhost:PORT/"),
        (r"'made-up-\d+'", "'made-up'"),
        (r"(result=\"failed\"}) \d+", r"\1 N"),
    ):
        line = re.sub(pattern, same, line)
    return line


def comparable(lines: list[str]) -> list[str]:
    """The lines without what differs between runs; keys are numbered as they appear."""
    text = "\n".join(timeless(line) for line in lines)
    for number, kid in enumerate(dict.fromkeys(re.findall(r"'([\w-]{32})'", text))):
        text = text.replace(kid, f"KEY {number}")
    return text.splitlines()


def main() -> None:
    """Stage all of them and print the evidence, as code blocks."""
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
