"""A served room with people in it, and every place in which one might look for them."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import psycopg

from liveroom.log.engine import open_engine
from liveroom.log.erasure import ErasureScope
from liveroom.maintenance.erasure import Eraser
from liveroom.maintenance.restore import refuse_running
from liveroom.room.bootstrap import Start, open_room
from liveroom.runtime.config import Config, DatabaseSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.maintenance.people import Betrayed
from tests.rooms.hostile_files import photo
from tests.rooms.sending import ProofRoom
from tests.services.screen import Caller
from tests.services.server import Server
from tests.services.wait import until

PUBLIC = (
    "/",
    "/wall",
    "/metrics",
    "/readyz",
    "/feed/figures?scene=visit",
    "/api/v1/outbox",
    "/login",
    "/lapor",
    "/lapor/peta",
    "/lapor/peta.json",
)


class House:
    """A served room with people in it, one of them with a picture."""

    def __init__(self, server: Server, url: str, people: Sequence[Betrayed]) -> None:
        self.server = server
        self.room = ProofRoom(server)
        self.url = url or f"sqlite:///{server.data / 'test.db'}"
        self.people = people
        key = server.last_word("source", "add", "warga")
        reports = [one.report for one in self.people]
        sent = self.room.http.post("/api/v1/complaints", json=reports, headers={"Authorization": f"Bearer {key}"})
        self.ids = [str(one["id"]) for one in sent.json()["results"]]
        self.content = photo(7)
        where = self.room.expect(len(self.content)).headers["Location"]
        self.room.piece(where, 0, self.content)
        assert self.room.state(where)["state"] == "ready"
        self.say()

    def say(self) -> None:
        """Officers write about them too, and one is read."""
        for id_, one in zip(self.ids[:5], self.people, strict=False):
            body = {"command_id": id_, "seen_seq": self.room.seq + 999, "actor": "sari", "role": "duty"}
            seen = self.room.http.get(f"/api/v1/complaints/{id_}?role=duty&actor=sari").json()["card"]["seq"]
            told = {**body, "seen_seq": seen, "text": f"Sudah menelepon {one.secrets[0]} di {one.secrets[1]}"}
            assert self.room.http.post(f"/api/v1/complaints/{id_}/comment", json=told).status_code == 200
            forward = {**body, "command_id": f"f-{id_}", "seen_seq": seen, "agency": "dpupr"}
            assert self.room.http.post(f"/api/v1/complaints/{id_}/forward", json=forward).status_code == 200

    def files(self) -> bytes:
        """Every byte in the room's folder, and every row where the database is elsewhere."""
        parts = [path.read_bytes() for path in sorted(self.server.data.rglob("*")) if path.is_file()]
        return b"\n".join(parts) + self.rows()

    def rows(self) -> bytes:
        """All rows of all tables of PostgreSQL as text; nothing for a file."""
        if not self.url.startswith("postgresql"):
            return b""
        with psycopg.connect(self.url.replace("+psycopg", "")) as connection:
            names = [
                row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ]
            rows = [str(row) for name in names for row in connection.execute(f'SELECT t::text FROM "{name}" t')]
        return "\n".join(rows).encode()

    def events(self) -> bytes:
        """What the log itself says, from a backup of it."""
        file = self.server.data.parent / "events.backup"
        self.server.command("backup", str(file))
        lines = [line for line in gzip.decompress(file.read_bytes()).splitlines() if b'"table":"event"' in line]
        assert lines
        return b"\n".join(lines)

    def feeds(self) -> bytes:
        """Snapshot and answers of every audience that is no desk, and what a desk's has too."""
        told = []
        for audience in ("wall", "visit", "lead", "agency:dpupr", "desk"):
            told.append(self.room.http.get(f"/feed/snapshot?audience={audience}").text)
            with Caller(handshake_s=30) as client:
                asked = {"auth": {"audience": audience}, "transports": ["websocket"]}
                client.connect(self.server.url, namespace="/feed", wait_timeout=30, **asked)
                told.append(json.dumps(client.call("resume", {})))
        return "\n".join(told).encode()

    def public(self) -> bytes:
        """Pages and figures that are nobody's own."""
        return b"\n".join(self.room.http.get(path).content for path in PUBLIC)

    def erase(self) -> None:
        """One by the command, the others as the command does it."""
        first, *rest = self.ids
        assert "is erased" in self.server.command("erase", first, "--reason", "atas permintaan").stdout
        config = Config(city="tangerang", data_dir=str(self.server.data), database=DatabaseSettings(url=self.url))
        erasing = Eraser(
            open_room(config, ThreadRuntime(), Start(kind="test", city="tangerang")).room, config, ThreadRuntime()
        )
        erasing.erase([*rest, self.room.complaint], ErasureScope.ALL, by="test")
        erasing.erase(rest, ErasureScope.ALL, by="test")
        until(erasing.scrub, within=60, why="nobody to be reading what is scrubbed")

    def restore(self, file: Path) -> None:
        """By the command, which refuses as long as the last pulse is young: asked here, that costs no process each."""
        until(self._pulse_is_old, within=240, why="the last pulse to be old")
        self.server.command("restore", str(file))

    def _pulse_is_old(self) -> bool:
        engine = open_engine(self.url, synced=False)
        try:
            with engine.connect() as connection:
                refuse_running(connection)
        except ValueError:
            return False
        finally:
            engine.dispose()
        return True
