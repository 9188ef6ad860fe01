"""Every file of this repository is in generated services, or is known not to be."""

import re
from fnmatch import fnmatch

import pytest

from tests.support.pages import ROOT
from tests.support.template import CONFIG, chosen, tracked

# Files that only this repository has; `*` matches any characters, including slashes.
WORKSHOP = (
    ".ci/*",
    ".github/workflows/audit.yml",
    ".github/workflows/codeql.yml",
    ".github/workflows/release.yml",
    ".github/workflows/scheduled.yml",
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "bench/*",
    "copier.yml",
    "deploy/checkov.yaml",
    "dev/reference.py",
    "docs/*",
    "frontend/README.md",
    "frontend/e2e/*",
    "frontend/playwright*.config.ts",
    "mkdocs.yml",
    "requirements/bench.txt",
    "requirements/docs.txt",
    "requirements/fuzz.txt",
    "requirements/node.txt",
    "requirements/policy.txt",
    "requirements/template.txt",
    "template/*",
    "tests/*",
)
HINT = "add it to `files` in copier.yml if generated services need it, else to WORKSHOP in this test"


@pytest.mark.slow  # for git, which a machine without a clone may lack
def test_every_file_is_in_services_or_in_the_workshop() -> None:
    """For each file it is decided whether a generated service gets it."""
    files = set(chosen("files"))
    packed = {name for name in tracked() if name.endswith(".gz")}
    undecided = [
        name for name in set(tracked()) - files - packed if not any(fnmatch(name, it) for it in WORKSHOP)
    ]
    assert undecided == [], HINT


def test_every_file_in_copier_yml_exists() -> None:
    """A file that is renamed or removed is renamed or removed in copier.yml too."""
    files = chosen("files")
    assert [name for name in files if not (ROOT / name).exists()] == [], "correct `files` in copier.yml"
    assert len(files) == len(set(files))


def test_every_word_to_replace_is_in_a_file() -> None:
    """A text that changes here changes in `words` in copier.yml too, or services would keep it."""
    texts = "".join((ROOT / name).read_text() for name in chosen("files"))
    few = chosen("words", (), ())
    lost = [ours for ours, _ in [*few, *chosen("words")] if ours not in texts]
    assert lost == [], "correct `words` in copier.yml"


def test_markers_are_balanced() -> None:
    """Each `# [% if … %]` has its `# [% endif %]`, and names a part that copier.yml knows."""
    known = r"(?:not |or |and |app|examples|extras|observability|doctor|ci|compose|kubernetes|swarm|reference| )+"
    for name in chosen("files"):
        blocks = re.findall(r"# \[%[-+]? (.*?) [-+]?%\]", (ROOT / name).read_text())
        for kind in ("if", "filter"):
            opened = sum(block.startswith(f"{kind} ") for block in blocks)
            assert opened == blocks.count(f"end{kind}"), name
        conditions = [block.removeprefix("if ") for block in blocks if block.startswith("if ")]
        assert [it for it in conditions if not re.fullmatch(known, it)] == [], name


def test_no_question_asks_for_a_secret() -> None:
    """At most twelve questions are asked, and none for a secret."""
    questions = {name: value for name, value in CONFIG.items() if not name.startswith("_")}
    asked = [name for name, question in questions.items() if question.get("when", True) is not False]
    assert len(asked) <= 12
    assert not [name for name in asked if re.search("secret|password|token", name)]
