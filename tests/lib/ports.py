"""Free ports, below the range that the system gives out by itself, and held against other
tests by a lock until this process ends."""

import fcntl
import os
import random
import socket
import tempfile

FIRST, LAST = 20000, 31999
FOLDER = os.path.join(tempfile.gettempdir(), f'onebox-test-ports-{os.getuid()}')
held = []


def _is_free(port):
    for family, address in ((socket.AF_INET, '0.0.0.0'), (socket.AF_INET6, '::')):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(family, kind) as s:
                if family == socket.AF_INET6:
                    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    s.bind((address, port))
                except OSError:
                    return False
    return True


def free_port():
    """Free for TCP and UDP, v4 and v6."""
    os.makedirs(FOLDER, exist_ok=True)
    while True:
        port = random.randint(FIRST, LAST)
        lock = os.open(os.path.join(FOLDER, str(port)), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC,
                       0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            continue
        if _is_free(port):
            held.append(lock)
            return port
        os.close(lock)
