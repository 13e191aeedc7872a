"""A real web client: Hydrogen in Chromium, through the gateway, judged by what its pages show."""

import base64
import functools
import http.server
import shutil
import struct
import threading
import time
import zlib
from contextlib import contextmanager

from .clients import NioClient, Node

CHROMIUM = shutil.which("chromium")
PATIENCE_SECONDS = 20
OFFICE, HARBOUR, QUAY = "Acme office", "Harbour with Globex", "Quay"
SENTENCE = "Attachments of this kind can't be exchanged with people outside."


def check_web(town, gateway, installed, pictures, report):
    """Alice, Bob and Carol each have a window. `pictures` is where photographs of them go."""
    pictures.mkdir(parents=True, exist_ok=True)
    outside = town.clients(NioClient.library)
    with served(installed / "dist") as app:
        browser = Node(town.folder / "web.log", town.here / "web" / "browser.mjs", installed, CHROMIUM)
        try:
            rooms = furnish(outside)
            windows = {
                name: Window(browser, town.people[name], {"app": app, "homeserver": gateway.url}, pictures)
                for name in ("alice", "bob", "carol")
            }
            for name, act in story(rooms, outside["xavier"], town, gateway, **windows):
                try:
                    report.check(name, act() or [])
                except NotShown as absent:
                    # Whatever comes after it would wait in vain.
                    report.check(name, [str(absent)])
                    break
            asked = {address for window in windows.values() for address in window("asked")}
            report.check("No window asked anybody but the gateway", strangers(asked, {app, gateway.url}))
        finally:
            browser.stop()
            for client in outside.values():
                client.close()


def furnish(outside):
    """What was there before there was a gateway."""
    for name in ("alice", "bob", "carol", "xavier"):
        done(outside[name], "login")
    alice, bob, carol, xavier = (outside[name] for name in ("alice", "bob", "carol", "xavier"))
    rooms = {
        OFFICE: room_of(alice, OFFICE, bob),
        HARBOUR: room_of(alice, HARBOUR, bob, carol, xavier),
        QUAY: room_of(bob, QUAY, xavier),
    }
    for client, room, body in [
        (alice, OFFICE, "Tea at four, in the kitchen."),
        (bob, HARBOUR, "Good morning, Bob Leewater here. Berth 9 is free."),
        (bob, QUAY, "Only for you, Xavier."),
    ]:
        done(client, "send", room=rooms[room], type="m.room.message", content={"msgtype": "m.text", "body": body})
    return rooms


def story(rooms, xavier, town, gateway, alice, bob, carol):
    """What happens, step by step: a name, and an act that gives what is wrong."""

    def xavier_writes(body):
        done(xavier, "send", room=rooms[HARBOUR], type="m.room.message", content={"msgtype": "m.text", "body": body})

    # --- who may, talks
    yield "Alice signs in, and sees her rooms", lambda: alice.sign_in([OFFICE, HARBOUR])
    yield "She enters the room with Xavier", lambda: alice("enter", name=HARBOUR)
    yield "and writes", lambda: alice.writes("The ship is in at noon.")
    yield "Xavier reads it", lambda: until(lambda: shows(done(xavier, "sync"), "The ship is in at noon."))
    xavier_writes("Thank you, we are on our way.")
    yield "Alice's window shows what he answers", lambda: alice("await_text", text="Thank you, we are on our way.")
    alice.photograph("allowed-message")

    # --- a picture is blocked
    harbour = {"name": "harbour.png", "bytes": base64.b64encode(picture()).decode()}
    yield "Alice sends a picture there", lambda: alice("send_picture", **harbour)
    yield "It goes from Hydrogen's list without a word", lambda: alice("await_no_picture", name="harbour.png")
    yield "though Hydrogen was told why", lambda: shows("".join(alice("refusal")["received"]), SENTENCE, "attachment_restricted")
    yield "and the page tells Alice", lambda: shows(alice("refusal")["note"], SENTENCE)
    alice.photograph("blocked-picture")
    yield "Synapse has no event of it", lambda: hides(town.acme.stored.events(rooms[HARBOUR]), "harbour.png")
    yield "She may still write", lambda: alice.writes("Berth 9, then.")
    yield "In a room of Acme's own", lambda: alice("enter", name=OFFICE)
    yield "she sends it, too", lambda: alice("send_picture", **harbour)
    yield "where it is shown", lambda: alice("await_picture", name="harbour.png")

    # --- a room goes from an open window
    gateway.take_policy("transparent")
    yield "While all may talk, Bob signs in, and sees all of his rooms", lambda: bob.sign_in([OFFICE, HARBOUR, QUAY])
    gateway.take_policy("strict")
    xavier_writes("Is anybody at the gate?")
    yield "The policy forbids it: the room goes from Bob's open window", lambda: bob("await_no_room", name=HARBOUR)
    yield "and so does the other one", lambda: bob("await_no_room", name=QUAY)
    yield "He loads the page anew", lambda: bob("reload")
    yield "and has the room of Acme's own, and no other", lambda: same(bob("rooms"), [OFFICE])
    yield "which he enters", lambda: bob("enter", name=OFFICE)
    yield "to see the picture", lambda: bob("await_picture", name="harbour.png")
    bob.photograph("hidden-room")
    yield "Nothing on his page names what is hidden", lambda: hides(bob("everything"), HARBOUR, QUAY, "Xavier", "@xavier")

    # --- somebody is unknown
    yield "Carol, of another company, signs in", lambda: carol.sign_in([HARBOUR])
    yield "She enters the room in which Bob is", lambda: carol("enter", name=HARBOUR)
    yield "What Bob wrote is by `unknown`", lambda: carol.reads("unknown", "Good morning, unknown here.")
    yield "What Alice wrote is by Alice", lambda: carol.reads("Alice Kim", "The ship is in at noon.")
    yield "Among the people is `unknown`", lambda: shows(carol("people"), "unknown", "Alice Kim", "Xavier Globex")
    carol.photograph("unknown-member")
    yield "Nothing on her page names Bob", lambda: hides(carol("everything"), "Bob Leewater", "@bob")


