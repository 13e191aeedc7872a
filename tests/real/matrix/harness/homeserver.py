"""A Synapse homeserver on loopback, and what it stored, asked without the gateway."""

import hashlib
import hmac
import sqlite3
import subprocess
import sys

import yaml

from .border import Border
from .processes import free_port, wait_until_answers
from .wire import Wire

SECRET = "only-for-this-run"
# Rate limits would make a quick test slow.
NO_LIMITS = {"per_second": 10000, "burst_count": 10000}


class Homeserver:
    def __init__(self, label, folder, processes, resolver):
        self.label = label
        self.folder = folder / label
        self.folder.mkdir()
        self.processes = processes
        self.resolver = resolver
        self.client_port = free_port()
        # Where others find it: the port belongs to the name.
        self.federation_port = free_port()
        # Where it is itself, with TLS and without.
        self.own_federation_port = free_port()
        self.plain_federation_port = free_port()
        self.name = f"{label}.localhost:{self.federation_port}"
        self.url = f"http://127.0.0.1:{self.client_port}"
        self.wire = Wire(self.url)
        self.border = Border(self.federation_port, self.own_federation_port)
        self.stored = Stored(self.folder)

    def start(self, bridge=None):
        """Starts it; it answers after `wait`."""
        settings = self._settings()
        if bridge:
            bridge.write_registration(self.folder / "bridge.yaml", self.name)
            settings["app_service_config_files"] = [str(self.folder / "bridge.yaml")]
        configuration = self.folder / "homeserver.yaml"
        configuration.write_text(yaml.safe_dump(settings))
        self._make_certificate()
        module = [sys.executable, "-m", "synapse.app.homeserver", "-c", configuration]
        subprocess.run([*module, "--generate-keys"], check=True, cwd=self.folder, capture_output=True)
        self.process = self.processes.start(self.label, module, PYTHONPATH=str(self.resolver))

    def wait(self):
        wait_until_answers(self.client_port, "/_matrix/client/versions", self.process)

    def register(self, person, display_name, administrator=False):
        """Makes an account by the administrator's way; the answer has its token."""
        route = "/_synapse/admin/v1/register"
        nonce = self.wire.get(route).json["nonce"]
        parts = [nonce, person, password_of(person), "admin" if administrator else "notadmin"]
        mac = hmac.new(SECRET.encode(), "\0".join(parts).encode(), hashlib.sha1).hexdigest()
        body = {
            "nonce": nonce,
            "username": person,
            "displayname": display_name,
            "password": password_of(person),
            "admin": administrator,
            "mac": mac,
        }
        return self.wire.post(route, body).expect(200).json

    def _settings(self):
        return {
            "server_name": self.name,
            "public_baseurl": self.url,
            "pid_file": str(self.folder / "pid"),
            "listeners": [
                listener(self.client_port, ["client"], tls=False),
                listener(self.own_federation_port, ["federation"], tls=True),
                listener(self.plain_federation_port, ["federation"], tls=False),
            ],
            "tls_certificate_path": str(self.folder / "tls.crt"),
            "tls_private_key_path": str(self.folder / "tls.key"),
            "signing_key_path": str(self.folder / "signing.key"),
            "media_store_path": str(self.folder / "media"),
            "database": {"name": "sqlite3", "args": {"database": str(self.folder / "homeserver.db")}},
            "registration_shared_secret": SECRET,
            "macaroon_secret_key": SECRET,
            "bcrypt_rounds": 4,
            "report_stats": False,
            "trusted_key_servers": [],
            "federation_verify_certificates": False,
            "ip_range_blacklist": [],
            "federation_ip_range_blacklist": [],
            "allow_public_rooms_over_federation": True,
            "allow_public_rooms_without_auth": True,
            "user_directory": {"enabled": True, "search_all_users": True},
            # A new database is populated step by step: without pauses, the directory is there in time.
            "background_updates": {"sleep_enabled": False},
            "max_event_delay_duration": "1h",
            "serve_server_wellknown": False,
            "rc_message": NO_LIMITS,
            "rc_registration": NO_LIMITS,
            "rc_admin_redaction": NO_LIMITS,
            "rc_media_create": NO_LIMITS,
            "rc_login": {"address": NO_LIMITS, "account": NO_LIMITS, "failed_attempts": NO_LIMITS},
            "rc_joins": {"local": NO_LIMITS, "remote": NO_LIMITS},
            "rc_joins_per_room": NO_LIMITS,
            "rc_room_creation": NO_LIMITS,
            "rc_invites": {"per_room": NO_LIMITS, "per_user": NO_LIMITS, "per_issuer": NO_LIMITS},
        }

    def _make_certificate(self):
        name = self.name.split(":")[0]
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
            + ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
            + ["-keyout", "tls.key", "-out", "tls.crt"],
            check=True,
            cwd=self.folder,
            capture_output=True,
        )


class Stored:
    """What a homeserver holds: its database and its media, read past every interface."""

    def __init__(self, folder):
        self.folder = folder

    def missing(self, words):
        """Those of the words that stand nowhere in it."""
        left = {word.encode() for word in words}
        for piece in self._pieces():
            left -= {word for word in left if word in piece}
            if not left:
                break
        return {word.decode() for word in left}

    def members(self, room):
        """Everybody who ever was in a room, with what they are in it now."""
        return dict(
            self._rows(
                "SELECT user_id, membership FROM room_memberships WHERE room_id = ? ORDER BY event_stream_ordering",
                room,
            )
        )

    def events(self, room):
        """All events of a room, as text."""
        return [text for (text,) in self._rows("SELECT json FROM event_json WHERE room_id = ?", room)]

    def _pieces(self):
        for (table,) in self._rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
            for row in self._rows(f'SELECT * FROM "{table}"'):
                for value in row:
                    if isinstance(value, str):
                        yield value.encode("utf-8", "surrogatepass")
                    elif isinstance(value, bytes):
                        yield value
        for path in self.folder.joinpath("media").rglob("*"):
            if path.is_file():
                yield path.read_bytes()

    def _rows(self, query, *values):
        database = sqlite3.connect(f"file:{self.folder / 'homeserver.db'}?mode=ro", uri=True, timeout=30)
        try:
            return database.execute(query, values).fetchall()
        finally:
            database.close()


def password_of(person):
    return f"password-{person}"


def listener(port, resources, tls):
    return {
        "port": port,
        "bind_addresses": ["127.0.0.1"],
        "type": "http",
        "tls": tls,
        "x_forwarded": not tls,
        "resources": [{"names": resources}],
    }
