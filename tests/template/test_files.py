"""The folder template/: links to the files of this repository, and few files of its own."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

from dev.update import names_in_services
from tests.support.pages import ROOT
from tests.template.services import CONFIG, tracked

TEMPLATE = ROOT / "template"
# Files that only this repository has; `*` matches any characters, including slashes.
WORKSHOP = (
    ".ci/*",
    ".github/*",
    ".pre-commit-config.yaml",
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "bench/*",
    "copier.yml",
    "deploy/checkov.yaml",
    "dev/new.py",
    "dev/reference.py",
    "dev/workshop.mk",
    "docs/*",
    "frontend/README.md",
    "frontend/e2e/*",
    "frontend/playwright*.config.ts",
    "requirements/*.in",
    "requirements/docs.txt",
    "requirements/workshop.txt",
    "ruff.toml",
    "tests/*",
)
QUESTIONS = [
    "project_name", "slug", "description", "author", "license", "okta_issuer", "okta_client_id", "okta_audience",
    "app", "console", "ci", "deployment",
]  # fmt: skip


def links() -> list[Path]:
    """Return the links in template/."""
    return [path for path in TEMPLATE.rglob("*") if path.is_symlink()]


@pytest.mark.slow  # for git, which a machine without a clone may lack
def test_every_file_is_in_the_template_or_in_the_workshop() -> None:
    """For each file of this repository it is decided whether a service gets it."""
    names = names_in_services(ROOT)
    twins = {name for path, name in names.items() if path.endswith(".jinja")}
    undecided = [
        name
        for name in tracked()
        if not name.startswith("template/") and name not in {*names, *twins}
        if not any(fnmatch(name, pattern) for pattern in WORKSHOP)
    ]
    assert undecided == [], "link the file (or its folder) in template/, or add it to WORKSHOP in this test"


def test_links_are_relative_and_lead_to_the_same_path() -> None:
    """A link in template/ leads to the file or folder of the same path, so that a path says where a line comes from."""
    wrong = [
        str(link.relative_to(ROOT))
        for link in links()
        if link.readlink().is_absolute() or link.resolve() != ROOT / link.relative_to(TEMPLATE)
    ]
    assert wrong == ["template/tests"]
    assert (TEMPLATE / "tests").resolve() == ROOT / "tests/service"


def test_only_jinja_files_have_expressions() -> None:
    """No file name has an expression, and no other file of the template has one."""
    names = [str(path.relative_to(ROOT)) for path in TEMPLATE.rglob("*")]
    assert [name for name in names if re.search(r"[{}%\[\]@# ]", name)] == []
    plain = [path for path in TEMPLATE.rglob("*") if path.is_file() and not path.is_symlink()]
    assert [path for path in plain if path.suffix != ".jinja" and "{%" in path.read_text()] == []


def test_copier_yml_is_short_and_asks_twelve_questions() -> None:
    """No question asks for a secret."""
    assert len((ROOT / "copier.yml").read_text().splitlines()) <= 150
    assert [name for name in CONFIG if not name.startswith("_")] == QUESTIONS
    assert not [name for name in QUESTIONS if re.search("secret|password|token", name)]


def test_what_git_ignores_is_left_out() -> None:
    """An unpacked ZIP has no git that hides build products; `.env` is generated, and never linked."""
    ignored = {line.rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}
    assert ignored - {*CONFIG["_exclude"]} == {".env"}
