"""An outage, a rotation without overlap and a flood of forged tokens, watched by a real Prometheus.

`python -m tests.support.live_alerts` needs Prometheus and takes 14 minutes, because the alerts do.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from local_okta.keys import SigningKey
from local_okta.serving import running as running_okta
from local_okta.state import LocalOkta
from local_okta.testing import person_claims

from tests.support.api import NO_TLS, free_address, wait_until_ready
from tests.support.pages import ROOT
from tests.support.stage import Stage, stage

RULES = ROOT / "deploy" / "observability" / "alerts.yml"
PAUSE_SECONDS = 0.25
Tokens = Callable[[], str]


def outage(okta: LocalOkta, api: Stage) -> Tokens:
    """The issuer returns 503; callers have valid tokens."""
    okta.switches.start_outage(None)
    return api.token


def rotation_without_overlap(okta: LocalOkta, api: Stage) -> Tokens:
    """The key is replaced and no longer published; half of the callers still have tokens that it signed."""
    old = api.token()
    okta.keys.rotate(overlap=False)
    return lambda: random.choice([old, api.token()])


def forged_flood(okta: LocalOkta, api: Stage) -> Tokens:
    """Every second token is forged, with a made-up key id."""
    key = SigningKey()

    def tokens() -> str:
        made_up = {"kid": f"made-up-{random.random()}"}
        return random.choice([key.sign(person_claims(okta.issuer), made_up), api.token()])

    return tokens


EXPECTED = {
    outage: {"SigningKeysNotFetched"},
    rotation_without_overlap: {"TokensRefused"},
    forged_flood: {"TokensRefused"},
}


@contextmanager
def prometheus(collector: str) -> Iterator[str]:
    """Run Prometheus with the repository's rules, and the metrics of the collector at this address; yield its URL."""
    address = free_address()
    config = {
        "global": {"scrape_interval": "15s", "evaluation_interval": "15s"},
        "rule_files": [str(RULES)],
        "scrape_configs": [
            {"job_name": "collector", "honor_labels": True, "static_configs": [{"targets": [collector]}]}
        ],
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "prometheus.yml"
        file.write_text(json.dumps(config))  # JSON is YAML
        command = [
            "prometheus", f"--config.file={file}", f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address={address}", "--log.level=error",
        ]  # fmt: skip
        with subprocess.Popen(command) as process:
            try:
                wait_until_ready(f"http://{address}", "-/ready")
                yield f"http://{address}"
            finally:
                process.terminate()


def watch(incident: Callable[[LocalOkta, Stage], Tokens], seconds: float) -> dict[str, float]:
    """Run an incident; return after how many seconds each alert first fired."""
    fired: dict[str, float] = {}
    with running_okta() as okta, stage(okta) as api, prometheus(urlsplit(api.collector.url).netloc) as url:
        for _ in range(120):  # a minute without an incident
            api.ask(api.token())
            time.sleep(PAUSE_SECONDS)
        tokens, began = incident(okta, api), time.monotonic()
        while (now := time.monotonic() - began) < seconds:
            api.ask(tokens())
            time.sleep(PAUSE_SECONDS)
            for alert in httpx.get(f"{url}/api/v1/alerts", verify=NO_TLS).json()["data"]["alerts"]:
                if alert["state"] == "firing":
                    fired.setdefault(alert["labels"]["alertname"], now)
    return fired


def main() -> None:
    """Run all incidents at once and print a table; exit status 1 if an alert is missing or not expected."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.live_alerts", description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=780)
    seconds = parser.parse_args().seconds
    with ThreadPoolExecutor(len(EXPECTED)) as pool:
        results = {incident: pool.submit(watch, incident, seconds) for incident in EXPECTED}
    print("| incident | alert | fired after | as expected |\n|---|---|---|---|")
    for incident, result in results.items():
        fired = result.result()
        for alert in sorted(fired.keys() | EXPECTED[incident]):
            when = f"{fired[alert] / 60:.1f} min" if alert in fired else "never"
            print(
                f"| {incident.__name__.replace('_', ' ')} | {alert} | {when} | {alert in EXPECTED[incident]} |"
            )
    sys.exit(any(result.result().keys() != EXPECTED[incident] for incident, result in results.items()))


if __name__ == "__main__":
    main()
