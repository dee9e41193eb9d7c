"""What a source sends and the room refuses: it stands in quarantine, bounded, and can be corrected or dropped."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from ingest.sources.api import IntakeGate, intake_blueprint
from liveroom.accounts import quarantine
from liveroom.accounts.arrivals import Arrivals, health_of_all, learned
from liveroom.accounts.quarantine import (
    KEPT,
    LONGEST,
    Decided,
    QuarantineContent,
    QuarantineEntry,
    QuarantineState,
    Reject,
    forget_old,
)
from liveroom.domain.requests import Malformed, Unknown
from liveroom.log import schema
from liveroom.log.engine import Connection, Unavailable
from liveroom.log.erasure import ErasureScope, erase_rows
from liveroom.log.texts import accesses_of
from liveroom.projection.complaints import complaints
from liveroom.room.clock import pause_source
from liveroom.room.commands.sources import QuarantineActs
from liveroom.room.room import GroupCommit
from liveroom.room.trial import try_value
from tests.rooms.standing import StandingRoom
from tests.rooms.together import together


class Door:
    """The API on a real room, and what it keeps."""

    def __init__(self, standing: StandingRoom) -> None:
        self.standing = standing
        self.key = standing.sources.add("Lapor", 300)
        self.arrivals = Arrivals(standing.log)
        self.acts = QuarantineActs(room=standing.room, actor="kepala", role="supervisor")
        app = Flask(__name__)
        app.register_blueprint(
            intake_blueprint(GroupCommit(standing.room), standing.sources, IntakeGate(2000), self.arrivals)
        )
        self._app = app

    def post(self, body: Any) -> TestResponse:
        raw = body if isinstance(body, str) else json.dumps(body)
        headers = {"Authorization": f"Bearer {self.key}"}
        return self._app.test_client().post(
            "/api/v1/complaints", data=raw, headers=headers, content_type="application/json"
        )

    def entries(self, state: QuarantineState = QuarantineState.OPEN) -> tuple[QuarantineEntry, ...]:
        return self.standing.read(lambda c: quarantine.entries(c, source="lapor", state=state, cursor=None, limit=50))

    def content(self, id_: str) -> QuarantineContent | None:
        return self.standing.read(lambda c: quarantine.content(c, id_))


@pytest.fixture
def door(standing: StandingRoom) -> Door:
    return Door(standing)


BAD = {"source_id": "L-1", "category": "sampah", "description": "Sampah di pinggir kali\0", "person": {"name": "Siti"}}


def test_what_is_refused_is_kept_whole_and_is_accepted_corrected(door: Door) -> None:
    answer = door.post([{"source_id": "L-2", "category": "sampah"}, BAD, 7])
    assert [("error" in one) for one in answer.get_json()["results"]] == [False, True, True]
    text = '{"source_id": "L-3",  "category": "sampah", "lat": 91, "lon": 0}'
    assert door.post(text).status_code == 422
    third, seven, first = door.entries()
    assert (first.source_id, first.field, third.field, seven.field) == ("L-1", "description", "lat", "")
    found = door.acts.look(third.id)
    assert found.raw == text
    with pytest.raises(Malformed, match="lat"):
        door.acts.accept(third.id)
    answer = door.acts.accept(third.id, text.replace("91", "-6.2"))
    assert answer.created
    assert door.standing.read(lambda c: complaints(c, (answer.id,)))[0].source == "lapor"
    with pytest.raises(Decided):
        door.acts.accept(third.id, text.replace("91", "-6.2"))
    door.acts.drop(seven.id)
    with pytest.raises(Unknown):
        door.acts.drop("nowhere")
    assert door.entries() == (first,)
    (accepted,) = door.entries(QuarantineState.ACCEPTED)
    assert (accepted.decided_by, accepted.complaint) == ("kepala", answer.id)
    seen = [one.fields for one in accesses_of(door.standing.log, third.id)]
    assert sorted(seen) == [("accepted", "quarantine"), ("quarantine",)]


def test_what_comes_again_is_counted_and_stays_decided(door: Door) -> None:
    for _ in range(3):
        assert door.post(BAD).status_code == 422
    (entry,) = door.entries()
    assert entry.times == 3
    door.acts.drop(entry.id)
    assert door.post(BAD).status_code == 422
    assert door.entries() == ()
    door.arrivals.flush()
    health = door.standing.read(lambda c: health_of_all(c, ("lapor",)))["lapor"]
    assert (health.rejected, health.open) == (4, 0)


def test_one_correction_holds_for_all_that_failed_so_and_each_is_checked_by_itself(door: Door) -> None:
    loud = {"category": "sampah", "priority": "tinggi"}
    door.post([{**loud, "source_id": f"P-{n}"} for n in range(3)])
    door.post([{**loud, "source_id": "P-3", "priority": "rendah"}, {**loud, "source_id": "P-4", "person": 7}])
    door.post([{"source_id": f"C-{n}", "category": "sampah", "lat": f"-6,{n}", "lon": 106.6} for n in range(1, 4)])
    door.post([{"source_id": "C-9", "category": "sampah", "lat": "north", "lon": 106.6}])
    by_number = {entry.source_id: entry.id for entry in door.entries()}
    with pytest.raises(Malformed, match="priority"):
        door.acts.accept_same(by_number["P-0"], json.dumps({**loud, "source_id": "P-0"}))
    assert len(door.entries()) == 9
    same = door.acts.accept_same(by_number["P-0"], json.dumps({**loud, "source_id": "P-0", "priority": "urgent"}))
    assert (same.accepted, same.stay) == (3, 2)
    right = {"source_id": "C-1", "category": "sampah", "lat": -6.1, "lon": 106.6}
    same = door.acts.accept_same(by_number["C-1"], json.dumps(right))
    assert (same.accepted, same.stay) == (3, 1)
    taken = {one.source_id: one for one in door.entries(QuarantineState.ACCEPTED)}
    ids = [str(taken[name].complaint) for name in ("P-2", "C-2", "C-3")]
    found = {one.source_id: one for one in door.standing.read(lambda c: complaints(c, ids))}
    assert (found["P-2"].priority, found["C-2"].lat, found["C-3"].lat) == ("urgent", -6.2, -6.3)
    assert {entry.source_id for entry in door.entries()} == {"P-3", "P-4", "C-9"}
    with pytest.raises(Malformed, match="one at a time"):
        door.acts.accept_same(door.acts.look(_kept(door, 7)).entry.id, json.dumps(right))


def test_what_is_neither_text_nor_a_number_is_no_text_in_a_correction_either(door: Door) -> None:
    whole = {"category": "sampah"}
    said = [7, 8.5, ["a"], True]
    door.post([{**whole, "source_id": f"N-{n}", "description": one} for n, one in enumerate(said)])
    by_number = {entry.source_id: entry.id for entry in door.entries()}
    same = door.acts.accept_same(by_number["N-0"], json.dumps({**whole, "source_id": "N-0", "description": "7"}))
    assert (same.accepted, same.stay) == (2, 2)


def _kept(door: Door, sent: Any) -> str:
    """The id of the entry of what was refused now."""
    door.post([sent])
    return door.entries()[0].id


def test_the_same_from_several_at_once_is_one_entry(door: Door) -> None:
    answers: list[int] = []
    together(4, lambda _: answers.append(door.post(BAD).status_code))
    assert answers == [422] * 4
    (entry,) = door.entries()
    assert entry.times == 4


def test_no_client_fills_the_disk(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MOST_OPEN", 3)
    door.post([{"source_id": "L-1", "category": "x" * 100_000, "n": "\ud800" * n} for n in range(9)])
    kept = [door.content(entry.id) for entry in door.entries()]
    assert len(kept) == 3
    assert all(one is not None and len(one.raw.encode()) <= LONGEST < one.cut + len(one.raw.encode()) for one in kept)
    door.arrivals.flush()
    assert door.standing.read(lambda c: health_of_all(c, ("lapor",)))["lapor"].rejected == 9


def test_what_cannot_be_kept_is_to_be_sent_again(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_connection: Connection, **_given: object) -> quarantine.KeepResult:
        raise Unavailable("the disk is full")

    monkeypatch.setattr(quarantine, "keep", away)
    good = {"source_id": "L-2", "category": "sampah"}
    first, second = door.post([good, BAD]).get_json()["results"]
    assert first["status"] == "waiting" and second["error"]["code"] == "unavailable"
    assert door.post([BAD]).status_code == 503
    assert door.post(BAD).status_code == 503


def test_it_ends_with_its_month_and_with_the_erasure_of_its_complaint(door: Door) -> None:
    answer = door.post({"source_id": "L-1", "category": "sampah"})
    door.post(BAD)
    door.post({**BAD, "source_id": "L-9"})
    # What could not be read has no number; it stands in the text.
    unread = [Reject(raw=f'{{"all": ["{number}"]}}', fault=Malformed("", "odd")) for number in ("L-1", "L-17")]
    door.arrivals.keep("lapor", unread)
    id_ = answer.get_json()["id"]
    door.standing.log.touch(
        lambda c: erase_rows(c, id_, ErasureScope.PERSON, door.standing.now, door.standing.room.city.policy.categories)
    )
    assert [one.source_id for one in door.entries()] == [None, "L-9"]
    older = update(schema.quarantine).values(at=schema.quarantine.c.at - int(KEPT.total_seconds()) * 1_000_000)
    door.standing.log.touch(lambda c: c.execute(older))
    assert forget_old(door.standing.log) == 2
    assert door.standing.read(lambda c: c.execute(select(func.count()).select_from(schema.quarantine)).scalar()) == 0


def test_a_paused_source_is_asked_to_come_back_and_alarms_nobody(door: Door) -> None:
    pause_source(door.standing.room, "Lapor", paused=True, actor="kepala")
    answer = door.post({"source_id": "L-1", "category": "sampah"})
    assert (answer.status_code, answer.get_json()["code"]) == (503, "paused")
    assert answer.headers["Retry-After"] == "60"
    door.standing.tick()
    pause_source(door.standing.room, "Lapor", paused=False, actor="kepala")
    assert door.post({"source_id": "L-1", "category": "sampah"}).status_code == 201
    states = [one.event.payload.state for one in door.standing.events() if one.event.kind.value == "source.changed"]
    assert states == ["closed", "ok"]


def test_an_interval_is_learned_from_what_came() -> None:
    assert learned([300.0] * 7) is None
    assert learned([10.0, 290.0, 300.0, 310.0, 300.0, 305.0, 295.0, 4000.0]) == 1800
    assert learned([0.2] * 64) == 60


def test_a_trial_finds_every_fault_and_says_what_the_room_would_make_of_it(on_file: StandingRoom) -> None:
    room = on_file.room
    wrong = {"category": "sampah", "lat": 91, "reported_at": "tomorrow", "person": {"phone": 7}, "media": ["ftp:x"]}
    found = try_value(wrong, room.city, room.now(), "real")
    assert [fault.field for fault in found.faults] == ["lat", "source_id", "reported_at", "person.phone", "media[0]"]
    assert found.fields == {"category": "sampah"}
    right = {"source_id": "1", "category": "jalan_rusak", "lat": -6.1781, "lon": 106.6319, "person": {"name": "Siti"}}
    found = try_value(right, room.city, room.now(), "real")
    assert found.faults == () and found.fields["person.name"] == "Siti"
    assert found.becomes["category"] == "jalan_rusak" and {"class", "area", "agency"} <= found.becomes.keys()
    assert [fault.field for fault in try_value(7, room.city, room.now(), "real").faults] == [""]
