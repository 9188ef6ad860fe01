"""The API in a separate process, on a free port, and its output."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_okta.state import LocalOkta

from tests.support.api import free_address, wait_until_ready
from tests.support.processes import Output, project_folder

_BIN = Path(sys.executable).parent


class Api:
    """A running API: its URL and its output."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.url = url
        self._process = process
        self._output = Output(process.stdout)

    @property
    def log(self) -> str:
        """The output so far."""
        return self._output.text

    def end(self) -> None:
        """Stop it, and read the rest of the output."""
        self._process.terminate()
        self._process.wait(20)
        self._output.wait_for_end()


@contextmanager
def running(okta: LocalOkta, *command: str, keys: bool = True, **variables: str) -> Iterator[Api]:
    """Run the API under uvicorn, started by `command` if given; with `keys`, wait until it has keys."""
    address = free_address()
    host, _, port = address.partition(":")
    environment = {
        "PATH": f"{_BIN}:/usr/bin:/bin",
        "OKTA_ISSUER": okta.issuer,
        "OKTA_CLIENT_ID": "0oalocalspa,0oalocalservice",
    }
    with subprocess.Popen(
        [*command, "uvicorn", "backend.main:app", "--host", host, "--port", port],
        cwd=project_folder(),
        env={**environment, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        api = Api(process, f"http://{address}")
        try:
            wait_until_ready(api.url, "readyz" if keys else "healthz")
            yield api
        finally:
            api.end()
