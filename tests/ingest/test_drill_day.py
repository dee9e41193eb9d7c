"""The days that the drill invents: same seed, same day; the shape of a real one; points where they say; nobody real."""

import re
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from ingest.drill.programme import Draft, Programme, ReportWriter, WorkingHours
from ingest.drill.script import DrillPlaces, read_script
from ingest.drill.staff import DrillSetup, plan
from liveroom.domain.complaints.commands import SPECS
from liveroom.domain.complaints.model import Stage
from liveroom.domain.requests import CommandName
from tests.rooms.on_sqlite import CITIES, city

DAY = date(2026, 11, 24)


class Invented:
    """Programme, reports and plans of one city and seed."""

    def __init__(self, key: str, seed: int = 1) -> None:
        self.city = city(key)
        self.script = read_script(CITIES / key, self.city)
        places = DrillPlaces(self.city.areas.values())
        self.programme = Programme(self.script, self.city, places, seed)
        self.writer = ReportWriter(self.script, self.city, places, seed)
        hours = WorkingHours.of(self.script.shift, self.city.zone)
        self.setup = DrillSetup(script=self.script, city=self.city, hours=hours, seed=seed)

    @property
    def day(self) -> tuple[Draft, ...]:
        return self.programme.day(DAY)


@pytest.fixture(params=["tangerang", "newyork"])
def invented(request: pytest.FixtureRequest) -> Invented:
    return Invented(request.param)


def test_the_same_seed_invents_the_same_and_another_another(invented: Invented) -> None:
    key = invented.city.key
    again, other = Invented(key), Invented(key, seed=2)
    # Asked for in another order, so that nothing depends on what was drawn before.
    later = again.programme.day(DAY + timedelta(days=1))
    assert again.day == invented.day
    assert later == invented.programme.day(DAY + timedelta(days=1))
    assert other.day != invented.day
    for draft in invented.day[::20]:
        assert again.writer.report(draft) == invented.writer.report(draft)
        assert plan(draft, again.setup) == plan(draft, invented.setup)


def test_a_day_follows_the_curve_and_holds_what_the_pack_asks_for(invented: Invented) -> None:
    day, script = invented.day, invented.script
    assert len(day) == script.per_day
    assert all(one.at <= next_.at for one, next_ in pairwise(day))
    zone = invented.city.zone
    assert {draft.at.astimezone(zone).date() for draft in day} == {DAY}
    hours = Counter(draft.at.astimezone(zone).hour for draft in day)
    assert sum(hours[hour] for hour in range(7, 12)) > 3 * sum(hours[hour] for hour in range(5))
    assert script.burst is not None
    burst = [draft for draft in day if draft.burst]
    assert len(burst) == sum(script.burst.areas.values())
    assert max(draft.at for draft in burst) - min(draft.at for draft in burst) <= timedelta(
        minutes=script.burst.minutes
    )
    critical = [draft for draft in day if invented.programme.critical(draft.category)]
    assert len(critical) >= script.emergencies
    assert len({draft.source_id for draft in day}) == len(day)


def test_near_duplicates_lie_close_and_point_to_the_first(invented: Invented) -> None:
    by_id = {draft.source_id: draft for draft in invented.day}
    later = [draft for draft in invented.day if draft.first is not None]
    assert len(later) > 10
    for draft in later:
        first = by_id[draft.first or ""]
        assert (first.category, first.area, first.cluster) == (draft.category, draft.area, draft.cluster)
        assert first.at <= draft.at
        one, other = invented.writer.report(draft), invented.writer.report(first)
        assert one.lat is not None and one.lon is not None and other.lat is not None and other.lon is not None
        assert abs(one.lat - other.lat) < 2 * draft.radius / 110_000 + 0.0001


def test_points_lie_in_their_areas_and_nobody_is_real(invented: Invented) -> None:
    for draft in invented.day:
        report = invented.writer.report(draft)
        assert report.lat is not None and report.lon is not None
        assert invented.city.locate(report.lat, report.lon) == report.area == draft.area
        assert report.drill
        assert report.received_at == draft.at
        assert 10 < len(report.description) < 400
        assert not re.search(r"[{}]", report.description + report.address)
        assert report.person is not None and report.person.name is not None
        assert report.person.name.split()[-1] in invented.script.vocabulary.surnames
        assert (report.person.phone or "").startswith("0800-000-")


def test_a_draft_is_found_by_its_source_id_and_nothing_else_is(invented: Invented) -> None:
    draft = invented.day[17]
    assert invented.programme.draft(draft.source_id) == draft
    wrong = (
        *("", "D-", "L-1", "D-20261124-0000", "D-20261124-9999", "D-20261324-0001", "D-20261124-x", "D-20261124-18"),
        *("D-２０２６1124-0001", draft.source_id + "0", "E" + draft.source_id[1:]),
    )
    for source_id in wrong:
        assert invented.programme.draft(source_id) is None


def test_two_stretches_of_time_hold_each_report_once(invented: Invented) -> None:
    begin, middle, end = (datetime(2026, 11, 24, hour, tzinfo=invented.city.zone) for hour in (1, 9, 22))
    both = [*invented.programme.between(begin, middle), *invented.programme.between(middle, end)]
    assert both == list(invented.programme.between(begin, end))
    exactly = invented.day[100].at
    assert invented.day[100] not in invented.programme.between(exactly, end)


def test_plans_are_in_order_and_every_command_is_well_formed(invented: Invented) -> None:
    for draft in invented.day:
        steps = plan(draft, invented.setup)
        moments = [draft.at, *(step.at for step in steps)]
        assert moments == sorted(moments)
        for step in steps:
            into = {"into": "01a20c9c-1d8e-75bc-9c3b-54345192550f"} if step.name is CommandName.MERGE else {}
            assert SPECS[CommandName(step.name)].parse({**step.fields, **into}).keys() == {**step.fields, **into}.keys()


def test_about_one_in_twenty_is_late_and_the_rest_of_life_happens(invented: Invented) -> None:
    days = [draft for n in range(7) for draft in invented.programme.day(DAY + timedelta(days=n))]
    plans = [(draft, plan(draft, invented.setup)) for draft in days]
    names = Counter(step.name for _, steps in plans for step in steps)
    wanted = {
        CommandName.DECLINE,
        CommandName.REJECT,
        CommandName.ASK,
        CommandName.ANSWER,
        CommandName.HOLD,
        CommandName.RESUME,
        CommandName.SEND_BACK,
        CommandName.MERGE,
        CommandName.CLOSE,
        CommandName.REOPEN,
        CommandName.REPLY,
    }
    assert wanted <= names.keys()
    policy, late = invented.city.policy, 0
    for draft, steps in plans:
        class_ = policy.class_of(draft.category, "normal")
        ends = {Stage.FORWARD: steps[0].at, Stage.FINISH: steps[-1].at}
        promised = {stage: policy.deadline(class_, stage, draft.at) for stage in ends}
        late += any(due is not None and ends[stage] > due.due for stage, due in promised.items())
    assert 0.02 < late / len(days) < 0.12
