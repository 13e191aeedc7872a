"""Ways around the policy. Each must get nowhere, and leave nothing in any homeserver's database.

An evasion is a function: it is given an `Attempt`, and makes by `refused` the requests that must not
succeed. They carry the attempt's mark, and in the end no mark may be stored anywhere. Without a gateway
each must succeed in something: else it would prove nothing.
"""

import gzip
import json
import threading
import time
import zlib

from .acts import picture
from .attempt import MESSAGE, V3, Attempt, Scene
from .wire import quoted

UNSTABLE = "/_matrix/client/unstable"
PREFIXES = [f"/_matrix/client/{version}" for version in ("v3", "r0", "v1", "unstable", "api/v1")]

EVASIONS = []

# What gets through today, as docs/dialects.md says. Whoever shuts one takes it out here.
KNOWN = {"a room opened to all after the message"}


def evasion(name, synapse_takes_it=True):
    def add(function):
        EVASIONS.append((name, function, synapse_takes_it))
        return function

    return add


def check_evasions(town, gateway, report):
    """Tries them all through the gateway."""
    report.begin("ways around the policy")
    names = {}
    for name, attempt, _taken in attempts(town, gateway.url, gateway.federation_port):
        if name in KNOWN:
            still = [] if attempt.problems else ["it is shut now: take it out of KNOWN"]
            report.check(f"known to get through: {name}", still)
            continue
        names[attempt.mark] = name
        report.check(name, attempt.problems)
    sides = {"acme": town.acme.stored, "globex": town.globex.stored, "the bridge": town.bridge}
    for side, stored in sides.items():
        leaked = sorted(names[mark] for mark in names.keys() - stored.missing(names))
        report.check(f"{side} holds nothing of the {len(names)} evasions", [f"there: {leaked}"] if leaked else [])


def check_evasions_are_real(town, report):
    """Tries them all without a gateway, where they must get through."""
    report.begin("ways around the policy, without a gateway")
    for name, attempt, taken in attempts(town, town.acme.url):
        report.check(f"gets through: {name}", [] if attempt.problems or not taken else ["Synapse refuses it anyway"])


def attempts(town, acme_url, federation_port=None):
    scene = Scene(town, acme_url, federation_port)
    for number, (name, function, synapse_takes_it) in enumerate(EVASIONS):
        attempt = Attempt(scene, number)
        function(attempt)
        yield name, attempt, synapse_takes_it


# --- several paths for one act ----------------------------------------------------------------------


@evasion("an image by every old prefix")
def _(attempt):
    for prefix in PREFIXES:
        attempt.refused("alice", "PUT", attempt.send_to(attempt.scene.outside, prefix=prefix), attempt.image())
        attempt.refused("bob", "PUT", attempt.send_to(attempt.scene.quay, prefix=prefix), attempt.words())


@evasion("an image by POST, without a transaction id")
def _(attempt):
    for prefix in PREFIXES:
        target = f"{prefix}/rooms/{quoted(attempt.scene.outside)}/send/{MESSAGE}"
        attempt.refused("alice", "POST", target, attempt.image())
        target = f"{prefix}/rooms/{quoted(attempt.scene.quay)}/send/{MESSAGE}"
        attempt.refused("bob", "POST", target, attempt.words())


