"""Delivery rows: write, due, attempts, list."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    case,
    func,
    insert,
    not_,
    or_,
    select,
    tuple_,
    update,
)
from uuid_utils import uuid7

from liveroom.domain.events import Logged
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.schema import delivery_attempt, outbox, outbox_hold

# Deliveries as rows: written by the unit that causes them, taken in order, marked once, each attempt kept.

WAITING, SENT = "waiting", "sent"
# A `next_at` before every moment: a person wants it tried now, whatever was said of its receiver.
AT_ONCE = 0
# To be sent in one letter with others, which ones is not settled yet.
UNGATHERED = ""
LONGEST_REASON = 200
Receiver = tuple[str, str]
_row = outbox.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One row: ``whom`` and ``key`` name the receiver, ``seq`` and ``cause`` the event, ``at`` since when it waits.

    ``digest``: None goes alone, UNGATHERED or the key of the letter that tells of several. ``refused``: the code of the
    receiver's no to the last attempt, None after any other.
    """

    id: str
    seq: int
    cause: str
    at: datetime
    whom: str
    key: str
    subject: str
    state: str
    tries: int
    next_at: datetime
    sent_at: datetime | None
    known_until: datetime | None
    known_by: str | None
    digest: str | None
    refused: str | None

    @property
    def of_complaint(self) -> bool:
        """Whether its subject is a complaint; the id of an alarm has a colon."""
        return ":" not in self.subject

    @property
    def receiver(self) -> Receiver:
        """Who gets it, as a pair."""
        return self.whom, self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try: ``outcome`` delivered, unreachable or refused, ``code`` the answer's, ``reason`` short and no secret."""

    at: datetime
    channel: str
    outcome: str
    code: str
    reason: str
    took_ms: int


