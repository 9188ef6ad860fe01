"""The documentation is true: its commands run, its links lead somewhere, its code is Python that works."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from backend.okta.errors import Reason
from backend.server.settings import ServerSettings
from dev import reference
from tests.support.pages import PAGES, ROOT, blocks


def test_readme_code() -> None:
    """The README's routes can be added to an application as they stand."""
    [code] = blocks(ROOT / "README.md", "python")
    scope: dict[str, object] = {}
    exec(code, scope)  # noqa: S102 - the code is our README's
    app = FastAPI()
    app.include_router(scope["router"])  # type: ignore[arg-type] # it is an APIRouter
    assert app.openapi()["paths"]["/figures"]["get"]["security"] == [{"bearer": ["reports:read"]}]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page: Path) -> None:
    """Every relative link leads to a file, and to a heading in it where it names one."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        other = (page.parent / path) if path else page
        assert other.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", other.read_text(), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in slugs, target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_targets(page: Path) -> None:
    """Every make command that a page names exists."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", page.read_text())) <= targets


def test_every_reason_is_explained() -> None:
    """The page on verification tells every reason for which a token can fail, but the library's own."""
    page = (ROOT / "docs/verification.md").read_text()
    missing = [reason for reason in Reason if f"`{reason}`" not in page]
    assert missing == [Reason.CLAIMS]


def test_readme_is_short() -> None:
    """The README stays under 120 lines."""
    assert len((ROOT / "README.md").read_text().splitlines()) < 120


def test_every_test_named_exists() -> None:
    """Every test that the page on security names is there, and every threat has one."""
    page = (ROOT / "docs/security.md").read_text()
    named = re.findall(r"`((?:tests|smoke)/[\w/]+\.py)::(\w+)`", page)
    assert not [
        f"{file}::{test}"
        for file, test in named
        if not re.search(rf"^(async )?def {test}\(", (ROOT / file).read_text(), re.MULTILINE)
    ]
    [table] = re.findall(r"^\| threat .*\n\|[-|]+\n((?:\|.*\n)+)", page, re.MULTILINE)
    assert not [row for row in table.splitlines() if ".py::test_" not in row]


def test_configuration_reference() -> None:
    """The configuration reference is what `make reference` writes, with gunicorn's variables in it."""
    assert reference.PAGE.read_text() == reference.page()
    fields = {name.upper(): field for name, field in ServerSettings.model_fields.items()}
    assert set(fields) - {"METRICS_ADDRESS"} == set(reference.SERVER)
    for name in ("DRAIN_SECONDS", "FORWARDED_ALLOW_IPS"):
        assert reference.SERVER[name][0] == f"`{fields[name].default}`"


def test_every_page_is_in_the_site() -> None:
    """The site's navigation and the list of decisions leave no page out."""
    nav = re.findall(r"^ +- (?:\w+: )?(\S+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(nav) == sorted(str(page.relative_to(ROOT)) for page in PAGES)
    decisions = ROOT / "docs/decisions"
    listed = re.findall(r"\]\((\d.+\.md)\)", (decisions / "README.md").read_text())
    assert listed == sorted(page.name for page in decisions.glob("0*.md"))


def test_contributing_is_a_page() -> None:
    """CONTRIBUTING.md stays one page."""
    assert len((ROOT / "CONTRIBUTING.md").read_text().splitlines()) < 70
