"""How much lies where: rows that a supervisor drills into, each leading to the list of exactly what it counts."""

from urllib.parse import parse_qsl

from tests.display.api.conftest import Desk
from tests.rooms.standing import StandingRoom


def fill(standing: StandingRoom) -> None:
    """Two of one agency, of which one is overdue, one with two agencies, one that nobody has, one that is done."""
    late = standing.receive()
    standing.execute("forward", late, by="duty", agency="dpupr")
    standing.at("27 17:00").tick()
    standing.until_working()
    both = standing.receive(category="sampah", lat=-6.24672, lon=106.74274)
    standing.execute("forward", both, by="duty", agency="dlh", agencies=["dpupr"])
    standing.receive(category="", lat=None, lon=None)
    standing.until_done()


def test_every_row_counts_what_its_list_shows(desk: Desk, standing: StandingRoom) -> None:
    fill(standing)
    for by in ("area", "district", "agency", "category"):
        _, body = desk.get("drilldown", by=by)
        for row in body["rows"]:
            assert row["open"] == row["waiting"] + row["in_process"]
            if row["filter"] is not None:
                wanted = dict(parse_qsl(row["filter"]))
                assert len(desk.ids(**wanted)) == row["open"], row
                assert len(desk.ids(**wanted, overdue="true")) == row["overdue"], row
        if by != "agency":
            assert sum(row["open"] for row in body["rows"]) == len(desk.ids(status="open"))


def test_an_agency_has_its_load_and_its_contacts(desk: Desk, standing: StandingRoom) -> None:
    fill(standing)
    status, body = desk.get("agencies/dpupr")
    assert status == 200
    assert (body["open"], body["waiting"], body["in_process"], body["overdue"]) == (3, 2, 1, 1)
    assert body["oldest"] == "2026-11-24T02:00:00Z"
    told = standing.room.city.agencies["dpupr"]
    assert (body["short"], body["phone"], body["on_call"]) == (told.short, told.phone, told.on_call)
    _, rows = desk.get("drilldown", by="agency")
    assert {row["key"]: row["open"] for row in rows["rows"]} == {"dpupr": 3, "dlh": 1, None: 1}


def test_what_is_only_meant_for_an_agency_is_no_load_of_it_but_a_desk_finds_it_there(
    desk: Desk, standing: StandingRoom
) -> None:
    id_ = standing.receive(description="tiang miring")
    standing.execute("triage", id_, by="duty", agency="dishub")
    own = {"role": "agency", "actor_agency": "dishub"}
    for asked in ({}, {"q": "tiang"}):
        assert desk.ids(agency="dishub", **asked) == [id_]
        assert desk.ids(**own, **asked) == []
    assert desk.get("agencies/dishub")[1]["open"] == 0
    assert [(row["key"], row["open"]) for row in desk.get("drilldown", by="agency")[1]["rows"]] == [(None, 1)]
    standing.execute("forward", id_, by="duty", agency="dishub")
    assert desk.ids(**own) == [id_]
    assert [(row["key"], row["open"]) for row in desk.get("drilldown", by="agency")[1]["rows"]] == [("dishub", 1)]


def test_strange_questions_are_refused(desk: Desk) -> None:
    assert desk.get("agencies/nobody")[0] == 404
    assert desk.get("agencies/dlh", role="agency", actor_agency="dpupr")[0] == 403
    assert desk.get("agencies/dlh", role="agency", actor_agency="dlh")[0] == 200
    status, body = desk.get("drilldown", by="colour")
    assert (status, body["field"]) == (422, "by")
