"""`make update` brings the template's changes, keeps the user's, and lists what is left to do."""

import re
import shutil
from pathlib import Path

import pytest

from tests.template.services import commit, generate, git, make

ANSWERS = {"app": False, "ci": True, "deployment": []}
COPIER = ".venv/bin/python -m copier"


def append(file: Path, text: str) -> None:
    """Add `text` to the end of `file`."""
    file.write_text(file.read_text() + text)


@pytest.fixture
def versions(template: Path, tmp_path: Path) -> Path:
    """A copy of this repository in two versions."""
    template = shutil.copytree(template, tmp_path / "template", symlinks=True)
    for name in ("admin.py", "me.py", "payslip.py", "health.py"):
        append(template / "backend/routes" / name, "# Version 2\n")
    append(template / "backend/settings.py", "# Version 2\n")
    append(template / "tests/service/test_hello.py", "# Version 2\n")
    append(template / "template/README.md.jinja", "Version 2\n")
    append(template / "template/AGENTS.md.jinja", "Version 2\n")
    append(template / "packages/local-okta/README.md", "Version 2\n")
    append(template / "bench/__init__.py", "# Version 2\n")
    (template / "backend/routes/added.py").write_text('"""Added in the second version."""\n')
    commit(template, "v1.1.0")
    return template


def start(template: Path, folder: Path, version: str) -> Path:
    """Generate a service from a version of the template, and put it under git."""
    service = generate(template, folder, ANSWERS, version)
    git(service, "init", "--quiet")
    commit(service)
    return service


def update(service: Path, arguments: str = "") -> str:
    """Run `make update` and return what it prints, with its exit status if that is not 0."""
    try:
        return make(service, "update", COPIER=COPIER, ARGS=arguments)
    except RuntimeError as error:
        return f"{error}"


def changed(service: Path) -> list[str]:
    """Return the files that differ from the last commit."""
    status = git(service, "status", "--porcelain", "--untracked-files=all")
    return sorted(line[3:] for line in status.splitlines())


def test_update_keeps_the_users_changes(versions: Path, tmp_path: Path) -> None:
    """A new file, a changed one, the README and `.env` are the user's; the template's changes arrive."""
    service = start(versions, tmp_path / "my service", "v1.0.0")
    admin = service / "backend/routes/admin.py"
    admin.write_text(f'"""Ours."""\n{admin.read_text().partition(chr(10))[2]}')
    append(service / "README.md", "\n## Ours\n")
    (service / "AGENTS.md").unlink()
    (service / "backend/routes/ours.py").touch()
    commit(service)
    (service / ".env").write_text("LOG_LEVEL=DEBUG\n")

    printed = update(service)

    assert "Updated from v1.0.0 to v1.1.0." in printed
    assert "conflict" not in printed
    assert admin.read_text().startswith('"""Ours."""\n')
    assert admin.read_text().endswith("# Version 2\n")
    assert (service / "README.md").read_text().endswith("## Ours\n")
    assert (service / ".env").read_text() == "LOG_LEVEL=DEBUG\n"
    assert changed(service) == [
        ".copier-answers.yml",
        "backend/routes/added.py",
        "backend/routes/admin.py",
        "backend/routes/health.py",
        "backend/routes/me.py",
        "backend/routes/payslip.py",
        "backend/settings.py",
        "packages/local-okta/README.md",
        "tests/test_hello.py",
    ]


def test_conflicts_and_changes_to_renamed_and_deleted_files_are_listed(
    versions: Path, tmp_path: Path
) -> None:
    """What was deleted or renamed stays so, and `make update` shows the changes that found no file."""
    service = start(versions, tmp_path / "my-service", "v1.0.0")
    append(service / "backend/settings.py", "# Ours\n")
    (service / "backend/routes/me.py").rename(service / "backend/routes/profile.py")
    (service / "backend/routes/payslip.py").unlink()
    (service / "tests/test_hello.py").unlink()
    (service / "tests/test_settings.py").unlink()  # the template does not change it
    commit(service)

    printed = update(service)

    conflicts, _, changes = printed.partition("files that you renamed or deleted")
    assert "Resolve the conflicts as after `git merge`:\n  backend/settings.py\n" in conflicts
    assert "<<<<<<<" in (service / "backend/settings.py").read_text()
    shown = [line.split()[-1] for line in changes.splitlines() if line.startswith("+++")]
    assert shown == ["b/backend/routes/me.py", "b/backend/routes/payslip.py", "b/tests/service/test_hello.py"]
    assert changes.count("\n+# Version 2\n") == 3
    assert "Error 1" in printed  # of make, as long as there are conflicts
    gone = (
        "backend/routes/me.py",
        "backend/routes/payslip.py",
        "tests/test_hello.py",
        "tests/test_settings.py",
    )
    assert [name for name in gone if (service / name).exists()] == []


def test_update_can_change_an_answer(versions: Path, tmp_path: Path) -> None:
    """A part that is chosen later arrives, and one that is no longer chosen goes."""
    service = start(versions, tmp_path / "my-service", "v1.1.0")
    update(service, "--data ci=false --data deployment=[compose]")
    assert (service / "docker-compose.yml").exists()
    assert not (service / ".github").exists()


def test_newest_tag_and_head_both_work_as_the_source(versions: Path, tmp_path: Path) -> None:
    """A service made from a commit after the newest tag is updated from HEAD; `make update` says so."""
    append(versions / "backend/routes/health.py", "# Version 3\n")
    commit(versions)
    service = start(versions, tmp_path / "my-service", "HEAD")
    append(versions / "backend/routes/health.py", "# Version 4\n")
    commit(versions)

    assert 'Update with: make update ARGS="--vcs-ref HEAD"' in update(service)
    assert changed(service) == []
    assert "Updated from v1.1.0-1-g" in update(service, "--vcs-ref HEAD")
    assert changed(service) == [".copier-answers.yml", "backend/routes/health.py"]


def test_template_on_another_machine_is_one_line(versions: Path, tmp_path: Path) -> None:
    """The output says where to write the template's URL, from which the update then works."""
    service = start(versions, tmp_path / "my-service", "v1.0.0")
    answers = service / ".copier-answers.yml"
    for source in (versions.parent / "gone", f"git+file://{versions}"):
        answers.write_text(re.sub("_src_path: .*", f"_src_path: {source}", answers.read_text()))
        commit(service)
        printed = update(service)
        assert ("is not on this machine: write its URL into _src_path" in printed) is isinstance(source, Path)
    assert "Updated from v1.0.0 to v1.1.0." in printed
    assert "Traceback" not in printed


def test_service_without_a_version_says_so(versions: Path, tmp_path: Path) -> None:
    """A service made from a copy without git has nothing to update from."""
    service = start(versions, tmp_path / "my-service", "v1.1.0")
    answers = service / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace("_commit: v1.1.0\n", ""))
    assert "made from a copy without git history" in update(service)


# Copier is among the packages of `make check`.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
