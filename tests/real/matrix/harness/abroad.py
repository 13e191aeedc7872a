"""Ways around the policy that begin at another homeserver: what Xavier tries with his own, where no gateway is."""

from .acts import picture
from .attempt import V3
from .evasions import evasion
from .wire import quoted


@evasion("Xavier asks Bob in, from his own homeserver")
def _(attempt):
    scene = attempt.scene
    room, bob = scene.room("xavier", name="trap"), attempt.id("bob")
    with scene.guarded():
        invite = {"user_id": bob, "reason": attempt.mark}
        attempt.refused("xavier", "POST", f"{V3}/rooms/{quoted(room)}/invite", invite)
        attempt.refused("xavier", "POST", f"{V3}/createRoom", {"name": "another trap", "invite": [bob]})
        state = f"{V3}/rooms/{quoted(room)}/state/m.room.member/{quoted(bob)}"
        attempt.refused("xavier", "PUT", state, {"membership": "invite", "reason": attempt.mark})
    attempt.not_in(room, "bob")


@evasion("Xavier joins a room of Acme's that was opened to all")
def _(attempt):
    scene = attempt.scene
    server = scene.town.acme.name
    alias = f"#yard:{server}"
    room = scene.room("alice", "bob", preset="public_chat", room_alias_name="yard")
    with scene.guarded():
        for name in (alias, room):
            for verb in ("join", "knock"):
                target = f"{V3}/{verb}/{quoted(name)}?server_name={server}"
                answer = scene.direct["xavier"].post(target, {"reason": attempt.mark})
                # Of a room that no server knows, his homeserver says 502.
                if answer.status < 400:
                    attempt.problems.append(f"{target}: {answer.status} {answer.body[:300]}")
    attempt.not_in(room, "xavier")


@evasion("Xavier asks his homeserver who Bob is")
def _(attempt):
    bob = quoted(attempt.id("bob"))
    targets = [f"{V3}/profile/{bob}", f"{V3}/profile/{bob}/displayname"]
    with attempt.scene.guarded():
        attempt.tells_nothing("xavier", [("GET", target, None) for target in targets], ("Bob Leewater",))


@evasion("Xavier fetches Acme's pictures by his homeserver")
def _(attempt):
    scene = attempt.scene
    upload = scene.direct["bob"].request("POST", "/_matrix/media/v3/upload", picture())
    with scene.guarded():
        for url in (scene.url, upload.expect(200).json["content_uri"]):
            for what in ("download", "thumbnail"):
                target = f"/_matrix/client/v1/media/{what}/{url.removeprefix('mxc://')}"
                target += "?width=32&height=32" if what == "thumbnail" else ""
                answer = scene.direct["xavier"].get(target)
                if answer.status < 400:
                    attempt.problems.append(f"{target}: {answer.status}")
