"""CPU time and memory of a server, from /proc (Linux)."""

import os
from pathlib import Path
from typing import Final

_TICK: Final = os.sysconf("SC_CLK_TCK")


class Server:
    """A server at `url`: the process that leads a session, and its workers."""

    def __init__(self, url: str, session: int) -> None:
        self.url = url
        self._session = session

    def cpu_seconds(self) -> float:
        """Return the CPU time, user and system, that the server has used (proc(5): utime and stime)."""
        return sum(int(stat[11]) + int(stat[12]) for stat in self._stats().values()) / _TICK

    def resident_mebibytes(self) -> float:
        """Return the resident memory of the server."""
        kibibytes = 0
        for pid in self._stats():
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    kibibytes += int(line.split()[1])
        return kibibytes / 1024

    def _stats(self) -> dict[int, list[str]]:
        """Return the fields of /proc/pid/stat after the command name, for each process of the session."""
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal():
                continue
            try:
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has just ended
                continue
            if int(stat[3]) == self._session:
                found[int(entry.name)] = stat
        return found
