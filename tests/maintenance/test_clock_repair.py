"""A room whose clock was ahead: nothing is dated by it, and one event and a new epoch put right what was."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from liveroom.accounts import rate_limits, second_factor, users
from liveroom.accounts.sessions import Sessions
from liveroom.accounts.sources import FORMER_LASTS, changed_sources
from liveroom.domain.alarms.model import Alarm, AlarmState
from liveroom.domain.events import Kind
from liveroom.domain.timestamps import from_micros, from_text
from liveroom.log import outbox, schema
from liveroom.log.backup import backup
from liveroom.log.event_log import database_now, link_epoch
from liveroom.log.lease import Lease, read_pulse
from liveroom.log.schema import public_hour, user
from liveroom.log.time_guard import WrongClock
from liveroom.log.uploads import came
from liveroom.maintenance.clock_repair import look, promise_anew, repair
from liveroom.maintenance.exposure import note_forwarded
from liveroom.maintenance.restore import replace_room
from liveroom.projection import VERSION, complaints, fold
from liveroom.projection.alarms import alarms_of
from liveroom.projection.audit import examine
from liveroom.projection.notices import notice
from liveroom.room.bootstrap import check_clock, ready_projection
from liveroom.room.recipients import Recipients
from liveroom.runtime.config import SessionLimits
from tests.projection.test_rebuilding import rows
from tests.rooms.real_clock import Machine, machine
from tests.rooms.standing import StandingRoom

__all__ = ["machine"]
AHEAD = timedelta(hours=26)
SMALL = timedelta(seconds=59)


def kinds(room: StandingRoom, after: int = 0) -> list[str]:
    return [logged.event.kind.value for logged in room.events(after)]


def refuses(room: StandingRoom, match: str) -> None:
    """Nothing of it is written: no event, no note, no beat."""
    before, pulse = room.head(), room.read(read_pulse)
    with pytest.raises(WrongClock, match=match):
        room.receive()
    with pytest.raises(WrongClock, match=match):
        room.tick()
    assert room.head() == before
    assert room.read(read_pulse) == pulse


@pytest.mark.parametrize("off", [AHEAD, -AHEAD], ids=["ahead", "back"])
def test_after_a_jump_nothing_is_written_and_what_is_read_goes_on(machine: Machine, off: timedelta) -> None:
    room = machine.run()
    room.tick()
    room.receive()
    machine.off = off
    refuses(room, "jumped 26 h")
    with pytest.raises(WrongClock):
        Lease(room.log, "clock").take()
    with pytest.raises(WrongClock):
        room.log.touch(database_now)
    machine.later(minutes=5)
    assert abs(room.now - machine.true) < timedelta(milliseconds=1)
    machine.off = timedelta()
    room.receive()
    assert room.tick()
    assert [event.logged_at for event in room.events()] == sorted(event.logged_at for event in room.events())
    assert room.events()[-1].logged_at <= machine.true
    assert examine(room.log, sample=500) == []


def test_a_small_step_back_dates_nothing_before_what_was(machine: Machine) -> None:
    room = machine.run()
    room.receive()
    last = room.head().logged_at
    machine.off = -SMALL
    room.receive()
    assert room.head().logged_at == last
    assert examine(room.log, sample=500) == []


def test_a_last_event_from_ahead_is_waited_for_or_repaired_and_no_beat_pretends_otherwise(machine: Machine) -> None:
    room = machine.run()
    room.tick()
    machine.off = AHEAD
    machine.run().receive()  # another process, started with the wrong clock, believes it
    machine.off = timedelta()
    refuses(room, "26 h ahead of the clock.*clock repair")
    again = machine.run()
    with pytest.raises(WrongClock, match="timedatectl"):
        check_clock(again.log)
    assert "26 h ahead" in " ".join(examine(again.log, sample=10))
    # This machine's clock was behind after all: it is set right, by which time goes on.
    machine.later(hours=26)
    assert check_clock(machine.run().log) == (
        "the room stood still from 2026-11-24 02:00:00 UTC to now, 2026-11-25 04:00:00 UTC: 26 h"
    )
    assert room.tick()
    room.receive()


def test_a_start_after_a_stop_of_any_length_is_believed_and_said(machine: Machine) -> None:
    machine.run().tick()
    machine.later(days=3)
    room = machine.run()
    said = check_clock(room.log)
    assert said is not None
    assert said.endswith("3 days")
    assert room.tick()
    assert check_clock(room.log) is None


class Wrong:
    """A room that ran for an hour on a clock 26 h ahead, in which everything that time moves was begun."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        room = self.room(machine)
        room.tick()
        room.sources.add("Lapor", 60)
        self.before = room.receive("B-1", category="kebakaran")
        machine.later(minutes=1)
        machine.off = AHEAD
        room = self.room(machine)
        room.tick()
        self.sessions = Sessions(room.log, SessionLimits())
        self.session = self.sessions.begin("sari")
        room.sources.heard("lapor")
        for order in ("freeze", "silence"):
            room.execute(order, "room", about="room", by="duty", seen=0)
        self.ids = [room.receive(f"A-{n}") for n in range(3)]
        room.execute("claim", self.ids[0], by="duty")
        room.execute("forward", self.ids[1], by="duty", agency="dpupr")
        room.execute("ask", self.ids[2], by="duty", text="di mana?")
        self.critical = room.receive("A-9", category="kebakaran")
        room.tick()
        machine.off = timedelta()

    @staticmethod
    def room(machine: Machine) -> StandingRoom:
        room = machine.run()
        room.room.routes = Recipients(room.room.city, mail=True)
        return room

    def alarm(self, room: StandingRoom) -> Alarm:
        (found,) = room.read(lambda c: alarms_of(c, (f"critical:{self.critical}",)))
        return found


