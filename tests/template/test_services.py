"""Generated services: what each choice leaves out, and that what is left works.

`make template-matrix` runs all of them; without it, the first three run.
"""

import itertools
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.locks import locked, required
from tests.support.pages import ROOT
from tests.support.template import PARTS, REPOSITORY, TARGETS, chosen, generate, make, written

ORG = {"okta_issuer": "https://acme.okta.com/oauth2/aus1", "okta_client_id": "0oa1,0oa2", "okta_audience": "api://x"}
CLOSED = {"license": "none"}
LONG = {"project_name": "A name that has 32 characters ok"}


def answers(parts: str = "", deployment: str = "", **more: str) -> dict[str, Any]:
    """Return the answers that choose the parts and targets with these names."""
    return {"parts": parts.split(), "deployment": deployment.split(), **more}


# Every two answers are combined in at least one row.
MATRIX = {
    "nothing": answers(),
    "everything": answers(" ".join(PARTS), " ".join(TARGETS), **ORG, **CLOSED),
    "examples on two targets": answers("examples doctor ci", "compose swarm"),
    "metrics on kubernetes": answers("observability", "compose kubernetes", **ORG, **CLOSED),
    "app on kubernetes": answers("app examples extras ci", "kubernetes"),
    "extras on swarm": answers("extras", "swarm", **ORG, **CLOSED),
    "app with an org": answers("app examples extras observability doctor", "compose", **ORG, **LONG),
    "metrics and doctor": answers("observability doctor ci", **CLOSED),
    "repository": {**answers(" ".join(PARTS), " ".join(TARGETS)), **REPOSITORY},
    "extras alone": answers("extras"),
    "doctor alone": answers("doctor", **LONG),
    "workflow alone": answers("ci", "compose"),
}
IN_CHECK = ("nothing", "everything", "extras on swarm")
ROWS = list(MATRIX) if os.environ.get("TEMPLATE_MATRIX") else list(IN_CHECK)

# The words that mention a part; a service without the part does not contain them.
TRACES = {
    "app": r"frontend|\bReact|VITE_|APP_PORT|\bnpm (ci|run)",
    "examples": r"payslip|/reports\b|routes[./](admin|reports)|test_examples",
    "extras": r"DPoP|introspect|redis|valkey|replay|yarl\b.*proof",
    "observability": r"prometheus|METRICS_ADDRESS|OTEL_|\botel\b|grafana|promtool|worker_metrics|metrics-and-traces",
    "doctor": r"doctor",
    "ci": r"\.github|dependabot|(?-i:\bCI\b)",
    "compose": r"docker.compose|make up\b|COMPOSE_",
    "kubernetes": r"kubernetes|kustom|kubectl",
    "swarm": r"swarm",
}
# Not searched: the local Okta always has every feature, and Swagger UI is not ours.
WHOLE = ("local_okta/", "backend/routes/swagger/vendor/", "requirements/", ".copier-answers.yml")


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Return name and text of each file of a service."""
    for name in written(folder):
        if not name.endswith(".gz"):
            yield name, (folder / name).read_text()


@pytest.fixture(scope="module", params=ROWS)
def row(request: pytest.FixtureRequest) -> str:
    """The name of a row of the matrix."""
    return str(request.param)


@pytest.fixture(scope="module")
def service(row: str, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service of a row, which no test changes."""
    return generate(template, tmp_path_factory.mktemp("services") / "my-service", MATRIX[row])


def parts_of(row: str) -> set[str]:
    """Return the parts and targets of a row."""
    return {*MATRIX[row]["parts"], *MATRIX[row]["deployment"]}


def test_every_two_answers_are_combined() -> None:
    """The matrix has each pair of answers that copier.yml accepts."""
    factors = (*PARTS, *TARGETS, "okta_issuer", "license")
    rows = [[factor in {*parts_of(row), *MATRIX[row]} for factor in factors] for row in MATRIX]
    missing = [
        (factors[a], first, factors[b], second)
        for a, b in itertools.combinations(range(len(factors)), 2)
        for first, second in itertools.product((True, False), repeat=2)
        if not any((line[a], line[b]) == (first, second) for line in rows)
    ]
    assert missing == [("app", True, "examples", False), ("app", True, "extras", False)]


def test_nothing_of_the_repository_or_the_template_is_left(service: Path, row: str) -> None:
    """The service has its own name everywhere, and no marker or expression."""
    if row == "repository":
        return
    for name, text in texts(service):
        assert not re.search(r"# \[%|\[@ | @\]|^ *//%", text, re.MULTILINE), name
        if name not in ("LICENSE", ".copier-answers.yml"):
            assert not re.search(r"fastapi.okta", text.replace("_", "."), re.IGNORECASE), name
            assert "FastAPI with Okta" not in text, name


