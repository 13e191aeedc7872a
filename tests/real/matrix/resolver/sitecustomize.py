"""Python imports this at its start: names under .localhost are this machine's (RFC 6761).

Not every resolver knows that, and the homeservers have to find one another.
"""

import socket

_getaddrinfo = socket.getaddrinfo


def _local(host, *args, **kwargs):
    name = host.decode() if isinstance(host, bytes) else host
    if name and name.endswith(".localhost"):
        host = "127.0.0.1"
    return _getaddrinfo(host, *args, **kwargs)


socket.getaddrinfo = _local
