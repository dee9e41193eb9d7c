"""`GET /api/v1/evaluation`: who sees what of it, what is refused, its tables, and the complaints behind a number."""

import csv
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest

from display.auth.visitor import Visitors
from display.figures.evaluations import evaluations_blueprint
from liveroom.domain.timestamps import to_micros
from liveroom.evaluation.expectation import LEAST_LEARNT, LEAST_TRIED
from liveroom.log import schema
from liveroom.log.rows import insert_rows
from liveroom.runtime.config import Config, ServerSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.display.api.conftest import Desk
from tests.display.description.described import check_answer
from tests.rooms.standing import StandingRoom

MONTH = {"from": "2026-11-01", "to": "2026-11-30"}
OF_DPUPR = {"role": "agency", "actor": "petugas", "actor_agency": "dpupr"}


class Door(Desk):
    """The desk's doors and those of evaluations."""

    def __init__(self, standing: StandingRoom) -> None:
        super().__init__(standing)
        visitors = Visitors(standing.room, ServerSettings(), Config(city=standing.key).sessions.limits())
        app = self._client.application
        app.register_blueprint(evaluations_blueprint(standing.room, visitors, ThreadRuntime()))

    def whole(self, **args: object) -> dict[str, Any]:
        status, body = self.get("evaluation", **{**MONTH, "by": "agency", **args})
        assert status == 200, body
        return body

    def file(self, form: str, **args: object) -> bytes:
        answer = self._client.get(f"/api/v1/evaluation.{form}", query_string={**MONTH, **args})
        check_answer("GET", f"/api/v1/evaluation.{form}", answer.status_code, None)
        assert answer.status_code == 200
        return bytes(answer.data)


@pytest.fixture
def door(on_file: StandingRoom) -> Door:
    door = Door(on_file)
    on_file.until_done()
    on_file.execute("forward", on_file.receive(category="sampah_liar"), by="duty", agency="dlh")
    on_file.receive("A-1", channel="=cmd|' /C calc'!A0")
    return door


def test_it_says_what_it_counted_and_from_where(door: Door, on_file: StandingRoom) -> None:
    body = door.whole()
    assert (body["seq"], body["epoch"]) == (on_file.head().seq, on_file.head().epoch)
    assert {row["value"]: row["figures"]["received"] for row in body["rows"]} == {"dpupr": 1, "dlh": 1, None: 1}
    assert body["city"]["figures"]["received"] == 3
    assert body["period"] == {
        "kind": "month", "from": "2026-11-01", "to": "2026-11-30", "running": True, "judged_at": body["at"],
    }  # fmt: skip
    assert len(body["city"]["weeks"]) == 13
    assert [row["value"] for row in door.whole(agency="dlh")["rows"]] == ["dlh"]


def test_an_agency_sees_its_own_alone(door: Door) -> None:
    body = door.whole(**OF_DPUPR)
    assert [row["value"] for row in body["rows"]] == ["dpupr"] and body["city"]["figures"]["received"] == 1
    assert door.get("evaluation", **MONTH, **OF_DPUPR, agency="dlh")[0] == 403
    listed = door.get("evaluation/complaints", **MONTH, **OF_DPUPR, measure="received")[1]["items"]
    assert [item["card"]["agency"] for item in listed] == ["dpupr"]


@pytest.mark.parametrize(
    ("args", "field"),
    [
        ({"from": "1 November"}, "from"),
        ({"to": "2026-10-31"}, "to"),
        ({"by": "colour"}, "by"),
        ({"class": "x" * 200}, "class"),
        ({"measure": "speed"}, "measure"),
        ({"measure": "open", "by": "hour", "value": "24"}, "value"),
        ({"measure": "open", "cursor": "zzz"}, "cursor"),
        ({"measure": "open", "limit": "0"}, "limit"),
    ],
)
def test_what_is_wrong_is_named(door: Door, args: dict[str, str], field: str) -> None:
    path = "evaluation/complaints" if "measure" in args else "evaluation"
    status, body = door.get(path, **{**MONTH, **args})
    assert (status, body["field"]) == (422, field)


def test_each_number_opens_its_complaints(door: Door) -> None:
    for measure, value, n in (("received", None, 3), ("received", "", 1), ("finished", "dpupr", 1), ("open", None, 2)):
        asked = {**MONTH, "measure": measure, "limit": 1, **({} if value is None else {"value": value})}
        found, cursor = [], ""
        while cursor is not None:
            status, body = door.get("evaluation/complaints", **asked, **({"cursor": cursor} if cursor else {}))
            assert status == 200
            found += [item["card"]["id"] for item in body["items"]]
            cursor = body["next"]
        assert len(found) == len(set(found)) == n


