"""The room at past positions is, field by field, what its live snapshots said there."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from liveroom.domain.complaints.decide import REDACTED
from liveroom.domain.timestamps import from_text, to_text
from liveroom.projection import fold
from tests.display.description.described import check_answer
from tests.display.feed.store import Store
from tests.display.past.drilled import AUDIENCES, Drilled, Viewer, drilled, made_checkpoints, moment, told
from tests.rooms.journey import Journey
from tests.rooms.standing import StandingRoom
from tests.rooms.tables import tabled_file

SEVEN = datetime(2026, 12, 1, 0, tzinfo=UTC)  # a Tuesday, 07:00 in Tangerang
ERASED = ("lat", "lon", "category")


def assert_as_noted(viewer: Viewer, notes: list[tuple[str, dict[str, Any]]], erased: str = "") -> None:
    """Each noted snapshot; of the complaint that was erased later, without what that took away."""
    for audience, live in notes:
        then, now = told(viewer.then(audience, seq=live["seq"])), told(live)
        then["at"] = now["at"]
        if erased in now["cards"]["id"]:
            row = now["cards"]["id"].index(erased)
            for name in ERASED:
                assert then["cards"][name][row] in (None, REDACTED), name
                now["cards"][name][row] = then["cards"][name][row]
        # A source that was registered after the last event of a position is not known to have been there.
        now["sources"] = [one for one in now["sources"] if one in then["sources"]]
        assert then == now


def test_after_every_kind_of_event_it_is_shown_as_it_was(standing: StandingRoom) -> None:
    journey, viewer, audience = Journey(standing), Viewer(standing), count()
    notes: list[tuple[str, dict[str, Any]]] = []
    for _, act in journey.steps():
        act()
        who = AUDIENCES[next(audience) % len(AUDIENCES)]
        notes.append((who, viewer.live(who)))
    notes = [one for one in notes if one[1]["seq"]]
    assert len({live["seq"] for _, live in notes}) > 80
    assert_as_noted(viewer.anew(), notes, journey.ids["u"])
    assert made_checkpoints(standing, every=23) > 5
    assert_as_noted(viewer.anew(), notes[::-4], journey.ids["u"])


def test_a_drilled_day_is_shown_as_it_was(tmp_path: Path) -> None:
    room = StandingRoom(tabled_file(tmp_path / "room.db"), kind="drill", at=SEVEN)
    seen = ("desk", "agency:dpupr")
    assert_shown(drilled(room, hours=6, minutes=18, per_day=50, notes=20, audiences=seen), every=61)
    room.close()


def assert_shown(lived: Drilled, every: int) -> None:
    """Each moment that was noted, from the log alone, from checkpoints, and after a rebuild; and what led on."""
    notes = [one for noted in lived.noted for one in noted.items()]
    before = lived.viewer
    for audience, live in (*notes[-1:], *notes):  # back to the first, then on from one to the next
        assert told(before.then(audience, at=moment(live))) == told(live)
    assert made_checkpoints(lived.room, every=every) > 4
    assert_as_noted(lived.viewer, notes)
    lived.room.log.write(fold.rebuild)
    assert lived.room.tables(["checkpoint", "checkpoint_part"]) == {"checkpoint": [], "checkpoint_part": []}
    assert_as_noted(lived.viewer, notes[::7])
    _plays(lived)


def _plays(lived: Drilled) -> None:
    """Batches lead from one moment to another for every audience."""
    first, last = lived.noted[1], lived.noted[-2]
    for audience in first:
        store, at, asked = (
            Store().load(lived.viewer.then(audience, seq=first[audience]["seq"])),
            first[audience]["at"],
            0,
        )
        until, viewer = from_text(last[audience]["at"]), lived.viewer
        while True:
            told_ = json.loads(json.dumps(viewer.playback.batches(audience, store.seq, until, timedelta(minutes=10))))
            check_answer("GET", "/feed/past/batches", 200, told_)
            asked += 1
            for batch in told_["batches"]:
                assert at <= batch["at"] <= to_text(until)
                assert batch["from"] == store.seq
                assert store.take(batch)
                at = batch["at"]
            if not told_["more"]:
                break
        whole = Store().load(last[audience])
        assert (store.cards, store.alarms, store.counts) == (whole.cards, whole.alarms, whole.counts)
        assert (store.seq, store.lines, store.sources) == (whole.seq, whole.lines, whole.sources)
