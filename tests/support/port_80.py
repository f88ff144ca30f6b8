"""A way from port 80 to a server that listens elsewhere, for a library that knows no other port."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import pytest

#: Of the loopback network too, so that a server of this machine's own on port 80 is in nobody's way.
HOST = "127.0.0.2"


@contextmanager
def port_80(to: int) -> Iterator[str]:
    """Lead connections to port 80 on to a port; gives the address to use."""
    try:
        listener = socket.create_server((HOST, 80))
    except PermissionError:
        pytest.skip(f"PORT 80 OF {HOST} MAY NOT BE BOUND by this user, and the library knows no other port")
    threads = [Thread(target=_accept, args=(listener, to))]
    threads[0].start()
    try:
        yield f"http://{HOST}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        threads[0].join()
        listener.close()


def _accept(listener: socket.socket, to: int) -> None:
    """Take one connection after the other, as a merchant's program makes them."""
    with suppress(OSError):
        while True:
            caller, _ = listener.accept()
            with caller, socket.create_connection(("127.0.0.1", to)) as server:
                there = Thread(target=_copy, args=(caller, server))
                there.start()
                _copy(server, caller)
                there.join()


def _copy(one: socket.socket, other: socket.socket) -> None:
    """Hand on what comes until the one side is done, and say so to the other."""
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)
