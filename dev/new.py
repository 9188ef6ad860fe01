"""`make new`: generate a service from this repository, and say first what would break its updates."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
QUESTIONS: Final = "Each question shows an answer: Enter accepts it, Ctrl-U clears it.\n"
NEXT: Final = """
Generated. Next:

  cd {folder}
  make run     # starts it, and prints a curl command to try
  make test

Updates need its history: git init && git add --all && git commit -m "Start"
"""


def main() -> int:
    """Generate the service in the folder DEST; with --check only look for faults. Return the exit status."""
    if fault := _fault():
        print(fault, file=sys.stderr)
        return 1
    # Only bash expands the ~ in DEST=~/my-service.
    return 0 if "--check" in sys.argv else _generate(Path(os.environ["DEST"]).expanduser().absolute())


def _fault() -> str:
    """Return what prevents a service that works and can be updated, or nothing."""
    if not os.environ.get("DEST"):
        return "DEST is required: make new DEST=../my-service"
    if not (ROOT / "template/Makefile").is_symlink():
        return (
            "template/ has lost its links: clone with `git clone -c core.symlinks=true`, or unpack this "
            "repository with a program that keeps links"
        )
    return _uncommitted() if (ROOT / ".git").exists() else ""


def _generate(folder: Path) -> int:
    arguments = shlex.split(os.environ.get("ARGS", ""))
    if not (ROOT / ".git").exists():
        print(
            "This copy has no git history, so the service cannot be updated: clone the repository for that."
        )
    elif not any(it.startswith(("--vcs-ref", "-r")) for it in arguments):
        arguments = ["--vcs-ref", "HEAD", *arguments]
        _warn_after_tag()
    if not {"--defaults", "-l", "--force", "-f"} & {*arguments}:
        print(QUESTIONS, flush=True)
    command = [sys.executable, "-m", "copier", "copy", "--quiet", *arguments, str(ROOT), str(folder)]
    status = subprocess.run(command, check=False).returncode
    if status == 0:
        print(NEXT.format(folder=shlex.quote(str(folder))))
    return status


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)


def _uncommitted() -> str:
    """Return why an update of the service would fail, or nothing."""
    status = _git("status", "--porcelain")
    if status.returncode:  # such as the checkout of another user
        return status.stderr.strip()
    if not status.stdout or os.environ.get("FORCE"):
        return ""
    return (
        f"These changes are not committed, so updates of the service would fail:\n{status.stdout}"
        "Commit or stash them. To generate a service with them all the same: make new FORCE=1 DEST=..."
    )


def _warn_after_tag() -> None:
    """Say how to update if HEAD is not the newest tag: Copier takes older versions for no update."""
    newest = _git("describe", "--tags", "--abbrev=0").stdout.strip()
    if newest and _git("describe", "--tags", "--exact-match").returncode:
        print(f"HEAD is later than the newest tag, {newest}. Until the next tag, update the service with")
        print('  make update ARGS="--vcs-ref HEAD"')
        print(f'or generate it from the tag: make new DEST=... ARGS="--vcs-ref {newest}"')


if __name__ == "__main__":
    sys.exit(main())
