"""Where Prometheus fetches the metrics: an address of its own, for one process or for all workers."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, disable_created_metrics, start_http_server
from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from backend.observability.metrics import Metrics

SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder where workers keep their metrics (prometheus_client)."""

_folding = threading.Lock()
_log = logging.getLogger(__name__)


@contextmanager
def exported(metrics: Metrics | None, address: str) -> Iterator[None]:
    """Serve `metrics`, if there are any, at `address` (host:port) until the block ends.

    Not where SHARED is set: there serve_workers does it, in one process for all.
    """
    if metrics is None or SHARED in os.environ:
        yield
        return
    stop = _serve(address, metrics.registry)
    try:
        yield
    finally:
        stop()


def serve_workers(address: str) -> None:
    """Serve, at `address`, the sum of what all workers keep in the folder that SHARED names.

    For the process that starts the workers, which has no metrics itself.
    """
    # It loaded the application, whose gauges stand at 0 here for good.
    mark_process_dead(os.getpid())
    registry = CollectorRegistry()
    _Workers(registry)
    _serve(address, registry)


def forget_worker(pid: int) -> None:
    """Take a worker that has ended out of the gauges, and keep its counts: a sum must not go down."""
    folder = Path(os.environ[SHARED])
    with _folding:
        for kind in ("counter", "histogram"):
            left = folder / f"{kind}_{pid}.db"
            if left.exists():
                _add(left, folder / f"{kind}_ended.db")
                left.unlink()
    mark_process_dead(pid)


def _add(addend: Path, total: Path) -> None:
    sums = MmapedDict(str(total))
    for key, value, _, _ in MmapedDict.read_all_values_from_file(str(addend)):
        sums.write_value(key, sums.read_value(key)[0] + value, 0.0)
    sums.close()


class _Workers(MultiProcessCollector):
    def collect(self) -> list[Metric]:
        with _folding:  # the counts of a worker must not be read in two places
            return list(super().collect())


def _serve(address: str, registry: CollectorRegistry) -> Callable[[], None]:
    """Serve until the function that it returns is called. An address that is taken is logged, no more."""
    disable_created_metrics()  # a series beside each, which the workers' files do not have
    host, _, port = address.rpartition(":")
    try:
        server, thread = start_http_server(int(port), host.strip("[]"), registry)
    except OSError as error:
        # An API without metrics is better than none.
        _log.error("metrics are not served at %s: %s", address, error)
        return lambda: None

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    _log.info("metrics are served at http://%s/metrics", address)
    return stop
