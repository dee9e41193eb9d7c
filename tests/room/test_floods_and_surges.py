"""Floods of alarms and surges of complaints as the room's log tells them; rule numbers in the names."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from liveroom.domain.alarms.rules import BEARABLE, WITHIN
from liveroom.domain.complaints.intake import Report
from liveroom.projection.notices import lines
from tests.room.slow_time import MINUTE
from tests.rooms.city import wib
from tests.rooms.standing import PLACE, START, StandingRoom

FORWARD = timedelta(minutes=30)
WARNED = FORWARD * 3 / 4


def told(standing: StandingRoom, *kinds: str, after: int = 0) -> list[tuple[str, datetime]]:
    """The events of these kinds and their moments."""
    return [(e.event.kind.value, e.event.at) for e in standing.events(after) if e.event.kind.value in kinds]


def floods(standing: StandingRoom) -> list[tuple[str, datetime]]:
    return told(standing, "flood.began", "flood.ended")


def activations(standing: StandingRoom) -> list[datetime]:
    return [at for _, at in told(standing, "alarm.raised", "alarm.reactivated")]


def minutes(standing: StandingRoom, number: int) -> Iterator[None]:
    """The clock's next minutes, a tick in each."""
    for _ in range(number):
        standing.later(minutes=1).tick()
        yield


def test_a09_cr_26_forty_one_in_a_minute_are_one_flood_and_all_in_the_log(standing: StandingRoom) -> None:
    """35 overdue and 5 near their end at one moment, an emergency half a minute later (CR-33 gathers the five)."""
    standing.tick()
    late = [standing.receive(category="macet") for _ in range(35)]
    standing.at(START + FORWARD - WARNED)
    near = [standing.receive(category="sampah") for _ in range(5)]
    standing.at(START + FORWARD - MINUTE).tick()
    seq, before = standing.head().seq, len(activations(standing))
    standing.at(START + FORWARD).tick()
    standing.later(seconds=30).tick()
    urgent = standing.receive(category="kebakaran")
    entries = [e.event for e in standing.events(seq)]
    assert [e.id for e in entries if e.kind == "deadline.passed"] == sorted(late)
    assert [e.id for e in entries if e.kind == "deadline.warned"] == sorted(near)
    raised = {e.id: e.fields["kind"] for e in entries if e.kind == "alarm.raised"}
    assert Counter(raised.values()) == Counter({"passed": 35, "warned": 1, "critical": 1})
    assert raised[f"critical:{urgent}"] == "critical"
    assert before == 5
    assert floods(standing) == [("flood.began", START + FORWARD)]
    (banner,) = standing.read(lines)
    assert (banner["kind"], banner["count"]) == ("flood", 11)
    shown = {one.id for one in standing.room.alarms_standing(100)}
    assert shown >= {f"passed:{id_}" for id_ in late} | {f"critical:{urgent}"}


def test_cr_25_three_hundred_deadlines_in_ten_minutes_are_one_flood_whose_end_is_dated(on_file: StandingRoom) -> None:
    on_file.tick()
    for second in range(0, 600, 20):
        on_file.at(START + timedelta(seconds=second))
        for _ in range(10):
            on_file.receive(category="macet")
    for _ in minutes(on_file, 60):
        pass
    passed = told(on_file, "deadline.passed")
    assert len(passed) == 300
    assert passed[-1][1] - passed[0][1] < timedelta(minutes=10)
    moments = activations(on_file)
    (began, ended) = floods(on_file)
    assert began == ("flood.began", moments[10])
    assert ended == ("flood.ended", moments[-5] + WITHIN)
    assert on_file.read(lines) == []


def test_cr_25_a_backlog_of_many_agencies_is_no_flood_and_hides_none(on_file: StandingRoom) -> None:
    on_file.tick()
    policy = on_file.room.city.policy
    of_agency = {policy.agency_for(key, None): key for key in policy.categories}
    for agency, category in of_agency.items():
        on_file.receive(f"old-{agency}", category=category, received_at=wib("02 09:00"))
    backlog = [one.id for one in on_file.room.alarms_standing(100)]
    assert len(backlog) == len(of_agency) > BEARABLE
    for id_ in backlog:
        on_file.execute("acknowledge", id_, by="duty", about="alarm")
    on_file.later(minutes=61).tick()
    assert {one.state.value for one in on_file.room.alarms_standing(100)} == {"unacked"}, "all wore off at once"
    assert floods(on_file) == []
    for _ in range(BEARABLE + 1):
        on_file.receive(category="kebakaran")
    assert floods(on_file) == [("flood.began", on_file.now)]
    assert on_file.read(lines)[0]["count"] == BEARABLE + 1
    on_file.later(minutes=30).tick()
    assert [kind for kind, _ in floods(on_file)] == ["flood.began", "flood.ended"]


