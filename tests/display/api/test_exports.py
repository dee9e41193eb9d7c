"""Lists as files: the same rows in the same order as the pages, names and persons only for whom, each reading noted."""

import csv
import json
from collections.abc import Callable, Mapping
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from display.auth.visitor import Visitors
from display.exports.desk_queue import QueueMoment, group_of, key_of, passes
from display.exports.routes import exports_blueprint
from liveroom.domain.complaints.intake import Reporter
from liveroom.domain.timestamps import from_text
from liveroom.log.texts import accesses_of
from liveroom.runtime.config import Config, OutboxSettings, ServerSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.standing import StandingRoom

BUDI = Reporter(name="=Budi", phone="0812-3456-7890", email="budi@surat.example")
VIEWS = json.loads((Path(__file__).parents[2] / "browser" / "desk" / "queue_views.json").read_text("utf-8"))
Ask = Callable[..., list[dict[str, str]]]


@pytest.fixture
def client(standing: StandingRoom) -> FlaskClient:
    app = Flask("exports")
    visitors = Visitors(standing.room, ServerSettings(), Config(city=standing.key).sessions.limits())
    app.register_blueprint(exports_blueprint(standing.room, visitors, OutboxSettings(), ThreadRuntime()))
    return app.test_client()


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    """The rows of a CSV by the names of its columns."""

    def rows(name: str, **args: str) -> list[dict[str, str]]:
        answer = client.get(f"/api/v1/{name}.csv", query_string={"lang": "en", **args})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{name}-2026')
        assert int(answer.headers["Content-Length"]) == len(answer.data)
        return list(csv.DictReader(StringIO(answer.data.decode("utf-8-sig"), newline="")))

    return rows


@pytest.fixture
def queue(standing: StandingRoom) -> dict[str, str]:
    """One at an agency, one that is new and calls, one that is done; ids by number."""
    ids = {
        "L-1": standing.receive("L-1", description="=Jalan berlubang", address="Jl. Merdeka", person=BUDI),
        "L-2": standing.receive("L-2", category="kebakaran", description="Asap"),
        "L-3": standing.receive("L-3"),
    }
    standing.execute("forward", ids["L-1"], by="duty", agency="dpupr")
    standing.execute("claim", ids["L-2"], by="duty", actor="sari")
    standing.execute("close", ids["L-3"], reason="sudah")
    standing.tick()
    return ids


@pytest.mark.parametrize("listed", VIEWS["lists"], ids=lambda one: f"{one['view']} {one['filter']}")
def test_a_list_is_what_the_page_lists(listed: Mapping[str, Any]) -> None:
    moment = QueueMoment(
        at=from_text(VIEWS["at"]), unacked=frozenset(VIEWS["unacked"]), district_of=VIEWS["district_of"]
    )
    found = []
    for card in VIEWS["cards"]:
        group = group_of(card, listed["view"], moment)
        if group is not None and passes(card, listed["filter"], moment):
            found.append((key_of(card, group, moment), card["id"]))
    assert [id_ for _, id_ in sorted(found)] == listed["ids"]


def test_the_queue_is_a_file_of_the_view_and_its_filters(queue: Mapping[str, str], ask: Ask) -> None:
    work, whole, ended = ask("complaints"), ask("complaints", list="open"), ask("complaints", list="ended")
    assert [row["Report number"] for row in work] == ["L-2"], "what is forwarded and in time waits for nobody here"
    assert [row["Report number"] for row in whole] == ["L-2", "L-1"]
    assert [row["Report number"] for row in ended] == ["L-3"] and ended[0]["Key"] == queue["L-3"]
    assert (whole[1]["Agency"], whole[1]["State"], whole[1]["Description"]) == (
        "DPUPR",
        "Forwarded",
        "'=Jalan berlubang",
    )
    assert whole[1]["Received"] == "2026-11-24 09:00:00" and whole[0]["Opened by"] == "sari"
    assert ask("complaints", list="open", agency="dpupr")[0]["Report number"] == "L-1"
    assert [row["Report number"] for row in ask("complaints", q="berlubang")] == ["L-1"]
    assert "Reporter's name" not in whole[0]


def test_who_reported_is_in_it_when_asked_for_and_each_reading_is_noted(
    standing: StandingRoom, queue: Mapping[str, str], ask: Ask
) -> None:
    rows = ask("complaints", list="open", person="true", actor="sari", role="supervisor")
    assert [row["Reporter's name"] for row in rows] == ["", "'=Budi"]
    (noted,) = accesses_of(standing.log, queue["L-1"])
    assert (noted.actor, noted.role, noted.fields) == ("sari", "supervisor", ("email", "name", "phone"))
    assert not accesses_of(standing.log, queue["L-2"]), "of whom nothing was shown nothing is noted"


@pytest.mark.usefixtures("queue")
def test_while_guests_are_there_a_file_names_nobody(standing: StandingRoom, client: FlaskClient, ask: Ask) -> None:
    standing.room.execute(standing.order("begin_visit", "", about="room"))
    assert [row["Opened by"] for row in ask("complaints", list="open")] == ["", ""]
    assert client.get("/api/v1/complaints.csv?person=true").status_code == 422
    assert client.get("/api/v1/people.xlsx").status_code == 422


@pytest.mark.usefixtures("queue")
def test_alarms_are_a_file_too(ask: Ask) -> None:
    (alarm,) = ask("alarms")
    assert (alarm["Priority"], alarm["Alarm"], alarm["Report number"]) == ("P1", "Emergency report", "L-2")
    assert ask("alarms", view="quiet") == []


def test_people_screens_and_sources_have_the_columns_of_their_pages(standing: StandingRoom, ask: Ask) -> None:
    standing.sources.add("lapor", None)
    (source,) = ask("sources", role="supervisor")
    assert (source["Source"], source["State"]) == ("lapor", "fine")
    assert ask("sources", role="supervisor", find="jaki") == []
    assert ask("people", role="admin") == [] and ask("screens") == [] and ask("outbox") == []


@pytest.mark.usefixtures("queue")
def test_a_workbook_is_in_the_readers_language(client: FlaskClient) -> None:
    answer = client.get("/api/v1/complaints.xlsx?list=open&lang=id")
    book = openpyxl.load_workbook(BytesIO(answer.data))
    names, *rows = book["Antrean"].iter_rows(values_only=True)
    assert names[:2] == ("Nomor laporan", "Kategori") and [row[0] for row in rows] == ["L-2", "L-1"]


@pytest.mark.parametrize("query", ["list=all", "person=perhaps", f"q={'x' * 201}"])
def test_what_is_not_understood_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/v1/complaints.csv?{query}").status_code == 422