def write(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add deliveries as ``row_of`` makes them."""
    if rows:
        connection.execute(insert(outbox), list(rows))


def row_of(
    receiver: Receiver, entry: Logged, *, at: datetime, sent: bool, held: timedelta | None = None
) -> dict[str, Any]:
    """A new delivery of what is logged; ``sent``: its receiver reads it here; ``held``: may wait so long for more."""
    whom, key = receiver
    moment = to_micros(at + (held or timedelta()))
    return {
        "id": str(uuid7()),
        "seq": entry.seq,
        "cause": entry.event.kind.value,
        "at": moment,
        "whom": whom,
        "key": key,
        "subject": entry.event.id,
        "state": SENT if sent else WAITING,
        "tries": 0,
        "next_at": moment,
        "sent_at": moment if sent else None,
        "digest": None if held is None else UNGATHERED,
    }


def receivers_due(connection: Connection, now: datetime) -> dict[Receiver, bool]:
    """Every receiver for whom something is due, and whether a person wants it tried at once; by index."""
    query = select(_row.whom, _row.key, func.min(_row.next_at).label("first"))
    query = query.where(_row.state == WAITING, _row.next_at <= to_micros(now)).group_by(_row.whom, _row.key)
    return {(row.whom, row.key): row.first == AT_ONCE for row in connection.execute(query)}


def due(connection: Connection, receiver: Receiver, now: datetime, limit: int) -> tuple[Delivery, ...]:
    """What may be sent to a receiver now, oldest first: of each subject the first that is not through, if it is due."""
    urgent = case((_row.next_at == AT_ONCE, 0), else_=1)
    mine = (*first_of(receiver), _row.next_at <= to_micros(now))
    return read(connection, select(outbox).where(*mine).order_by(urgent, _row.seq).limit(limit))


def first_of(receiver: Receiver) -> tuple[ColumnElement[bool], ...]:
    """What a row fits that waits for this receiver, and nothing before it on the same subject."""
    earlier = outbox.alias("earlier").c
    before = and_(earlier.whom == _row.whom, earlier.key == _row.key, earlier.subject == _row.subject)
    first = ~select(earlier.id).where(before, earlier.state == WAITING, earlier.seq < _row.seq).exists()
    whom, key = receiver
    return _row.state == WAITING, _row.whom == whom, _row.key == key, first


def mark_sent(connection: Connection, id_: str, now: datetime) -> bool:
    """Say that it is through; False if somebody said so before."""
    values = {"state": SENT, "sent_at": to_micros(now), "tries": _row.tries + 1, "known_until": None, "refused": None}
    return bool(connection.execute(update(outbox).where(_row.id == id_, _row.state == WAITING).values(values)).rowcount)


def mark_failed(connection: Connection, id_: str, again: datetime, *, refused: str | None) -> None:
    """Say that it is not, and when to try next; ``refused``: the code of a no to this very one."""
    change = update(outbox).where(_row.id == id_, _row.state == WAITING)
    connection.execute(change.values(tries=_row.tries + 1, next_at=to_micros(again), refused=refused and refused[:32]))


def note(connection: Connection, id_: str, attempt: Attempt) -> None:
    """Keep one attempt."""
    values = {
        "id": str(uuid7()),
        "delivery": id_,
        "at": to_micros(attempt.at),
        "channel": attempt.channel,
        "outcome": attempt.outcome,
        "code": attempt.code[:32],
        "reason": attempt.reason[:LONGEST_REASON],
        "took_ms": attempt.took_ms,
    }
    connection.execute(insert(delivery_attempt).values(values))


def delivery(connection: Connection, id_: str) -> Delivery | None:
    """The delivery with this id."""
    return next(iter(read(connection, select(outbox).where(_row.id == id_))), None)


def set_known(connection: Connection, id_: str, *, until: datetime, by: str, reason: str) -> None:
    """Somebody knows that it waits, until a moment; ``reason`` is a text's id."""
    values = {"known_until": to_micros(until), "known_by": by, "known_reason": reason}
    connection.execute(update(outbox).where(_row.id == id_).values(values))


def send_again(connection: Connection, one: Delivery, now: datetime) -> None:
    """Try at once, also what is through already: under the same key, so that a receiver who has it may say so.

    What waits before it on the same subject goes first.
    """
    moment = to_micros(now)
    mine = update(outbox).where(_row.id == one.id)
    connection.execute(mine.where(_row.state == SENT).values(state=WAITING, at=moment))
    connection.execute(mine.values(tries=0, next_at=moment, known_until=None, digest=None, refused=None))
    lane = (_row.whom == one.whom, _row.key == one.key, _row.subject == one.subject, _row.state == WAITING)
    first = select(_row.id).where(*lane).order_by(_row.seq).limit(1).scalar_subquery()
    connection.execute(update(outbox).where(_row.id == first).values(next_at=AT_ONCE))


def hold(connection: Connection, epoch: str, real: datetime) -> None:
    """Nothing leaves under this epoch until somebody confirms: the log was restored, or its clock repaired."""
    connection.execute(insert(outbox_hold).values(epoch=epoch, since=to_micros(real)))


def held_since(connection: Connection, epoch: str) -> datetime | None:
    """Since when (real time) everything is held; None when it is not."""
    since = connection.execute(select(outbox_hold.c.since).where(outbox_hold.c.epoch == epoch)).scalar_one_or_none()
    return None if since is None else from_micros(since)


def release(connection: Connection, epoch: str) -> bool:
    """Let it leave; False when nothing was held."""
    return bool(connection.execute(outbox_hold.delete().where(outbox_hold.c.epoch == epoch)).rowcount)


def waiting(connection: Connection) -> int:
    """How many are not through."""
    query = select(func.count()).select_from(outbox).where(_row.state == WAITING)
    return connection.execute(query).scalar_one()


def read(connection: Connection, query: Select[Any]) -> tuple[Delivery, ...]:
    """The deliveries that a query on the table finds."""
    return tuple(_delivery(row) for row in connection.execute(query).mappings())


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(
        id=row["id"],
        seq=row["seq"],
        cause=row["cause"],
        at=from_micros(row["at"]),
        whom=row["whom"],
        key=row["key"],
        subject=row["subject"],
        state=row["state"],
        tries=row["tries"],
        next_at=from_micros(row["next_at"]),
        sent_at=None if row["sent_at"] is None else from_micros(row["sent_at"]),
        known_until=None if row["known_until"] is None else from_micros(row["known_until"]),
        known_by=row["known_by"],
        digest=row["digest"],
        refused=row["refused"],
    )


# Deliveries that one letter tells of together: which ones is settled once, so that it is the same at every attempt.

# A letter that tells of more is not read.
MOST = 50


def gathered(connection: Connection, one: Delivery) -> tuple[Delivery, ...]:
    """All that its letter tells of, oldest first; what waits for the same receiver by now is gathered if it was not.

    Empty when it is through meanwhile.
    """
    key = one.digest or _gather(connection, one)
    mine = (_row.state == WAITING, _row.digest == key, _row.digest != UNGATHERED)
    return read(connection, select(outbox).where(*mine).order_by(_row.seq))


def _gather(connection: Connection, one: Delivery) -> str:
    free = (*first_of(one.receiver), _row.digest == UNGATHERED)
    ids = connection.execute(select(_row.id).where(*free).order_by(_row.seq).limit(MOST)).scalars().all()
    key = str(uuid7())
    connection.execute(update(outbox).where(_row.id.in_(ids), _row.digest == UNGATHERED).values(digest=key))
    return key


def hasten(connection: Connection, subjects: Collection[str], now: datetime) -> None:
    """What waits for others about these goes by itself, now: it became critical."""
    mine = (_row.subject.in_(tuple(subjects)), _row.state == WAITING, _row.digest == UNGATHERED)
    moment = to_micros(now)
    connection.execute(update(outbox).where(*mine).values(digest=None, at=moment, next_at=moment))


# What a receiver refused: tried a few times more, then left to a person, until the receiver shows a change of mind.

REFUSED = "refused"
# A `next_at` after every moment: only a person, or the receiver itself, has it tried again.
BY_HAND = datetime(9999, 1, 1, tzinfo=UTC)
ENOUGH = 20
_tried = delivery_attempt.c


def noes(connection: Connection, ids: Collection[str]) -> int:
    """How many times in a row, up to the last attempt, these were refused: the most of any, at most 20."""
    return max((_noes(connection, id_) for id_ in ids), default=0)


def was_refused(connection: Connection, id_: str) -> bool:
    """Whether its receiver ever said no to it."""
    query = select(_tried.id).where(_tried.delivery == id_, _tried.outcome == REFUSED).limit(1)
    return connection.execute(query).first() is not None


def wake(connection: Connection, receiver: Receiver, now: datetime) -> None:
    """Have tried once more what this receiver refused: it has just taken something that it had refused before."""
    whom, key = receiver
    mine = (_row.whom == whom, _row.key == key, _row.state == WAITING, _row.refused.is_not(None))
    connection.execute(update(outbox).where(*mine).values(next_at=to_micros(now)))


def _noes(connection: Connection, id_: str) -> int:
    query = select(_tried.outcome).where(_tried.delivery == id_).order_by(_tried.id.desc()).limit(ENOUGH)
    outcomes = connection.execute(query).scalars().all()
    return next((place for place, outcome in enumerate(outcomes) if outcome != REFUSED), len(outcomes))


# What the desk asks of the outbox: the list with its attempts, what is stuck, and when an agency had a complaint.

STUCK, KNOWN = "stuck", "known"
# What a list may be asked for.
STATES = (WAITING, STUCK, REFUSED, KNOWN, SENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxQuery:
    """``state``: one of STATES, None for all; ``whom`` and ``key`` as a delivery has them; ``now`` is room time.

    ``among``: of these receivers, each with a key or with None for all of its kind; None for everybody.
    """

    now: datetime
    state: str | None = None
    whom: str | None = None
    key: str | None = None
    among: Collection[tuple[str, str | None]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """What does not get through to one receiver: how many, since when the oldest waits, and which one that is.

    ``refused``: these are what it says no to; the others do not reach it.
    """

    receiver: Receiver
    refused: bool
    n: int
    since: datetime
    first: str


def attempts(connection: Connection, ids: Collection[str], each: int) -> dict[str, list[Attempt]]:
    """By delivery its last ``each`` attempts, newest first."""
    table = delivery_attempt.c
    place = func.row_number().over(partition_by=table.delivery, order_by=table.id.desc()).label("place")
    ranked = select(delivery_attempt, place).where(table.delivery.in_(tuple(ids))).subquery()
    query = select(ranked).where(ranked.c.place <= each).order_by(ranked.c.id.desc())
    found: dict[str, list[Attempt]] = {}
    for row in connection.execute(query):
        attempt = Attempt(
            at=from_micros(row.at),
            channel=row.channel,
            outcome=row.outcome,
            code=row.code,
            reason=row.reason,
            took_ms=row.took_ms,
        )
        found.setdefault(row.delivery, []).append(attempt)
    return found


def listed(
    connection: Connection, asked: OutboxQuery, *, late: ColumnElement[bool], cursor: str | None, limit: int
) -> tuple[Delivery, ...]:
    """The deliveries that are asked for: all and what is through newest first, what waits oldest first.

    ``late``: what is_stuck says. ``cursor``: the id of the last one of the page before; ids are in order of writing.
    """
    oldest = asked.state not in (None, SENT)
    query = select(outbox).where(*_wanted(asked, late)).limit(limit)
    if cursor is not None:
        query = query.where(_row.id > cursor if oldest else _row.id < cursor)
    return read(connection, query.order_by(_row.id if oldest else _row.id.desc()))


def _wanted(asked: OutboxQuery, late: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    states = {
        WAITING: (_row.state == WAITING,),
        SENT: (_row.state == SENT,),
        STUCK: (_row.state == WAITING, late),
        REFUSED: (_row.state == WAITING, _row.refused.is_not(None)),
        KNOWN: (_row.state == WAITING, _row.known_until.is_not(None), not_(unknown(asked.now))),
    }
    named = ((_row.whom, asked.whom), (_row.key, asked.key))
    wanted = [*states.get(asked.state or "", ()), *(column == value for column, value in named if value is not None)]
    if asked.among is None:
        return wanted
    kinds = [whom for whom, key in asked.among if key is None]
    keys = [pair for pair in asked.among if pair[1] is not None]
    return [*wanted, or_(_row.whom.in_(kinds), tuple_(_row.whom, _row.key).in_(keys))]


def to_agencies(connection: Connection, subject: str) -> dict[str, Delivery]:
    """By agency, the delivery about a complaint that says how far it is: the first that waits, else the last."""
    query = select(outbox).where(_row.subject == subject, _row.whom == "agency").order_by(_row.seq)
    found: dict[str, Delivery] = {}
    for one in read(connection, query):
        if one.key not in found or found[one.key].state == SENT:
            found[one.key] = one
    return found


def unknown(now: datetime) -> ColumnElement[bool]:
    """Whether nobody has said that it is known until later."""
    return or_(_row.known_until.is_(None), _row.known_until <= to_micros(now))


def is_stuck(now: datetime, after: timedelta, tries: int) -> ColumnElement[bool]:
    """Of what waits: not through after a time or so many tries, or refused; of which nobody knows until later.

    What a receiver does not want gets better by no try, and all that follows on its subject waits behind it.
    """
    late = or_(_row.at <= to_micros(now - after), _row.tries >= tries, _row.refused.is_not(None))
    return and_(unknown(now), late)


def stuck(connection: Connection, late: ColumnElement[bool]) -> tuple[Stuck, ...]:
    """By receiver what does not get through, and what it refuses; ``late``: what is_stuck says."""
    refused = case((_row.refused.is_not(None), 1), else_=0).label("no")
    count = select(_row.whom, _row.key, refused, func.count(), func.min(_row.at), func.min(_row.id))
    query = count.where(_row.state == WAITING, late).group_by(_row.whom, _row.key, refused)
    return tuple(
        Stuck(receiver=(whom, key), refused=bool(no), n=n, since=from_micros(since), first=first)
        for whom, key, no, n, since, first in connection.execute(query)
    )
