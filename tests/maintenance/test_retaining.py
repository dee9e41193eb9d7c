"""Nobody's data stays longer than the settings say: counted in days of the room from the day of closing."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from liveroom.domain.complaints.intake import Reporter
from liveroom.log.erasure import ErasureScope
from liveroom.log.schema import event, lease
from liveroom.log.texts import dossier_of
from liveroom.maintenance.erasure import Eraser
from liveroom.maintenance.retention import RetentionJob
from liveroom.runtime.config import Config, KeepSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.city import wib
from tests.rooms.databases import database, open_standing, standing
from tests.rooms.standing import StandingRoom

__all__ = ["database", "open_standing", "standing"]
KEPT = KeepSettings(person_days=10, text_days=30)
SAID: dict[str, Any] = {
    "description": "mohon ditelepon",
    "person": Reporter(name="Ratna", phone="081234567890", email=None),
    "media": ("https://foto.example/1.jpg",),
}


def held(standing: StandingRoom, id_: str) -> tuple[bool, bool]:
    papers = standing.read(lambda c: dossier_of(c, id_, people=True))
    return papers.person is not None, bool(papers.texts or papers.media)


@pytest.fixture
def retaining(standing: StandingRoom, tmp_path: Path) -> RetentionJob:
    erasing = Eraser(standing.room, Config(city="tangerang", data_dir=str(tmp_path)), ThreadRuntime())
    return RetentionJob(standing.room, erasing, KEPT)


def test_who_reported_goes_first_then_what_was_said_and_what_is_open_stays(
    standing: StandingRoom, retaining: RetentionJob, tmp_path: Path
) -> None:
    closed, still_open = standing.receive(**SAID), standing.receive(**SAID)
    standing.execute("reject", closed, by="duty", reason="bukan laporan")
    kinds = standing.kinds()
    kept = []
    for days in (9, 10, 29, 30):
        standing.at(wib("24 12:00")).later(days=days)
        kept.append((retaining.step(ThreadRuntime()), held(standing, closed)))
    assert kept == [(0, (True, True)), (1, (False, True)), (0, (False, True)), (1, (False, False))]
    assert retaining.step(ThreadRuntime()) == 0
    assert held(standing, still_open) == (True, True)
    assert standing.kinds() == [*kinds, "complaint.erased", "complaint.erased"]
    assert len((tmp_path / "erasures-test.jsonl").read_text().splitlines()) == 2


def test_after_a_long_stop_people_have_a_day_to_see_that_the_clock_is_wrong(
    standing: StandingRoom, retaining: RetentionJob, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A machine that starts years ahead would find everything too old, and what is erased never comes back."""
    closed = standing.receive(**SAID)
    standing.execute("reject", closed, by="duty", reason="bukan laporan")
    logged_ago(standing, days=9)
    standing.later(days=40)
    assert retaining.step(ThreadRuntime()) == 0, "a room that stopped on its first day"
    standing.tick()
    again = RetentionJob(
        standing.room, Eraser(standing.room, Config(city="tangerang", data_dir=str(tmp_path)), ThreadRuntime()), KEPT
    )
    standing.log.touch(lambda c: c.execute(delete(lease)))  # of the process that ran until now
    assert [again.step(ThreadRuntime()) for _ in range(2)] == [0, 0], "the day holds over another start"
    assert held(standing, closed) == (True, True)
    assert [record.message.count("stood still for 9 days") for record in caplog.records] == [1, 1]
    logged_ago(standing, hours=25)
    assert again.step(ThreadRuntime()) > 0
    assert held(standing, closed) == (False, False)


def test_a_stop_of_days_in_a_room_that_opened_many_holds_too_and_a_quiet_week_does_not(
    standing: StandingRoom, retaining: RetentionJob
) -> None:
    closed = standing.receive(**SAID)
    standing.execute("reject", closed, by="duty", reason="bukan laporan")
    for days in (1, 6, 6):
        standing.later(days=days).tick()
        logged_ago(standing, days=days)
    standing.later(days=1).tick()
    assert retaining.step(ThreadRuntime()) == 1
    logged_ago(standing, days=8)
    standing.later(days=30)
    assert retaining.step(ThreadRuntime()) == 0
    assert held(standing, closed) == (False, True)


def logged_ago(standing: StandingRoom, **span: float) -> None:
    """As if everything until now had been logged so long before, in real time."""
    micros = timedelta(**span) // timedelta(microseconds=1)
    standing.log.touch(lambda c: c.execute(update(event).values(logged_at=event.c.logged_at - micros)))


def test_a_resend_of_what_was_erased_brings_no_word_back(standing: StandingRoom, tmp_path: Path) -> None:
    silent = standing.receive("L-silent", lat=-6.1767, lon=106.65, category="Keluhan Pak Sentosa")
    erasing = Eraser(standing.room, Config(city="tangerang", data_dir=str(tmp_path)), ThreadRuntime())
    erasing.erase((silent,), ErasureScope.ALL, by="test")
    standing.accept("L-silent", lat=-6.1767, lon=106.65, category="Keluhan Pak Sentosa", **SAID)
    assert held(standing, silent) == (False, False)
    complaint = standing.complaint(silent)
    assert (complaint.lat, complaint.lon, complaint.category) == (None, None, "")