@evasion("an encoded path")
def _(attempt):
    room, encoded = attempt.scene.outside, quoted(attempt.scene.outside)
    rooms = f"{V3}/rooms"
    for target in (
        f"{rooms}/{room}/send/{MESSAGE}/{attempt.mark}1",
        f"{rooms}/{encoded}/send/m.room.mess%61ge/{attempt.mark}2",
        f"{rooms}/{encoded}/s%65nd/{MESSAGE}/{attempt.mark}3",
        f"{rooms}/{encoded.replace('%21', '%2521')}/send/{MESSAGE}/{attempt.mark}4",
        f"{rooms}//{encoded}/send/{MESSAGE}/{attempt.mark}5",
        f"/_matrix/client/v3/./rooms/{encoded}/send/{MESSAGE}/{attempt.mark}6",
        f"/_matrix/client/v3/sync/../rooms/{encoded}/send/{MESSAGE}/{attempt.mark}7",
        f"{rooms}/{encoded}/send/{MESSAGE};x=1/{attempt.mark}8",
        f"{rooms}/{encoded}/send/{MESSAGE}/{attempt.mark}9/",
        f"/_matrix/client/V3/rooms/{encoded}/send/{MESSAGE}/{attempt.mark}10",
        f"/%5fmatrix/client/v3/rooms/{encoded}/send/{MESSAGE}/{attempt.mark}11",
        f"http://127.0.0.1{rooms}/{encoded}/send/{MESSAGE}/{attempt.mark}12",
        f"{rooms}/{encoded}/send/{MESSAGE}%2F{attempt.mark}13",
    ):
        attempt.refused("alice", "PUT", target, attempt.image())


@evasion("a method in a header, and methods that there are not", synapse_takes_it=False)
def _(attempt):
    target = attempt.send_to(attempt.scene.outside)
    attempt.refused("alice", "GET", target, attempt.image(), headers={"X-HTTP-Method-Override": "PUT"})
    attempt.refused("alice", "PATCH", target, attempt.image())


@evasion("the token in the query")
def _(attempt):
    alice, bob = (attempt.scene.direct[name].token for name in ("alice", "bob"))
    target = attempt.send_to(attempt.scene.outside)
    attempt.refused("alice", "PUT", f"{target}?access_token={alice}", attempt.image(), headers={"Authorization": None})
    target = attempt.send_to(attempt.scene.quay)
    attempt.refused("bob", "PUT", f"{target}?access_token={bob}", attempt.words(), headers={"Authorization": None})
    attempt.refused("alice", "PUT", f"{target}?access_token={bob}", attempt.words())
    attempt.refused("bob", "PUT", f"{target}?access_token={alice}", attempt.words())


@evasion("somebody else's name in the query")
def _(attempt):
    target = attempt.send_to(attempt.scene.quay)
    attempt.refused("bob", "PUT", f"{target}?user_id={quoted(attempt.id('alice'))}", attempt.words())
    attempt.refused("bob", "PUT", f"{target}?org.matrix.msc3202.device_id=X", attempt.words())


# --- several places for one file --------------------------------------------------------------------


@evasion("an edit of a text into an image")
def _(attempt):
    relation = {"rel_type": "m.replace", "event_id": attempt.scene.text}
    edit = attempt.words(**{"m.new_content": attempt.image(), "m.relates_to": relation})
    attempt.refused_content(edit)


@evasion("an image as m.file, and `url` or `file` on m.text")
def _(attempt):
    file = {"url": attempt.scene.url, "key": {}, "iv": "", "hashes": {}, "v": "v2"}
    attempt.refused_content(attempt.image(msgtype="m.file"))
    attempt.refused_content(attempt.image(msgtype="m.text"))
    attempt.refused_content(attempt.image(msgtype="m.notice"))
    attempt.refused_content(attempt.words(file=file))
    attempt.refused_content(attempt.words(info={"thumbnail_url": attempt.scene.url}))
    attempt.refused_content(attempt.words(info={"thumbnail_file": file}))


@evasion("an unknown msgtype, other letters, escapes in keys")
def _(attempt):
    attempt.refused_content(attempt.image(msgtype="M.IMAGE"))
    attempt.refused_content(attempt.image(msgtype="com.example.picture"))
    attempt.refused_content({"body": attempt.mark, "url": attempt.scene.url})
    escaped = json.dumps(attempt.image()).replace('"url"', '"\\u0075rl"').replace("m.image", "m.im\\u0061ge")
    attempt.refused_content(escaped.encode())


