"""The gateway: `borderpost run` with a configuration written for the case, and who administers it."""

import json
import shutil
import time

from .clients import ok

PATIENCE_SECONDS = 30


class Gateway:
    """One gateway in front of acme's listeners for clients and for other homeservers."""

    def __init__(self, town, binary, dialect, label, policy):
        self.town = town
        self.log = town.folder / f"{label}.log"
        self.folder = town.folder / label
        self.process = None
        self.policies = town.here / "policy"
        (self.folder / "policy").mkdir(parents=True)
        shutil.copy(dialect, self.folder / "dialect.yaml")
        self.take_policy(policy)
        settings = self.folder / "gateway.yaml"
        text = (self.policies / "gateway.yaml").read_text()
        settings.write_text(town.placed(text))
        command = [binary, "run", "--config", settings]
        self.process = town.processes.start(
            label,
            command,
            BORDERPOST_LOOKUP_TOKEN=town.lookup_token,
            BORDERPOST_PSEUDONYM_KEY="a key for the pseudonyms of this test",
            BORDERPOST_UPSTREAM=town.acme.url,
            BORDERPOST_BRIDGE=town.bridge.url,
            BORDERPOST_FEDERATION=f"http://127.0.0.1:{town.acme.plain_federation_port}",
            BORDERPOST_CERTIFICATE=str(town.acme.folder / "tls.crt"),
            BORDERPOST_KEY=str(town.acme.folder / "tls.key"),
        )
        running = self.wait_for("borderpost is running")
        clients, bridge, servers = running["listeners"].strip("[]").split(", ")
        self.url = f"http://{clients}"
        self.bridge_url = f"http://{bridge}"
        self.federation_port = int(servers.split(":")[1])

    def take_policy(self, policy):
        """Writes the companies' files of that name; a gateway that runs takes over what has changed."""
        before, changed = len(self._lines()), False
        for file in sorted((self.policies / policy).glob("*.yaml")):
            written, text = self.folder / "policy" / file.name, self.town.placed(file.read_text())
            if not written.exists() or written.read_text() != text:
                written.write_text(text)
                changed = True
        if self.process and changed:
            self.wait_for("reload applied", before)

    def stop(self):
        self.town.processes.stop(self.process)

    def wait_for(self, message, start=0):
        """The next line of its log with this message."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            for line in self._lines()[start:]:
                if line.get("message") == message:
                    return line
            time.sleep(0.05)
        raise RuntimeError(f"the gateway never said `{message}`:\n{self.log.read_text()[-4000:]}")

    def _lines(self):
        if not self.log.exists():
            return []
        lines = []
        for text in self.log.read_text().splitlines():
            try:
                lines.append(json.loads(text))
            except ValueError:
                lines.append({"message": text})
        return lines


class Administrator:
    """Who changes the policy, where there is one that restricts anything."""

    def __init__(self, gateway):
        self.gateway = gateway

    def do(self, _verb, policy):
        if self.gateway:
            self.gateway.take_policy(policy)
        return ok({})

    def close(self):
        pass
