"""Dashboard, alerts and docs use metrics that exist."""

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from backend import __version__
from backend.observability.metrics import REASONS, Metrics
from backend.observability.worker_metrics import WorkerMetrics, sent_over
from tests.support.pages import ROOT

FOLDER = ROOT / "deploy" / "observability"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text())
PAGE = (ROOT / "docs" / "how-to" / "logs-and-metrics.md").read_text()

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is missing (Debian: apt-get install prometheus)"
)


@pytest.fixture(scope="module")
def scraped() -> str:
    """The metrics that gunicorn's master serves after one request."""
    metrics, master, registry = Metrics(), WorkerMetrics(), CollectorRegistry()
    metrics.key_hooks("https://acme.okta.com/oauth2/default").keys_fetched(1, ok=True)
    metrics.request({"method": "GET", "path": "/"}, 200, 0.1, None)
    with sent_over(master.sender, metrics.registry):
        pass
    master.forget(0)  # reads the messages; there is no worker 0
    registry.register(master)
    return generate_latest(registry).decode()


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


def test_metrics_and_labels_of_all_expressions_exist(scraped: str) -> None:
    """Every metric and label in an expression is in a scrape, or added by Prometheus."""
    series = [sample for family in text_string_to_metric_families(scraped) for sample in family.samples]
    names = {"up", *(sample.name for sample in series)}
    labels = {"job", "instance", *(label for sample in series for label in sample.labels)}
    for expression in expressions():
        assert set(re.findall(r"\b\w+(?={)", expression)) - labels <= names
        assert set(re.findall(r"(\w+)\s*[=!]~?\"", expression)) <= labels
        assert {
            label for by in re.findall(r"by \(([^)]*)\)", expression) for label in by.split(", ")
        } <= labels


def test_reasons_of_all_expressions_exist() -> None:
    """Every reason in an expression is a reason code."""
    named = {
        reason
        for expression in expressions()
        for values in re.findall(r'reason[=!]~?"([^"]+)"', expression)
        for reason in values.split("|")
    }
    assert named
    assert named <= set(REASONS)


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
def test_metrics_follow_prometheus_naming_rules(scraped: str) -> None:
    """Promtool accepts names, types and help texts."""
    assert promtool("check", "metrics", stdin=scraped) == ""


def test_docs_list_every_metric(scraped: str) -> None:
    """The table in the docs has every metric with its type and labels, and no other."""
    documented = {
        (name, kind, frozenset(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels in re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*)\|", PAGE, re.MULTILINE)
    }
    served = set()
    for family in text_string_to_metric_families(scraped):
        if family.name.endswith("_created"):
            continue
        labels = frozenset(family.samples[0].labels) - {"le"}
        served.add((family.name + ("_total" if family.type == "counter" else ""), family.type, labels))
    assert documented == served


def test_docs_list_every_reason_code() -> None:
    """The table in the docs has every reason code, and no other."""
    table = PAGE.partition("## Reason codes")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)
    assert {code for row in rows for code in re.findall(r"`(\w+)`", row)} == set(REASONS)


def test_docs_list_every_alert() -> None:
    """The table in the docs has every alert, and no other."""
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    table = PAGE.partition("## Dashboard and alerts")[2].partition("\n## ")[0]
    documented = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert documented == [rule["alert"] for group in groups for rule in group["rules"]]


def test_version_is_that_of_the_project() -> None:
    """`app_build_info` has the version of pyproject.toml."""
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == __version__