@evasion("an image in formatted text, or its address as words")
def _(attempt):
    html = {"format": "org.matrix.custom.html", "formatted_body": f'{attempt.mark} <img src="{attempt.scene.url}">'}
    attempt.refused_content(attempt.words(**html))
    attempt.refused_content(attempt.words(body=f"{attempt.mark} {attempt.scene.url}"))
    attempt.refused_content(attempt.words(body=f"{attempt.mark} {attempt.scene.url.replace('mxc', 'MXC')}"))
    for colon in ("&#58;", "&#x3a;", "&colon;"):
        escaped = attempt.scene.url.replace(":", colon, 1)
        attempt.refused_content(attempt.words(**html | {"formatted_body": f'{attempt.mark} <img src="{escaped}">'}))


@evasion("an address card or a link into a drive, in other clothes")
def _(attempt):
    attempt.refused_content(attempt.words(body=f"{attempt.mark}\nBEGIN:VCARD\nFN:Harbour Office\nEND:VCARD"))
    for link in ("HTTPS://DRIVE.acme.example/s", "https://drive.acme.example.:443/s", "drive.acme.example/s"):
        attempt.refused_content(attempt.words(body=f"{attempt.mark} {link}"))
    for link in ("https://drive.acme.example/s", "https://drive&#46;acme.example/s", "//drive.acme.example/s"):
        html = f'{attempt.mark} <a href="{link}">here</a>'
        attempt.refused_content(attempt.words(format="org.matrix.custom.html", formatted_body=html))


@evasion("a reaction that is an address of a file")
def _(attempt):
    relation = {"rel_type": "m.annotation", "event_id": attempt.scene.text, "key": f"{attempt.mark} {attempt.scene.url}"}
    attempt.refused_content({"m.relates_to": relation}, "m.reaction")


@evasion("extensible events")
def _(attempt):
    image = {"url": attempt.scene.url, "mimetype": "image/png"}
    attempt.refused_content({"m.text": [{"body": attempt.mark}], "m.file": image}, "m.image")
    attempt.refused_content(attempt.words(**{"org.matrix.msc1767.file": image}))
    attempt.refused_content(attempt.words(**{"m.text": [{"body": f"<img src='{attempt.scene.url}'>", "mimetype": "text/html"}]}))


@evasion("a sticker")
def _(attempt):
    attempt.refused_content({"body": attempt.mark, "url": attempt.scene.url, "info": {}}, "m.sticker")


@evasion("media first, and the reference later")
def _(attempt):
    alice = attempt.scene.through["alice"]
    upload = alice.request("POST", "/_matrix/media/v3/upload?filename=harmless.txt", picture())
    if upload.status == 200:
        attempt.refused_content(attempt.image(url=upload.json["content_uri"]))
    create = alice.post("/_matrix/media/v1/create", {})
    if create.status == 200:
        attempt.refused_content(attempt.image(url=create.json["content_uri"]))


@evasion("a custom event type")
def _(attempt):
    attempt.refused_content({"body": attempt.mark}, "com.example.message")
    attempt.refused_content({"anything": {"deep": [attempt.mark]}}, "com.example.message")
    attempt.refused_content({"body": attempt.mark}, "m.room.member")
    attempt.refused_content({"body": attempt.mark}, "m.new.in.the.next.version")


@evasion("what nobody can read")
def _(attempt):
    encrypted = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": attempt.mark, "session_id": "s"}
    attempt.refused_content(encrypted, "m.room.encrypted")


@evasion("a state event that carries a url")
def _(attempt):
    state = f"{V3}/rooms/{quoted(attempt.scene.outside)}/state"
    url = attempt.scene.url
    attempt.refused("alice", "PUT", f"{state}/m.room.avatar/", {"url": url, "mark": attempt.mark})
    attempt.refused("alice", "PUT", f"{state}/m.room.avatar", {"url": url, "mark": attempt.mark})
    attempt.refused("alice", "PUT", f"{state}/{MESSAGE}/x", attempt.image())
    attempt.refused("alice", "PUT", f"{state}/com.example.any/x", {"url": url, "body": attempt.mark})
    attempt.refused("alice", "PUT", f"{state}/m.room.topic/", {"topic": f"{attempt.mark} {url}"})
    widget = {"type": "m.custom", "url": f"https://example.org/{attempt.mark}"}
    attempt.refused("alice", "PUT", f"{state}/im.vector.modular.widgets/x", widget)
    me = quoted(attempt.id("alice"))
    attempt.refused(
        "alice", "PUT", f"{state}/m.room.member/{me}", {"membership": "join", "displayname": f"{attempt.mark} {url}"}
    )


