"""Two homeservers, a bridge and five people: what every scenario starts from."""

import asyncio
from dataclasses import dataclass

from .bridge import Bridge
from .clients import JsClient, LineClient, NioClient, Node
from .homeserver import Homeserver, password_of
from .processes import Processes

DISPLAY_NAMES = {
    "alice": "Alice Kim",  # of Acme, granted
    "bob": "Bob Leewater",  # of Acme, not granted
    "carol": "Carol Contoso",  # of another company on Acme's homeserver
    "xavier": "Xavier Globex",  # of another company on a homeserver of its own
    "line_mei": "Mei Tanaka",  # a LINE user behind the bridge
}


@dataclass
class Person:
    name: str
    server: Homeserver

    @property
    def id(self):
        return f"@{self.name}:{self.server.name}"

    @property
    def password(self):
        return password_of(self.name)


class Town:
    def __init__(self, folder, here, tools):
        self.folder = folder
        self.here = here
        self.tools = tools
        self.processes = Processes(folder)
        self.loop = asyncio.new_event_loop()
        self.bridge = Bridge()
        resolver = here / "resolver"
        self.acme = Homeserver("acme", folder, self.processes, resolver)
        self.globex = Homeserver("globex", folder, self.processes, resolver)
        self.people = {
            name: Person(name, self.globex if name == "xavier" else self.acme) for name in DISPLAY_NAMES
        }
        self._sdk = None

    def start(self):
        self.acme.start(self.bridge)
        self.globex.start()
        for server in (self.acme, self.globex):
            server.wait()
        # The gateway's own account, which may ask who is in a room.
        self.lookup_token = self.acme.register("gateway", "Gateway", administrator=True)["access_token"]
        for person in self.people.values():
            if person.name.startswith("line_"):
                mei = LineClient(self.acme.url, person)
                mei.do("register")
                mei.do("set_displayname", name=DISPLAY_NAMES[person.name])
            else:
                person.server.register(person.name, DISPLAY_NAMES[person.name])

    def stop(self):
        if self._sdk:
            self._sdk.stop()
        self.processes.stop()
        for server in (self.acme, self.globex):
            server.border.close()
        self.bridge.stop()
        self.loop.close()

    def clients(self, library, acme_url=None):
        """Everybody's client of one library. People of acme's homeserver go by `acme_url`."""
        return {
            name: self._client(library, person, acme_url if person.server is self.acme else None)
            for name, person in self.people.items()
        }

    def placed(self, text):
        """Puts the names that this run's homeservers really have in a text."""
        return text.replace("acme.localhost", self.acme.name).replace("globex.localhost", self.globex.name)

    def _client(self, library, person, url):
        url = url or person.server.url
        if person.name.startswith("line_"):
            return LineClient(url, person)
        if library == NioClient.library:
            return NioClient(url, person, self.loop)
        if not self._sdk:
            self._sdk = Node(self.folder / "matrix-js-sdk.log", self.here / "js_client.mjs", self.tools)
        return JsClient(url, person, self._sdk)
