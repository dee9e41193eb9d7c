"""The same complaint told again: nothing new is no event, news amend it, what was erased stays away."""

from typing import Any

import pytest
from sqlalchemy import update

from liveroom.domain.complaints.intake import Report, Reporter
from liveroom.domain.requests import Malformed
from liveroom.log import schema
from tests.rooms.standing import PLACE, StandingRoom

SAID: dict[str, Any] = {
    "description": "Jalan berlubang di depan SD",
    "address": "Jl. Daan Mogot 12",
    "person": Reporter(name="Ratna", phone="081234567890", email=None),
    "media": ("https://foto.example/1.jpg",),
}


def test_the_same_report_again_logs_nothing(standing: StandingRoom) -> None:
    first = standing.accept("L-1", **SAID)
    tables = ["event", "text", "person", "media", "complaint", "total", "head"]
    before = standing.tables(tables)
    again = standing.later(minutes=1).accept("L-1", **SAID)
    assert (first.created, again.created, again.changed, again.id, again.seq) == (
        True,
        False,
        False,
        first.id,
        first.seq,
    )
    before["head"] = standing.tables(["head"])["head"]
    assert standing.tables(tables) == before


def test_news_amend_and_only_what_changed_is_written(standing: StandingRoom) -> None:
    first = standing.accept("L-1", **SAID)
    news = SAID | {"description": "Sudah ada yang jatuh", "category": "banjir"}
    again = standing.later(minutes=1).accept("L-1", **news)
    assert (again.id, again.changed, again.created) == (first.id, True, False)
    assert standing.complaint(first.id).category == "banjir"
    bodies = sorted(row["body"] for row in standing.tables(["text"])["text"])
    assert bodies == sorted([SAID["description"], SAID["address"], "Sudah ada yang jatuh"])
    assert len(standing.tables(["media"])["media"]) == 1


def test_another_source_may_use_the_same_number(standing: StandingRoom) -> None:
    one, other = standing.accept("L-1", source="lapor"), standing.accept("L-1", source="telepon")
    assert one.id != other.id
    assert other.created


def test_who_reported_is_kept_once_however_often_it_is_told(standing: StandingRoom) -> None:
    standing.accept("L-1", **SAID)
    standing.accept("L-1", **SAID | {"description": "Sudah ada yang jatuh"})
    standing.accept("L-1", **SAID | {"description": "Ambulans datang"})
    assert len(standing.tables(["person"])["person"]) == 1


@pytest.mark.parametrize("erased", ["text", "person", "media"])
def test_what_was_erased_does_not_come_back_with_a_resend(standing: StandingRoom, erased: str) -> None:
    id_ = standing.accept("L-1", **SAID).id
    gone = {"text": {"body": ""}, "person": {"name": None, "phone": None}, "media": {"url": None}}[erased]
    table = schema.metadata.tables[erased]
    standing.log.touch(lambda c: c.execute(update(table).values(erased_at=1, **gone)))
    before = standing.tables(["text", "person", "media"])
    kept = standing.complaint(id_)
    elsewhere = {"lat": -6.17, "lon": 106.64} if erased == "text" else {}
    again = standing.accept("L-1", **SAID | elsewhere | {"description": "Ratna lagi", "category": "banjir"})
    assert again.changed
    now = standing.complaint(id_)
    assert (now.category, now.lat, now.lon) == ("banjir", kept.lat, kept.lon)
    assert standing.tables(["text", "person", "media"]) == before


def test_an_older_resend_changes_nothing(standing: StandingRoom) -> None:
    late, early = standing.now, standing.now.replace(hour=0)
    standing.accept("L-1", updated_at=late, category="banjir")
    assert not standing.accept("L-1", updated_at=early, category="sampah").changed
    assert standing.accept("L-1", updated_at=late.replace(minute=59), category="sampah").changed


def test_in_a_batch_the_malformed_one_is_answered_for_and_the_others_are_kept(standing: StandingRoom) -> None:
    def report(name: str, **more: Any) -> Report:
        return Report(source_id=name, category="banjir", **PLACE, **more)

    bad = report("L-2", closed_at=standing.now.replace(year=2030), description="tidak pernah ditulis")
    one, fault, three, again = standing.room.accept_many(
        (report("L-1", description="satu"), bad, report("L-3"), report("L-1", description="dua")), source="lapor"
    )
    assert isinstance(fault, Malformed)
    assert fault.field == "closed_at"
    assert (one.created, three.created, again.created, again.changed) == (True, True, False, True)
    assert again.id == one.id
    assert sorted(row["body"] for row in standing.tables(["text"])["text"]) == ["dua", "satu"]
    assert len(standing.rings) == 1


def test_told_twice_in_one_batch_a_text_is_kept_once(standing: StandingRoom) -> None:
    first = Report(source_id="L-1", category="banjir", **PLACE, **SAID)
    second = Report(source_id="L-1", category="sampah", **PLACE, **SAID)
    one, other = standing.room.accept_many((first, second), source="lapor")
    assert (one.id, one.created, other.changed) == (other.id, True, True)
    kept = standing.tables(["text", "person", "media"])
    assert {name: len(rows) for name, rows in kept.items()} == {"text": 2, "person": 1, "media": 1}
