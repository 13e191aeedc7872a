"""What no client library shows: where clients are sent, what a browser needs, and how bodies may come."""

import http.client
import json

from .wire import Wire, quoted

V3 = "/_matrix/client/v3"


def check_door(scenario, gateway_url, token, report):
    own, gateway = scenario.town.acme.url, Wire(gateway_url)
    told = gateway.get("/.well-known/matrix/client")
    report.check("the well-known file does not lead round the gateway", leads_round(told, own))
    alice = scenario.town.people["alice"]
    login = {"type": "m.login.password", "user": alice.id, "password": alice.password}
    report.check("nor does the answer to a login", leads_round(gateway.post(f"{V3}/login", login), own))

    headers = {"Origin": "https://chat.example", "Access-Control-Request-Method": "PUT"}
    preflight = gateway.request("OPTIONS", f"{V3}/rooms/{quoted(scenario.kept['office'])}/send/m.room.message/1", headers=headers)
    report.check("a browser may ask first", lets_browsers(preflight, (200, 204)))
    refused = gateway.get(f"{V3}/sync", headers={"Origin": "https://chat.example"})
    report.check("a browser can read a refusal", lets_browsers(refused, (401,)))

    room = scenario.kept["office"]
    for name, more in BODIES.items():
        status, body = sent(gateway, token, room, **more)
        report.check(f"{name} passes", [] if status == 200 else [f"{status} {body}"])


BODIES = {
    "a body in chunks": {"chunked": True},
    "a body that waits for 100 Continue": {"headers": {"Expect": "100-continue"}},
    "a body without a type": {"headers": {"Content-Type": None}},
    "a body labelled as something else": {"headers": {"Content-Type": "text/plain"}},
}


def leads_round(answer, own):
    problems = [] if answer.status in (200, 404) else [f"{answer.status} {answer.body[:200]}"]
    return problems + ([f"it names {own}: {answer.body[:300]}"] if own.encode() in answer.body else [])


def lets_browsers(answer, statuses):
    problems = [] if answer.status in statuses else [f"{answer.status} {answer.body[:200]}"]
    allowed = answer.headers.get("Access-Control-Allow-Origin")
    return problems + ([] if allowed == "*" else [f"Access-Control-Allow-Origin is {allowed}"])


def sent(wire, token, room, headers=(), chunked=False):
    """Sends a text, its body in an unusual way."""
    body = json.dumps({"msgtype": "m.text", "body": "tea?"}).encode()
    told = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} | dict(headers)
    told["Transfer-Encoding" if chunked else "Content-Length"] = "chunked" if chunked else str(len(body))
    connection = http.client.HTTPConnection(wire.address, timeout=30)
    try:
        connection.putrequest("POST", f"{V3}/rooms/{quoted(room)}/send/m.room.message")
        for name, value in told.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders([body[:5], body[5:]] if chunked else body, encode_chunked=chunked)
        answer = connection.getresponse()
        return answer.status, answer.read()[:200]
    finally:
        connection.close()
