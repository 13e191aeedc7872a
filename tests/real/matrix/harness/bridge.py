"""A small bridge to LINE: an application service that owns `@line_*`, and keeps what it is pushed."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import yaml

AS_TOKEN = "token-of-the-bridge"
HS_TOKEN = "token-of-the-homeserver"


class Bridge:
    """The homeserver pushes to `door`, which leads to the bridge itself or to a gateway in front of it."""

    def __init__(self):
        # By the homeserver, and what of it came to the bridge: target and body.
        self.sent = []
        self.received = []
        self.refused = []
        self._itself = serve(self._take)
        self._door = serve(self._lead_on)
        self.url = url_of(self._itself)
        self.leads_to = self.url

    @property
    def pushed(self):
        return [body for _target, body in self.received]

    def stop(self):
        for server in (self._door, self._itself):
            server.shutdown()
            server.server_close()

    def write_registration(self, path, server_name):
        registration = {
            "id": "line",
            "url": url_of(self._door),
            "as_token": AS_TOKEN,
            "hs_token": HS_TOKEN,
            "sender_localpart": "line_bot",
            "rate_limited": False,
            "receive_ephemeral": True,
            "namespaces": {"users": [{"exclusive": True, "regex": f"@line_.*:{server_name}"}]},
        }
        path.write_text(yaml.safe_dump(registration))

    def missing(self, words):
        """Those of the words that it was never pushed."""
        pushed = b"\n".join(self.pushed)
        return {word for word in words if word.encode() not in pushed}

    def _take(self, request, body):
        if request.command == "GET":
            return 404, b"{}"
        if request.headers.get("Authorization") != f"Bearer {HS_TOKEN}":
            return 403, b"{}"
        self.received.append((request.path, body))
        return 200, b"{}"

    def _lead_on(self, request, body):
        if request.command == "PUT":
            self.sent.append((request.path, body))
        onward = http.client.HTTPConnection(urlsplit(self.leads_to).netloc, timeout=60)
        try:
            headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
            onward.request(request.command, request.path, body, headers)
            answer = onward.getresponse()
            status, told = answer.status, answer.read()
        except OSError as fault:
            status, told = 502, b"{}"
            self.refused.append((request.path, repr(fault)))
        finally:
            onward.close()
        if status >= 300 and request.command != "GET":
            self.refused.append((request.path, status, told))
        return status, told


def serve(answer):
    """A server in threads of its own: `answer` is given a request and its body."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do(self):
            status, body = answer(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_PUT = do_POST = do_GET = do

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def url_of(server):
    return f"http://127.0.0.1:{server.server_port}"
