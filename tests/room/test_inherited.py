"""A backlog that comes in is one alarm for each agency that would have it, though nobody has forwarded any yet."""

from collections import Counter

from liveroom.domain.complaints.intake import Report
from tests.domain.city import wib
from tests.room.standing import PLACE, StandingRoom

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
