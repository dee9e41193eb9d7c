"""Replan: apply a changed policy to open complaints. One event says who and why, then they follow, some at a time."""

from collections.abc import Callable
from functools import partial

from liveroom.domain.complaints.model import OPEN
from liveroom.domain.complaints.settle import replan
from liveroom.domain.events.room_payloads import PolicyChanged
from liveroom.domain.fields import CODE_MAX, TEXT_MAX
from liveroom.domain.policy import Policy
from liveroom.domain.room import ROOM, about_room
from liveroom.log.engine import Connection
from liveroom.log.event_log import decode_complaint, extended_of
from liveroom.projection import complaints
from liveroom.room.room import AT_ONCE, Room
from liveroom.room.transaction import UnitOfWork, settle_complaint
from liveroom.runtime.time import monotonic


def replan_room(
    room: Room, *, actor: str, reason: str, note: Callable[[int], None], rest: Callable[[float], None]
) -> int:
    """Plan every open complaint anew by the room's present pack; returns how many changed.

    ``note`` gets the number looked at so far; ``rest`` sleeps for so many seconds between transactions, as long as the
    last one took. May be repeated after a stop: it changes only what still differs. Raises ValueError for an actor or
    reason that is missing or too long (nothing written), or Unavailable part of the way.
    """
    actor, reason = _checked("actor", actor, CODE_MAX), _checked("reason", reason, TEXT_MAX)
    room.unit(lambda work: _announce(work, room.city.hash, actor, reason))
    after, looked, changed = "", 0, 0
    while ids := room.log.read(partial(_open_after, after=after)):
        begun = monotonic()
        changed += room.unit(partial(_replanned, policy=room.city.policy, ids=ids, actor=actor))
        after, looked = ids[-1], looked + len(ids)
        note(looked)
        rest(monotonic() - begun)
    return changed


def _checked(name: str, text: str, limit: int) -> str:
    if not text.strip() or len(text.strip()) > limit:
        raise ValueError(f"{name}: must be 1 to {limit} characters")
    return text.strip()


def _announce(work: UnitOfWork, pack: str, actor: str, reason: str) -> None:
    payload = PolicyChanged(pack=pack, reason=work.texts.add(ROOM, "reason", reason))
    work.append((about_room(payload, at=work.transaction.now),), actor=actor)


def _open_after(connection: Connection, after: str) -> tuple[str, ...]:
    """The next open complaints by id, so that one that changes its status meanwhile is not missed."""
    bodies = [body for status in OPEN for body in complaints.open_after(connection, status.value, after, AT_ONCE)]
    found = [decode_complaint(body).id for body in bodies]
    return tuple(sorted(found)[:AT_ONCE])


def _replanned(work: UnitOfWork, *, policy: Policy, ids: tuple[str, ...], actor: str) -> int:
    """Settle and plan anew each of ``ids``; returns how many changed."""
    extended = extended_of(work.transaction.connection, ids)
    changed = 0
    for id_ in ids:
        complaint = settle_complaint(work, work.complaint(id_))
        events = replan(complaint, policy, work.transaction.now, extended=id_ in extended)
        work.append(events, actor=actor)
        changed += bool(events)
    return changed
