"""What people do that takes more than one word of a client: `ACTS[verb](client, **arguments)`."""

import base64
import struct
import zlib

from .clients import ok
from .wire import Wire


def text(client, room, body, **more):
    return client.do("send", room=room, type="m.room.message", content={"msgtype": "m.text", "body": body, **more})


def edit(client, room, event, body):
    new = {"msgtype": "m.text", "body": body}
    relation = {"rel_type": "m.replace", "event_id": event}
    return text(client, room, f"* {body}", **{"m.new_content": new, "m.relates_to": relation})


def reply(client, room, event, body):
    return text(client, room, body, **{"m.relates_to": {"m.in_reply_to": {"event_id": event}}})


def thread(client, room, event, body):
    return text(client, room, body, **{"m.relates_to": {"rel_type": "m.thread", "event_id": event}})


def reaction(client, room, event, key):
    relation = {"rel_type": "m.annotation", "event_id": event, "key": key}
    return client.do("send", room=room, type="m.reaction", content={"m.relates_to": relation})


def image(client, room, name):
    return attachment(client, room, "m.image", name, picture(), "image/png")


def file(client, room, name):
    return attachment(client, room, "m.file", name, b"%PDF-1.4\n%%EOF\n", "application/pdf")


def contact(client, room, name):
    card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Harbour Office\r\nEND:VCARD\r\n"
    return attachment(client, room, "m.file", name, card, "text/vcard")


def attachment(client, room, msgtype, name, data, mediatype):
    """Bytes first, then the message that refers to them: as every client does it."""
    record = uploaded(client, data, mediatype)
    if not record["ok"]:
        return record
    url = record["seen"]["content_uri"]
    content = {"msgtype": msgtype, "body": name, "url": url, "info": {"mimetype": mediatype, "size": len(data)}}
    record = client.do("send", room=room, type="m.room.message", content=content)
    if record["ok"]:
        record["seen"]["content_uri"] = url
    return record


def uploaded(client, data, mediatype):
    # Without the mark of the message: an upload names no room, so what is judged is the message.
    return client.do("upload", bytes=base64.b64encode(data).decode(), name="upload", mediatype=mediatype)


def sticker(client, room, body):
    record = uploaded(client, picture(), "image/png")
    if not record["ok"]:
        return record
    content = {"body": body, "url": record["seen"]["content_uri"], "info": {"mimetype": "image/png"}}
    return client.do("send", room=room, type="m.sticker", content=content)


def location(client, room, body):
    content = {"msgtype": "m.location", "body": body, "geo_uri": "geo:35.1,129.0"}
    return client.do("send", room=room, type="m.room.message", content=content)


def poll(client, room, question):
    content = {
        "m.poll": {
            "kind": "m.disclosed",
            "max_selections": 1,
            "question": {"m.text": [{"body": question}]},
            "answers": [{"m.id": "1", "m.text": [{"body": "one"}]}, {"m.id": "2", "m.text": [{"body": "two"}]}],
        },
        "m.text": [{"body": question}],
    }
    return client.do("send", room=room, type="m.poll.start", content=content)


def after_logout(client):
    """The token that was signed out, once more."""
    answer = Wire(client.url, client.token).get("/_matrix/client/v3/account/whoami")
    return ok({"status": str(answer.status)})


def picture():
    """A PNG of 64 by 64 points."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0)
    points = zlib.compress((b"\0" + b"\x80" * 64) * 64)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", points), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


ACTS = {
    act.__name__: act
    for act in (text, edit, reply, thread, reaction, image, file, contact, sticker, location, poll, after_logout)
}