def test_the_table_has_a_line_a_row_and_no_formula(door: Door) -> None:
    lines = list(csv.reader(StringIO(door.file("csv", by="channel", lang="en").decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(BytesIO(door.file("xlsx", by="channel", lang="id"))).active
    assert len(lines) == 1 + 1 + len(door.whole(by="channel")["rows"]) == sheet.max_row
    assert {len(line) for line in lines} == {sheet.max_column}
    assert (lines[0][2], lines[1][2], sheet.cell(1, 3).value) == ("received", "3", "masuk")
    said = [line[0] for line in lines if "calc" in line[0]]
    assert said and not said[0].startswith("=")
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}


def test_the_first_line_of_a_table_is_called_by_what_was_asked_for(door: Door, on_file: StandingRoom) -> None:
    def lines(**args: object) -> list[list[str]]:
        return list(csv.reader(StringIO(door.file("csv", lang="en", **args).decode("utf-8-sig"))))

    city = on_file.room.city
    dlh, lapor = city.agencies["dlh"].short, on_file.sources.ensure("Aduan warga", None)
    assert lines()[1][0] == f"{city.name}, all of it"
    assert lines(agency="dlh", source=lapor)[1][0] == f"{dlh}, Aduan warga"
    assert lines(agency="")[1][0] == "not sent to an agency yet"
    assert lines(role="agency_head", actor_agency="dlh")[1][0] == dlh


def test_what_was_open_then_counts_since_it_came_whatever_became_of_it(door: Door, on_file: StandingRoom) -> None:
    id_ = on_file.until_working()
    received = door.get(f"complaints/{id_}")[1]["card"]["received_at"]
    on_file.later(days=40)
    on_file.execute("close", id_, reason="sudah")
    listed = door.get("evaluation/complaints", **MONTH, measure="open", limit=100)[1]["items"]
    assert [item["at"] for item in listed if item["card"]["id"] == id_] == [received]


def test_an_agency_opens_no_row_of_another_that_shared_a_complaint(door: Door, on_file: StandingRoom) -> None:
    id_ = on_file.receive(category="sampah_liar")
    for agency in ("dlh", "dpupr", "dlh", "dpupr"):
        on_file.execute("forward", id_, by="duty", agency=agency)
        on_file.execute("decline", id_, by="agency", of=agency, reason="bukan kami")
    asked = {**MONTH, "measure": "ping_pong", "by": "agency"}
    found = {
        (alone, value): len(door.get("evaluation/complaints", **asked, **alone_, value=value)[1]["items"])
        for alone, alone_ in (("", {}), ("dlh", {"agency": "dlh"}))
        for value in ("dlh", "dpupr")
    }
    assert found == {("", "dlh"): 1, ("", "dpupr"): 1, ("dlh", "dlh"): 1, ("dlh", "dpupr"): 0}
    assert [row["value"] for row in door.whole(agency="dlh")["rows"] if row["figures"]["ping_pong"]] == ["dlh"]


def test_a_desk_is_told_when_a_complaint_is_likely_to_be_finished(door: Door, on_file: StandingRoom) -> None:
    id_ = on_file.until_working()
    whole = f"complaints/{id_}"
    assert door.get(whole)[1]["expected"] is None
    now, class_ = to_micros(on_file.now), door.get(whole)[1]["card"]["class"]
    day = 86_400_000_000
    received = [now - 300 * day + n * day // 2 for n in range(LEAST_LEARNT)]
    received += [now - 60 * day + n * day for n in range(LEAST_TRIED)]
    rows = [
        {
            "seq": 1_000_000 + n, "complaint": f"old-{n}", "begin": "received", "agency": "dpupr", "category": "x",
            "class_": class_, "area": "", "source": "lapor", "channel": "", "inherited": 0, "received_at": at,
            "start": at, "ended_at": at + 3 * day, "ending": "finished", "kept": 1,
        }
        for n, at in enumerate(received)
    ]  # fmt: skip
    on_file.log.touch(lambda connection: insert_rows(connection, schema.stay, rows))
    on_file.later(hours=2)
    expected = door.get(whole)[1]["expected"]
    assert (expected["n"], expected["tried"], expected["hit_rate"]) == (LEAST_LEARNT, LEAST_TRIED, 1.0)
    assert (expected["p50_s"], expected["agency"]) == (3 * 86_400, "dpupr")
    assert door.get(whole, **OF_DPUPR)[1]["expected"] is None
    on_file.later(days=4)
    assert door.get(whole)[1]["expected"] is None, "what has passed is not expected"