def test_what_the_clock_logs_after_an_outage_is_in_the_order_of_its_moments(on_file: StandingRoom) -> None:
    """Also the counts of groups that grew meanwhile, which are logged once a unit."""
    on_file.tick()
    for second in range(0, 3000, 75):
        on_file.at(START + timedelta(seconds=second)).receive(category=("macet", "sampah")[second % 2])
    seq = on_file.head().seq
    on_file.at(START + timedelta(hours=2)).tick()
    entries = [entry.event for entry in on_file.events(seq)]
    assert sum(event.kind == "alarm.counted" for event in entries) > 1
    assert [event.at for event in entries] == sorted(event.at for event in entries)


def test_cr_25_nobody_but_the_clock_ends_a_flood(standing: StandingRoom) -> None:
    """An order while the clock is away knows of some activations only: those that it has not told of keep it up."""
    standing.tick()
    ids = [standing.receive(category="kebakaran") for _ in range(12)]
    assert floods(standing) == [("flood.began", START)]
    standing.at(START + 11 * MINUTE).execute("comment", ids[0], text="ya")
    standing.later(hours=1).tick()
    began, *rest = floods(standing)
    assert began == ("flood.began", START)
    assert [kind for kind, _ in rest] == ["flood.ended"]
    assert rest[0][1] >= START + 12 * MINUTE


def test_cr_01_three_hundred_ordinary_complaints_in_neighbouring_areas_are_a_surge_and_no_alarm(
    on_file: StandingRoom,
) -> None:
    on_file.tick()
    city = on_file.room.city
    home = city.locate(-6.1781, 106.6319)
    assert home is not None
    areas = [home, *sorted(city.neighbours[home])[:2]]
    for second in range(0, 1200, 60):
        on_file.at(START + timedelta(seconds=second))
        for number in range(15):
            on_file.receive(category="sampah", lat=None, lon=None, area=areas[number % len(areas)])
        on_file.tick()
    assert Counter(kind for kind, _ in told(on_file, "surge.began", "surge.ended")) == {"surge.began": 1}
    assert on_file.room.alarms_standing(10) == ()
    assert not [e for e in on_file.events() if e.event.kind.startswith("alarm.")]
    (line,) = on_file.read(lines)
    assert (line["kind"], line["category"], line["areas"]) == ("surge", "sampah", sorted(areas))
    assert line["n"] == 300


# A backlog that comes in is one alarm for each agency that would have it, though nobody has forwarded any yet.
KINDS = ("jalan_rusak", "sampah", "macet", "sesuatu yang lain")


def test_old_open_complaints_of_several_agencies_are_one_alarm_each_with_a_count(standing: StandingRoom) -> None:
    standing.tick()
    policy = standing.room.city.policy
    reports = tuple(
        Report(source_id=f"old-{n}", category=KINDS[n % len(KINDS)], received_at=wib("02 09:00"), **PLACE)
        for n in range(200)
    )
    for start in (0, 100):
        standing.room.accept_many(reports[start : start + 100], source="lapor")
    expected = Counter(policy.agency_for(report.category, None) or "-" for report in reports)
    assert len(expected) == len(KINDS)
    standing.tick()
    alarms = standing.room.alarms_standing(100)
    assert {one.id: one.count for one in alarms} == {f"inherited:{agency}": n for agency, n in expected.items()}
    assert {one.agency for one in alarms} == {*expected} - {"-"} | {None}
    raised = [entry.event for entry in standing.events() if entry.event.kind == "alarm.raised"]
    assert len(raised) == len(KINDS)
    standing.execute("acknowledge", "inherited:dlh", by="duty", about="alarm", owner="dlh")
    assert "inherited:dlh" not in {one.id for one in standing.room.alarms_standing(100)}