@pytest.fixture
def wrong(machine: Machine) -> Wrong:
    return Wrong(machine)


def test_the_repair_is_one_event_and_a_new_epoch(wrong: Wrong) -> None:
    room = wrong.machine.run()
    before, written = room.head(), room.events()
    found = look(room.room)
    assert found is not None
    assert (found.ahead.received, found.last) == (4, before.logged_at)
    told = repair(room.room)
    after = room.head()
    assert room.events()[:-1] == written
    assert kinds(room, before.seq) == ["clock.repaired"]
    assert after.epoch not in (before.epoch, told.links)
    assert (after.logged_at, room.now) == (wrong.machine.true, wrong.machine.true)
    assert room.events()[-1].logged_at == wrong.machine.true
    assert room.read(complaints.today) == "2026-11-24"
    assert room.read(read_pulse) is None
    assert look(room.room) is None
    with pytest.raises(ValueError, match="nothing to repair"):
        repair(room.room)
    assert examine(room.log, sample=500) == []
    id_ = room.receive()
    assert room.complaint(id_).received_at == wrong.machine.true
    assert room.complaint(id_).day == "2026-11-24"


def test_folded_anew_from_the_log_it_is_the_same(wrong: Wrong) -> None:
    room = wrong.machine.run()
    repair(room.room)
    wrong.machine.later(minutes=20)
    room.tick()
    room.receive()
    before = rows(room)
    room.log.write(fold.rebuild)
    assert rows(room) == before
    assert examine(room.log, sample=500) == []


def test_no_alarm_waits_for_the_day_that_was_not(wrong: Wrong) -> None:
    room = wrong.machine.run()
    before = wrong.alarm(room)
    assert before.state is AlarmState.UNACKED
    assert before.page_at is not None and before.page_at > wrong.machine.true + timedelta(hours=25)
    repair(room.room)
    after = wrong.alarm(room)
    assert after.page_at is not None and after.activated_at is not None
    assert after.activated_at <= wrong.machine.true
    assert after.page_at - after.activated_at == before.page_at - (before.activated_at or before.page_at)
    wrong.machine.later(minutes=2)
    room.tick()
    assert wrong.alarm(room).paged_at is not None
    moments = room.tables(["activation"])["activation"]
    assert max(from_micros(row["at"]) for row in moments) <= wrong.machine.true


def test_what_lasts_real_time_lasts_no_longer(wrong: Wrong) -> None:
    room = wrong.machine.run()
    repair(room.room)
    now = wrong.machine.true
    freeze = room.read(lambda c: notice(c, "freeze"))
    assert freeze is not None
    assert now < from_text(freeze["until_real"]) <= now + timedelta(minutes=10)
    assert from_text(freeze["since"]) <= now
    sessions = Sessions(room.log, SessionLimits())
    assert room.tables(["session"])["session"][0]["seen_at"] <= room.tables(["head"])["head"][0]["logged_at"]
    assert changed(room) == {}
    wrong.machine.later(minutes=4)
    assert changed(room) == {"lapor": "lost"}
    wrong.machine.later(hours=13)
    assert sessions.of(wrong.session) is None


