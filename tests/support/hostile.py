"""A merchant's server as one may meet it: run as a program, it is told how to behave, and tells what it was sent.

`POST /hook` is the endpoint. `POST /behave` sets `{"mode", "times"}`: how it answers, for so many calls or from now on.
`GET /seen` gives what it took: the messages it answered with 2xx, and how many calls there were.
"""

import json
import sys
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

#: Longer than anybody waits for an answer.
SLOW_SECONDS = 8.0
_lock = Lock()
_state: dict[str, Any] = {"mode": "ok", "times": None, "taken": [], "calls": 0, "led": 0}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/inside":
            _state["led"] += 1
        self._answer(200, json.dumps(_state).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/behave":
            _state.update(json.loads(body))
            self._answer(200, b"{}")
            return
        with _lock:
            _state["calls"] += 1
            mode = _state["mode"]
            if _state["times"] is not None:
                _state["times"] -= 1
                if _state["times"] <= 0:
                    _state.update(mode="ok", times=None)
        with suppress(OSError):  # whoever called has gone
            getattr(self, f"_{mode}")(body)

    def _ok(self, body: bytes) -> None:
        _state["taken"].append({"headers": {k.lower(): v for k, v in self.headers.items()}, "body": body.decode()})
        self._answer(204, b"")

    def _down(self, _body: bytes) -> None:
        self.connection.close()

    def _broken(self, _body: bytes) -> None:
        self._answer(500, b"<html>" + b"x" * 100_000)

    def _busy(self, _body: bytes) -> None:
        self._answer(503, b"", ("retry-after", "7200"))

    def _gone(self, _body: bytes) -> None:
        self._answer(410, b"")

    def _away(self, _body: bytes) -> None:
        self._answer(302, b"", ("location", f"http://127.0.0.1:{self.server.server_address[1]}/inside"))

    def _slow(self, _body: bytes) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        for _ in range(int(SLOW_SECONDS * 10)):
            self.wfile.write(b".")
            time.sleep(0.1)

    def _rubbish(self, _body: bytes) -> None:
        self.wfile.write(b"\x00\xff 200 never mind\r\n\r\n" * 50)
        self.connection.close()

    def _answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
