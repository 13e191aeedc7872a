"""The real clients, one vocabulary: `client.do(verb, **arguments)` gives a plain record.

A record is `{"ok": True, "seen": ...}` or `{"ok": False, "status": ..., "body": ...}`. What the verbs
are can be read in `NioClient`; `js_client.mjs` has the same ones.
"""

import base64
import io
import json
import logging
import subprocess
import uuid

import nio

from .bridge import AS_TOKEN
from .wire import Wire, quoted

# A refusal is no event's shape, and the library says so each time.
logging.getLogger("nio").addHandler(logging.NullHandler())

V3 = "/_matrix/client/v3"
SLIDING_SYNC = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync"


def ok(seen):
    return {"ok": True, "seen": seen}


def refused(status, body):
    return {"ok": False, "status": status, "body": body}


class NioClient:
    """Somebody with matrix-nio. What it has no word for goes as a request over its own connection."""

    library = "matrix-nio"

    def __init__(self, url, person, loop):
        self.person = person
        self.loop = loop
        self.url = url
        self.token = None
        settings = nio.AsyncClientConfig(max_limit_exceeded=0, max_timeouts=1, request_timeout=40)
        self.client = nio.AsyncClient(url, person.id, config=settings)
        self.events = {}
        self.sliding = {"pos": None, "rooms": {}, "invites": {}}

    def do(self, verb, **arguments):
        return self.loop.run_until_complete(getattr(self, verb)(**arguments))

    def close(self):
        self.loop.run_until_complete(self.client.close())

    async def login(self):
        record = await self.told(self.client.login(self.person.password))
        self.token = self.client.access_token or None
        return record

    async def logout(self):
        return await self.told(self.client.logout())

    async def sync(self):
        response = await self.client.sync(timeout=1000, full_state=self.client.next_batch is None)
        if isinstance(response, nio.ErrorResponse):
            return await self.told(response)
        for room, joined in response.rooms.join.items():
            self.events.setdefault(room, []).extend(event.source for event in joined.timeline.events)
        # The library leaves it to its user to let go of rooms.
        for room in response.rooms.leave:
            self.client.rooms.pop(room, None)
        rooms = {
            room.room_id: {
                "name": room.display_name,
                "members": {user.user_id: user.display_name for user in room.users.values()},
                "events": self.events.get(room.room_id, []),
            }
            for room in self.client.rooms.values()
        }
        invites = {room.room_id: {"name": room.name} for room in self.client.invited_rooms.values()}
        return ok({"rooms": rooms, "invites": invites})

    async def sliding_sync(self):
        wanted = {"required_state": [["*", "*"]], "timeline_limit": 30}
        known = self.sliding
        query = f"?pos={known['pos']}&timeout=1000" if known["pos"] else "?timeout=0"
        record = await self.ask("POST", SLIDING_SYNC + query, {"lists": {"all": {"ranges": [[0, 50]], **wanted}}})
        if not record["ok"]:
            return record
        known["pos"] = record["seen"]["pos"]
        for room, part in record["seen"]["rooms"].items():
            if "invite_state" in part:
                known["invites"][room] = {"name": part.get("name")}
                continue
            known["invites"].pop(room, None)
            entry = known["rooms"].setdefault(room, {"members": {}, "events": []})
            entry["name"] = part.get("name", entry.get("name"))
            entry["events"] += part.get("timeline", [])
            for event in part.get("required_state", []) + part.get("timeline", []):
                if event["type"] == "m.room.member":
                    entry["members"][event["state_key"]] = event["content"].get("displayname")
        return ok({"rooms": known["rooms"], "invites": known["invites"]})

    async def create_room(self, options):
        return await self.ask("POST", f"{V3}/createRoom", options)

    async def invite(self, room, person):
        return await self.told(self.client.room_invite(room, person))

    async def join(self, room, via=()):
        if via:
            query = "&".join(f"server_name={quoted(server)}" for server in via)
            return await self.ask("POST", f"{V3}/join/{quoted(room)}?{query}", {})
        return await self.told(self.client.join(room))

    async def leave(self, room):
        return await self.told(self.client.room_leave(room))

    async def send(self, room, type, content):
        return await self.told(self.client.room_send(room, type, content, uuid.uuid4().hex))

    async def put_state(self, room, type, key, content):
        return await self.told(self.client.room_put_state(room, type, content, key))

    async def redact(self, room, event):
        return await self.told(self.client.room_redact(room, event))

    async def upload(self, bytes, name, mediatype):
        data = base64.b64decode(bytes)
        response, _keys = await self.client.upload(io.BytesIO(data), mediatype, name, filesize=len(data))
        return await self.told(response)

    async def download(self, url):
        return await self.told(self.client.download(url))

    async def thumbnail(self, url):
        server, media = url.removeprefix("mxc://").split("/")
        return await self.told(self.client.thumbnail(server, media, 32, 32))

    async def messages(self, room):
        return await self.told(self.client.room_messages(room, "", limit=50))

    async def event(self, room, event):
        return await self.told(self.client.room_get_event(room, event))

    async def context(self, room, event):
        return await self.told(self.client.room_context(room, event))

    async def relations(self, room, event):
        return await self.ask("GET", f"/_matrix/client/v1/rooms/{quoted(room)}/relations/{quoted(event)}")

    async def threads(self, room):
        return await self.ask("GET", f"/_matrix/client/v1/rooms/{quoted(room)}/threads")

    async def search(self, term):
        return await self.ask(
            "POST", f"{V3}/search", {"search_categories": {"room_events": {"search_term": term}}}
        )

    async def members(self, room):
        return await self.ask("GET", f"{V3}/rooms/{quoted(room)}/members")

    async def joined_members(self, room):
        return await self.told(self.client.joined_members(room))

    async def joined_rooms(self):
        return await self.told(self.client.joined_rooms())

    async def profile(self, person):
        return await self.told(self.client.get_profile(person))

    async def user_directory(self, term):
        return await self.ask("POST", f"{V3}/user_directory/search", {"search_term": term})

    async def public_rooms(self):
        return await self.ask("GET", f"{V3}/publicRooms")

    async def typing(self, room):
        return await self.told(self.client.room_typing(room, True, 5000))

    async def receipt(self, room, event):
        return await self.told(self.client.room_read_markers(room, event, event))

    async def set_displayname(self, name):
        return await self.told(self.client.set_displayname(name))

    async def told(self, response):
        """The record of what the library made of an answer."""
        if not isinstance(response, nio.Response):
            response = await response
        transport = response.transport_response
        if isinstance(response, nio.ErrorResponse):
            body = {"errcode": response.status_code, "error": response.message}
            try:
                body |= json.loads(await transport.text())
            except (AttributeError, ValueError):
                pass
            # An answer that the library could not read is no refusal.
            return refused(transport.status if transport else 0, body)
        if isinstance(response, nio.DiskDownloadResponse | nio.MemoryDownloadResponse | nio.ThumbnailResponse):
            return ok({"bytes": base64.b64encode(response.body).decode(), "mediatype": response.content_type})
        return ok(json.loads(await transport.text()))

    async def ask(self, method, target, body=None):
        data = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        answer = await self.client.send(method, target, data, headers)
        seen = json.loads(await answer.text())
        return ok(seen) if answer.status < 300 else refused(answer.status, seen)


