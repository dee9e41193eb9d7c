"""The keys of sources: listed, replaced without a gap, ended at once; on both databases."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from liveroom.accounts import sources as source_rows
from liveroom.accounts.sources import (
    FORMER_LASTS,
    NameTaken,
    NoSource,
    RegisteredSource,
    notified_sources,
    set_webhook,
)
from liveroom.log import schema
from liveroom.log.backup import backup
from liveroom.log.event_log import database_now
from liveroom.log.schema import former_key
from liveroom.projection.alarms import alarms_of
from liveroom.projection.complaints import sources
from liveroom.room.clock import revoke_source
from tests.log.test_backup import restore
from tests.rooms.databases import Opener
from tests.rooms.standing import StandingRoom
from tests.rooms.together import together

MICRO = timedelta(microseconds=1)


def listed(standing: StandingRoom, name: str = "Lapor") -> RegisteredSource:
    return next(one for one in standing.sources.all() if one.source.name == name)


def good(standing: StandingRoom, *keys: str) -> list[bool]:
    return [standing.sources.by_key(key) is not None for key in keys]


def hours_pass(standing: StandingRoom, hours: float) -> None:
    """For former keys; real time is the database's."""
    ago = timedelta(hours=hours) // MICRO
    older = update(former_key).values(ends_at=former_key.c.ends_at - ago)
    standing.log.touch(lambda c: c.execute(older))


def test_a_rotated_key_and_the_one_before_are_both_good_for_a_day(standing: StandingRoom) -> None:
    old = standing.sources.add("Lapor", 300)
    before = standing.read(database_now)
    new, ends_at = standing.sources.rotate("Lapor", now=False)
    assert ends_at is not None
    assert before + FORMER_LASTS <= ends_at <= standing.read(database_now) + FORMER_LASTS
    assert good(standing, old, new) == [True, True]
    assert standing.sources.by_key(old) == standing.sources.by_key(new)
    former, current = listed(standing).keys
    assert (former.ends_at, current.ends_at) == (ends_at, None)
    assert former.since < current.since
    hours_pass(standing, 23.9)
    assert good(standing, old, new) == [True, True]
    hours_pass(standing, 0.2)
    assert good(standing, old, new) == [False, True]
    assert listed(standing).keys == (current,)


def test_rotated_twice_nobody_who_still_has_an_older_key_is_shut_out(standing: StandingRoom) -> None:
    """Whoever lost the output of the first rotation does it again; the app has the first key until it is told."""
    first = standing.sources.add("Lapor", None)
    second, _ = standing.sources.rotate("Lapor", now=False)
    hours_pass(standing, 10)
    third, _ = standing.sources.rotate("Lapor", now=False)
    assert good(standing, first, second, third) == [True, True, True]
    hours_pass(standing, 14.1)
    assert good(standing, first, second, third) == [False, True, True]
    # What has ended is forgotten at the next one.
    standing.sources.rotate("Lapor", now=False)
    assert len(standing.tables(["former_key"])["former_key"]) == 2


def test_now_ends_every_older_key(standing: StandingRoom) -> None:
    first = standing.sources.add("Lapor", None)
    other = standing.sources.add("Lain", None)
    second, _ = standing.sources.rotate("Lapor", now=False)
    standing.sources.rotate("Lain", now=False)
    third, ends_at = standing.sources.rotate("Lapor", now=True)
    assert ends_at is None
    assert good(standing, first, second, third, other) == [False, False, True, True]


def test_no_key_is_kept_or_listed(standing: StandingRoom) -> None:
    keys = [standing.sources.add("Lapor", None)]
    keys += [standing.sources.rotate("Lapor", now=False)[0] for _ in range(2)]
    kept = repr(standing.tables(["source", "former_key"])) + repr(standing.sources.all())
    assert not [key for key in keys if key in kept]
    assert len(re.findall(r"'key_hash': '[0-9a-f]{64}'", kept)) == 3


