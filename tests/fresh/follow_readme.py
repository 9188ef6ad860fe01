"""Do what the README says, in a terminal, as a new user: `make run`, the printed curl, Ctrl-C, `make test`."""

import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

READY = "Ctrl-C"
SECONDS = 600


def main() -> None:
    """Run each step and print how long it took; exit with an error at the first one that fails."""
    print(sys.version)
    first_session = re.findall(r"^\$ (.+)\n(.+)$", Path("README.md").read_text(), re.MULTILINE)[0]
    began = time.monotonic()
    pid, screen = pty.fork()
    if pid == 0:
        os.execvp("make", ["make", "run"])  # noqa: S606 - no shell is needed
    output = ""
    while READY not in output:
        if time.monotonic() - began > SECONDS:
            sys.exit(f"make run is not ready after {SECONDS} s:\n{output}")
        try:
            output += os.read(screen, 65536).decode()
        except OSError:  # Linux, where the other side is closed
            sys.exit(f"make run has ended:\n{output}")
    print(f"make run: ready after {time.monotonic() - began:.0f} s\n{output}")
    command, expected = first_session
    printed = subprocess.run(command, shell=True, capture_output=True, text=True, check=True).stdout
    print(f"$ {command}\n{printed}")
    if printed.strip() != expected:
        sys.exit(f"expected {expected}")
    os.write(screen, b"\x03")
    _, status = os.waitpid(pid, 0)
    print(f"Ctrl-C: make run exits with status {os.waitstatus_to_exitcode(status)}")
    began = time.monotonic()
    tests = subprocess.run(["make", "test"], check=False)
    print(f"make test: exit status {tests.returncode} after {time.monotonic() - began:.0f} s")
    sys.exit(tests.returncode)


if __name__ == "__main__":
    main()
