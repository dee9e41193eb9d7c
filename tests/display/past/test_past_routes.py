"""Past moments by their addresses: who may see them, what is refused, what erasures and repairs leave of them."""

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import count
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from sqlalchemy.exc import IntegrityError

from display.past.moments import WrongPosition
from liveroom.accounts.credentials import Followers
from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import Command, Role
from liveroom.domain.timestamps import from_text, to_text
from liveroom.log.backup import backup
from liveroom.log.erasure import Erasure, Erasures, ErasureScope
from liveroom.log.event_log import EventLog, read_head
from liveroom.maintenance import clock_repair
from liveroom.maintenance.erasure import carry_out
from liveroom.maintenance.restore import replace_room
from liveroom.projection import fold
from liveroom.projection.checkpoints import CheckpointWriter
from tests.display.feed.test_promoted import Replica
from tests.display.past.drilled import Viewer, made_checkpoints, told
from tests.rooms.real_clock import Machine, machine
from tests.rooms.staffed import House
from tests.rooms.standing import StandingRoom

__all__ = ["machine"]
PLACE = {"lat": -6.1781234, "lon": 106.6319876}
OWN_WORDS = "kata Pak Joko"


def receive(house: House, name: str, **said: Any) -> str:
    return house.opened.room.accept(Report(source_id=name, **{"category": "sampah", **PLACE, **said}), source="x").id


@pytest.fixture
def house(tmp_path: Any) -> House:
    house = House(tmp_path)
    for number in range(3):
        receive(house, f"report {number}")
    return house


def token(house: House, role: Role) -> str:
    house.add(f"si-{role.value}", role)
    return house.staff.give_token(f"si-{role.value}")


def get(house: House, shown: str, path: str, **asked: Any) -> Any:
    headers = {"Authorization": f"Bearer {shown}"} if shown else {}
    return house.browser().get(f"/feed/{path}?{urlencode(asked)}", headers=headers)


def refused(answer: Any) -> tuple[int, str, str | None]:
    said = json.loads(answer.data)
    return answer.status_code, said["code"], said.get("field")


def test_garbage_and_what_the_log_does_not_have_is_refused_by_its_name(house: House) -> None:
    shown, head = token(house, Role.DUTY), house.log.read(read_head).seq
    soon = to_text(house.opened.room.now() + timedelta(minutes=1))
    for name, values in {
        "seq": ("0", "-1", "1.5", "x", "", str(head + 1), "9" * 16, "9" * 40),
        "at": ("", "yesterday", "2026-11-24", "2026-11-24T14:05:00", "1999-01-01T00:00:00Z", soon),
    }.items():
        for value in values:
            assert refused(get(house, shown, "snapshot", **{name: value})) == (422, "field", name), value
    both = get(house, shown, "snapshot", seq=1, at="2026-11-24T14:05:00Z")
    assert refused(both) == (422, "field", "seq")
    right = {"from": 1, "until": to_text(house.opened.room.now()), "step_s": 60}
    for name, value in {"from": "0", "until": "soon", "step_s": "0"}.items():
        assert refused(get(house, shown, "past/batches", **{**right, name: value})) == (422, "field", name)
    for value in ("", "2026-13-01", "24.11.2026", "0001-01-01"):
        assert refused(get(house, shown, "past/day", date=value))[::2] == (422, "date")


def test_whoever_sees_the_present_sees_its_past_and_guests_and_other_rooms_none(house: House) -> None:
    head, until = house.log.read(read_head).seq, to_text(house.opened.room.now())
    asked = {"snapshot": {"seq": head}, "past/batches": {"from": 1, "until": until}, "past/day": {"date": until[:10]}}
    people = {role: token(house, role) for role in (Role.DUTY, Role.LEADERSHIP, Role.AGENCY_HEAD)}
    wall, visit = house.screens.add("dinding", "wall"), house.screens.add("tamu", "visit")
    for path, more in asked.items():
        for shown in (*people.values(), wall, visit):
            answer = get(house, shown, path, **more)
            assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store"), path
        assert get(house, "", path, **more).status_code == 401
    # An agency has its own alone.
    assert json.loads(get(house, people[Role.AGENCY_HEAD], "snapshot", seq=head).data)["cards"]["id"] == []
    assert get(house, people[Role.AGENCY_HEAD], "snapshot", seq=head, audience="desk").status_code == 200
    seen = json.loads(get(house, people[Role.AGENCY_HEAD], "snapshot", seq=head, audience="desk").data)
    assert seen["cards"]["id"] == []
    room = Followers(house.log).add("provinsi", ("area",))
    assert refused(get(house, room, "snapshot", seq=head)) == (403, "role", None)
    begun = Command(
        command_id="visit", name="begin_visit", subject="room", about="room", actor="rina", role="supervisor",
        actor_agency=None, seen_seq=head, fields={},
    )  # fmt: skip
    house.opened.room.execute(begun)
    for path, more in asked.items():
        for shown in (wall, visit):
            assert refused(get(house, shown, path, **more)) == (403, "guests", None)
        assert get(house, people[Role.DUTY], path, **more).status_code == 200


