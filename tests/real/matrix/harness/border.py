"""Where other homeservers find one: a port that leads to the homeserver itself, or to a gateway.

The port belongs to the homeserver's name, so it stays when a gateway comes or goes. Bytes are passed as they
are: whoever is behind it ends TLS.
"""

import contextlib
import socket
import threading


class Border:
    def __init__(self, port, own_port):
        self.own_port = own_port
        self._target = own_port
        self._open = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._serve, daemon=True).start()

    @contextlib.contextmanager
    def leads_to(self, port):
        """Meanwhile it leads to this port: connections that are open to another end. `None`: it stays."""
        before = self._target
        self._lead_to(before if port is None else port)
        try:
            yield
        finally:
            self._lead_to(before)

    def close(self):
        self._listener.close()
        self._lead_to(self.own_port)

    def _lead_to(self, port):
        with self._lock:
            if port == self._target:
                return
            self._target, closing = port, list(self._open)
        for connection in closing:
            ended(connection)

    def _serve(self):
        while True:
            try:
                outside, _ = self._listener.accept()
            except OSError:
                return
            try:
                inside = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                outside.close()
                continue
            with self._lock:
                self._open |= {outside, inside}
            for ends in ((outside, inside), (inside, outside)):
                threading.Thread(target=self._pass, args=ends, daemon=True).start()

    def _pass(self, source, sink):
        try:
            while piece := source.recv(65536):
                sink.sendall(piece)
        except OSError:
            pass
        for connection in (source, sink):
            ended(connection)
        with self._lock:
            self._open -= {source, sink}


def ended(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
