"""Complaints handled at chosen moments, so that every duration in a figure is known beforehand."""

from datetime import datetime, timedelta
from typing import Any

from tests.rooms.city import wib
from tests.rooms.standing import StandingRoom


def moment(at: str | datetime) -> datetime:
    return wib(at) if isinstance(at, str) else at


def handle(room: StandingRoom, received: str | datetime, *, forward: float = 60, of: str = "dpupr", **said: Any) -> str:
    """Receive at a moment and forward `forward` seconds later."""
    room.at(moment(received))
    room.tick()
    id_ = room.receive(**said)
    room.later(seconds=forward)
    room.execute("forward", id_, by="duty", agency=of)
    return id_


def finish(room: StandingRoom, id_: str, at: str | datetime, *, accept: str | datetime = "", of: str = "dpupr") -> None:
    """Accept at one moment (or at once) and be done at another."""
    if accept:
        room.at(moment(accept))
    room.do_all(id_, "accept", "start", of=of)
    room.at(moment(at))
    room.tick()
    room.do_all(id_, "submit_proof", of=of)
    room.execute("validate", id_, by="duty")


def imported(room: StandingRoom, received: datetime, *, after: timedelta | None = None, **said: Any) -> str:
    """A complaint of the past, done `after` its receipt or still open."""
    closed = {} if after is None else {"closed_at": received + after}
    return room.receive(received_at=received, **closed, **said)


def row_of(figure: dict[str, Any], agency: str | None) -> dict[str, Any]:
    (row,) = (row for row in figure["agencies"] if row["agency"] == agency)
    return row
