"""An agency's own feed: what is with it, whole; what it lost, gone; of everybody else's, nothing, not even an id."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from display.feed import snapshot
from display.feed.cards import AUDIENCES, all_audiences, known_audience
from liveroom.domain.requests import Refused, Stale
from tests.display.feed.picture import check_shown, replayed
from tests.display.feed.process import WebProcess
from tests.display.feed.screen import Screen
from tests.often import often
from tests.rooms.standing import StandingRoom

OURS, THEIRS = "agency:dpupr", "agency:dishub"


@pytest.fixture
def process(standing: StandingRoom) -> WebProcess:
    standing.tick()
    process = WebProcess(standing)
    process.step()
    for audience in (OURS, THEIRS):
        Screen(audience).join(process).catch_up()
    return process


def looks(process: WebProcess) -> tuple[Screen, Screen]:
    """Our screen and theirs, after a turn of the tail."""
    process.step()
    ours, theirs = process.screens
    ours.catch_up()
    theirs.catch_up()
    return ours, theirs


def told(process: WebProcess, audience: str) -> str:
    """All that the audience was ever sent, and would be sent now."""
    return json.dumps([process.sent[audience], process.snapshot(audience), process.answer(audience, {})])


def test_a_complaint_arrives_whole_with_its_forward_and_not_before(standing: StandingRoom, process: WebProcess) -> None:
    """What the room intends for an agency is still the desk's."""
    id_ = standing.receive()
    ours, theirs = looks(process)
    assert ours.store.cards == theirs.store.cards == {}
    standing.execute("forward", id_, by="duty", agency="dpupr")
    ours, theirs = looks(process)
    assert ours.store.cards[id_]["agency"] == "dpupr"
    assert ours.store.counts["stock"] == {"open": 1, "overdue": 0}
    assert (theirs.store.cards, theirs.store.counts["stock"]["open"]) == ({}, 0)
    assert id_ not in told(process, THEIRS)


@pytest.mark.each_database
@pytest.mark.parametrize("away", [False, True], ids=["live", "resumed"])
def test_one_that_goes_elsewhere_is_gone_and_its_alarms_with_it(
    standing: StandingRoom, process: WebProcess, away: bool
) -> None:
    id_ = standing.receive()
    standing.execute("forward", id_, by="duty", agency="dpupr")
    standing.later(days=30).tick()
    ours, theirs = looks(process)
    assert {alarm["complaint"] for alarm in ours.store.alarms.values()} == {id_}
    assert ours.store.counts["stock"] == {"open": 1, "overdue": 1}
    if away:
        ours.leave()
        process.screens.insert(0, ours)
        ours.process, ours.deaf = process, True
    standing.execute("forward", id_, by="duty", agency="dishub")
    process.step()
    if away:
        ours.deaf = False
    ours, theirs = looks(process)
    assert (ours.store.cards, ours.store.alarms, ours.store.counts["stock"]["open"]) == ({}, {}, 0)
    assert id_ in theirs.store.cards
    assert ours.loads == 1, "the events were enough"


def test_what_it_lost_is_told_once_and_never_again(standing: StandingRoom, process: WebProcess) -> None:
    id_ = standing.receive()
    standing.execute("forward", id_, by="duty", agency="dpupr")
    standing.execute("decline", id_, by="agency", reason="bukan kami")
    looks(process)
    before = len(process.sent[OURS])
    standing.execute("forward", id_, by="duty", agency="dishub")
    standing.execute("comment", id_, text="untuk dishub")
    standing.do_all(id_, "accept", "start", of="dishub")
    standing.later(days=30).tick()
    looks(process)
    assert id_ not in json.dumps(process.sent[OURS][before:])
    assert id_ not in json.dumps(process.snapshot(OURS))


def test_a_helper_has_it_too_and_is_told_how_far_its_own_part_is(standing: StandingRoom, process: WebProcess) -> None:
    id_ = standing.receive()
    standing.execute("forward", id_, by="duty", agency="dpupr", agencies=["dishub"])
    standing.execute("accept", id_, by="agency", of="dpupr")
    ours, theirs = looks(process)
    assert [screen.store.cards[id_]["accepted"] for screen in (ours, theirs)] == [True, False]
    standing.execute("accept", id_, by="agency", of="dishub")
    standing.execute("decline", id_, by="agency", of="dishub", reason="bukan kami")
    ours, theirs = looks(process)
    assert (id_ in ours.store.cards, id_ in theirs.store.cards) == (True, False)


