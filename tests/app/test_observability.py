"""The dashboard, the alerts and the page on them speak of metrics that exist."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from backend.observability.metrics import REASONS, Metrics
from tests.support.pages import ROOT

FOLDER = ROOT / "deploy" / "observability"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text())
PAGE = (ROOT / "docs" / "observability.md").read_text()

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is missing (Debian: apt-get install prometheus)"
)


@pytest.fixture(scope="module")
def scraped() -> str:
    """What Prometheus gets, with at least one request counted."""
    metrics = Metrics()
    metrics.request({"method": "GET", "path": "/"}, 200, 0.1, None)
    return generate_latest(metrics.registry).decode()


def expressions() -> Iterator[str]:
    """Every PromQL expression of the dashboard and of the alerts."""
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]:
        yield from (rule["expr"] for rule in group["rules"])


def promtool(*arguments: str | Path, stdin: str = "") -> str:
    """What promtool says; fails where it finds a fault."""
    done = subprocess.run(["promtool", *arguments], input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_names_exist(scraped: str) -> None:
    """Every metric and label of the dashboard and the alerts is in a scrape."""
    series = [sample for family in text_string_to_metric_families(scraped) for sample in family.samples]
    names = {sample.name for sample in series}
    labels = {label for sample in series for label in sample.labels}
    for expression in expressions():
        assert set(re.findall(r"\b(?:http|okta)_\w+(?=[{\[)\s]|$)", expression)) - labels <= names
        assert set(re.findall(r"(\w+)\s*[=!]~?\"", expression)) <= labels
        assert {
            label for by in re.findall(r"by \(([^)]*)\)", expression) for label in by.split(", ")
        } <= labels


def test_reasons_exist() -> None:
    """Every reason that an expression names is one that requests are refused for."""
    named = {
        reason
        for expression in expressions()
        for values in re.findall(r'reason[=!]~?"([^"]+)"', expression)
        for reason in values.split("|")
    }
    assert named
    assert named <= set(REASONS)


def test_dashboard() -> None:
    """Grafana finds in the dashboard what it needs: panels beside each other, and a data source to choose."""
    [datasource] = DASHBOARD["templating"]["list"]
    assert (datasource["type"], datasource["query"]) == ("datasource", "prometheus")
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not cells & taken
        taken |= cells
        assert panel["datasource"]["uid"] == f"${{{datasource['name']}}}"
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


@needs_promtool
def test_alerts() -> None:
    """Prometheus accepts the alert rules, and they fire when they should and not else."""
    promtool("check", "rules", FOLDER / "alerts.yml")
    assert "SUCCESS" in promtool("test", "rules", FOLDER / "alerts-test.yml")


@needs_promtool
def test_every_alert_is_tested() -> None:
    """Every alert is made to fire by alerts-test.yml."""
    tested = (FOLDER / "alerts-test.yml").read_text()
    for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            assert f'alertname="{rule["alert"]}"' in tested


@needs_promtool
def test_dashboard_queries(tmp_path: Path) -> None:
    """Prometheus can read every query of the dashboard."""
    rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(expressions())]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    promtool("check", "rules", file)


@needs_promtool
def test_names_follow_the_rules(scraped: str) -> None:
    """Prometheus finds no fault with the names, types and help texts of the metrics."""
    assert promtool("check", "metrics", stdin=scraped) == ""


def test_page_names_every_metric(scraped: str) -> None:
    """The page's table has every metric with its type and labels, and no other."""
    told = {
        (name, kind, frozenset(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels in re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*)\|", PAGE, re.MULTILINE)
    }
    served = set()
    for family in text_string_to_metric_families(scraped):
        if family.name.endswith("_created"):
            continue
        labels = frozenset(family.samples[0].labels) - {"le"}
        served.add((family.name + ("_total" if family.type == "counter" else ""), family.type, labels))
    assert told == served


def test_page_names_every_reason() -> None:
    """The page's table has every reason code, and no other."""
    table = PAGE.partition("## Reason codes")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)
    assert {code for row in rows for code in re.findall(r"`(\w+)`", row)} == set(REASONS)
