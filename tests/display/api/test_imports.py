"""Imports over HTTP as a supervisor has them: a file comes in, is looked at, answered about, imported, and ended."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from display.api import imports as routes
from display.api.imports import ImportParts, imports_blueprint
from display.auth.visitor import Visitors
from ingest.imports import ImportRunner
from liveroom.accounts import imports
from liveroom.accounts.imports import ImportFiles
from liveroom.log.texts import accesses_of
from liveroom.room.clock import pause_source
from liveroom.runtime.config import Config, ServerSettings
from liveroom.runtime.disk import Disk
from tests.ingest.contract import Inline
from tests.rooms.standing import StandingRoom

ME = {"actor": "kepala", "role": "supervisor"}
FILE = "nomor tiket,kategori,tanggal,isi,nama\nA,PJU padam,03/04/2025,gelap,Budi Contoh\nB,,04/05/2025,,Budi Contoh\n"
Answer = tuple[int, Any]


class Clerk:
    """Brings files to a room over HTTP, in which one process works on them."""

    def __init__(self, standing: StandingRoom, folder: Path) -> None:
        app = Flask("imports")
        self.files, runtime = ImportFiles(folder), Inline()
        visitors = Visitors(standing.room, ServerSettings(), Config(city=standing.key).sessions.limits())
        parts = ImportParts(
            register=standing.sources,
            visitors=visitors,
            files=self.files,
            disk=Disk([folder.parent], 0),
            runtime=runtime,  # type: ignore[arg-type]
        )
        app.register_blueprint(imports_blueprint(standing.room, parts))
        self._client = app.test_client()
        self.runner = ImportRunner(standing.room, self.files, runtime, ("line", "field", "reason"))  # type: ignore[arg-type]

    def sends(self, text: str = FILE, **asked: str) -> Answer:
        query = {"name": "data.csv", "source": "Kantor", **ME, **asked}
        kind = "application/octet-stream"
        answer = self._client.post("/api/v1/imports", query_string=query, data=text.encode(), content_type=kind)
        return answer.status_code, answer.get_json()

    def sends_chunked(self) -> Answer:
        query, kind = {"name": "data.csv", "source": "Kantor", **ME}, "application/octet-stream"
        answer = self._client.post(
            "/api/v1/imports",
            query_string=query,
            input_stream=BytesIO(FILE.encode()),
            headers={"Transfer-Encoding": "chunked"},
            content_type=kind,
        )
        return answer.status_code, answer.get_json()

    def gives(self, id_: str, order: str, **body: Any) -> Answer:
        answer = self._client.post(f"/api/v1/imports/{id_}/{order}", json={**ME, **body})
        return answer.status_code, answer.get_json()

    def sees(self, id_: str = "", **asked: str) -> Answer:
        answer = self._client.get(f"/api/v1/imports{'/' if id_ else ''}{id_}", query_string={**ME, **asked})
        return answer.status_code, answer.get_json() if answer.is_json else answer.get_data(as_text=True)

    @property
    def lying(self) -> int:
        return len(list(self.files.made().iterdir()))


@pytest.fixture
def clerk(on_file: StandingRoom, tmp_path: Path) -> Clerk:
    return Clerk(on_file, tmp_path / "imports")


def test_a_file_is_answered_about_tried_imported_and_what_was_refused_is_taken_home(
    clerk: Clerk, on_file: StandingRoom
) -> None:
    status, job = clerk.sends()
    assert (status, job["state"], job["questions"]) == (201, "ready", ["dates"])
    assert "Budi" not in str(job) and job["columns"][-1]["why"] == "personal"
    assert job["categories"] == [{"text": "PJU padam", "rows": 1, "key": None, "near": "pju_mati"}]
    refused = clerk.gives(job["id"], "start")
    assert (refused[0], refused[1]["field"]) == (422, "dates")
    plan = {**job["plan"], "dates": "dmy", "categories": {"PJU padam": "pju_mati"}}
    status, job = clerk.gives(job["id"], "plan", plan=plan)
    assert (status, job["state"], job["questions"], job["order"]) == (200, "trial", [], "given")
    first, second = job["preview"]
    assert first["becomes"]["category"] == "pju_mati" and first["fields"]["reported_at"] == "2025-04-02T17:00:00Z"
    assert [fault["field"] for fault in second["faults"]] == ["category"]
    assert clerk.runner.step()
    tally = clerk.sees(job["id"])[1]["tally"]
    assert (tally["accepted"], tally["rejected"]) == (1, 1) and not on_file.room.open_of("kantor")
    assert clerk.gives(job["id"], "start")[1]["state"] == "running"
    assert clerk.gives(job["id"], "plan", plan=plan)[0] == 409
    assert clerk.runner.step()
    assert clerk.sees(job["id"])[1]["state"] == "done"
    (taken,) = on_file.room.open_of("kantor")
    assert taken.category == "pju_mati"
    status, rejects = clerk.sees(f"{job['id']}/rejects.csv")
    assert status == 200 and rejects.splitlines()[1].startswith("B,,04/05/2025,,Budi Contoh,3,category,")
    noted = [one for one in accesses_of(on_file.log, job["id"]) if one.actor == "kepala"]
    assert {field for one in noted for field in one.fields} == {"import", "sent", "started", "rejects"}
    assert clerk.sees()[1]["items"][0]["id"] == job["id"]


def test_the_same_file_again_is_known(clerk: Clerk) -> None:
    text = "nomor tiket,kategori\nA,banjir\nB,banjir\n"
    for known in (0, 2):
        _, job = clerk.sends(text)
        clerk.runner.step()
        assert clerk.sees(job["id"])[1]["tally"]["known"] == known
        clerk.gives(job["id"], "start")
        clerk.runner.step()
        tally = clerk.sees(job["id"])[1]["tally"]
        assert (tally["accepted"], tally["known"]) == (2 - known, known)


def test_what_is_cancelled_is_deleted_and_takes_no_order_any_more(clerk: Clerk) -> None:
    _, job = clerk.sends("nomor tiket,kategori\nA,banjir\nB,\n")
    clerk.runner.step()
    assert clerk.lying == 2  # with what its trial refused
    ended = clerk.gives(job["id"], "cancel")[1]
    assert (ended["state"], ended["rejects"]) == ("cancelled", False)
    assert clerk.lying == 0
    for order in ("start", "cancel"):
        assert clerk.gives(job["id"], order)[0] in (409, 422)
    assert clerk.gives(job["id"], "burn")[0] == 404
    assert clerk.sees("nothing")[0] == 404


@pytest.mark.parametrize(
    ("ask", "status", "field"),
    [
        (lambda clerk: clerk.sends("%PDF-1.7"), 422, "file"),
        (lambda clerk: clerk.sends(""), 422, "file"),
        (lambda clerk: clerk.sends(source=" "), 422, "source"),
        (lambda clerk: clerk.sends(role="duty"), 403, None),
        (lambda clerk: clerk.sends("nomor,kategori\n" + "1,banjir\n" * 100), 413, None),
    ],
)
def test_what_is_no_file_or_not_theirs_leaves_nothing(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Clerk], Answer], status: int, field: str | None
) -> None:
    monkeypatch.setattr(routes, "LARGEST", 500)
    code, body = ask(clerk)
    assert (code, body.get("field")) == (status, field)
    assert clerk.lying == 0


def test_a_file_in_chunks_is_asked_for_its_length(clerk: Clerk) -> None:
    code, body = clerk.sends_chunked()
    assert (code, body["code"], body["field"]) == (411, "length_required", "Content-Length")
    assert clerk.lying == 0


def test_a_start_may_come_while_the_trial_runs_but_not_while_the_source_is_paused(
    clerk: Clerk, on_file: StandingRoom
) -> None:
    on_file.sources.ensure("Kantor", None)
    _, job = clerk.sends("nomor tiket,kategori\nA,banjir\n")
    assert job["state"] == "trial"
    pause_source(on_file.room, "Kantor", paused=True, actor="kepala")
    code, body = clerk.gives(job["id"], "start")
    assert (code, body["field"]) == (422, "source")
    assert body["message"] == "nothing is taken from it: it is paused or revoked"
    pause_source(on_file.room, "Kantor", paused=False, actor="kepala")
    assert clerk.gives(job["id"], "start")[1]["state"] == "running"


def test_while_guests_are_here_nothing_that_a_cell_says_is_shown(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    _, job = clerk.sends("nomor tiket,kategori,isi\nA,PJU rahasia,gelap\nB,,sunyi\nC,banjir,sepi,lebih\n")
    clerk.runner.step()
    monkeypatch.setattr(routes, "visit_now", lambda _: {"until": None})
    answers = (
        clerk.sees(),
        clerk.sees(job["id"]),
        clerk.sees(job["id"], whole="1"),
        clerk.sees(f"{job['id']}/rejects.csv"),
        clerk.gives(job["id"], "plan", plan=job["plan"]),
        clerk.sends("nomor tiket,kategori,isi\nA,PJU rahasia,gelap\n"),
    )
    assert [status for status, _ in answers] == [200, 200, 422, 422, 200, 201]
    assert not [word for word in ("rahasia", "gelap", "sunyi", "lebih") if word in str(answers)]


def test_an_order_that_came_too_late_is_not_written_down_as_given(clerk: Clerk, on_file: StandingRoom) -> None:
    _, job = clerk.sends()
    clerk.gives(job["id"], "cancel")
    assert clerk.gives(job["id"], "cancel")[0] == 409
    given = [one for one in accesses_of(on_file.log, job["id"]) if "cancelled" in one.fields]
    assert len(given) == 1


def test_only_so_many_files_wait(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MOST_OPEN", 2)
    assert [clerk.sends()[0] for _ in range(3)] == [201, 201, 429]
    assert clerk.lying == 2


def test_a_plan_that_cannot_be_names_its_fault(clerk: Clerk) -> None:
    _, job = clerk.sends()
    for plan, field in (
        ({"columns": {"lat": "nowhere"}}, "lat"),
        ({"columns": {"colour": "isi"}}, "colour"),
        ({"dates": "ymd"}, "plan"),
        ({"categories": {"PJU padam": "lampu"}}, "categories"),
        ({"encoding": "klingon"}, "encoding"),
    ):
        status, body = clerk.gives(job["id"], "plan", plan=plan)
        assert (status, body["field"]) == (422, field), plan
