"""`copier update` brings the template's changes and keeps the user's."""

import re
from pathlib import Path

import pytest

from tests.support.template import commit, copier, generate, git, make, repository

ROUTE = '''

@router.get("/bye/{name}")
async def bye(name: str) -> Message:
    """Say goodbye to the name in the path."""
    return Message(message=f"Bye, {name}")
'''
TEST = '''

def test_bye(api: httpx.Client, okta_token: OktaToken) -> None:
    """The user's route works after the update too."""
    assert api.get("/bye/Ada", headers=bearer(okta_token())).json() == {"message": "Bye, Ada"}
'''


def edit(file: Path, old: str, new: str) -> None:
    """Replace `old`, which is in `file`."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def append(file: Path, text: str) -> None:
    """Add `text` to the end of `file`."""
    file.write_text(file.read_text() + text)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A copy of this repository in two versions; the second changes code, a shared file and the README."""
    template = repository(tmp_path / "template", "v1.0.0")
    edit(template / "backend/okta/errors.py", "MAX_SHOWN = 64", "MAX_SHOWN = 48")
    edit(template / "backend/app.py", "CORS_MAX_AGE_SECONDS: Final = 600", "CORS_MAX_AGE_SECONDS: Final = 300")
    edit(template / "template/README.md", "**Run it.**", "**Start it.**")
    (template / "backend/okta/added.py").write_text('"""Added in the second version."""\n')
    edit(template / "copier.yml", "    - backend/okta/challenge.py\n", "    - backend/okta/added.py\n    - backend/okta/challenge.py\n")
    commit(template)
    git(template, "tag", "v1.1.0")
    return template


def start(template: Path, folder: Path, version: str) -> Path:
    """Generate a service from a version of the template, and put it under git."""
    service = generate(template, folder, {"parts": ["ci"], "deployment": []}, version)
    git(service, "init", "--quiet")
    commit(service)
    return service


def test_update_keeps_the_users_changes(template: Path, tmp_path: Path) -> None:
    """A route, its test, the README, `.env` and a setting are the user's; a fix arrives, and nothing conflicts."""
    service = start(template, tmp_path / "my-service", "v1.0.0")
    append(service / "backend/routes/hello.py", ROUTE)
    append(service / "tests/test_hello.py", TEST)
    append(service / "README.md", "\n## Ours\n")
    append(service / "backend/app.py", "\n# Ours\n")
    edit(service / "backend/settings.py", '= ("http://localhost:3000",)', '= ("http://localhost:4000",)')
    (service / "docs/okta.md").unlink()
    commit(service)
    (service / ".env").write_text("LOG_LEVEL=DEBUG\n")

    copier("update", "--quiet", cwd=service)

    assert not git(service, "diff", "--name-only", "--diff-filter=U")
    changed = git(service, "status", "--porcelain").split("\n")
    assert sorted(line[3:] for line in changed if line) == [
        ".copier-answers.yml",
        "backend/app.py",
        "backend/okta/added.py",
        "backend/okta/errors.py",
    ]
    app = (service / "backend/app.py").read_text()
    assert "CORS_MAX_AGE_SECONDS: Final = 300" in app
    assert app.endswith("\n# Ours\n")
    assert (service / ".env").read_text() == "LOG_LEVEL=DEBUG\n"
    assert (service / "README.md").read_text().endswith("\n## Ours\n")
    assert "_commit: v1.1.0" in (service / ".copier-answers.yml").read_text()
    make(service, "test", ARGS="-n 2 tests/test_hello.py")


def test_update_can_change_an_answer(template: Path, tmp_path: Path) -> None:
    """A part that is chosen later arrives, and one that is no longer chosen goes."""
    service = start(template, tmp_path / "my-service", "v1.1.0")
    copier("update", "--quiet", "--data", "parts=[doctor]", cwd=service)
    assert (service / "backend/doctor/command.py").exists()
    assert not (service / ".github").exists()
    assert re.search(r"^doctor:", (service / "Makefile").read_text(), re.MULTILINE)


pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
