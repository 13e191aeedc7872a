"""Somebody tries to get around the policy: where they are, and what an attempt can do."""

import time

from .acts import picture
from .wire import Wire, quoted

V3 = "/_matrix/client/v3"
MESSAGE = "m.room.message"


class Scene:
    """Rooms made at the homeservers themselves, and everybody's way by `acme_url`."""

    def __init__(self, town, acme_url, federation_port=None):
        self.town = town
        self.federation_port = federation_port
        self.direct = {name: Wire(person.server.url) for name, person in town.people.items()}
        for name in ("alice", "bob", "carol", "xavier"):
            person = town.people[name]
            login = {"type": "m.login.password", "user": person.id, "password": person.password}
            self.direct[name].token = self.direct[name].post(f"{V3}/login", login).expect(200).json["access_token"]
        self.through = {name: Wire(acme_url, self.direct[name].token) for name in ("alice", "bob", "carol")}
        self.through["xavier"] = self.direct["xavier"]
        self.outside = self.room("alice", "xavier", "carol")
        self.inside = self.room("alice", "bob")
        self.quay = self.room("bob", "xavier")
        self.text = self.say("alice", self.outside, "a text to be edited")
        self.mixed = self.room("alice", "bob", "carol")
        self.seen = self.say("bob", self.mixed, "bob speaks of himself: Bob Leewater")
        receipt = f"{V3}/rooms/{quoted(self.mixed)}/receipt/m.read/{quoted(self.seen)}"
        self.direct["bob"].post(receipt, {}).expect(200)
        self.secret = "secretofthequay"
        self.say("bob", self.quay, f"only bob and xavier {self.secret}")
        upload = self.direct["alice"].request("POST", "/_matrix/media/v3/upload", picture())
        self.url = upload.expect(200).json["content_uri"]

    def guarded(self):
        """Meanwhile other homeservers reach acme through the gateway, if there is one."""
        return self.town.acme.border.leads_to(self.federation_port)

    def room(self, owner, *others, **more):
        invite = [self.town.people[name].id for name in others]
        room = self.direct[owner].post(f"{V3}/createRoom", {"invite": invite, **more}).expect(200).json["room_id"]
        for name in others:
            until = time.monotonic() + 15
            while self.direct[name].post(f"{V3}/join/{quoted(room)}", {}).status != 200:
                if time.monotonic() > until:
                    raise RuntimeError(f"{name} can't join")
                time.sleep(0.2)
        return room

    def say(self, who, room, body):
        target = f"{V3}/rooms/{quoted(room)}/send/{MESSAGE}"
        return self.direct[who].post(target, {"msgtype": "m.text", "body": body}).expect(200).json["event_id"]


class Attempt:
    def __init__(self, scene, number):
        self.scene = scene
        self.mark = f"evasion{number}mark"
        self.problems = []
        self.number = 0

    def id(self, name):
        return self.scene.town.people[name].id

    def image(self, **more):
        return {"msgtype": "m.image", "body": self.mark, "url": self.scene.url, **more}

    def words(self, **more):
        return {"msgtype": "m.text", "body": self.mark, **more}

    def send_to(self, room, type=MESSAGE, prefix=V3):
        """A target that sends something, with a transaction of its own."""
        self.number += 1
        return f"{prefix}/rooms/{quoted(room)}/send/{quoted(type)}/{self.mark}{self.number}"

    def refused(self, who, method, target, body=None, **more):
        """A request that must not succeed, and must not be a fault of the gateway either."""
        answer = self.scene.through[who].request(method, target, body, **more)
        if not 400 <= answer.status < 500:
            self.problems.append(f"{method} {target} as {who}: {answer.status} {answer.body[:300]}")
        return answer

    def refused_content(self, content, type=MESSAGE):
        """Content that must not leave for another company."""
        self.refused("alice", "PUT", self.send_to(self.scene.outside, type), content)

    def not_in(self, room, name):
        membership = self.scene.town.acme.stored.members(room).get(self.id(name))
        if membership in ("invite", "join", "knock"):
            self.problems.append(f"Synapse holds {name}: {membership}")

    def tells_nothing(self, who, asked, told):
        """Whoever asks must find none of what is told in any answer, and meet no fault."""
        for method, target, body in asked:
            answer = self.scene.through[who].request(method, target, body)
            for word in told:
                # A refusal may repeat the words of the request.
                if answer.status < 400 and word.encode() in answer.body:
                    self.problems.append(f"{method} {target} tells {word}")
            if answer.status >= 500:
                self.problems.append(f"{method} {target}: {answer.status} {answer.body[:200]}")