@evasion("a room made with an image in it")
def _(attempt):
    state = [{"type": "m.room.avatar", "state_key": "", "content": {"url": attempt.scene.url}}]
    room = {"name": attempt.mark, "invite": [attempt.id("xavier")]}
    attempt.refused("alice", "POST", f"{V3}/createRoom", room | {"initial_state": state})
    encrypted = [{"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}]
    attempt.refused("alice", "POST", f"{V3}/createRoom", room | {"initial_state": encrypted})
    custom = [{"type": "com.example.any", "state_key": "", "content": {"body": attempt.mark}}]
    attempt.refused("alice", "POST", f"{V3}/createRoom", room | {"initial_state": custom})


# --- other bodies -----------------------------------------------------------------------------------


@evasion("duplicate keys")
def _(attempt):
    image, words = json.dumps(attempt.image()), json.dumps(attempt.words())
    attempt.refused_content((image[:-1] + "," + words[1:]).encode())
    attempt.refused_content((words[:-1] + "," + image[1:]).encode())
    attempt.refused_content((words[:-1] + "," + image[1:].replace('"url"', '"\\u0075rl"')).encode())


# A proxy in front may inflate it.
@evasion("a compressed body", synapse_takes_it=False)
def _(attempt):
    body = json.dumps(attempt.image()).encode()
    target = attempt.send_to(attempt.scene.outside)
    attempt.refused("alice", "PUT", target, gzip.compress(body), headers={"Content-Encoding": "gzip"})
    attempt.refused("alice", "PUT", target, zlib.compress(body), headers={"Content-Encoding": "deflate"})
    attempt.refused("alice", "PUT", target, gzip.compress(body), headers={"Content-Encoding": "GZIP, identity"})
    attempt.refused("alice", "PUT", target, gzip.compress(body))


@evasion("another charset, a byte order mark, bytes behind the document")
def _(attempt):
    body = json.dumps(attempt.image())
    attempt.refused_content(body.encode("utf-16"))
    attempt.refused_content(b"\xef\xbb\xbf" + body.encode())
    attempt.refused_content(json.dumps({}).encode() + body.encode())
    target = attempt.send_to(attempt.scene.outside)
    attempt.refused("alice", "PUT", target, body.encode(), headers={"Content-Type": "text/plain"})
    attempt.refused("alice", "PUT", target, body.encode(), headers={"Content-Type": "application/x-www-form-urlencoded"})


# --- other ways to reach somebody -------------------------------------------------------------------


@evasion("to-device messages")
def _(attempt):
    for type in ("com.example.message", MESSAGE, "m.room.encrypted"):
        for name in ("xavier", "carol"):
            messages = {attempt.id(name): {"*": attempt.words() | {"url": attempt.scene.url}}}
            target = f"{V3}/sendToDevice/{type}/{attempt.mark}{type}{name}"
            attempt.refused("bob", "PUT", target, {"messages": messages})
            if type != "m.room.encrypted":
                attempt.refused("alice", "PUT", target, {"messages": messages})


@evasion("a pusher that sends what is said elsewhere")
def _(attempt):
    pusher = {"kind": "http", "app_id": attempt.mark, "pushkey": attempt.mark, "lang": "en", "profile_tag": ""}
    pusher |= {"app_display_name": "x", "device_display_name": "x"}
    pusher["data"] = {"url": "https://push.example.org/_matrix/push/v1/notify"}
    for prefix in PREFIXES:
        attempt.refused("bob", "POST", f"{prefix}/pushers/set", pusher)


@evasion("a member state event that asks somebody in")
def _(attempt):
    scene = attempt.scene
    invite = {"membership": "invite", "reason": attempt.mark}
    for who in ("bob", "alice"):
        for prefix in PREFIXES:
            for person in (quoted(attempt.id("xavier")), attempt.id("xavier")):
                attempt.refused(who, "PUT", f"{prefix}/rooms/{quoted(scene.inside)}/state/m.room.member/{person}", invite)
    attempt.not_in(scene.inside, "xavier")


@evasion("coming in and asking in by PUT, with a transaction id")
def _(attempt):
    scene = attempt.scene
    inside, xavier = quoted(scene.inside), attempt.id("xavier")
    public = quoted(scene.room("xavier", preset="public_chat", room_alias_name="fair"))
    asked_in = {"user_id": xavier, "reason": attempt.mark}
    picture = [{"type": "m.room.avatar", "state_key": "", "content": {"url": scene.url}}]
    for number, prefix in enumerate(PREFIXES):
        attempt.refused("bob", "PUT", f"{prefix}/rooms/{inside}/invite/{attempt.mark}{number}", asked_in)
        attempt.refused("alice", "PUT", f"{prefix}/rooms/{inside}/invite/{attempt.mark}a{number}", asked_in)
        room = {"name": attempt.mark, "invite": [xavier]}
        attempt.refused("bob", "PUT", f"{prefix}/createRoom/{attempt.mark}{number}", room)
        attempt.refused("alice", "PUT", f"{prefix}/createRoom/{attempt.mark}{number}", room | {"initial_state": picture})
        come = f"join/{public}/{attempt.mark}{number}?server_name={scene.town.globex.name}"
        attempt.refused("bob", "PUT", f"{prefix}/{come}", {"reason": attempt.mark})
        attempt.refused("bob", "PUT", f"{prefix}/rooms/{public}/join/{attempt.mark}r{number}", {"reason": attempt.mark})
        gone = {"user_id": xavier, "reason": attempt.mark}
        attempt.refused("bob", "PUT", f"{prefix}/rooms/{quoted(scene.quay)}/kick/{attempt.mark}{number}", gone)
    attempt.not_in(scene.inside, "xavier")


@evasion("an image into a room that is still being made")
def _(attempt):
    scene = attempt.scene
    alice = scene.direct["alice"]
    before = set(alice.get(f"{V3}/joined_rooms").expect(200).json["joined_rooms"])
    room = {"invite": [attempt.id("carol"), attempt.id("xavier")]}
    making = threading.Thread(target=scene.through["alice"].post, args=(f"{V3}/createRoom", room))
    making.start()
    new = set()
    while not new and making.is_alive():
        new = set(alice.get(f"{V3}/joined_rooms").expect(200).json["joined_rooms"]) - before
    attempt.refused("alice", "PUT", attempt.send_to(new.pop()), attempt.image())
    making.join()


@evasion("an invitation by a third party")
def _(attempt):
    mail = {"medium": "email", "address": f"{attempt.mark}@example.org", "id_server": "example.org", "id_access_token": "x"}
    attempt.refused("bob", "POST", f"{V3}/rooms/{quoted(attempt.scene.inside)}/invite", mail)
    attempt.refused("alice", "POST", f"{V3}/rooms/{quoted(attempt.scene.inside)}/invite", mail)
    attempt.refused("bob", "POST", f"{V3}/createRoom", {"name": attempt.mark, "invite_3pid": [mail]})
    state = f"{V3}/rooms/{quoted(attempt.scene.inside)}/state/m.room.third_party_invite/{attempt.mark}"
    attempt.refused("alice", "PUT", state, {"display_name": attempt.mark, "key_validity_url": "https://example.org"})


@evasion("a room made external after the message")
def _(attempt):
    scene = attempt.scene
    room = scene.room("alice", name="alone")
    before = {"msgtype": "m.image", "body": "before", "url": scene.url}
    scene.direct["alice"].post(f"{V3}/rooms/{quoted(room)}/send/{MESSAGE}", before).expect(200)
    invite = {"user_id": attempt.id("xavier"), "reason": attempt.mark}
    attempt.refused("alice", "POST", f"{V3}/rooms/{quoted(room)}/invite", invite)
    attempt.not_in(room, "xavier")


@evasion("a room opened to all after the message")
def _(attempt):
    scene = attempt.scene
    state = f"{V3}/rooms/{quoted(scene.inside)}/state"
    mark = {"mark": attempt.mark}
    attempt.refused("alice", "PUT", f"{state}/m.room.join_rules/", {"join_rule": "public"} | mark)
    restricted = {"join_rule": "restricted", "allow": [{"type": "m.room_membership", "room_id": scene.outside}]}
    attempt.refused("alice", "PUT", f"{state}/m.room.join_rules/", restricted | mark)
    attempt.refused("alice", "PUT", f"{state}/m.room.history_visibility/", {"history_visibility": "world_readable"} | mark)
    attempt.refused("alice", "PUT", f"{state}/m.room.guest_access/", {"guest_access": "can_join"} | mark)


@evasion("a room that became external by another way, as a sync has shown")
def _(attempt):
    scene = attempt.scene
    room, alice = scene.room("alice", name="soon external"), scene.through["alice"]
    text = {"msgtype": "m.text", "body": "still alone"}
    alice.post(f"{V3}/rooms/{quoted(room)}/send/{MESSAGE}", text).expect(200)
    since = alice.get(f"{V3}/sync?timeout=0").expect(200).json["next_batch"]
    invite = {"user_id": attempt.id("carol")}
    scene.direct["alice"].post(f"{V3}/rooms/{quoted(room)}/invite", invite).expect(200)
    alice.get(f"{V3}/sync?timeout=0&since={since}").expect(200)
    attempt.refused("alice", "PUT", attempt.send_to(room), attempt.image())


@evasion("a public room of another company, joined by its alias")
def _(attempt):
    scene = attempt.scene
    room = scene.room("xavier", preset="public_chat", room_alias_name="market")
    alias = f"#market:{scene.town.globex.name}"
    for prefix in PREFIXES:
        for name in (alias, room):
            target = f"{prefix}/join/{quoted(name)}?server_name={scene.town.globex.name}"
            attempt.refused("bob", "POST", target, {"reason": attempt.mark})
    attempt.refused("bob", "POST", f"{V3}/rooms/{quoted(room)}/join", {"reason": attempt.mark})
    attempt.refused("bob", "POST", f"{V3}/knock/{quoted(alias)}", {"reason": attempt.mark})
    attempt.not_in(room, "bob")


@evasion("a delayed event across a change of the policy")
def _(attempt):
    scene = attempt.scene
    for delay in ("org.matrix.msc4140.delay", "org.matrix.msc4140.dela%79"):
        attempt.refused("alice", "PUT", f"{attempt.send_to(scene.outside)}?{delay}=1000", attempt.words())
    state = f"{V3}/rooms/{quoted(scene.outside)}/state/m.room.topic/"
    attempt.refused("alice", "PUT", f"{state}?org.matrix.msc4140.delay=1000", {"topic": attempt.mark})
    time.sleep(1.5)


@evasion("a message to another room, sent by a read marker, a receipt, a reason")
def _(attempt):
    quay = quoted(attempt.scene.quay)
    attempt.refused("bob", "PUT", f"{V3}/rooms/{quay}/redact/{quoted(attempt.scene.text)}/{attempt.mark}", {"reason": attempt.mark})
    attempt.refused("bob", "POST", f"{V3}/rooms/{quay}/kick", {"user_id": attempt.id("xavier"), "reason": attempt.mark})
    attempt.refused("bob", "POST", f"{V3}/rooms/{quay}/receipt/m.read/{attempt.mark}", {})
    attempt.refused("bob", "PUT", f"{V3}/rooms/{quay}/state/m.room.topic/", {"topic": attempt.mark})
    attempt.refused("bob", "PUT", f"{V3}/rooms/{quay}/state/m.room.name/", {"name": attempt.mark})
    attempt.refused("bob", "POST", f"{V3}/rooms/{quay}/upgrade", {"new_version": "11", "mark": attempt.mark})


# --- reading ----------------------------------------------------------------------------------------


@evasion("Bob reads around: old routes, filters that blind the reader, everything about the room")
def _(attempt):
    scene = attempt.scene
    quay = quoted(scene.quay)
    fields = quoted(json.dumps({"event_fields": ["content.body"], "room": {"include_leave": True}}))
    federation = quoted(json.dumps({"event_format": "federation"}))
    here = ["messages?dir=b&limit=50", "initialSync", "state", "members", "joined_members", "aliases", "timestamp_to_event?ts=0"]
    here += ["state/m.room.member/" + quoted(attempt.id("xavier")), f"messages?dir=b&filter={fields}", "threads", "hierarchy"]
    elsewhere = ["sync?timeout=0", f"sync?timeout=0&filter={fields}", f"sync?timeout=0&filter={federation}", "initialSync"]
    elsewhere += ["events?timeout=0&from=s0_0", f"events?room_id={quay}&timeout=0", "joined_rooms", "notifications"]
    elsewhere += [f"room_summary/{quay}", "publicRooms", f"profile/{quoted(attempt.id('xavier'))}/displayname"]
    targets = [f"{prefix}/rooms/{quay}/{rest}" for prefix in PREFIXES for rest in here]
    targets += [f"{prefix}/{rest}" for prefix in PREFIXES for rest in elsewhere]
    targets += [f"{UNSTABLE}/im.nheko.summary/rooms/{quay}/summary"]
    told = (scene.secret, scene.quay, "Xavier Globex", attempt.id("xavier"))
    attempt.tells_nothing("bob", [("GET", target, None) for target in targets], told)


@evasion("Carol looks everywhere for who the unknown one is")
def _(attempt):
    scene = attempt.scene
    room, bob = f"rooms/{quoted(scene.mixed)}", quoted(attempt.id("bob"))
    here = [f"{room}/{rest}" for rest in ("messages?dir=b&limit=50", "members", "joined_members", "state", "threads", "initialSync")]
    here += [f"{room}/{rest}/{quoted(scene.seen)}" for rest in ("event", "context", "relations")]
    here += [f"{room}/state/m.room.member/{bob}", f"{room}/state/m.room.member/{bob}?format=event", "notifications"]
    here += ["sync?timeout=0", "sync?timeout=0&full_state=true", "initialSync", "events?timeout=0&from=s0_0"]
    here += [f"profile/{bob}", f"profile/{bob}/displayname", f"presence/{bob}/status"]
    here += [f"mutual_rooms?user_id={bob}"]
    asked = [("GET", f"{prefix}/{target}", None) for prefix in PREFIXES for target in here]
    asked.append(("GET", f"{UNSTABLE}/uk.half-shot.msc2666/user/mutual_rooms?user_id={bob}", None))
    find = {"search_categories": {"room_events": {"search_term": "himself", "event_context": {"include_profile": True}}}}
    lists = {"all": {"ranges": [[0, 50]], "required_state": [["*", "*"]], "timeline_limit": 30}}
    extensions = {name: {"enabled": True} for name in ("receipts", "typing", "account_data", "e2ee", "to_device")}
    sliding = f"{UNSTABLE}/org.matrix.simplified_msc3575/sync?timeout=0"
    asked += [
        ("POST", f"{V3}/search", find),
        ("POST", f"{V3}/user_directory/search", {"search_term": "Leewater"}),
        ("POST", f"{V3}/keys/query", {"device_keys": {attempt.id("bob"): []}}),
        ("POST", sliding, {"lists": lists, "extensions": extensions}),
    ]
    attempt.tells_nothing("carol", asked, ("Bob Leewater", attempt.id("bob")))
