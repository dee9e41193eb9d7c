"""Complaints are found by what they are, by words, number and telephone; pages are stable; erasure is erasure."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from liveroom.domain.complaints.intake import Reporter
from liveroom.log import schema
from liveroom.log.schema import searched
from liveroom.projection import fold, search
from liveroom.projection.search import NEWEST, Walk, forget
from tests.display.api.conftest import Desk
from tests.rooms.standing import PLACE, StandingRoom

AWAY = {"lat": -6.24672, "lon": 106.74274}
BUDI = Reporter(name="Budi Contoh", phone="0812-3456-7890")


@pytest.fixture
def three(standing: StandingRoom) -> dict[str, str]:
    """A damaged road that is forwarded, a dark lamp elsewhere that is claimed, a fire that is done."""
    ids = {
        "road": standing.receive("L-2026-000123", description="Jalan berlubang besar di depan pasar", person=BUDI),
        "lamp": standing.receive("W-77", category="pju_mati", description="Lampu jalan mati total", **AWAY),
        "fire": standing.receive("D-1", category="kebakaran", address="Jl. Merdeka No. 5"),
    }
    standing.execute("forward", ids["road"], by="duty", agency="dpupr", agencies=["dlh"])
    standing.execute("claim", ids["lamp"], by="duty", actor="sari")
    standing.execute("close", ids["fire"], reason="padam")
    return ids


FOUND: list[tuple[dict[str, Any], str]] = [
    ({}, "road lamp fire"),
    ({"status": "waiting"}, "road lamp"),
    ({"status": "open"}, "road lamp"),
    ({"status": "done,elsewhere"}, "fire"),
    ({"state": "received"}, "lamp"),
    ({"category": "pju_mati,kebakaran"}, "lamp fire"),
    ({"agency": "dpupr"}, "road"),
    ({"agency": "dlh"}, "road"),
    ({"agency": "dlh", "q": "berlubang"}, "road"),
    ({"agency": "dishub", "q": "berlubang"}, ""),
    ({"priority": "critical"}, "fire"),
    ({"area": "36.71.13.1007"}, "lamp"),
    ({"district": "36.71.13"}, "lamp"),
    ({"district": "36.71.13", "status": "done"}, ""),
    ({"near": f"{PLACE['lat']},{PLACE['lon']},500"}, "road fire"),
    ({"claimed": "true"}, "lamp"),
    ({"claimed": "false"}, "road fire"),
    ({"claimed": "me", "actor": "sari"}, "lamp"),
    ({"claimed": "me", "actor": "budi"}, ""),
    ({"overdue": "true"}, ""),
    ({"since": "2026-11-25T00:00:00Z"}, ""),
    ({"until": "2026-11-25T00:00:00Z", "priority": "critical"}, "fire"),
    ({"q": "JALAN"}, "road lamp"),
    ({"q": "jalan lampu"}, "lamp"),
    ({"q": "jalan lub"}, ""),
    ({"q": "berlub"}, "road"),
    ({"q": "merdeka"}, "fire"),
    ({"q": "L-2026-000123"}, "road"),
    ({"q": "l-2026-000123"}, "road"),
    ({"q": "000123"}, "road"),
    ({"q": "+62 812 3456 7890"}, "road"),
    ({"q": "081234567890"}, "road"),
    ({"q": "081234567890", "role": "agency", "actor_agency": "dpupr"}, ""),
    ({"q": "081234567890", "role": "leadership"}, ""),
    ({"role": "agency", "actor_agency": "dlh"}, "road"),
    ({"role": "agency", "actor_agency": "dishub"}, ""),
    ({"q": '"*:& | (!'}, ""),
    ({"q": "NEAR jalan OR"}, ""),
]
MAKES_NO_SENSE: list[dict[str, Any]] = [
    {"status": "red"}, {"state": "x"}, {"agency": "nobody"}, {"district": "x"}, {"area": "x"}, {"priority": "x"},
    {"overdue": "maybe"}, {"claimed": "perhaps"}, {"since": "yesterday"}, {"until": "2026-11-24"}, {"near": "1,2"},
    {"near": "95,0,10"}, {"near": "nan,0,10"}, {"cursor": "abc"}, {"limit": "101"}, {"limit": "0"},
    {"q": "x" * 201}, {"role": "wall"}, {"agency": "dlh,dpupr"}, {"limit": "0001000"}, {"limit": "0001" + "0" * 5000},
    *({"cursor": urlsafe_b64encode(odd).decode(), **more}
      for odd in (b"9223372036854775808", b"-1", b'[9223372036854775808,"x"]', b'[1,"\\u0000"]')
      for more in ({}, {"q": "jalan"})),
]  # fmt: skip


def test_what_is_asked_for_is_found_and_nothing_else(desk: Desk, three: dict[str, str]) -> None:
    names = {id_: name for name, id_ in three.items()}
    found = [(args, {names[id_] for id_ in desk.ids(**args)}) for args, _ in FOUND]
    assert found == [(args, set(right.split())) for args, right in FOUND]


def test_a_filter_that_makes_no_sense_is_named(desk: Desk) -> None:
    for args in MAKES_NO_SENSE:
        status, body = desk.get("complaints", **args)
        assert (status, body["field"]) == (422, next(iter(args)))


def test_pages_give_each_complaint_once_whatever_comes_in_meanwhile(desk: Desk, standing: StandingRoom) -> None:
    ids = [standing.receive(description=f"jalan nomor {n}") for n in range(7)]
    for args in ({}, {"q": "jalan"}, {"status": "waiting", "category": "jalan_rusak"}):
        _, first = desk.get("complaints", limit=3, **args)
        late = standing.receive(description="jalan baru")
        rest = desk.ids(limit=3, cursor=first["next"], **args) if "cursor" in args else _rest(desk, first, args)
        seen = [item["card"]["id"] for item in first["items"]] + rest
        assert late not in seen
        assert len(seen) == len(set(seen))
        assert set(ids) <= set(seen)
        ids.append(late)


def _rest(desk: Desk, page: dict[str, Any], args: dict[str, Any]) -> list[str]:
    found: list[str] = []
    while page["next"]:
        _, page = desk.get("complaints", limit=3, cursor=page["next"], **args)
        found += [item["card"]["id"] for item in page["items"]]
    return found


def test_the_newest_by_receipt_comes_first(desk: Desk, standing: StandingRoom) -> None:
    now = standing.now
    old = standing.receive(received_at=now - timedelta(days=40))
    new = standing.receive(received_at=now - timedelta(days=1))
    older = standing.receive(received_at=now - timedelta(days=90))
    assert desk.ids() == [new, old, older]


def test_a_page_of_many_asks_the_database_as_often_as_a_page_of_few(desk: Desk, standing: StandingRoom) -> None:
    for n in range(40):
        standing.receive(description=f"jalan {n}")
    asked: list[str] = []
    event.listen(standing.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    def count(**args: object) -> int:
        asked.clear()
        desk.get("complaints", **args)
        return len(asked)

    assert count(limit=3) == count(limit=30)
    assert count(limit=3, q="jalan") == count(limit=30, q="jalan")


def test_a_resend_is_found_by_its_new_words_alone(desk: Desk, standing: StandingRoom) -> None:
    id_ = standing.receive("L-1", description="genangan air")
    standing.accept("L-1", description="banjir besar")
    assert desk.ids(q="banjir") == [id_]
    assert desk.ids(q="genangan") == []


def test_what_is_forgotten_is_found_by_no_word_and_no_telephone(desk: Desk, standing: StandingRoom) -> None:
    id_ = standing.receive("L-1", description="rumah pak budi", person=BUDI)

    def erase(unit: Any) -> None:
        for table, blank in ((schema.text, {"body": ""}), (schema.person, {"name": None, "phone": None})):
            unit.connection.execute(update(table).where(table.c.subject_id == id_).values(erased_at=1, **blank))
        forget(unit.connection, [id_])

    standing.log.write(erase)
    for _ in ("erased", "and rebuilt"):
        assert desk.ids(q="budi") == desk.ids(q="081234567890") == []
        assert desk.ids(q="L-1") == [id_]
        kept = standing.read(lambda c: c.execute(select(schema.person.c.phone_key)).scalars().all())
        assert kept == [None]
        standing.log.write(fold.rebuild)


def test_a_rebuilt_projection_finds_the_same(desk: Desk, standing: StandingRoom, three: dict[str, str]) -> None:
    asked: list[dict[str, Any]] = [{}, {"q": "jalan"}, {"agency": "dlh"}, {"claimed": "true"}]
    before = [desk.ids(**args) for args in asked]
    standing.log.write(fold.rebuild)
    assert [desk.ids(**args) for args in asked] == before
    assert len(standing.read(lambda c: c.execute(select(searched)).all())) == len(three)


@pytest.mark.parametrize(
    ("by", "values"),
    [("", ()), ("agency", ("dpupr",)), ("category", ("x", "y")), ("area", ("x",)), ("priority", ("critical",))],
)
def test_every_way_is_walked_along_its_index(on_file: StandingRoom, by: str, values: tuple[str, ...]) -> None:
    way = Walk(by=by, values=values, statuses=("waiting", "done"), since=0, until=1 << 62)
    asked: list[tuple[str, Any]] = []
    event.listen(on_file.engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
    on_file.read(lambda c: search.walk(c, way, NEWEST, 50))
    statement, values_of_it = next((s, v) for s, v in asked if "listing" in s)
    with on_file.engine.connect() as connection:
        plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, values_of_it).all()
    lines = [row[-1] for row in plan]
    assert not [line for line in lines if line.startswith("SCAN listing")]
    assert [line for line in lines if "USING" in line and "INDEX listing_" in line]