def test_keys_links_codes_and_counts_of_the_time_that_was_not_end_when_they_should(machine: Machine) -> None:
    machine.run()
    machine.off = AHEAD
    room = machine.run()
    room.receive()
    now, hour = machine.true + AHEAD, int((machine.true + AHEAD).timestamp()) // 3600
    room.sources.add("Lapor", 60)
    room.sources.rotate("Lapor", now=False)

    def use(connection: Connection) -> None:
        connection.execute(insert(user).values(id="sari", login="sari", name="Sari", role="duty", created_at=0))
        second_factor.begin_half(connection, "sari")
        second_factor.keep_factor(connection, "sari", "sealed", int(now.timestamp()) // second_factor.STEP_S)
        users.give_setup_link(connection, "room")
        rate_limits.increment(connection, "one", 900)
        note_forwarded(connection, "room", "Forwarded")
        connection.execute(insert(public_hour).values(hour=hour, origin="", bytes=10**9))

    room.log.touch(use)
    machine.off = timedelta()
    room = machine.run()
    true = machine.true
    repair(room.room)
    held = room.tables(["former_key", "setup_link", "half_log_in", "public_hour", "counter", "forwarded"])
    assert [held[name] for name in ("setup_link", "half_log_in", "public_hour", "counter")] == [[], [], [], []]
    (former,), (seen,) = held["former_key"], held["forwarded"]
    assert from_micros(former["ends_at"]) == true + FORMER_LASTS
    assert max(from_micros(at) for at in (former["key_at"], seen["at"])) <= true
    (factor,) = room.tables(["second_factor"])["second_factor"]
    assert factor["last_step"] == int(true.timestamp()) // second_factor.STEP_S
    assert room.read(came) == 0


def changed(room: StandingRoom) -> dict[str, str]:
    return {id_: state for id_, state in room.read(changed_sources).items() if state != "ok"}


def test_what_waits_to_leave_is_held_and_then_leaves(wrong: Wrong) -> None:
    room = wrong.machine.run()
    repair(room.room)
    head, now = room.head(), wrong.machine.true
    assert room.read(lambda c: outbox.held_since(c, head.epoch)) == now
    waiting = [row for row in room.tables(["outbox"])["outbox"] if row["state"] == outbox.WAITING]
    assert waiting
    assert all(from_micros(row["next_at"]) <= now and from_micros(row["at"]) <= now for row in waiting)


def test_the_day_that_was_opened_too_early_opens_again_and_what_is_closed_leaves_the_walls(wrong: Wrong) -> None:
    room = wrong.machine.run()
    repair(room.room)
    done = room.until_done()
    seq = room.head().seq
    wrong.machine.later(hours=16)
    room.tick()
    opened = [e.event.fields["date"] for e in room.events(seq) if e.event.kind is Kind.DAY_OPENED]
    assert opened == ["2026-11-25"]
    before, today = room.read(lambda c: complaints.day_before(c, seq)), room.read(complaints.today)
    assert done in room.read(lambda c: complaints.closed_between(c, before, today))


def test_complaints_of_the_time_that_was_not_can_be_worked_on_and_are_judged(wrong: Wrong) -> None:
    room = wrong.machine.run()
    repair(room.room)
    assert promise_anew(room.room) == 3  # the one that waits for an answer stands still
    fire = room.complaint(wrong.critical).first_due
    assert fire is not None
    assert fire[1].due == wrong.machine.true + timedelta(minutes=2)
    assert promise_anew(room.room) == 0
    room.execute("release", wrong.ids[0], by="supervisor")
    room.until_done(wrong.ids[0])
    room.execute("reopen", wrong.ids[0], by="supervisor", reason="belum")
    room.do_all(wrong.ids[1], "accept", "start")
    room.execute("answer", wrong.ids[2], by="duty", text="di sini")
    assert room.complaint(wrong.ids[2]).first_due is not None
    assert room.complaint(wrong.ids[2]).first_due[1].due > wrong.machine.true
    # As urgent as it would have been, not a day later.
    wrong.machine.later(minutes=3)
    room.tick()
    assert room.complaint(wrong.critical).overdue
    assert examine(room.log, sample=500) == []


def test_links_outlive_a_repair_and_a_restore_ends_them(wrong: Wrong, tmp_path: Any) -> None:
    room = wrong.machine.run()
    links = room.head().epoch
    repair(room.room)
    assert room.head().epoch != links
    assert room.read(lambda c: link_epoch(c, room.head())) == links
    backup(room.log, tmp_path / "room.backup")
    room.log.touch(lambda c: replace_room(c, tmp_path / "room.backup", kind="real", city=room.key, note=lambda _: None))
    assert room.read(lambda c: link_epoch(c, room.head())) == room.head().epoch


def test_a_room_with_a_time_of_its_own_goes_on_where_it_stood(machine: Machine) -> None:
    room = machine.run("drill")
    room.tick()
    machine.off = AHEAD
    room = machine.run("drill")
    room.receive()
    machine.off = timedelta()
    room = machine.run("drill")
    stood = room.events()[-1].event.at
    with pytest.raises(WrongClock, match="clock repair --drill"):
        room.receive()
    repair(room.room)
    assert room.now == stood
    room.receive()
    assert examine(room.log, sample=500) == []


def test_a_room_of_another_version_with_a_wrong_clock_opens_for_the_repair(wrong: Wrong) -> None:
    room = wrong.machine.run()
    room.log.touch(lambda c: c.execute(schema.head.update().values(projection="0")))
    ready_projection(room.log)
    assert room.head().projection == VERSION
    repair(room.room)
    assert examine(room.log, sample=500) == []
