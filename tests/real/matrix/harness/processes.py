"""Processes that are started here, each with a log of its own, and ended by their own ids."""

import http.client
import os
import socket
import subprocess
import time


class Processes:
    def __init__(self, folder):
        self.folder = folder
        self._running = []

    def start(self, name, command, **environment):
        """Starts a command; what it writes is in `name.log`."""
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=self.folder,
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._running.append(process)
        return process

    def stop(self, *processes):
        """Ends these, or all that still run, the youngest first."""
        ending = processes or tuple(reversed(self._running))
        for process in ending:
            process.terminate()
        for process in ending:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._running.remove(process)


def free_port():
    """A port that nobody uses now. A server's name has its port in it, so it is chosen beforehand."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_answers(port, path, process, seconds=90):
    """Waits until a server that was just started answers `path` with 200."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode}: see its log")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise RuntimeError(f"nothing answers on port {port} after {seconds} s")