def test_a_day_for_the_bar(on_file: StandingRoom) -> None:
    for minutes in (0, 4, 11, 12):
        on_file.at(f"24 09:{minutes:02}").tick()
        on_file.receive(category="kebakaran" if minutes == 12 else "jalan_rusak")
    viewer = Viewer(on_file)
    found = viewer.overview.of("desk", from_text("2026-11-24T00:00:00Z").date())
    assert (found["from"], found["to"]) == ("2026-11-23T17:00:00Z", "2026-11-24T17:00:00Z")
    assert (len(found["arrivals"]), sum(found["arrivals"])) == (144, 4)
    assert found["arrivals"][54:56] == [2, 2]
    (alarm,) = [one for one in found["moments"] if one["kind"] == "alarm"]
    assert (alarm["category"], alarm["at"]) == ("kebakaran", "2026-11-24T02:12:00Z")
    assert viewer.then("desk", seq=alarm["seq"])["alarms"][0]["state"] == "unacked"
    assert viewer.overview.of("agency:dlh", from_text("2026-11-24T00:00:00Z").date())["moments"] == []
    before = viewer.overview.of("desk", from_text("2026-11-20T00:00:00Z").date())
    assert (sum(before["arrivals"]), before["moments"]) == (0, [])


def test_at_the_moment_of_an_alarm_the_alarm_is_there_also_of_one_that_was_due_before(machine: Machine) -> None:
    room = machine.run()
    room.tick()
    room.receive()
    machine.later(hours=2)
    room.tick()
    viewer = Viewer(room)
    day = room.now.astimezone(room.room.city.zone).date()
    (alarm, *_) = [one for one in viewer.overview.of("desk", day)["moments"] if one["kind"] == "alarm"]
    shown = viewer.then("desk", at=from_text(alarm["at"]))["alarms"]
    assert alarm["complaint"] in [one["complaint"] for one in shown]


def stored(room: StandingRoom) -> bytes:
    """All that checkpoints say, uncompressed."""
    tables = room.tables(["checkpoint", "checkpoint_part"])
    bodies = [row["head"] for row in tables["checkpoint"]] + [row["body"] for row in tables["checkpoint_part"]]
    return b"".join(map(zlib.decompress, bodies))


def test_what_is_erased_is_gone_from_every_past_moment(on_file: StandingRoom) -> None:
    id_ = on_file.receive(category=OWN_WORDS, **PLACE)
    other = on_file.receive(category=OWN_WORDS, **PLACE)
    seq = on_file.head().seq
    for _ in range(4):
        on_file.receive()
    assert made_checkpoints(on_file, every=2) >= 3
    viewer = Viewer(on_file)
    before = viewer.then("desk", seq=seq)["cards"]
    assert set(before["category"]) == {OWN_WORDS}
    assert set(before["lat"]) == {PLACE["lat"]}
    assert b"Joko" not in stored(on_file)
    assert b"6.17812" not in stored(on_file)
    one = Erasure(at=0, complaint=id_, what=ErasureScope.ALL, by="sari")
    on_file.room.unit(lambda work: carry_out(work, one, on_file.room.city.policy.categories.keys()))
    for seen in (viewer, viewer.anew()):  # what a process has kept, and what it reads
        cards = seen.then("desk", seq=seq)["cards"]
        erased, kept = cards["id"].index(id_), cards["id"].index(other)
        assert (cards["category"][erased], cards["lat"][erased], cards["lon"][erased]) == ("", None, None)
        assert (cards["category"][kept], cards["lat"][kept]) == (OWN_WORDS, PLACE["lat"])


def test_what_a_fail_over_lost_is_not_shown_nor_what_was_erased_after_it(on_file: StandingRoom, tmp_path: Any) -> None:
    id_ = on_file.receive(category=OWN_WORDS, **PLACE)
    seq, viewer, replica = on_file.head().seq, Viewer(on_file), Replica(on_file, tmp_path)
    for _ in range(4):
        on_file.receive()
    lost = on_file.head().seq
    assert viewer.then("desk", seq=seq)["cards"]["category"] == [OWN_WORDS]
    viewer.then("desk", seq=lost)
    replica.promote()
    one = Erasure(at=0, complaint=id_, what=ErasureScope.ALL, by="sari")
    on_file.room.unit(lambda work: carry_out(work, one, on_file.room.city.policy.categories.keys()))
    assert on_file.head().seq < lost
    assert viewer.then("desk", seq=seq)["cards"]["category"] == [""]
    with pytest.raises(WrongPosition):
        viewer.then("desk", seq=lost)
    while on_file.head().seq < lost:
        on_file.receive()
    assert viewer.then("desk", seq=lost) == viewer.anew().then("desk", seq=lost)


