"""What a desk orders for all screens, and the sound test of each shift: CR-19, CR-42, CR-74, CR-96 on the server."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from display.pages.alarm_health import AlarmHealth, SoundTests, lines_of
from liveroom.domain.alarms.performance import Light
from liveroom.domain.requests import CommandResult, Malformed, Refused, Unknown
from liveroom.domain.timestamps import from_text
from liveroom.log.event_log import database_now
from liveroom.projection.notices import lines
from liveroom.room.room import Room
from tests.rooms.city import wib
from tests.rooms.standing import StandingRoom

SECOND = timedelta(seconds=1)
AFTERNOON = wib("24 14:00")


def order(standing: StandingRoom, name: str, *, by: str = "duty", **given: Any) -> CommandResult:
    return standing.execute(name, "room", about="room", by=by, seen=0, **given)


def line(standing: StandingRoom, id_: str) -> dict[str, Any]:
    found = [one for one in standing.read(lines) if one["id"] == id_]
    return found[0] if found else {}


def sounds(standing: StandingRoom) -> list[tuple[str, datetime]]:
    told = [(entry.event.kind.value, entry.event.at) for entry in standing.events()]
    return [one for one in told if one[0].startswith("sound.")]


@pytest.mark.parametrize(
    ("name", "given", "id_", "lasts"),
    [
        ("silence", {}, "silence", timedelta(seconds=30)),
        ("freeze", {}, "freeze", timedelta(minutes=10)),
        ("hold_scene", {"scene": "board"}, "scene", timedelta(minutes=15)),
        ("test_sound", {}, "sound", timedelta(seconds=10)),
    ],
)
def test_cr_19_cr_42_cr_74_an_order_stands_in_the_lines_and_lasts_real_time(
    standing: StandingRoom, name: str, given: dict[str, str], id_: str, lasts: timedelta
) -> None:
    before = standing.read(database_now)
    done = order(standing, name, actor="sari", by="supervisor", **given)
    after = standing.read(database_now)
    told = line(standing, id_)
    assert (done.id, done.seq) == (id_, standing.head().seq)
    assert before + lasts <= from_text(told["until_real"]) <= after + lasts
    assert (told["kind"], told["by"], from_text(told["since"])) == (id_, "sari", standing.now)
    assert {**told, **given} == told


def test_what_is_called_out_is_a_complaint_and_stands_in_the_lines_for_a_minute(standing: StandingRoom) -> None:
    seq = standing.head().seq
    with pytest.raises(Unknown):
        order(standing, "show", by="supervisor", complaint="c-1")
    assert (standing.head().seq, line(standing, "show")) == (seq, {})
    id_, before = standing.receive(), standing.read(database_now)
    order(standing, "show", by="supervisor", complaint=id_)
    told = line(standing, "show")
    assert told["complaint"] == id_
    assert from_text(told["until_real"]) >= before + timedelta(seconds=60)


def test_cr_19_a_silence_acknowledges_nothing(standing: StandingRoom) -> None:
    standing.tick()
    standing.receive(category="kebakaran")
    before = standing.room.alarms_standing(10)
    order(standing, "silence")
    assert standing.room.alarms_standing(10) == before
    assert before[0].state == "unacked"


def test_the_same_order_again_is_the_same_answer_and_another_begins_anew(standing: StandingRoom) -> None:
    first = order(standing, "freeze", command_id="f-1")
    until = line(standing, "freeze")["until_real"]
    assert order(standing, "freeze", command_id="f-1") == first
    assert line(standing, "freeze")["until_real"] == until
    with pytest.raises(Malformed, match="command_id"):
        order(standing, "silence", command_id="f-1")
    assert order(standing, "freeze", command_id="f-2").seq == first.seq + 1
    assert line(standing, "freeze")["until_real"] > until


@pytest.mark.parametrize(
    ("begin", "end", "id_", "given"),
    [("freeze", "unfreeze", "freeze", {}), ("hold_scene", "release_scene", "scene", {"scene": "map"})],
)
def test_cr_42_cr_74_what_holds_can_be_ended_once(
    standing: StandingRoom, begin: str, end: str, id_: str, given: dict[str, str]
) -> None:
    with pytest.raises(Refused, match="state"):
        order(standing, end)
    order(standing, begin, **given)
    order(standing, end)
    assert line(standing, id_) == {}
    with pytest.raises(Refused, match="state"):
        order(standing, end)


@pytest.mark.parametrize("scene", ["", "tamu", "peta", None, 3])
def test_cr_74_only_a_scene_of_the_wall_is_held(standing: StandingRoom, scene: object) -> None:
    head = standing.head().seq
    with pytest.raises(Malformed, match="scene"):
        order(standing, "hold_scene", scene=scene)
    assert standing.head().seq == head


def test_cr_74_cr_81_the_results_for_guests_are_held_only_while_they_are_here(standing: StandingRoom) -> None:
    with pytest.raises(Refused, match="state: scene visit is held only while guests are here"):
        order(standing, "hold_scene", scene="visit")
    order(standing, "begin_visit", by="supervisor")
    order(standing, "hold_scene", scene="visit")
    assert line(standing, "scene")["scene"] == "visit"
    order(standing, "end_visit", by="supervisor")
    with pytest.raises(Refused, match="state"):
        order(standing, "hold_scene", scene="visit")


@pytest.mark.parametrize("role", ["agency", "agency_head", "leadership", "system"])
def test_only_the_desk_orders(standing: StandingRoom, role: str) -> None:
    with pytest.raises(Refused, match="role"):
        order(standing, "silence", by=role)


def test_cr_96_a_missing_confirmation_is_logged_once_15_min_after_the_shift_began(standing: StandingRoom) -> None:
    standing.tick()
    assert sounds(standing) == [], "the shift in which a room is founded is not asked"
    standing.at(AFTERNOON - SECOND).tick()
    assert sounds(standing) == []
    standing.at(AFTERNOON + 15 * 60 * SECOND - SECOND).tick()
    assert sounds(standing) == [("sound.asked", AFTERNOON)]
    asked = line(standing, "sound_test")
    assert (asked["state"], asked["shift"], asked["until"]) == ("asked", "siang", "2026-11-24T07:15:00Z")
    standing.at(AFTERNOON + 15 * 60 * SECOND).tick()
    standing.room = Room(standing.log, standing.room.city, "test")
    another = standing.clock()
    standing._clock.release()
    standing.later(hours=1)
    assert another.tick()
    late = timedelta(minutes=15)
    assert sounds(standing) == [("sound.asked", AFTERNOON), ("sound.missed", AFTERNOON + late)]
    assert line(standing, "sound_test")["state"] == "missed"
    order(standing, "confirm_sound", actor="sari")
    told = line(standing, "sound_test")
    assert (told["state"], told["shift"], told["by"]) == ("confirmed", "siang", "sari")
    assert from_text(told["since"]) == AFTERNOON


def test_cr_96_who_confirms_in_time_is_not_missed_and_is_asked_again_by_the_next_shift(standing: StandingRoom) -> None:
    standing.tick()
    standing.at(AFTERNOON + 4 * SECOND).tick()
    order(standing, "confirm_sound")
    standing.at(wib("24 20:00")).tick()
    assert [kind for kind, _ in sounds(standing)] == ["sound.asked", "sound.confirmed"]
    standing.at(wib("24 21:00")).tick()
    assert sounds(standing)[-1] == ("sound.asked", wib("24 21:00"))


def test_cr_96_of_shifts_that_passed_without_a_clock_the_last_one_is_told_in_order(standing: StandingRoom) -> None:
    standing.tick()
    standing.at(wib("26 08:00")).tick()
    assert sounds(standing) == [("sound.asked", wib("26 07:00")), ("sound.missed", wib("26 07:15"))]
    days = [entry.event.at for entry in standing.events() if entry.event.kind == "day.opened"]
    assert days[-1] == wib("26 00:00")
    moments = [entry.event.at for entry in standing.events()]
    assert moments == sorted(moments)


def test_cr_96_alarm_health_counts_the_shifts_that_nobody_confirmed(standing: StandingRoom) -> None:
    standing.tick()
    for moment in ("24 14:05", "24 21:05", "25 07:30"):
        standing.at(wib(moment)).tick()
        if moment == "24 21:05":
            order(standing, "confirm_sound")
    health = AlarmHealth(standing.room).now()
    assert health.sound == SoundTests(asked=3, missed=2, confirmed_at=wib("24 21:05"))
    told = lines_of(health, standing.room.city, "id")[-1]
    assert (told.value, told.light, told.rule) == ("2 / 3 (terakhir 24.11. 21.05)", Light.RED, "CR-96")
