"""Raw connections to the served room as a wall and as a guests' wall: what comes names nobody.

But of an alarm a wall, not a guests' one, has the log-in names of who acknowledged and owns it (design, "Feed").
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from liveroom.accounts.users import Person
from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import Role
from liveroom.log.event_log import read_head
from tests.rooms.staffed import AGENCY, People
from tests.services.screen import InOrder
from tests.services.server import Server
from tests.services.wait import until

pytestmark = [pytest.mark.server]
OFFICERS = {"sekar.wangi": ("Sekar Lestari", Role.DUTY), "dyah.ayu": ("Dyah Pitaloka", Role.SUPERVISOR)}
CLERK = Person(actor="bagas.k", name="Bagas Kusuma", role=Role.AGENCY, agency=AGENCY)
NAMED = (*OFFICERS, *(name for name, _ in OFFICERS.values()), CLERK.actor, CLERK.name)


class Raw:
    """Whatever one connection is sent, as text."""

    def __init__(self, url: str, audience: str) -> None:
        self.heard: list[str] = []
        self._client = InOrder(handshake_s=60)
        self._client.on("*", self._keep, namespace="/feed")
        how: dict[str, Any] = {"namespaces": ["/feed"], "transports": ["websocket"], "wait_timeout": 60}
        self._client.connect(url, auth={"audience": audience}, **how)
        shown = httpx.get(f"{url}/feed/snapshot?audience={audience}", timeout=60).json()
        self._keep("snapshot", shown)
        position = {name: shown[name] for name in ("epoch", "seq", "mark")}
        self._keep("resume", self._client.call("resume", position, namespace="/feed"))

    def _keep(self, name: str, *said: object) -> None:
        self.heard.append(json.dumps([name, *said]))

    def said(self) -> str:
        """All of it but by whom alarms were acknowledged and are owned."""
        return " ".join(json.dumps(json.loads(one, object_hook=_unowned)) for one in self.heard)

    def seq(self) -> int:
        return max(
            (int(json.loads(one)[1].get("to", 0)) for one in self.heard if one.startswith('["batch"')), default=0
        )

    def close(self) -> None:
        self._client.disconnect()


def _unowned(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name not in ("acked_by", "owner")}


class Desk:
    """Acts by tokens of people, all that a name could travel by."""

    def __init__(self, room: Server, people: People) -> None:
        self._url, self._people = room.url, people
        for actor, (name, role) in OFFICERS.items():
            people.staff.add(Person(actor=actor, name=name, role=role), None)
        people.staff.add(CLERK, None)
        self._tokens = {actor: people.staff.give_token(actor) for actor in (*OFFICERS, CLERK.actor)}

    @property
    def seq(self) -> int:
        return self._people.log.read(read_head).seq

    def order(self, who: str, path: str, **fields: Any) -> None:
        body = {"command_id": f"{path}-{self.seq}", "seen_seq": self.seq, **fields}
        bearer = {"Authorization": f"Bearer {self._tokens[who]}"}
        answer = httpx.post(f"{self._url}/api/v1/{path}", json=body, headers=bearer, timeout=60)
        assert answer.status_code == 200, (path, answer.text)

    def work(self, told: list[Raw]) -> None:
        """A complaint's life; those told hear that its alarm was acknowledged before it ends with the acceptance."""
        fire = Report(source_id="F-1", category="kebakaran", lat=-6.17, lon=106.63)
        id_ = self._people.opened.room.accept(fire, source="lapor").id
        later = (self._people.opened.room.now() + timedelta(days=30)).isoformat()
        duty, chief = OFFICERS
        self.order(duty, f"alarms/critical:{id_}/acknowledge", owner=chief)
        until(lambda: all(one.seq() >= self.seq for one in told), within=90, why="the acknowledgement to come")
        self.order(duty, f"complaints/{id_}/claim")
        self.order(duty, f"complaints/{id_}/forward", agency=AGENCY)
        self.order(CLERK.actor, f"complaints/{id_}/accept")
        self.order(CLERK.actor, f"complaints/{id_}/start")
        self.order(chief, f"complaints/{id_}/extend", due_at=later, reason="air jauh")
        self.order(chief, f"complaints/{id_}/comment", text="mengapa lama?", answer_by=later)
        self.order(duty, "room/handover", to=chief, note="hati-hati")
        self.order(chief, "room/confirm_handover")
        self.order(duty, "room/freeze")
        self.order(duty, "room/silence")
        self.order(duty, "room/hold_scene", scene="board")
        self.order(chief, "room/show", complaint=id_)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    one = Server(data=tmp_path_factory.mktemp("unnamed"), env={}).start()
    yield one
    one.kill()


def test_no_name_of_an_officer_travels_to_a_wall(room: Server) -> None:
    desk = Desk(room, People(room.data))
    before = [Raw(room.url, audience) for audience in ("wall", "visit")]
    desk.work(told=before)
    until(lambda: all(one.seq() >= desk.seq for one in before), within=90, why="all of it to come")
    after = [Raw(room.url, audience) for audience in ("wall", "visit", "desk")]
    for one in (*before, *after):
        one.close()
    assert ['"acked"' in " ".join(one.heard) for one in before] == [True, True]
    walls, guests = (before[0], after[0]), (before[1], after[1])
    for heard in (*(one.said() for one in walls), *(" ".join(one.heard) for one in guests)):
        assert "board" in heard
        assert [name for name in NAMED if name in heard] == []
    assert [name for name in OFFICERS if name not in " ".join(after[2].heard)] == []