@pytest.mark.parametrize("meanwhile", ["rebuild", "another writer"])
def test_a_checkpoint_is_whole_or_there_is_none(on_file: StandingRoom, meanwhile: str) -> None:
    for _ in range(12):
        on_file.receive()
    assert made_checkpoints(on_file, every=5) > 1
    for moment in range(1, 4):
        while on_file.head().seq < max(row["seq"] for row in on_file.tables(["checkpoint"])["checkpoint"]) + 5:
            on_file.receive()
        expected, pauses = told(Viewer(on_file).then("desk", seq=on_file.head().seq)), count(1)

        def pause(moment: int = moment, pauses: Iterator[int] = pauses) -> None:
            if next(pauses) != moment:
                return
            if meanwhile == "rebuild":
                on_file.log.write(fold.rebuild)
            else:
                CheckpointWriter(on_file.log, every=5, first=5).step(lambda: None)

        with suppress(IntegrityError):  # both wrote the same part: the one that comes second is refused
            CheckpointWriter(on_file.log, every=5, first=5).step(pause)
        assert next(pauses) > moment
        assert told(Viewer(on_file).then("desk", seq=on_file.head().seq)) == expected
        made_checkpoints(on_file, every=5)
        assert told(Viewer(on_file).then("desk", seq=on_file.head().seq)) == expected


def test_those_who_wait_for_the_past_keep_nothing_of_the_log_from_the_present(on_file: StandingRoom) -> None:
    for _ in range(6):
        on_file.receive()
    viewer, opened, seen = Viewer(on_file), 0, []
    met, until = Barrier(3), to_text(on_file.now)

    class Counted:
        @contextmanager
        def slices(self) -> Iterator[Any]:
            nonlocal opened
            with on_file.log.slices() as slices:
                opened += 1
                seen.append(opened)
                with suppress(BrokenBarrierError):
                    met.wait(0.5)  # three that hold a slot would meet here
                try:
                    yield slices
                finally:
                    opened -= 1

    viewer.rooms.log = cast(EventLog, Counted())
    step = timedelta(minutes=1)
    asked = [Thread(target=viewer.playback.batches, args=("desk", seq, from_text(until), step)) for seq in range(1, 7)]
    for one in asked:
        one.start()
    for one in asked:
        one.join()
    assert seen == [1] * 6


def test_a_restored_room_has_its_past(walked: StandingRoom, tmp_path: Any) -> None:
    made_checkpoints(walked, every=40)
    seqs = range(30, walked.head().seq, 41)
    before = {seq: told(Viewer(walked).then("desk", seq=seq)) for seq in seqs}
    backup(walked.log, tmp_path / "room.backup", Erasures(tmp_path, "test"))
    file = tmp_path / "room.backup"
    walked.log.touch(lambda c: replace_room(c, file, kind="test", city="tangerang", note=lambda _: None))
    assert walked.tables(["checkpoint"])["checkpoint"] == []
    for seq in seqs:
        after = told(Viewer(walked).then("desk", seq=seq))
        assert after.pop("epoch") != before[seq].pop("epoch")
        assert after == before[seq]


def test_a_repair_of_the_clock_is_passed_as_the_room_passed_it(machine: Machine) -> None:
    room = machine.run()
    room.tick()
    notes = []

    def note() -> None:
        notes.append((audience := ("wall", "desk")[len(notes) % 2], Viewer(room).live(audience)))

    fire = room.receive(category="kebakaran")
    room.execute("reject", room.receive(), by="duty", reason="palsu")
    note()
    machine.off = timedelta(hours=26)
    room = machine.run()
    room.tick()
    room.execute("reject", room.receive(), by="duty", reason="palsu")
    room.execute("acknowledge", f"critical:{fire}", about="alarm", by="duty")
    room.receive(category="kebakaran")
    note()
    machine.off = timedelta()
    room = machine.run()
    clock_repair.repair(room.room)
    note()
    machine.later(minutes=5)
    room.tick()
    room.receive()
    note()
    for every in (0, 3):
        if every:
            made_checkpoints(room, every=every)
        for audience, live in notes:
            then, now = told(Viewer(room).then(audience, seq=live["seq"])), told(live)
            for name in ("epoch", "at"):
                then.pop(name), now.pop(name)
            assert then == now
    last = notes[-1][1]
    assert Viewer(room).then("desk", at=from_text(last["at"]))["seq"] == last["seq"]
