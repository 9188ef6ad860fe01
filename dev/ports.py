"""Whether a port of this machine is taken."""

import socket


def in_use(port: int) -> bool:
    """Whether somebody answers on `port`, by IPv4 or IPv6."""
    try:
        socket.create_connection(("localhost", port), timeout=1).close()
    except OSError:
        return False
    return True
