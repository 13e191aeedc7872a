"""What the homeserver pushes to the bridge, through the gateway's leg for it."""

import contextlib
import json
import time

from .acts import picture
from .attempt import MESSAGE, V3, Scene
from .bridge import HS_TOKEN
from .clients import LineClient
from .wire import Wire, quoted

PATIENCE_SECONDS = 15


@contextlib.contextmanager
def through(gateway, bridge):
    """Meanwhile the homeserver reaches the bridge by the gateway, if there is one."""
    bridge.leads_to = gateway.bridge_url if gateway else bridge.url
    try:
        yield
    finally:
        bridge.leads_to = bridge.url


def check_same(bridge, start, report):
    """Where everything is allowed, the bridge is pushed byte for byte what the homeserver sends."""
    sent = bridge.sent[start:]
    until = time.monotonic() + PATIENCE_SECONDS
    while not dict(sent).keys() <= dict(bridge.received).keys() and time.monotonic() < until:
        time.sleep(0.1)
    received = dict(bridge.received)
    differing = [f"{target}: {body[:300]}, not {received.get(target)}" for target, body in sent if received.get(target) != body]
    report.check(f"the bridge is pushed {len(sent)} transactions, byte for byte", differing[:3] if sent else ["none"])
    report.check("the gateway refuses none of them", [str(refused) for refused in bridge.refused[:3]])


def check_names_nobody(town, start, report):
    """Whoever may not talk to LINE is not named in anything that the bridge is pushed."""
    pushed = b"\n".join(body for _target, body in town.bridge.received[start:])
    told = [word for word in ("Bob Leewater", town.people["bob"].id) if word.encode() in pushed]
    report.check("the bridge is not told who Bob is", [f"it is told {told}"] if told else [])
    known = [word for word in ("Alice Kim", town.people["alice"].id) if word.encode() not in pushed]
    report.check("the bridge is told who Alice is", [f"not {known}"] if known else [])
    report.check("the gateway refuses no transaction", [str(refused) for refused in town.bridge.refused[:3]])


def check_pushed(town, gateway, report):
    """Whatever reached the homeserver round the gateway is judged before it reaches the bridge."""
    report.begin("what is pushed to the bridge")
    scene, bridge = Scene(town, gateway.url), town.bridge
    start = len(bridge.received)
    pier, room = room_with_mei(scene, "bob"), room_with_mei(scene, "bob", "xavier")
    scene.say("bob", pier, "of Bob Leewater: pushedbob")
    scene.say("alice", room, "of Alice: pushedwords")
    send = f"{V3}/rooms/{quoted(room)}/send/{MESSAGE}"
    image = {"msgtype": "m.image", "body": "pushedpicture", "url": scene.url}
    scene.direct["alice"].post(send, image).expect(200)
    bob = quoted(town.people["bob"].id)
    scene.direct["bob"].put(f"{V3}/rooms/{quoted(room)}/typing/{bob}", {"typing": True, "timeout": 9000}).expect(200)
    last = scene.direct["xavier"].post(send, image).expect(200).json["event_id"]

    def events():
        bodies = [json.loads(body) for _target, body in bridge.received[start:]]
        return [event for body in bodies for event in body.get("events", [])]

    until = time.monotonic() + PATIENCE_SECONDS
    while not any(event["event_id"] == last for event in events()) and time.monotonic() < until:
        time.sleep(0.1)
    arrived = {event["event_id"]: event for event in events()}
    report.check("what Xavier sent is pushed", [] if last in arrived else [f"not {last}"])
    pushed = b"\n".join(body for _target, body in bridge.received[start:])
    shown = [word for word in ("pushedpicture", scene.url) if word.encode() in pushed]
    report.check("no picture reaches the bridge", [f"it is pushed {shown}"] if shown else [])
    withheld = [event for event in arrived.values() if "org.borderpost.withheld" in event["content"]]
    report.check("a notice stands in the place of both", [] if len(withheld) == 2 else [str(withheld)])
    lost = [word for word in ("pushedwords", "pushedbob") if word.encode() not in pushed]
    report.check("words reach the bridge", [f"not {lost}"] if lost else [])
    check_names_nobody(town, start, report)
    check_pseudonym(scene, gateway, pier, arrived, report)
    check_own_rooms(scene, gateway, report)


def room_with_mei(scene, *others):
    mei = scene.town.people["line_mei"]
    room = scene.room("alice", *others)
    scene.direct["alice"].post(f"{V3}/rooms/{quoted(room)}/invite", {"user_id": mei.id}).expect(200)
    LineClient(scene.town.acme.url, mei).do("join", room=room)
    return room


def check_pseudonym(scene, gateway, room, arrived, report):
    """The bridge mentions somebody by the name that it was pushed."""
    by_bob = [event for event in arrived.values() if "pushedbob" in json.dumps(event)]
    bob, mei = scene.town.people["bob"].id, scene.town.people["line_mei"]
    sender = by_bob[0]["sender"] if by_bob else bob
    content = {"msgtype": "m.text", "body": f"hello {sender}", "m.mentions": {"user_ids": [sender]}}
    told = LineClient(gateway.url, mei).do("send", room=room, type=MESSAGE, content=content)
    problems = [] if told["ok"] and sender != bob else [f"{sender}: {told}"]
    report.check("the bridge can mention who is unknown to it", problems)
    if told["ok"]:
        target = f"{V3}/rooms/{quoted(room)}/event/{quoted(told['seen']['event_id'])}"
        stored = scene.direct["alice"].get(target).json["content"]
        problems = [] if stored["m.mentions"]["user_ids"] == [bob] else [str(stored)]
        report.check("and the homeserver knows who was meant", problems)


def check_own_rooms(scene, gateway, report):
    """A room without LINE users is not pushed, even if the homeserver means to."""
    bridge, alice = scene.town.bridge, scene.town.people["alice"].id
    event = {"type": MESSAGE, "room_id": scene.inside, "sender": alice, "event_id": "$own", "origin_server_ts": 1}
    transaction = {"events": [event | {"content": {"msgtype": "m.text", "body": "among ourselves"}}]}
    target = "/_matrix/app/v1/transactions/own"
    answer = Wire(gateway.bridge_url, HS_TOKEN).request("PUT", target, transaction)
    received = [body for path, body in bridge.received if path == target]
    problems = [] if answer.status == 200 and [json.loads(body) for body in received] == [{"events": []}] else [f"{answer.status} {received}"]
    report.check("an own room is not pushed, and what is left of the transaction is delivered", problems)
