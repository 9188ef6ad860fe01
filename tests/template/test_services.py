"""Generated services: what each choice leaves out, and that what is left works.

`make template-matrix` runs the checks of all of them; without it, the tests of two run.
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
from fastapi_okta_auth.doctor.report import Section

from dev.update import names_in_services
from tests.support.pages import HOW_TO, ROOT, blocks, include_router, write_files
from tests.template.services import CONFIG, REPOSITORY, generate, make, run, written

ORG = {
    "okta_issuer": "https://acme.okta.com/oauth2/aus1",
    "okta_client_id": "0oa1,0oa2",
    "okta_audience": "api://x",
}
CLOSED = {"license": "none"}
LONG = {"project_name": "A name that has 32 characters ok"}
FACTORS = ("app", "console", "ci", "compose", "kubernetes", "okta_issuer", "license")


def answers(chosen: str, **more: str) -> dict[str, Any]:
    """Return the answers that choose the parts and targets with these names."""
    names = chosen.split()
    parts = {part: part in names for part in ("app", "console", "ci")}
    return {**parts, "deployment": [name for name in names if name in ("compose", "kubernetes")], **more}


# Every two answers are combined in at least one row.
MATRIX = {
    "nothing": answers("", **CLOSED),
    "api": answers("ci compose kubernetes", **ORG),
    "app": answers("app console compose", **LONG),
    "app without console": answers("app kubernetes", **ORG),
    "app with an org": answers("app console ci compose", **ORG, **CLOSED),
    "app on kubernetes": answers("app console ci kubernetes", **CLOSED),
}
ALL = "TEMPLATE_MATRIX" in os.environ

# Files of a service that differ from this repository's files of the same name.
OWN = (
    ".github/dependabot.yml",
    ".github/workflows/check.yml",
    "LICENSE",
    "README.md",
    "ruff.toml",
    "tests/__init__.py",
    "tests/conftest.py",
)
# The words that mention a part; a service without the part does not contain them in its own pages.
TRACES = {
    "app": r"\bReact|APP_PORT|Node 22|frontend",
    "ci": r"\.github",
    "compose": r"make up\b|docker.compose",
    "kubernetes": r"kubernetes|kubectl",
}


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Return name and text of each file of a service outside packages/."""
    for name in written(folder):
        if not name.startswith("packages/") and not name.endswith(".gz"):
            yield name, (folder / name).read_text()


@pytest.fixture(scope="module", params=list(MATRIX))
def row(request: pytest.FixtureRequest) -> str:
    """The name of a row of the matrix."""
    return str(request.param)