def test_parts_that_were_not_chosen_leave_no_trace(service: Path, row: str) -> None:
    """No file, setting, dependency, command or link of such a part is left."""
    lines = [
        (name, line)
        for name, text in texts(service)
        for line in [name, *text.splitlines()]
        if not name.startswith(WHOLE)
    ]
    found = [
        (part, name, line)
        for part in TRACES.keys() - parts_of(row)
        for name, line in lines
        if re.search(TRACES[part], line, re.IGNORECASE)
    ]
    assert not found, "\n".join(map(str, found))


def test_chosen_parts_have_their_files(service: Path, row: str) -> None:
    """The service has the files of copier.yml for its parts, and the smallest has fewer than 120."""
    parts = parts_of(row)
    files = set(
        chosen("files", tuple(it for it in PARTS if it in parts), tuple(it for it in TARGETS if it in parts))
    )
    assert files <= set(written(service))
    if row == "nothing":
        assert len(list(written(service))) < 120


def test_org_is_in_the_settings(service: Path, row: str) -> None:
    """The answers about an org are in `.env` and in `.env.example`; without them there is no `.env`."""
    org = [f"{name.upper()}={MATRIX[row][name]}" for name in ORG if name in MATRIX[row]]
    assert (service / ".env").exists() is bool(org)
    if org:
        assert (service / ".env").read_text().splitlines()[1:] == org
        assert set(org) <= set((service / ".env.example").read_text().splitlines())


def test_links_and_names_of_files_lead_somewhere(service: Path) -> None:
    """Every link, and every file of the service that its documents or its code name, exists."""
    named = r"\b(?:docs/[\w/-]+\.md|(?:backend|dev|tests|deploy)/[\w/-]+\.(?:py|ya?ml))"
    lost = []
    for name, text in texts(service):
        links = re.findall(r"\]\((?!https?:)([^)\s#]+)", text) if name.endswith(".md") else []
        lost += [(name, link) for link in links if not (service / name).parent.joinpath(link).exists()]
        lost += [(name, path) for path in re.findall(named, text) if not (service / path).exists()]
    assert not lost, "\n".join(map(str, lost))


def test_commands_in_the_documents_exist(service: Path) -> None:
    """Every make command that a page of the service names exists."""
    targets = set(re.findall(r"^([a-z-]+)[a-z -]*:", (service / "Makefile").read_text(), re.MULTILINE))
    pages = [text for name, text in texts(service) if name.endswith(".md")]
    assert {name for page in pages for name in re.findall(r"(?:^|`)make ([a-z-]+)", page)} <= targets


def test_deployment_files_are_valid(service: Path) -> None:
    """The overlays build, and every YAML and TOML file can be read."""
    kubectl = Path(sys.executable).with_name("kubectl")
    for overlay in service.glob("deploy/kubernetes/overlays/*"):
        subprocess.run([kubectl, "kustomize", overlay], check=True, capture_output=True)
    for name, text in texts(service):
        if name.endswith((".yml", ".yaml")):
            list(yaml.safe_load_all(text))
        elif name.endswith(".toml"):
            tomllib.loads(text)


def test_lock_files_fit_the_dependencies(service: Path) -> None:
    """Each lock file has the packages of its group, and no others."""
    for file, wanted in required(service).items():
        assert locked(ROOT / file) & wanted == locked(service / file), file


def test_service_is_the_repository(service: Path, row: str) -> None:
    """With the repository's name and every part, the service has the repository's lines and no others."""
    if row != "repository":
        return
    for name in chosen("files"):
        if name in (".github/workflows/check.yml", ".github/dependabot.yml"):
            continue
        theirs = (ROOT / name).read_text()
        for ours, new in chosen("words"):
            theirs = theirs.replace(ours, new)
        lines = iter(re.sub(r"  # \[%.*", "", line) for line in theirs.splitlines())
        assert all(line in lines for line in (service / name).read_text().splitlines()), name


@pytest.mark.timeout(900)
def test_service_passes_its_own_checks(service: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Its format, lint, types and tests are clean, as `make check` runs them."""
    cache = tmp_path_factory.getbasetemp() / "mypy"
    make(service, "lint", "types", "test-all", ARGS="-n 2", MYPY_CACHE_DIR=str(cache))


# Copier is among the packages of `make check`.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
