"""What needs no edit is Synapse's own, byte for byte: the same request both ways."""

import json
import re

from .wire import Wire, quoted

V3 = "/_matrix/client/v3"
V1 = "/_matrix/client/v1"


def targets(kept, alice):
    """Requests that only read, and whose answers do not depend on when they are asked."""
    harbour, port = quoted(kept["harbour"]), quoted(kept["port"])
    anchor, ship = quoted(kept["anchor"]), quoted(kept["ship"])
    room, me = f"{V3}/rooms/{port}", quoted(alice)
    server, media = kept["teaurl"].removeprefix("mxc://").split("/")
    search = {"search_categories": {"room_events": {"search_term": "anchor", "event_context": {"before_limit": 2}}}}
    return [
        ("GET", "/_matrix/client/versions", None),
        ("GET", f"{V3}/capabilities", None),
        ("GET", f"{V3}/account/whoami", None),
        ("GET", f"{V3}/pushrules/", None),
        ("GET", f"{V3}/joined_rooms", None),
        ("GET", f"{V3}/sync?timeout=0&set_presence=offline", None),
        ("GET", f"{V3}/sync?timeout=0&set_presence=offline&full_state=true", None),
        ("GET", f"{room}/messages?dir=b&limit=50", None),
        ("GET", f"{room.replace('v3', 'r0')}/messages?dir=b&limit=50", None),
        ("GET", f"{V3}/rooms/{harbour}/messages?dir=b&limit=50", None),
        ("GET", f"{room}/context/{anchor}?limit=10", None),
        ("GET", f"{room}/event/{anchor}", None),
        ("GET", f"{room}/members", None),
        ("GET", f"{room}/joined_members", None),
        ("GET", f"{room}/state", None),
        ("GET", f"{room}/state/m.room.name/", None),
        ("GET", f"{room}/state/m.room.member/{me}", None),
        ("GET", f"{V1}/rooms/{harbour}/relations/{ship}", None),
        ("GET", f"{V1}/rooms/{harbour}/threads", None),
        ("GET", f"{V1}/rooms/{port}/hierarchy", None),
        ("GET", f"{V3}/profile/{me}", None),
        ("GET", f"{V3}/profile/{me}/displayname", None),
        ("POST", f"{V3}/search", search),
        ("POST", f"{V3}/user_directory/search", {"search_term": "e"}),
        ("GET", f"{V3}/publicRooms", None),
        ("GET", f"{V3}/notifications", None),
        ("GET", f"{V3}/devices", None),
        ("GET", f"{V1}/media/config", None),
        ("GET", f"{V1}/media/download/{server}/{media}", None),
        ("GET", f"{V1}/media/thumbnail/{server}/{media}?width=32&height=32&method=scale", None),
    ]


def check_bytes(scenario, gateway_url, token, report):
    acme = scenario.town.acme
    alice = scenario.town.people["alice"].id
    both = Wire(acme.url, token), Wire(gateway_url, token)
    for method, target, body in targets(scenario.kept, alice):
        # A stream may move on between two requests, and its position stands in answers: then once more.
        for _ in range(3):
            direct, through = (wire.request(method, target, body) for wire in both)
            problems = differences(target, direct, through)
            if not problems:
                break
        report.check(f"the same both ways: {method} {shown(target)}", problems)


def differences(target, direct, through):
    problems = []
    if direct.status != through.status:
        problems.append(f"status {through.status}, Synapse's is {direct.status}: {through.body[:200]}")
    types = [answer.headers.get("Content-Type") for answer in (direct, through)]
    if types[0] != types[1]:
        problems.append(f"Content-Type {types[1]}, Synapse's is {types[0]}")
    # How long ago something was differs between any two answers, and nothing else may.
    bodies = [re.sub(rb'"(age|last_active_ago)":\d+', rb'"\1":0', answer.body) for answer in (direct, through)]
    # The state beside a stretch of the timeline is a set, and Synapse's order of it is any.
    if bodies[0] != bodies[1] and re.search("/(messages|context/[^/]+)[?]", target):
        bodies = [with_sorted_state(body) for body in bodies]
    if bodies[0] != bodies[1]:
        problems.append(f"the bodies differ{first_difference(*bodies)}")
    return problems


def with_sorted_state(body):
    """The document with its state in an order of our own; all else is as it came."""
    document = json.loads(body)
    document.get("state", []).sort(key=json.dumps)
    return json.dumps(document).encode()


def first_difference(left, right):
    at = next((at for at, (a, b) in enumerate(zip(left, right)) if a != b), min(len(left), len(right)))
    return f" at byte {at}: Synapse {left[at - 30 : at + 60]}, gateway {right[at - 30 : at + 60]}"


def shown(target):
    return re.sub(r"(%21|%24)[\w-]{20,}", r"\1…", target)
