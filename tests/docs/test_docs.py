"""The documentation matches the code: links, commands, settings and reasons exist."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi_okta_auth.doctor.report import Section
from fastapi_okta_auth.errors import Reason

from dev import reference
from tests.support.pages import PAGES, ROOT, blocks


def name_of(page: Path) -> str:
    """Return the path of `page` below the root, as the id of a test case."""
    return str(page.relative_to(ROOT))


def test_readme_routes_can_be_added_to_an_app() -> None:
    """The README's example runs, and its scope appears in OpenAPI."""
    [code] = blocks(ROOT / "README.md", "python")
    scope: dict[str, object] = {}
    exec(code, scope)  # noqa: S102 - the code is our README's
    app = FastAPI()
    app.include_router(scope["router"])  # type: ignore[arg-type] # it is an APIRouter
    assert app.openapi()["paths"]["/figures"]["get"]["security"] == [{"bearer": ["reports:read"]}]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_make_targets_exist(page: Path) -> None:
    """Every make command that a page names exists."""
    files = [ROOT / "Makefile", *ROOT.glob("*/*.mk"), *ROOT.glob("*/*/*.mk")]
    rules = re.findall(r"^([a-z -]+):", "".join(file.read_text() for file in files), re.MULTILINE)
    targets = {target for rule in rules for target in rule.split()}
    assert set(re.findall(r"\bmake ([a-z][a-z-]+)\b(?= *[`A-Z|\n])", page.read_text())) <= targets


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_named_in_code_exist(page: Path) -> None:
    """Every file or folder of this repository that a page names exists."""
    named = re.findall(r"`((?:backend|deploy|tests|packages|dev|requirements)/[\w./-]+)`", page.read_text())
    examples = {"backend/routes/figures.py", "tests/test_figures.py", "tests/test_notes.py"}
    examples |= {"backend/routes/notes.py", "backend/migrations/versions/0003_add_notes.py"}
    assert not [name for name in named if name not in examples and not (ROOT / name).exists()]


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=name_of)
def test_modules_named_in_commands_can_be_run(page: Path) -> None:
    """Every module of ours that a page runs with `python -m` exists; a package has a `__main__`."""
    named = set(
        re.findall(
            r"python3? -m ((?:backend|bench|dev|tests|fastapi_okta_auth|local_okta)\b[\w.]*)",
            page.read_text(),
        )
    )
    assert [name for name in named if not _can_be_run(name)] == []


def _can_be_run(module: str) -> bool:
    found = find_spec(module)
    is_package = found is not None and found.submodule_search_locations is not None
    return found is not None and (not is_package or find_spec(f"{module}.__main__") is not None)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_installing_what_runs_includes_the_package(page: Path) -> None:
    """The lock file does not contain the package in packages/, so that whoever installs the one installs the other."""
    commands = re.findall(r"^.*pip install.*$", page.read_text(), re.MULTILINE)
    locked = [line for line in commands if "requirements/runtime.txt" in line]
    ours = [
        line for line in commands if "--no-deps --no-build-isolation ./packages/fastapi-okta-auth" in line
    ]
    assert len(locked) == len(ours)


def test_every_reason_for_an_invalid_token_is_documented() -> None:
    """The page on refusals lists every reason, except the one that only okta-jwt-verifier gives."""
    page = (ROOT / "docs/reference/refusals.md").read_text()
    assert [reason for reason in Reason if f"`{reason}`" not in page] == [Reason.CLAIMS]


def test_sections_that_the_doctor_names_exist() -> None:
    """The doctor's sections are the numbered headings of the page, in its order."""
    page = (ROOT / "docs/how-to/connect-okta.md").read_text()
    assert page.startswith("# Connect your Okta org\n")
    assert re.findall(r"^## (\d.*)$", page, re.MULTILINE) == [section for section in Section if section]


def test_readme_has_at_most_120_lines() -> None:
    """The README stays short."""
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120


def test_every_threat_names_a_test_file() -> None:
    """Each row of the threat table names a file with tests."""
    page = (ROOT / "docs/explanation/security.md").read_text()
    [table] = re.findall(r"^\| threat .*\n\|[-|]+\n((?:\|.*\n)+)", page, re.MULTILINE)
    assert not [row for row in table.splitlines() if "/test_" not in row]


def test_settings_page_is_what_make_reference_writes() -> None:
    """`make reference` changes nothing."""
    assert reference.PAGE.read_text() == reference.page()


def test_every_page_is_in_the_navigation() -> None:
    """The site's navigation and the list of decisions leave no page out."""
    nav = re.findall(r"^ +- (?:\w+: )?(\S+\.md)$", (ROOT / "docs/mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(nav) == sorted(str(page.relative_to(ROOT)) for page in PAGES)
    decisions = ROOT / "docs/decisions"
    listed = re.findall(r"\]\((\d.+\.md)\)", (decisions / "README.md").read_text())
    assert listed == sorted(page.name for page in decisions.glob("0*.md"))
