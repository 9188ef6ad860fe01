"""Add up the metrics of gunicorn's workers in its master.

Each worker sends the increase of its metrics every SEND_SECONDS and when it stops, over a Unix
socket that the master opens before it forks. The totals are in the master's memory, so
they never go down when a worker is replaced. A worker that is killed loses its last SEND_SECONDS.

prometheus_client's multiprocess mode writes to memory-mapped files instead. There a full file
system or a truncated file kills the worker with SIGBUS, which Python cannot handle.
"""

import json
import logging
import os
import select
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.registry import Collector

SEND_SECONDS: Final = 2.0
_MAX_MESSAGE: Final = 1 << 20

_EXITS: Final = "gunicorn_worker_exits"
_SUMMED_GAUGES: Final = ("process_open_fds", "process_resident_memory_bytes", "process_virtual_memory_bytes")

_log = logging.getLogger(__name__)
_Series = tuple[str, str, tuple[tuple[str, str], ...]]  # metric, sample and labels


class WorkerMetrics(Collector):
    """The metrics of all workers together, in the master.

    Counters and _SUMMED_GAUGES are added up. Any other gauge has the lowest value of all workers,
    such as the fewest keys.
    """

    def __init__(self) -> None:
        receiver, self.sender = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        receiver.settimeout(0)
        self.sender.settimeout(SEND_SECONDS)
        self._receiver = receiver
        self._lock = threading.Lock()
        self._described = {_EXITS: ("Workers that ended, for any reason", "counter")}
        self._totals: dict[_Series, float] = {(_EXITS, f"{_EXITS}_total", ()): 0.0}
        self._gauges: dict[int, dict[_Series, float]] = {}
        threading.Thread(target=self._receive_forever, name="worker metrics", daemon=True).start()

    def forget(self, pid: int) -> None:
        """Count a worker that has ended, and drop its gauges."""
        with self._lock:
            self._receive()  # a message read later would bring the gauges back
            self._gauges.pop(pid, None)
            self._totals[_EXITS, f"{_EXITS}_total", ()] += 1

    def collect(self) -> Iterator[Metric]:
        """Yield each metric with its totals."""
        with self._lock:
            described, series = dict(self._described), dict(self._totals)
            for gauges in self._gauges.values():
                for key, value in gauges.items():
                    if key[0] in _SUMMED_GAUGES:
                        series[key] = series.get(key, 0.0) + value
                    else:
                        series[key] = min(value, series.get(key, value))
        metrics = {name: Metric(name, text, kind) for name, (text, kind) in described.items()}
        for (name, sample, labels), value in series.items():
            metrics[name].add_sample(sample, dict(labels), value)
        yield from metrics.values()

    def _receive_forever(self) -> None:
        while True:
            select.select([self._receiver], [], [])
            with self._lock:
                self._receive()

    def _receive(self) -> None:
        with suppress(BlockingIOError):
            while True:
                message = self._receiver.recv(_MAX_MESSAGE)
                try:
                    self._add(**json.loads(zlib.decompress(message)))
                except (zlib.error, ValueError):
                    _log.exception("metrics of a worker are lost")

    def _add(self, pid: int, metrics: list[Any]) -> None:
        gauges = self._gauges.setdefault(pid, {})
        for name, text, kind, samples in metrics:
            self._described[name] = text, kind
            for sample, labels, value in samples:
                key = (name, sample, tuple(labels.items()))
                if kind == "gauge":
                    gauges[key] = value
                else:
                    self._totals[key] = self._totals.get(key, 0.0) + value


class _Sender:
    """Sends a worker's metrics to the master: counters as the difference to the last message."""

    def __init__(self, registry: CollectorRegistry, channel: socket.socket) -> None:
        self._registry = registry
        self._channel = channel
        self._sent: dict[_Series, float] = {}
        self._failed = False

    def run(self, stop: threading.Event) -> None:
        while not stop.wait(SEND_SECONDS):
            self._send()
        self._send()

    def _send(self) -> None:
        try:
            values, metrics = self._changes()
            if metrics:
                message = {"pid": os.getpid(), "metrics": metrics}
                self._channel.send(zlib.compress(json.dumps(message).encode(), level=1))
            self._sent.update(values)
        except Exception:  # noqa: BLE001 -- no failure here may stop the worker
            if not self._failed:
                _log.exception("metrics are not sent to the master")
            self._failed = True

    def _changes(self) -> tuple[dict[_Series, float], list[Any]]:
        values: dict[_Series, float] = {}
        metrics = []
        for metric in self._registry.collect():
            samples = []
            for sample in metric.samples:
                key = (metric.name, sample.name, tuple(sample.labels.items()))
                before = self._sent.get(key)
                if sample.value != before:
                    values[key] = sample.value
                    change = sample.value if metric.type == "gauge" else sample.value - (before or 0.0)
                    samples.append((sample.name, sample.labels, change))
            if samples:
                metrics.append((metric.name, metric.documentation, metric.type, samples))
        return values, metrics


_workers: WorkerMetrics | None = None


def worker_metrics() -> WorkerMetrics:
    """Open the socket for the workers' metrics; call it in gunicorn's master before it forks."""
    global _workers  # noqa: PLW0603 -- a worker inherits it by the fork
    _workers = WorkerMetrics()
    return _workers


def mark_worker_dead(pid: int) -> None:
    """Count a worker that has ended and drop its gauges; call it in gunicorn's `child_exit`."""
    if _workers is not None:
        _workers.forget(pid)


def channel_to_master() -> socket.socket | None:
    """Return the socket of the master that adds up the metrics of this process, if there is one."""
    return _workers.sender if _workers is not None else None


@contextmanager
def sent_over(channel: socket.socket, registry: CollectorRegistry) -> Iterator[None]:
    """Send the metrics of `registry` over `channel` until the block ends."""
    stop = threading.Event()
    sender = _Sender(registry, channel)
    thread = threading.Thread(target=sender.run, args=(stop,), name="metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
