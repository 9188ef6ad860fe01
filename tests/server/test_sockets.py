"""Sockets that gunicorn shares with another process."""

import os
import signal
import socket
import subprocess
import sys
import time

from local_okta.serving import bind
from local_okta.state import LocalOkta

from tests.support.processes import project_folder
from tests.support.service import Service, running, wait_for

# sd_listen_fds(3): the sockets begin at 3, for the process that LISTEN_PID names.
ACTIVATED = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "tests.support.deployed_app:app"])
"""


def test_socket_of_systemd_outlives_the_server(local_okta_server: LocalOkta) -> None:
    """A socket that systemd passes still accepts connections after this process has ended."""
    settings = {
        "OKTA_ISSUER": local_okta_server.issuer,
        "OKTA_CLIENT_ID": "0oalocalspa",
        "DRAIN_SECONDS": "0",
    }
    with bind("127.0.0.1", 0) as held:
        service = Service(
            subprocess.Popen(
                [sys.executable, "-c", ACTIVATED, str(held.fileno())],
                cwd=project_folder(),
                env={"PATH": os.environ["PATH"], "WEB_CONCURRENCY": "1", **settings},
                pass_fds=[held.fileno()],
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        wait_for(lambda: "signing keys fetched" in service.log)
        assert service.status("/readyz") == 200
        service.process.terminate()
        assert service.end() == 0
        with socket.create_connection(held.getsockname(), timeout=5):
            pass


def test_sigusr2_starts_no_second_master(local_okta_server: LocalOkta) -> None:
    """SIGUSR2 is ignored, and SIGTERM still ends the server."""
    with running(local_okta_server, DRAIN_SECONDS="0") as service:
        service.process.send_signal(signal.SIGUSR2)
        time.sleep(1)
        assert service.status("/readyz") == 200
        service.process.terminate()
        assert service.end() == 0
        assert "Handling signal: term" in service.log
        assert "Handling signal: usr2" not in service.log
