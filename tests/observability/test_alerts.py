"""Dashboard, alerts and docs use metrics that exist."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import yaml
from fastapi_okta_auth import telemetry
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from tests.support.collector import Collector, prometheus_name
from tests.support.pages import ROOT

FOLDER = ROOT / "deploy" / "observability"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text())
PAGE = (ROOT / "docs" / "how-to" / "logs-and-metrics.md").read_text()

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is missing (Debian: apt-get install prometheus)"
)


@pytest.fixture
def collector(metric_reader: InMemoryMetricReader, api: httpx.Client) -> Collector:
    """Every metric, as a collector receives it."""
    api.get("/healthz")
    telemetry.refused("expired")
    telemetry.verified(0.001)
    telemetry.keys_fetched("https://acme.okta.com/oauth2/default", 1, ok=True)
    for counter in (telemetry.introspections, telemetry.exchanges, telemetry.proofs):

        @telemetry.counted(counter, {True: "ok"})
        async def succeed() -> bool:
            return True

        anyio.run(succeed)
    data, collector = metric_reader.get_metrics_data(), Collector()
    assert data is not None
    collector.take_metrics(encode_metrics(data))
    return collector


def expressions() -> Iterator[str]:
    """Yield every PromQL expression of the dashboard and the alerts."""
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]:
        yield from (rule["expr"] for rule in group["rules"])


def promtool(*arguments: str | Path, stdin: str = "") -> str:
    """Run promtool, which must succeed, and return its output."""
    done = subprocess.run(["promtool", *arguments], input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_metrics_and_labels_of_all_expressions_exist(collector: Collector) -> None:
    """Every metric and label in an expression is one that the service exports."""
    series = [line.partition("{") for line in collector.prometheus()]
    names = {name for name, _, _ in series}
    labels = {label for _, _, rest in series for label in re.findall(r'(\w+)="', rest)} | {"http_route"}
    for expression in expressions():
        assert set(re.findall(r"\b\w+(?={)", expression)) - labels <= names
        assert set(re.findall(r"(\w+)\s*[=!]~?\"", expression)) <= labels
        assert {
            label for by in re.findall(r"by \(([^)]*)\)", expression) for label in by.split(", ")
        } <= labels


def test_dashboard_panels_do_not_overlap_and_use_the_chosen_data_source() -> None:
    """Grafana needs unique ids, places in a grid of 24 columns, and a data source variable."""
    datasource, *variables = DASHBOARD["templating"]["list"]
    assert (datasource["type"], datasource["query"]) == ("datasource", "prometheus")
    assert [variable["name"] for variable in variables] == ["job", "instance"]
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
def test_alerts_fire_when_they_should_and_only_then() -> None:
    """Prometheus accepts the rules, and alerts-test.yml passes."""
    promtool("check", "rules", FOLDER / "alerts.yml")
    assert "SUCCESS" in promtool("test", "rules", FOLDER / "alerts-test.yml")


def test_every_selector_names_the_job() -> None:
    """Another job may have metrics of the same names."""
    for expression in expressions():
        for selector in re.findall(r"\w+{([^}]*)}", expression):
            assert 'job="api"' in selector or 'job="$job", instance=~"$instance"' in selector


def test_every_alert_is_tested() -> None:
    """In alerts-test.yml every alert fires once, and every test has series of another job."""
    tested = (FOLDER / "alerts-test.yml").read_text()
    for test in yaml.safe_load(tested)["tests"]:
        assert any('job="neighbour"' in series["series"] for series in test["input_series"]), test["name"]
    for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            assert f'alertname="{rule["alert"]}"' in tested


@needs_promtool
def test_prometheus_parses_every_query(tmp_path: Path) -> None:
    """Promtool accepts all expressions."""
    rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(expressions())]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    promtool("check", "rules", file)


@needs_promtool
def test_metrics_follow_prometheus_naming_rules(collector: Collector) -> None:
    """Promtool accepts the names, types and units."""
    kinds = {"sum": "counter", "gauge": "gauge", "histogram": "histogram"}
    text = ""
    for metric in collector.metrics.values():
        kind = metric.WhichOneof("data") or ""
        name = prometheus_name(metric.name, metric.unit)
        counts = kind == "sum" and metric.sum.is_monotonic
        text += f"# HELP {name}{'_total' * counts} {metric.description}\n"
        text += (
            f"# TYPE {name}{'_total' * counts} {'gauge' if kind == 'sum' and not counts else kinds[kind]}\n"
        )
        text += "".join(f"{line}\n" for line in collector.prometheus() if re.match(rf"{name}(_\w+)?{{", line))
    assert promtool("check", "metrics", stdin=text) == ""


def test_docs_list_every_metric(collector: Collector) -> None:
    """The table in the docs has every metric with its kind and attributes, and no other."""
    documented = {
        (name, kind, frozenset(re.findall(r"`([\w.]+)`", attributes)))
        for name, kind, attributes in re.findall(r"^\| `([\w.]+)` \| (\w+) \| ([^|]*)\|", PAGE, re.MULTILINE)
    }
    kinds = {"sum": "counter", "gauge": "gauge", "histogram": "histogram"}
    exported = {
        (
            series.name,
            kinds[collector.metrics[series.name].WhichOneof("data") or ""],
            frozenset(name for name, _ in series.attributes if name.startswith("okta.")),
        )
        for series in collector.history
        if series.name.startswith("okta.")
    }
    assert {row for row in documented if row[0].startswith("okta.")} == exported
    assert {name for name, _, _ in documented} == collector.names()


def test_docs_list_every_alert() -> None:
    """The table in the docs has every alert, and no other."""
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    table = PAGE.partition("## The five alerts")[2].partition("\n## ")[0]
    documented = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert documented == [rule["alert"] for group in groups for rule in group["rules"]]
