"""A test room whose time stands, for trying alarms: complaints posted as a source does, commands as a person's."""

from pathlib import Path
from typing import Any

import httpx

from liveroom.accounts.sources import Sources
from liveroom.log.engine import open_engine
from liveroom.log.event_log import EventLog
from liveroom.runtime.config import load_config
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.services.screen import Caller
from tests.services.server import ROOT, Server

NOON = "2026-11-24T05:00:00Z"
PLACE = {"lat": -6.1767, "lon": 106.65}


def key_of_new_source(server: Server, name: str) -> str:
    """What `run.py source add` prints for a served test room, without a process that only reads the city for it."""
    config = load_config(Path(server.env.get("LIVEROOM_CONFIG") or ROOT / "config.yaml"), server.env)
    engine = open_engine(config.database_url("test"), synced=False)
    try:
        return Sources(EventLog(engine, ThreadRuntime(), lambda _seq: None)).add(name, None)
    finally:
        engine.dispose()


class AlarmRoom:
    """`url` of a served test room; what is posted is there when the call returns."""

    def __init__(self, server: Server, time_file: Path) -> None:
        self.server = server
        self.url = server.url
        self._time_file = time_file
        self._key = key_of_new_source(server, "panggilan")

    def at(self, moment: str) -> None:
        """Let the room's time be that moment."""
        self._time_file.write_text(moment + "\n")

    def receive(self, *names: str, category: str = "kebakaran", **fields: object) -> list[str]:
        """Post complaints of these source ids; fires are critical and raise one alarm each. Return their ids."""
        body = [{"source_id": name, "category": category, **PLACE, **fields} for name in names]
        answer = httpx.post(
            f"{self.url}/api/v1/complaints", json=body, headers={"Authorization": f"Bearer {self._key}"}, timeout=60
        )
        assert answer.status_code == 200, answer.text
        return [str(one["id"]) for one in answer.json()["results"]]

    def alarms(self) -> dict[str, dict[str, Any]]:
        """Every alarm that is not normal, by id, as a desk has them after joining."""
        snapshot = httpx.get(f"{self.url}/feed/snapshot?audience=desk", timeout=30).json()
        found = {alarm["id"]: alarm for alarm in snapshot["alarms"]}
        with Caller(handshake_s=30) as client:
            told = {"auth": {"audience": "desk"}, "transports": ["websocket"]}
            client.connect(self.url, namespace="/feed", wait_timeout=30, **told)
            answer = client.call("resume", {key: snapshot[key] for key in ("epoch", "seq", "mark")})
        for batch in answer["batches"]:
            found |= {alarm["id"]: alarm for alarm in batch.get("alarms") or ()}
        return {id_: alarm for id_, alarm in found.items() if alarm["state"] != "normal"}

    def unacked(self) -> int:
        """How many nobody has answered."""
        return sum(alarm["state"] == "unacked" for alarm in self.alarms().values())

    def post(self, alarm: str, name: str, *, headers: dict[str, str] | None = None, **fields: object) -> httpx.Response:
        """Give a command on an alarm as it stands now; a duty officer's unless said otherwise."""
        body = {"command_id": f"{alarm}-{name}-{fields}"[:120], "actor": "rina", "role": "duty", **fields}
        body.setdefault("seen_seq", self.alarms()[alarm]["seq"])
        return httpx.post(f"{self.url}/api/v1/alarms/{alarm}/{name}", json=body, headers=headers, timeout=30)
