"""A PostgreSQL server for the tests, on a free port: it can be stopped, killed and frozen."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from tests.support.api import free_address

START_SECONDS = 60


class PostgreSQL:
    """A server that can be stopped and started again, with its data."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.host, _, self.port = free_address().partition(":")
        self.url = f"postgresql+psycopg://postgres@{self.host}:{self.port}/postgres"
        self._programs = programs
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        # It refuses to run as root, and Debian's package has a user for it.
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(folder, self._user)
        command = [f"{programs}/initdb", "-D", f"{folder}/data", "-U", "postgres", "--no-sync", "-A", "trust"]
        subprocess.run(command, user=self._user, cwd=folder, stdout=subprocess.DEVNULL, check=True)

    def start(self) -> None:
        """Start it, and wait until it accepts connections."""
        options = {"listen_addresses": self.host, "port": self.port, "unix_socket_directories": self._folder}
        settings = [f"-c{name}={value}" for name, value in options.items()]
        self._process = subprocess.Popen(
            [self._programs / "postgres", "-D", self._folder / "data", *settings],
            user=self._user,
            cwd=self._folder,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self._accepts_connections():
            assert time.monotonic() < deadline, "PostgreSQL did not start"
            time.sleep(0.05)

    def _accepts_connections(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Return a connection without a transaction."""
        url = f"host={self.host} port={self.port} user=postgres dbname={database}"
        return psycopg.connect(url, autocommit=True)

    def create_database(self, name: str) -> str:
        """Create an empty database, and return its URL for the service."""
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url.removesuffix("postgres") + name

    def kill(self) -> None:
        """Kill all of its processes at once."""
        self._signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()
        self._process = None
        time.sleep(0.1)

    def stop(self) -> None:
        """Stop it if it is running."""
        if self._process is not None:
            self.thaw()
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Stop all of its processes where they are; connections stay open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        for pid in (self._process.pid, *self._children()):
            with suppress(ProcessLookupError):  # a connection's process has ended
                os.kill(pid, number)

    def _children(self) -> list[int]:
        assert self._process is not None
        pid = self._process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Run a server. If none is installed, skip the test, or fail it in CI."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
    if programs is None:
        message = "PostgreSQL is required: apt-get install postgresql"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    # Not below the tests' own folder, which another user cannot enter.
    with TemporaryDirectory(prefix="postgresql-", dir=os.environ.get("TMPDIR", "/tmp")) as folder:  # noqa: S108
        server = PostgreSQL(programs, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
