"""Check that several workers share a store of used DPoP proofs."""

import os
import re
import sys
from multiprocessing import parent_process
from typing import Final

from backend.settings import EX_CONFIG, Settings

STARTUP_FAILURE: Final = 3
"""The exit status of a worker after which uvicorn does not start it again."""


def command_line_workers() -> int:
    """Return the number of workers from the command line, or else from WEB_CONCURRENCY."""
    if "--reload" in sys.argv:  # uvicorn then starts one
        return 1
    option = re.search(r" (?:-w|--workers)[ =]?([0-9]+)", " ".join(sys.argv))
    variable = re.fullmatch("([0-9]+)", os.environ.get("WEB_CONCURRENCY", ""))
    found = option or variable
    return int(found[1]) if found else 1


def require_shared_replay_store(settings: Settings, workers: int) -> None:
    """Exit with EX_CONFIG if several workers would each store used DPoP proofs in memory."""
    if workers > 1 and settings.dpop != "off" and not settings.dpop_replay_store.get_secret_value():
        print(
            f"DPOP_REPLAY_STORE: required for {workers} workers, or each would accept a proof once; "
            "set it to a redis:// URL, or WEB_CONCURRENCY to 1",
            file=sys.stderr,
        )
        raise SystemExit(EX_CONFIG if parent_process() is None else STARTUP_FAILURE)
