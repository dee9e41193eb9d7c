"""Of several processes one does the job: a lease is taken once, renewed, lost by real time alone and handed on."""

from datetime import timedelta

import pytest

from liveroom.log.event_log import database_now
from liveroom.log.lease import LASTS, Lease
from tests.rooms.standing import StandingRoom
from tests.rooms.together import together


@pytest.mark.parametrize("turn", range(5))
def test_of_four_that_ask_at_once_one_gets_it(standing: StandingRoom, turn: int) -> None:
    leases = [Lease(standing.log, "clock") for _ in range(4)]
    got: list[int] = []
    together(4, lambda index: got.append(index) if leases[index].take() else None)
    assert len(got) == 1
    assert [lease.take() for lease in leases] == [index == got[0] for index in range(4)]


def test_it_lapses_when_the_holder_is_silent_and_the_old_holder_learns_of_it(
    standing: StandingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen, other = Lease(standing.log, "clock"), Lease(standing.log, "clock")
    assert frozen.take()
    assert not other.take()
    later = LASTS + timedelta(milliseconds=100)
    monkeypatch.setattr("liveroom.log.lease.database_now", lambda connection: database_now(connection) + later)
    assert other.take()
    assert not frozen.take()


def test_a_holder_that_died_ahead_of_time_keeps_nobody_out_once_the_time_is_right(
    standing: StandingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead, other = Lease(standing.log, "clock"), Lease(standing.log, "clock")
    with monkeypatch.context() as ahead:
        ahead.setattr(
            "liveroom.log.lease.database_now", lambda connection: database_now(connection) + timedelta(hours=7)
        )
        assert dead.take()
    assert other.take()
    assert not dead.take()


def test_one_that_is_renewed_while_another_asks_is_kept(
    standing: StandingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other read the time, then the holder renewed, then the other's statement came."""
    holder, other = Lease(standing.log, "clock"), Lease(standing.log, "clock")
    assert holder.take()
    a_second_ago = timedelta(seconds=1)
    monkeypatch.setattr("liveroom.log.lease.database_now", lambda connection: database_now(connection) - a_second_ago)
    assert not other.take()


def test_given_back_it_is_free_at_once(standing: StandingRoom) -> None:
    one, other = Lease(standing.log, "clock"), Lease(standing.log, "clock")
    assert one.take()
    one.release()
    assert other.take()
    one.release()
    assert other.take()


def test_leases_of_different_names_do_not_meet(standing: StandingRoom) -> None:
    assert Lease(standing.log, "clock").take()
    assert Lease(standing.log, "courier").take()


def test_a_clock_without_the_lease_judges_nothing(standing: StandingRoom) -> None:
    assert standing.tick()
    standing.receive(category="kebakaran")
    standing.later(hours=1)
    head = standing.head().seq
    assert not standing.clock().tick()
    assert standing.head().seq == head