def test_revoked_it_is_heard_no_more_and_its_complaints_stay(standing: StandingRoom) -> None:
    old = standing.sources.add("Lapor", 60)
    new, _ = standing.sources.rotate("Lapor", now=False)
    set_webhook(standing.log, "lapor", "http://127.0.0.1:1/")
    id_ = standing.receive(source="lapor")
    standing.tick()
    long_ago = update(schema.source).values(created_at=0)
    standing.log.touch(lambda c: c.execute(long_ago))
    standing.tick()
    assert standing.read(lambda c: alarms_of(c, ("lost:lapor",)))[0].state == "unacked"
    assert [one["state"] for one in standing.read(sources)] == ["lost"]

    revoke_source(standing.room, "Lapor", actor="command-line")
    assert good(standing, old, new) == [False, False]
    changes = [one for one in standing.events() if one.event.kind == "source.changed"]
    assert (changes[-1].event.fields, changes[-1].actor) == ({"state": "closed"}, "command-line")
    # Nobody is called to a source that nobody waits for, and no wall lists it.
    assert standing.read(lambda c: alarms_of(c, ("lost:lapor",)))[0].state == "returned"
    assert standing.read(sources) == []
    assert standing.read(notified_sources) == frozenset()
    assert standing.complaint(id_).source == "lapor"
    one = listed(standing)
    assert (one.keys, one.revoked_at is not None) == ((), True)
    before = len(standing.events())
    standing.tick()
    assert len(standing.events()) == before


def test_a_revoked_source_comes_back_by_add_alone_and_is_the_same_one(standing: StandingRoom) -> None:
    key = standing.sources.add("Lapor", 60)
    with pytest.raises(NameTaken):
        standing.sources.add("Lapor", 60)
    id_ = standing.accept("L-same", source="lapor").id
    revoke_source(standing.room, "Lapor", actor="command-line")
    with pytest.raises(NoSource, match="was revoked"):
        standing.sources.rotate("Lapor", now=True)
    with pytest.raises(NoSource, match="was revoked"):
        revoke_source(standing.room, "Lapor", actor="command-line")
    standing.log.touch(lambda c: c.execute(update(schema.source).values(heard_at=0)))
    again = standing.sources.add("Lapor", 300)
    assert good(standing, key, again) == [False, True]
    source = standing.sources.by_key(again)
    assert source is not None
    assert (source.id, source.every_s) == ("lapor", 300)
    assert standing.accept("L-same", source=source.id).id == id_
    # It was not silent while it was not wanted.
    standing.tick()
    assert [one["state"] for one in standing.read(sources)] == ["ok"]


@pytest.mark.parametrize("name", ["lapor", "Lapor ", "", "' OR 1=1 --"])
def test_only_the_very_name_is_meant(standing: StandingRoom, name: str) -> None:
    key = standing.sources.add("Lapor", None)
    with pytest.raises(NoSource, match="there is no source"):
        standing.sources.rotate(name, now=True)
    with pytest.raises(NoSource, match="there is no source"):
        revoke_source(standing.room, name, actor="command-line")
    assert good(standing, key) == [True]


def test_a_source_of_an_import_gets_its_first_key_by_a_rotation_and_has_none_to_revoke(standing: StandingRoom) -> None:
    standing.sources.ensure("Arsip", None)
    before = standing.head()
    with pytest.raises(NoSource, match="has no key"):
        revoke_source(standing.room, "Arsip", actor="command-line")
    assert standing.head() == before
    key, ends_at = standing.sources.rotate("Arsip", now=False)
    assert (good(standing, key), ends_at) == ([True], None)
    assert len(listed(standing, "Arsip").keys) == 1


def test_of_rotations_at_once_each_answered_key_is_good(standing: StandingRoom) -> None:
    first, keys = standing.sources.add("Lapor", None), list[str]()
    together(4, lambda _index: keys.append(standing.sources.rotate("Lapor", now=False)[0]))
    assert good(standing, first, *keys) == [True] * 5


def test_a_backup_brings_back_every_key_that_was_good(
    standing: StandingRoom, open_standing: Opener, tmp_path: Path
) -> None:
    old = standing.sources.add("Lapor", None)
    new, ends_at = standing.sources.rotate("Lapor", now=False)
    backup(standing.log, tmp_path / "room.backup")
    fresh = open_standing()
    restore(fresh, tmp_path / "room.backup")
    assert good(fresh, old, new) == [True, True]
    assert [key.ends_at for key in listed(fresh).keys] == [ends_at, None]


def test_the_end_is_a_moment_of_the_database_s_time(standing: StandingRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drill's time may run sixty times as fast, and a web process's machine may be wrong."""
    old = standing.sources.add("Lapor", None)
    standing.sources.rotate("Lapor", now=False)
    standing.later(days=30)
    assert good(standing, old) == [True]
    later = FORMER_LASTS + timedelta(seconds=1)
    monkeypatch.setattr(source_rows, "database_now", lambda connection: database_now(connection) + later)
    assert good(standing, old) == [False]