def test_an_agency_that_nobody_looks_at_is_not_encoded(standing: StandingRoom, process: WebProcess) -> None:
    standing.execute("forward", standing.receive(), by="duty", agency="dpupr")
    looks(process)
    assert {name for name, sent in process.sent.items() if sent} == {*AUDIENCES, OURS, THEIRS}


@pytest.mark.each_database
def test_sources_and_other_people_s_surges_are_not_an_agency_s(standing: StandingRoom, process: WebProcess) -> None:
    standing.sources.add("Lapor", 60)
    for _ in range(12):
        standing.receive(category="jalan_rusak")
    standing.tick()
    ours, theirs = looks(process)
    assert [line["category"] for line in ours.store.lines if line["kind"] == "surge"] == ["jalan_rusak"]
    assert theirs.store.lines == ours.store.sources == []
    assert process.beats[OURS][-1]["heard"] == {}


def test_every_agency_of_the_city_has_one_and_no_other(on_file: StandingRoom) -> None:
    agencies = on_file.room.city.policy.agencies
    assert set(WebProcess(on_file).cards) == set(all_audiences(agencies))
    for wanted in (None, 7, ["agency:dpupr"], "", "agency:", "agency:DPUPR", "agency:nobody", "agency:dpupr ", "x"):
        assert known_audience(wanted, agencies) == "wall"
    assert known_audience(OURS, agencies) == OURS


ORDERS: list[tuple[str, dict[str, Any]]] = [
    ("forward", {"by": "duty", "agency": "dpupr"}),
    ("forward", {"by": "duty", "agency": "dishub"}),
    ("forward", {"by": "duty", "agency": "dishub", "agencies": ["dpupr"]}),
    ("coordinate", {"by": "duty", "agencies": ["dlh"]}),
    ("coordinate", {"by": "duty", "agencies": []}),
    ("decline", {"by": "agency", "of": "dpupr", "reason": "x"}),
    ("decline", {"by": "agency", "of": "dishub", "reason": "x"}),
    ("accept", {"by": "agency", "of": "dpupr"}),
    ("submit_proof", {"by": "agency", "of": "dpupr"}),
    ("validate", {"by": "duty"}),
    ("close", {"reason": "x"}),
    ("reopen", {"by": "duty", "reason": "x"}),
    ("reject", {"by": "duty", "reason": "x"}),
]
steps = st.lists(
    st.one_of(
        st.tuples(st.just("receive"), st.sampled_from(["jalan_rusak", "kebakaran", "kekerasan"])),
        st.tuples(st.integers(0, 5), st.sampled_from(ORDERS)),
        st.tuples(st.just("later"), st.sampled_from([1, 24, 24 * 20])),
        st.just(("look", "")),
        st.just(("away", "")),
    ),
    min_size=5,
    max_size=40,
)


@pytest.mark.often
def test_whatever_happens_an_agency_is_told_of_nothing_but_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "LIMIT", 8)
    monkeypatch.setattr(snapshot, "REUSED_FOR", 6)

    names = (f"{number}.db" for number in count())

    @settings(max_examples=often(20), deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps)
    def run(happens: list[tuple[Any, Any]]) -> None:
        standing = StandingRoom(f"sqlite:///{tmp_path / next(names)}")
        standing.tick()
        process = WebProcess(standing)
        process.step()
        screen = Screen(OURS).join(process)
        screen.catch_up()
        ever = set[str]()
        for what, how in (*happens, ("look", "")):
            happen(standing, screen, what, how)
            replay = replayed(standing)
            ever |= {c.id for c in replay.complaints.values() if "dpupr" in c.agencies}
            process.step()
            others = [c.id for c in replay.complaints.values() if c.id not in ever]
            text = told(process, OURS) + json.dumps(screen.store.cards)
            assert [id_ for id_ in others if id_ in text] == []
        screen.leave()
        check_shown(standing, screen.join(process).catch_up(), process.cards[OURS], replay=replayed(standing))
        standing.close()

    run()


def happen(standing: StandingRoom, screen: Screen, what: Any, how: Any) -> None:
    ids = [row["id"] for row in standing.tables(["complaint"])["complaint"]]
    match what:
        case "receive":
            standing.receive(category=how)
        case "later":
            standing.later(hours=how).tick()
        case "away":
            screen.deaf = True
        case "look":
            screen.deaf, screen.doubts = False, True
            screen.catch_up()
        case int() if ids:
            name, fields = how
            try:
                standing.execute(name, ids[what % len(ids)], **fields)
            except (Refused, Stale):
                return
