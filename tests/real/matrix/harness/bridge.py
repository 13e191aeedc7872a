"""A small bridge to LINE: an application service that owns `@line_*`, and keeps what it is pushed."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode

import yaml

from .wire import Wire, quoted

AS_TOKEN = "token-of-the-bridge"
HS_TOKEN = "token-of-the-homeserver"


class Bridge:
    def __init__(self):
        self.pushed = []
        bridge = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                bridge.pushed.append(body)
                self._answer(200)

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self._answer(200)

            def do_GET(self):
                self._answer(404)

            def _answer(self, status):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def write_registration(self, path, server_name):
        registration = {
            "id": "line",
            "url": self.url,
            "as_token": AS_TOKEN,
            "hs_token": HS_TOKEN,
            "sender_localpart": "line_bot",
            "rate_limited": False,
            "namespaces": {"users": [{"exclusive": True, "regex": f"@line_.*:{server_name}"}]},
        }
        path.write_text(yaml.safe_dump(registration))

    def missing(self, words):
        """Those of the words that it was never pushed."""
        pushed = b"\n".join(self.pushed)
        return {word for word in words if word.encode() not in pushed}