class Window:
    """Somebody's window. `window(verb, ...)` gives what it showed, or raises `NotShown`."""

    def __init__(self, browser, person, places, pictures):
        self.browser = browser
        self.person = person
        self.places = places
        self.pictures = pictures

    def __call__(self, verb, **arguments):
        record = self.browser.ask(who=self.person.name, do=verb, args=arguments)
        if not record["ok"]:
            self.photograph("failed")
            raise NotShown(f"{record['error']}: see {self.pictures}/failed.png")
        return record["seen"]

    def photograph(self, name):
        path = str(self.pictures / f"{name}.png")
        record = self.browser.ask(who=self.person.name, do="photograph", args={"path": path})
        if not record["ok"]:
            raise RuntimeError(record["error"])

    def sign_in(self, rooms):
        self("sign_in", user=self.person.name, password=self.person.password, **self.places)
        for room in rooms:
            self("await_room", name=room)
        return same(self("rooms"), rooms)

    def writes(self, body):
        self("write", text=body)
        self("await_text", text=body)

    def reads(self, sender, body):
        self("await_text", text=body)
        told = self("messages")
        return [] if any(one["sender"] == sender and body in one["text"] for one in told) else [f"it shows {told}"]


class NotShown(Exception):
    """What was waited for did not come."""


def shows(seen, *words):
    return [f"it does not show {word}: {seen}" for word in words if word not in str(seen)]


def hides(seen, *words):
    return [f"it shows {word}" for word in words if word in str(seen)]


def same(seen, expected):
    return [] if sorted(seen) == sorted(expected) else [f"it shows {seen}, not {expected}"]


def strangers(asked, known):
    return [f"they asked {sorted(asked)}, not {sorted(known)}"] if asked != known else []


def until(act):
    """What is wrong with something that takes its time."""
    end = time.monotonic() + PATIENCE_SECONDS
    while (problems := act()) and time.monotonic() < end:
        pass
    return problems


def done(client, verb, **arguments):
    record = client.do(verb, **arguments)
    if not record["ok"]:
        raise RuntimeError(f"{verb}: {record}")
    return record["seen"]


def room_of(host, name, *guests):
    """A room that all of them are in. Who is at another homeserver waits for the invitation."""
    room = done(host, "create_room", options={"name": name, "invite": [guest.person.id for guest in guests]})["room_id"]
    for guest in guests:
        missing = until(lambda: shows(done(guest, "sync"), room))
        if missing:
            raise RuntimeError(f"{guest.person.name} was not invited: {missing}")
        done(guest, "join", room=room)
    return room


@contextmanager
def served(folder):
    """The files of a folder on loopback: gives the address."""

    class Files(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def picture():
    """A PNG of a harbour: the sky, the sun, and the sea."""
    width, height = 240, 160

    def point(x, y):
        if (x - 180) ** 2 + (y - 50) ** 2 < 400:
            return (250, 220, 120)
        return (150, 200, 240) if y < 100 else (40, 90 + (y - 100) // 2, 140)

    rows = b"".join(b"\0" + bytes(part for x in range(width) for part in point(x, y)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    )