@pytest.fixture(scope="module")
def service(row: str, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service of a row, which no test changes."""
    return generate(template, tmp_path_factory.mktemp("services") / "my-service", MATRIX[row])


def parts_of(row: str) -> set[str]:
    """Return the factors that a row has."""
    row_answers = MATRIX[row]
    return {
        *row_answers["deployment"],
        *(name for name in ("app", "console", "ci") if row_answers[name]),
        *(name for name in ("okta_issuer", "license") if name in row_answers),
    }


def test_every_two_answers_are_combined() -> None:
    """The matrix has each pair of answers that copier.yml accepts: there is no console without the app."""
    missing = [
        (one, first, other, second)
        for one, other in itertools.combinations(FACTORS, 2)
        for first, second in itertools.product((True, False), repeat=2)
        if not any((one in parts_of(row), other in parts_of(row)) == (first, second) for row in MATRIX)
    ]
    assert missing == [("app", False, "console", True)]


def test_service_has_its_own_name_and_no_link(service: Path) -> None:
    """Outside packages/, only the licence names this repository; nothing is a link, and no expression is left."""
    assert [path for path in service.rglob("*") if path.is_symlink() and ".venv" not in path.parts] == []
    for name, text in texts(service):
        if name not in ("LICENSE", ".copier-answers.yml"):
            assert not re.search(r"fastapi-okta(?!-auth)|FastAPI with Okta|\{%", text), name


def test_parts_that_were_not_chosen_are_left_out(service: Path, row: str) -> None:
    """Their files are gone, and no page of the service mentions them."""
    folders = {
        "app": ("frontend", "docker-compose.override.yml"),
        "console": ("frontend/src/console",),
        "ci": (".github",),
        "compose": ("docker-compose.yml", "deploy/compose"),
        "kubernetes": ("deploy/kubernetes",),
        "okta_issuer": (".env",),
    }
    parts = parts_of(row)
    for part, names in folders.items():
        assert [(service / name).exists() for name in names] == [
            part in parts and (name != "docker-compose.override.yml" or "compose" in parts) for name in names
        ], part
    found = [
        (part, name)
        for part in TRACES.keys() - parts
        for name, text in texts(service)
        if name.endswith(".md") and re.search(TRACES[part], text)
    ]
    assert found == []


def test_service_without_the_app_is_small(service: Path, row: str) -> None:
    """Without the app and a deployment, at most 71 files are the user's to read."""
    files = [name for name in written(service) if not name.startswith("packages/")]
    assert row != "nothing" or len(files) <= 71, len(files)
    assert [name for name in written(service) if re.search("packages/.*/tests/", name)] == []


def test_readme_says_who_owns_what(service: Path) -> None:
    """One table: packages/ is the template's, every other folder is the user's."""
    rows = re.findall(r"^\| (`.*) \| .* \| (\S.*) \|$", (service / "README.md").read_text(), re.MULTILINE)
    owners = {name: owner for names, owner in rows for name in re.findall(r"`(\S+)/`", names)}
    assert owners.pop("packages") == "the template"
    assert set(owners.values()) == {"you"}
    folders = {path.name for path in service.iterdir() if path.is_dir()} - {".venv", "packages"}
    assert set(owners) == folders


def test_org_is_in_the_settings(service: Path, row: str) -> None:
    """The answers about an org are in `.env`."""
    if "okta_issuer" in parts_of(row):
        assert (service / ".env").read_text().splitlines()[1:] == [f"{k.upper()}={v}" for k, v in ORG.items()]


def test_overlays_have_the_org(service: Path, row: str) -> None:
    """The answers about an org are in each overlay too; the app signs in as the first client."""
    has_org = "okta_issuer" in parts_of(row)
    for overlay in service.glob("deploy/kubernetes/overlays/*/kustomization.yaml") if has_org else ():
        settings = yaml.safe_load(overlay.read_text())["configMapGenerator"]
        literals = {line for generator in settings for line in generator.get("literals", ())}
        assert {f"{name.upper()}={value}" for name, value in ORG.items()} <= literals
        app = {f"VITE_OKTA_ISSUER={ORG['okta_issuer']}", "VITE_OKTA_CLIENT_ID=0oa1"}
        assert literals & app == (app if "app" in parts_of(row) else set())


def files_of_module(path: Path) -> tuple[Path, Path]:
    """Return the files that `python -m` runs for a module: its own, or that of a package."""
    return path.with_suffix(".py"), path / "__main__.py"


def test_steps_that_the_doctor_names_are_in_the_docs(service: Path) -> None:
    """The doctor says which section explains a step; a service's page has the same ones."""
    page = (service / "docs/okta.md").read_text()
    assert page.startswith("# Connect your Okta org\n")
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == [section for section in Section if section]


def test_links_and_names_of_files_lead_somewhere(service: Path) -> None:
    """Every link, and every file of the service that its documents or its code name, exists."""
    named = r"\b(?:docs/[\w/-]+\.md|(?:backend|dev|tests|deploy)/[\w/-]+\.(?:py|ya?ml))"
    lost = []
    for name, text in texts(service):
        linked = re.findall(r"\]\((?!https?:)([^)\s#]+)", text) if name.endswith(".md") else []
        lost += [(name, link) for link in linked if not (service / name).parent.joinpath(link).exists()]
        lost += [(name, path) for path in re.findall(named, text) if not (service / path).exists()]
        modules = [it.replace(".", "/") for it in re.findall(r"python -m ((?:backend|dev)[\w.]+)", text)]
        lost += [(name, it) for it in modules if not any(map(Path.exists, files_of_module(service / it)))]
    assert not lost, "\n".join(map(str, lost))


def test_commands_in_the_documents_exist(service: Path) -> None:
    """Every make command that a page of the service names exists."""
    commands = re.findall(r"^  make (\S+)", make(service, "help"), re.MULTILINE)
    pages = [text for name, text in texts(service) if name.endswith(".md")]
    assert {name for page in pages for name in re.findall(r"(?:^|`)make ([a-z-]+)", page)} <= {*commands}


def test_check_has_no_limits_of_this_repository(service: Path) -> None:
    """Coverage, and the size of the app's first load, are for a service's owner to limit."""
    limits = r"--coverage|--cov\b|silent size"
    assert not re.search(limits, make(service, "--dry-run", "check"))
    assert {*re.findall(limits, run(ROOT, "make", "--dry-run", "check"))} == {"--cov", "--coverage", "silent size"}


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


def test_with_the_repositorys_answers_a_service_has_its_files(template: Path, tmp_path: Path) -> None:
    """Each rendered file, with this repository's name and every part, is this repository's own."""
    service = generate(template, tmp_path / "service", REPOSITORY)
    twins = {
        name.removeprefix("template/").removesuffix(".jinja")
        for name in names_in_services(ROOT)
        if name.startswith("template/")
    }
    compared = [name for name in twins if (ROOT / name).exists() and name not in OWN]
    assert [name for name in compared if (service / name).read_bytes() != (ROOT / name).read_bytes()] == []
    assert "backend/__init__.py" in compared
    assert {
        name
        for name in names_in_services(ROOT).values()
        if not re.search("__pycache__|^packages/.*/tests/", name) and f"/{name}" not in CONFIG["_exclude"]
    } - {*written(service)} == {".env"}  # with an org only


def checked(row: str) -> tuple[str, ...]:
    """Return the targets of `make check` that run for a row."""
    targets = ("lint", "types", "test-all")
    return ("frontend", *targets) if ALL and "app" in parts_of(row) else targets


@pytest.mark.timeout(600)
def test_examples_of_the_docs_pass_the_checks_of_a_service(template: Path, tmp_path: Path) -> None:
    """Who follows two pages in a new service has nothing to correct, and an untouched development database."""
    service = generate(template, tmp_path / "my-service", MATRIX["nothing"])
    for page, name in (("test-your-routes", "figures"), ("store-data-for-a-user", "notes")):
        write_files(HOW_TO / f"{page}.md", service)
        include_router(service, name)
    model, *_ = blocks(HOW_TO / "store-data-for-a-user.md", "python")
    with (service / "backend/models.py").open("a") as models:
        models.write(model.partition("\n")[2])
    make(service, "migration", NAME="add_notes")
    printed = make(service, "lint", "types", "test-all", ARGS="-n 2", MYPY_CACHE_DIR=str(tmp_path / "mypy"))
    assert re.search("[1-9][0-9] passed", printed)
    assert not (service / "data").exists()


@pytest.mark.timeout(1200)
def test_service_passes_its_own_checks(
    service: Path, row: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Its format, lint, types and tests are clean, as `make check` runs them."""
    if ALL or row in ("nothing", "api"):
        cache = tmp_path_factory.getbasetemp() / "mypy"
        make(service, *checked(row), ARGS="-n 2", MYPY_CACHE_DIR=str(cache))


# Copier is among the packages of `make check`.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