class Node:
    """A node process in which everybody has a client: a line asks, a line answers."""

    def __init__(self, log, *command):
        self._log = open(log, "ab")
        self._process = subprocess.Popen(
            ["node", *(str(part) for part in command)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )

    def ask(self, **request):
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the node process has ended: see its log")
        return json.loads(line)

    def stop(self):
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._log.close()


class JsClient:
    """Somebody with matrix-js-sdk."""

    library = "matrix-js-sdk"

    def __init__(self, url, person, sdk):
        self.person = person
        self.sdk = sdk
        self.url = url
        self.token = None

    def do(self, verb, **arguments):
        if verb == "login":
            arguments = {"user": self.person.id, "password": self.person.password}
            record = self.sdk.ask(who=self.person.name, url=self.url, do=verb, args=arguments)
            if record["ok"]:
                self.token = record["seen"]["access_token"]
            return record
        return self.sdk.ask(who=self.person.name, do=verb, args=arguments)

    def close(self):
        pass


class LineClient:
    """A LINE user: the bridge acts for them on the homeserver, by its own token."""

    library = "the bridge"
    token = AS_TOKEN

    def __init__(self, url, person):
        self.person = person
        self.wire = Wire(url, AS_TOKEN)

    def do(self, verb, **arguments):
        return getattr(self, verb)(**arguments)

    def close(self):
        pass

    def register(self):
        body = {"type": "m.login.application_service", "username": self.person.name}
        return self._ask("POST", f"{V3}/register", body, acting=False)

    def set_displayname(self, name):
        return self._ask("PUT", f"{V3}/profile/{quoted(self.person.id)}/displayname", {"displayname": name})

    def join(self, room):
        return self._ask("POST", f"{V3}/join/{quoted(room)}", {})

    def send(self, room, type, content):
        target = f"{V3}/rooms/{quoted(room)}/send/{quoted(type)}/{uuid.uuid4().hex}"
        return self._ask("PUT", target, content)

    def upload(self, bytes, name, mediatype):
        target = f"/_matrix/media/v3/upload?filename={quoted(name)}&user_id={quoted(self.person.id)}"
        answer = self.wire.post(target, base64.b64decode(bytes), headers={"Content-Type": mediatype})
        return self._record(answer)

    def joined_members(self, room):
        return self._ask("GET", f"{V3}/rooms/{quoted(room)}/joined_members")

    def _ask(self, method, target, body=None, acting=True):
        if acting:
            target += f"?user_id={quoted(self.person.id)}"
        return self._record(self.wire.request(method, target, body))

    @staticmethod
    def _record(answer):
        return ok(answer.json) if answer.status < 300 else refused(answer.status, answer.json)
