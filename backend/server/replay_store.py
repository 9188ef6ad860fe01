"""Whether the workers share the used DPoP proofs."""

import sys

from backend.settings import EX_CONFIG, Settings


def require_shared_replay_store(workers: int) -> None:
    """Exit with EX_CONFIG if several workers would each store used DPoP proofs in memory."""
    settings = Settings.load()
    if workers > 1 and settings.dpop != "off" and not settings.dpop_replay_store.get_secret_value():
        print(
            f"DPOP_REPLAY_STORE: required for {workers} workers, or each would accept a proof once; "
            "set it to a redis:// URL, or WEB_CONCURRENCY to 1",
            file=sys.stderr,
        )
        raise SystemExit(EX_CONFIG)
