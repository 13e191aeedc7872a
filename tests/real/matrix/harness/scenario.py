"""Plays `scenario.yaml`, and compares what was seen and what was stored with what is expected."""

import json
import re
import time

import yaml

from .acts import ACTS

# How long the other side may take until it shows something.
PATIENCE_SECONDS = 15


class Scenario:
    def __init__(self, town, path, label, strict):
        self.town = town
        self.label = label
        # Whether the strict policy is in force: its expectations hold then, else everything goes through.
        self.strict = strict
        self.kept = {}
        self.went_through = set()
        self.held_back = set()
        self.script = yaml.safe_load(path.read_text())

    def prepare(self, clients):
        """What was there before there was a policy. It must go through."""
        for name in ("alice", "bob", "carol", "xavier"):
            self._done({"do": "login"}, clients[name])
        for step in self.script["beforehand"]:
            problems, record = self._play(step, clients, strict=False)
            if problems:
                raise RuntimeError(f"{step}: {problems}: {record}")

    def play(self, clients, report):
        for step in self.script["steps"]:
            problems, record = self._play(step, clients, self.strict)
            report.check(step["name"], problems, record)

    def check_stored(self, report):
        """The marks of what went through, and none of the others, on all three sides."""
        sides = {"acme": self.town.acme.stored, "globex": self.town.globex.stored, "the bridge": self.town.bridge}
        lost = self.town.acme.stored.missing(self.went_through)
        report.check(
            f"Synapse holds the {len(self.went_through)} marks of what went through",
            [f"not there: {sorted(lost)}"] if lost else [],
        )
        for name, side in sides.items():
            leaked = self.held_back - side.missing(self.held_back)
            report.check(
                f"{name} holds none of the {len(self.held_back)} marks of what was blocked",
                [f"there: {sorted(leaked)}"] if leaked else [],
            )

    def _play(self, step, clients, strict):
        """The problems of a step, and the record of what was seen."""
        expected = step.get("policy", {}) if strict else {}
        if isinstance(expected, str):
            expected = {"outcome": expected}
        outcome = expected.get("outcome", "ok")
        try:
            shows = self._meant(step.get("shows", []) + expected.get("shows", []))
            hides = self._meant(expected.get("hides", []))
            gone = hides if expected.get("awaited") else []
            problems, record = self._awaited(step, clients[step["who"]], outcome, shows, gone)
        except KeyError as missing:
            return [f"it needs {missing}, which an earlier step did not give"], None
        marks = set(re.findall(r"\{(\w+)\}", json.dumps(step.get("with", {}))))
        marks = {self._mark(word) for word in marks} if step["do"] not in READING else set()
        (self.went_through if outcome == "ok" else self.held_back).update(marks)
        text = json.dumps(record["seen"] if record["ok"] else record["body"], ensure_ascii=False)
        problems += [f"shows {hidden}" for hidden in hides if hidden in text]
        if record["ok"]:
            for name, part in step.get("keep", {}).items():
                self.kept[name] = record["seen"][part]
        return problems + self._wrong_members(step.get("members"), strict), record

    def _awaited(self, step, client, outcome, shows, gone):
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            record = self._done(step, client)
            problems = differs(record, outcome)
            if not problems:
                text = json.dumps(record.get("seen"), ensure_ascii=False)
                problems = [f"does not show {shown}" for shown in shows if shown not in text]
                waiting = problems or any(hidden in text for hidden in gone)
                if waiting and time.monotonic() < until:
                    time.sleep(0.3)
                    continue
            return problems, record

    def _done(self, step, client):
        arguments = self._meant(step.get("with", {}))
        verb = step["do"]
        return ACTS[verb](client, **arguments) if verb in ACTS else client.do(verb, **arguments)

    def _wrong_members(self, expected, strict):
        if not expected:
            return []
        people = expected["are"] | (expected.get("policy", {}) if strict else {})
        room = self._meant(expected["room"])
        people = {self._meant(person): membership for person, membership in people.items()}
        stored = self.town.acme.stored.members(room)
        return [
            f"Synapse holds {person}: {stored.get(person)}, not {membership}"
            for person, membership in people.items()
            if stored.get(person) != membership
        ]

    def _mark(self, word):
        return f"{word}{self.label}"

    def _meant(self, value):
        """The value with ids, marks and what was kept in place of their names."""
        if isinstance(value, dict):
            return {self._meant(key): self._meant(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._meant(inner) for inner in value]
        if not isinstance(value, str):
            return value
        value = re.sub(r"\{(\w+)\}", lambda found: self._mark(found[1]), value)
        value = re.sub(r"\$(\w+)", lambda found: self.kept[found[1]], value)
        return re.sub(r"@(\w+)", lambda found: self.town.people[found[1]].id, value)


# Verbs that leave nothing of their arguments in the homeserver.
READING = {"search", "user_directory"}


def differs(record, outcome):
    """How a record is not the expected outcome."""
    if outcome == "ok":
        return [] if record["ok"] else [f"refused with {record['status']}: {record['body']}"]
    if record["ok"]:
        return [f"went through, expected {outcome}"]
    body = json.dumps(record["body"])
    if outcome == "hidden":
        looks_absent = record["status"] in (403, 404) and not re.search("not_permitted|connect_denied", body)
        return [] if looks_absent else [f"{record['status']} {body} does not look as if it were not there"]
    if record["status"] != 403 or outcome not in body:
        return [f"expected 403 and {outcome}, got {record['status']}: {body}"]
    return []
