"""Plain HTTP, byte for byte: nothing in the target or the body is changed on its way."""

import http.client
import json
import urllib.parse
from dataclasses import dataclass


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage  # whose names are the same in small and capital letters
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    def expect(self, status):
        if self.status != status:
            raise RuntimeError(f"expected {status}, got {self.status}: {self.body[:500]!r}")
        return self


class Wire:
    """Somebody's way to a server: a base URL and, once signed in, a token."""

    def __init__(self, url, token=None):
        self.url = url
        self.token = token
        self.address = urllib.parse.urlsplit(url).netloc

    def request(self, method, target, body=None, headers=None):
        """Sends exactly this target and this body; anything but bytes becomes JSON."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        if self.token and not any(name.lower() == "authorization" for name in headers):
            headers["Authorization"] = f"Bearer {self.token}"
        headers = {name: value for name, value in headers.items() if value is not None}
        connection = http.client.HTTPConnection(self.address, timeout=60)
        try:
            connection.request(method, target, body=body, headers=headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, target, **more):
        return self.request("GET", target, **more)

    def put(self, target, body, **more):
        return self.request("PUT", target, body, **more)

    def post(self, target, body, **more):
        return self.request("POST", target, body, **more)


def quoted(text):
    """An id as one segment of a path."""
    return urllib.parse.quote(text, safe="")
