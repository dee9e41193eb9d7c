"""Counters in the database: all processes count together, windows end by real time, and what is over is cleared."""

from datetime import timedelta

import pytest
from limits import RateLimitItemPerMinute
from sqlalchemy import select

from display.auth.throttle import Counters
from display.citizens.responses import SpamLimits
from liveroom.accounts import rate_limits
from liveroom.log.event_log import database_now
from liveroom.log.schema import counter
from liveroom.runtime.config import FormSettings
from tests.rooms.standing import StandingRoom
from tests.rooms.together import together
from tests.services.postgres import Postgres

MINUTE = RateLimitItemPerMinute(20)


def shift(monkeypatch: pytest.MonkeyPatch, **span: float) -> None:
    later = timedelta(**span)
    monkeypatch.setattr(
        "liveroom.accounts.rate_limits.database_now", lambda connection: database_now(connection) + later
    )


def test_processes_that_count_at_once_lose_none(standing: StandingRoom) -> None:
    def ten(_index: int) -> None:
        for _ in range(10):
            standing.log.note(lambda c: rate_limits.increment(c, "one", 60))

    together(4, ten)
    assert standing.log.read(lambda c: rate_limits.count_of(c, "one", 60))[0] == 40
    assert standing.log.read(lambda c: rate_limits.count_of(c, "other", 60))[0] == 0


def test_a_window_ends_by_itself_and_none_is_longer_than_one_that_begins_now(
    standing: StandingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as ahead:
        shift(ahead, hours=7)
        standing.log.note(lambda c: rate_limits.increment(c, "one", 60, 5))
    assert standing.log.note(lambda c: rate_limits.increment(c, "one", 60)) == 1
    assert standing.log.note(lambda c: rate_limits.increment(c, "one", 60)) == 2
    with monkeypatch.context() as later:
        shift(later, seconds=61)
        assert standing.log.read(lambda c: rate_limits.count_of(c, "one", 60))[0] == 0
        assert standing.log.note(lambda c: rate_limits.increment(c, "one", 60)) == 1


def test_a_window_from_before_the_clock_was_set_back_is_empty_for_whoever_only_asks(
    standing: StandingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = Counters("", standing.log)
    with monkeypatch.context() as ahead:
        shift(ahead, hours=7)
        for _ in range(MINUTE.amount):
            shared.note(MINUTE, "one")
        assert shared.wait_s(MINUTE, "one", count=False) > 0
    assert shared.wait_s(MINUTE, "one", count=False) == 0
    assert shared.count_of(MINUTE, "one") == 0
    shared.note(MINUTE, "one")
    assert shared.count_of(MINUTE, "one") == 1


def test_what_is_over_is_cleared_and_what_is_open_is_not(
    standing: StandingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, seconds in {"short": 60, "long": 3600}.items():
        standing.log.note(lambda c, key=key, seconds=seconds: rate_limits.increment(c, key, seconds))  # type: ignore[misc]
    with monkeypatch.context() as later:
        shift(later, seconds=61)
        assert standing.log.note(rate_limits.clear_ended) == 1
    assert standing.log.read(lambda c: rate_limits.count_of(c, "long", 3600))[0] == 1


def test_two_web_processes_without_a_redis_keep_one_limit(standing: StandingRoom) -> None:
    forms = FormSettings(plain=6, effort=1, effort_most=4, crowd=2)
    webs = [SpamLimits(Counters("", standing.log), "room", "the key of this room", forms) for _ in range(2)]
    waits = [webs[n % 2].of_plain("203.0.113.9") for n in range(7)]
    assert waits[:6] == [0] * 6
    assert 0 < waits[6] <= 15 * 60
    assert [webs[n % 2].of_solved("203.0.113.9", f"ticket {n}") for n in range(2)] == [0, 0]
    assert [web.effort("203.0.113.9") for web in webs] == [2, 2]
    # Nobody who reads the table, or a copy of it, learns who was here: neither word by word nor by trying them all.
    keys = standing.log.read(lambda c: c.execute(select(counter.c.key)).scalars().all())
    other = SpamLimits(Counters("", standing.log), "room", "the key of another", forms)
    other.of_plain("203.0.113.9")
    assert not set(keys) >= set(standing.log.read(lambda c: c.execute(select(counter.c.key)).scalars().all()))


@pytest.mark.postgres
def test_while_the_database_is_away_a_process_counts_alone(postgres: Postgres) -> None:
    standing = StandingRoom(postgres.fresh_database())
    shared = Counters("", standing.log)
    assert shared.wait_s(MINUTE, "one") == 0
    postgres.kill()
    assert [shared.wait_s(MINUTE, "one") > 0 for _ in range(21)] == [False] * 20 + [True]
    standing.close()
