"""The outbox: deliveries to agencies, offices, sources and pagers as rows, with every attempt at them.

A delivery is written by the transaction whose event causes it and is waiting until it is sent. Of one receiver and
subject only the first that waits may go, so nothing overtakes. Deliveries that may wait for others are gathered into
one digest letter; what a receiver refuses is tried a few times more, then left to a person. Times are room time, except
that the hold after a restore is real time. Rows hold no free text: contents are made when they are sent.
"""

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
    bindparam,
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

from liveroom.domain.events import LoggedEvent
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.rows import insert_rows
from liveroom.log.schema import agency_request, delivery_attempt, outbox, outbox_hold

WAITING, SENT = "waiting", "sent"
# A `next_at` before every moment: a person wants it tried now, whatever was said of its receiver.
AT_ONCE = 0
# `digest` of one that goes in a letter with others, which are not settled yet.
UNGATHERED = ""
LONGEST_REASON = 200
# A digest letter that reports more is not read.
LARGEST_DIGEST = 50
# (`recipient_kind`, `key`) of a delivery.
Receiver = tuple[str, str]
_row = outbox.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One row of the table.

    ``recipient_kind`` (one of `RecipientKind`; the column is ``whom``) and ``key`` name the receiver, ``seq`` and
    ``cause`` the event, ``at`` since when it waits. ``digest``: None goes alone, UNGATHERED or the key of the letter
    that reports several. ``known_until``: somebody knows until then that it waits. ``refused``: the code with which
    the receiver refused the last attempt, None after any other outcome.
    """

    id: str
    seq: int
    cause: str
    at: datetime
    recipient_kind: str
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
        """``recipient_kind`` and ``key`` as a pair."""
        return self.recipient_kind, self.key


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
    insert_rows(connection, outbox, rows)


def row_of(
    receiver: Receiver, entry: LoggedEvent, *, at: datetime, sent: bool, held: timedelta | None = None
) -> dict[str, Any]:
    """A new delivery of a logged event; ``sent``: its receiver reads it in the room; ``held``: may wait so long."""
    kind, key = receiver
    moment = to_micros(at + (held or timedelta()))
    return {
        "id": str(uuid7()),
        "seq": entry.seq,
        "cause": entry.event.kind.value,
        "at": moment,
        "whom": kind,
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
    """What may be sent to a receiver now, oldest first: of each subject the first that waits, if it is due."""
    urgent = case((_row.next_at == AT_ONCE, 0), else_=1)
    mine = (*_first_of(receiver), _row.next_at <= to_micros(now))
    return _read(connection, select(outbox).where(*mine).order_by(urgent, _row.seq).limit(limit))


def _first_of(receiver: Receiver) -> tuple[ColumnElement[bool], ...]:
    """The condition for a row that waits for this receiver with nothing before it on the same subject."""
    earlier = outbox.alias("earlier").c
    before = and_(earlier.whom == _row.whom, earlier.key == _row.key, earlier.subject == _row.subject)
    first = ~select(earlier.id).where(before, earlier.state == WAITING, earlier.seq < _row.seq).exists()
    kind, key = receiver
    return _row.state == WAITING, _row.whom == kind, _row.key == key, first


def mark_sent(connection: Connection, id_: str, now: datetime) -> bool:
    """Mark it as sent; False if it was marked before."""
    values = {"state": SENT, "sent_at": to_micros(now), "tries": _row.tries + 1, "known_until": None, "refused": None}
    return bool(connection.execute(update(outbox).where(_row.id == id_, _row.state == WAITING).values(values)).rowcount)


def mark_failed(connection: Connection, id_: str, again: datetime, *, refused: str | None) -> None:
    """Note a failed attempt and when to try next; ``refused``: the code with which the receiver refused this one."""
    change = update(outbox).where(_row.id == id_, _row.state == WAITING)
    connection.execute(change.values(tries=_row.tries + 1, next_at=to_micros(again), refused=refused and refused[:32]))


def note(connection: Connection, id_: str, attempt: Attempt) -> None:
    """Keep one attempt of a delivery."""
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
    """The delivery with this id; None if there is none."""
    return next(iter(_read(connection, select(outbox).where(_row.id == id_))), None)


def set_known(connection: Connection, id_: str, *, until: datetime, by: str, reason: str) -> None:
    """Note that somebody knows, until a moment, that it waits; ``reason`` is a text's id."""
    values = {"known_until": to_micros(until), "known_by": by, "known_reason": reason}
    connection.execute(update(outbox).where(_row.id == id_).values(values))


def send_again(connection: Connection, one: Delivery, now: datetime) -> None:
    """Try at once, even one that was sent: under the same key, so that a receiver who has it can say so.

    What waits before it on the same subject goes first.
    """
    moment = to_micros(now)
    mine = update(outbox).where(_row.id == one.id)
    connection.execute(mine.where(_row.state == SENT).values(state=WAITING, at=moment))
    connection.execute(mine.values(tries=0, next_at=moment, known_until=None, digest=None, refused=None))
    lane = (_row.whom == one.recipient_kind, _row.key == one.key, _row.subject == one.subject, _row.state == WAITING)
    first = select(_row.id).where(*lane).order_by(_row.seq).limit(1).scalar_subquery()
    connection.execute(update(outbox).where(_row.id == first).values(next_at=AT_ONCE))


def hold(connection: Connection, epoch: str, real: datetime) -> None:
    """Let nothing leave under this epoch until somebody releases it: the log was restored, or its clock repaired."""
    connection.execute(insert(outbox_hold).values(epoch=epoch, since=to_micros(real)))


def held_since(connection: Connection, epoch: str) -> datetime | None:
    """Since when (real time) everything is held; None when it is not."""
    since = connection.execute(select(outbox_hold.c.since).where(outbox_hold.c.epoch == epoch)).scalar_one_or_none()
    return None if since is None else from_micros(since)


def release(connection: Connection, epoch: str) -> bool:
    """End the hold; False when nothing was held."""
    return bool(connection.execute(outbox_hold.delete().where(outbox_hold.c.epoch == epoch)).rowcount)


def waiting(connection: Connection) -> int:
    """How many deliveries wait."""
    query = select(func.count()).select_from(outbox).where(_row.state == WAITING)
    return connection.execute(query).scalar_one()


def _read(connection: Connection, query: Select[Any]) -> tuple[Delivery, ...]:
    """The deliveries that a query on the table finds."""
    return tuple(_delivery(row) for row in connection.execute(query).mappings())


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(
        id=row["id"],
        seq=row["seq"],
        cause=row["cause"],
        at=from_micros(row["at"]),
        recipient_kind=row["whom"],
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


# ---- digests: which deliveries one letter reports is settled once, so that it is the same at every attempt ----


def digest_of(connection: Connection, one: Delivery) -> tuple[Delivery, ...]:
    """All deliveries of its letter, oldest first; settles the letter with what waits by now if that is still open.

    Empty when it was sent meanwhile.
    """
    key = one.digest or _gather(connection, one)
    mine = (_row.state == WAITING, _row.digest == key, _row.digest != UNGATHERED)
    return _read(connection, select(outbox).where(*mine).order_by(_row.seq))


def _gather(connection: Connection, one: Delivery) -> str:
    free = (*_first_of(one.receiver), _row.digest == UNGATHERED)
    ids = connection.execute(select(_row.id).where(*free).order_by(_row.seq).limit(LARGEST_DIGEST)).scalars().all()
    key = str(uuid7())
    connection.execute(update(outbox).where(_row.id.in_(ids), _row.digest == UNGATHERED).values(digest=key))
    return key


_HASTEN = (
    update(outbox)
    .where(_row.subject.in_(bindparam("subjects", expanding=True)), _row.state == WAITING, _row.digest == UNGATHERED)
    .values(digest=None, at=bindparam("moment"), next_at=bindparam("moment"))
)


def hasten(connection: Connection, subjects: Collection[str], now: datetime) -> None:
    """Send what waits in a digest about these subjects by itself, now: they became critical."""
    connection.execute(_HASTEN, {"subjects": list(subjects), "moment": to_micros(now)})


# ---- refusals: tried a few times more, then left to a person, until the receiver takes one of them ----

REFUSED = "refused"
# A `next_at` after every moment: only a person, or another delivery that the receiver takes, has it tried again.
BY_HAND = datetime(9999, 1, 1, tzinfo=UTC)
_COUNTED = 20
_tried = delivery_attempt.c


def refusals(connection: Connection, ids: Collection[str]) -> int:
    """How many times in a row, up to the last attempt, these were refused: the most of any, at most 20."""
    return max((_refusals(connection, id_) for id_ in ids), default=0)


def was_refused(connection: Connection, id_: str) -> bool:
    """Whether its receiver ever refused it."""
    query = select(_tried.id).where(_tried.delivery == id_, _tried.outcome == REFUSED).limit(1)
    return connection.execute(query).first() is not None


def wake(connection: Connection, receiver: Receiver, now: datetime) -> None:
    """Try once more what this receiver refused: it has just taken one that it had refused before."""
    kind, key = receiver
    mine = (_row.whom == kind, _row.key == key, _row.state == WAITING, _row.refused.is_not(None))
    connection.execute(update(outbox).where(*mine).values(next_at=to_micros(now)))


def _refusals(connection: Connection, id_: str) -> int:
    query = select(_tried.outcome).where(_tried.delivery == id_).order_by(_tried.id.desc()).limit(_COUNTED)
    outcomes = connection.execute(query).scalars().all()
    return next((place for place, outcome in enumerate(outcomes) if outcome != REFUSED), len(outcomes))


# ---- the desk's view: the list with its attempts, what is stuck, and what each agency has ----

STUCK, KNOWN = "stuck", "known"
# What the list may be filtered by.
STATES = (WAITING, STUCK, REFUSED, KNOWN, SENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxQuery:
    """A filter of the list. ``state``: one of STATES, None for all; ``now`` is room time.

    ``recipient_kind`` and ``key`` as a delivery has them. ``among``: of these receivers, each with a key or with None
    for all of its kind; None for everybody.
    """

    now: datetime
    state: str | None = None
    recipient_kind: str | None = None
    key: str | None = None
    among: Collection[tuple[str, str | None]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """What does not get through to one receiver: how many, since when the oldest waits, and which one that is.

    ``refused``: whether it refuses these, or they do not reach it.
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
    """One page of the list: all and the sent ones newest first, what waits oldest first.

    ``late``: the condition of `is_stuck`. ``cursor``: the id of the last one of the page before.
    """
    oldest = asked.state not in (None, SENT)
    query = select(outbox).where(*_wanted(asked, late)).limit(limit)
    if cursor is not None:
        query = query.where(_row.id > cursor if oldest else _row.id < cursor)
    return _read(connection, query.order_by(_row.id if oldest else _row.id.desc()))


def _wanted(asked: OutboxQuery, late: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    states = {
        WAITING: (_row.state == WAITING,),
        SENT: (_row.state == SENT,),
        STUCK: (_row.state == WAITING, late),
        REFUSED: (_row.state == WAITING, _row.refused.is_not(None)),
        KNOWN: (_row.state == WAITING, _row.known_until.is_not(None), not_(_unknown(asked.now))),
    }
    named = ((_row.whom, asked.recipient_kind), (_row.key, asked.key))
    wanted = [*states.get(asked.state or "", ()), *(column == value for column, value in named if value is not None)]
    if asked.among is None:
        return wanted
    kinds = [kind for kind, key in asked.among if key is None]
    keys = [pair for pair in asked.among if pair[1] is not None]
    return [*wanted, or_(_row.whom.in_(kinds), tuple_(_row.whom, _row.key).in_(keys))]


def to_agencies(connection: Connection, subject: str) -> dict[str, Delivery]:
    """By agency, the delivery about a complaint that says how far it is: the first that waits, else the last."""
    query = select(outbox).where(_row.subject == subject, _row.whom == "agency").order_by(_row.seq)
    found: dict[str, Delivery] = {}
    for one in _read(connection, query):
        if one.key not in found or found[one.key].state == SENT:
            found[one.key] = one
    return found


def _unknown(now: datetime) -> ColumnElement[bool]:
    """The condition that nobody knows of it now."""
    return or_(_row.known_until.is_(None), _row.known_until <= to_micros(now))


def is_stuck(now: datetime, after: timedelta, tries: int) -> ColumnElement[bool]:
    """The condition for a waiting delivery that is stuck: too old, tried too often, or refused; and nobody knows of it.

    No try helps what a receiver refuses, and all that follows on its subject waits behind it.
    """
    late = or_(_row.at <= to_micros(now - after), _row.tries >= tries, _row.refused.is_not(None))
    return and_(_unknown(now), late)


def stuck(connection: Connection, late: ColumnElement[bool]) -> tuple[Stuck, ...]:
    """By receiver, what does not get through and what it refuses; ``late``: the condition of `is_stuck`."""
    refused = case((_row.refused.is_not(None), 1), else_=0).label("no")
    count = select(_row.whom, _row.key, refused, func.count(), func.min(_row.at), func.min(_row.id))
    query = count.where(_row.state == WAITING, late).group_by(_row.whom, _row.key, refused)
    return tuple(
        Stuck(receiver=(kind, key), refused=bool(no), n=n, since=from_micros(since), first=first)
        for kind, key, no, n, since, first in connection.execute(query)
    )


# ---- requests in agencies' own systems: what deliveries became there, whose status is asked for ----

_followed = agency_request.c
MOST_FOLLOWED = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyRequest:
    """A request in an agency's own system, made by ``delivery``: its ``number`` there, or a token as long as it has
    none. ``heard``: what its system said last, in the courier's own form. Times are room time.
    """

    delivery: str
    agency: str
    complaint: str
    number: str | None
    token: str | None
    sent_at: datetime
    asked_at: datetime | None
    heard: str | None


def follow(connection: Connection, one: Delivery, now: datetime, *, number: str, token: str) -> None:
    """Follow what a delivery became; what the same agency was sent about the complaint before does not count now."""
    mine = (_followed.agency == one.key, _followed.complaint == one.subject, _followed.over == 0)
    connection.execute(update(agency_request).where(*mine).values(over=1))
    connection.execute(agency_request.delete().where(_followed.delivery == one.id))  # it was resent by hand
    values = {"delivery": one.id, "agency": one.key, "complaint": one.subject, "sent_at": to_micros(now), "over": 0}
    connection.execute(insert(agency_request).values(number=number or None, token=token or None, **values))


def followed(connection: Connection, agency: str) -> tuple[AgencyRequest, ...]:
    """The agency's requests that are followed, those asked about longest ago first, at most MOST_FOLLOWED."""
    asked = func.coalesce(_followed.asked_at, 0)
    query = select(agency_request).where(_followed.agency == agency, _followed.over == 0)
    rows = connection.execute(query.order_by(asked, _followed.delivery).limit(MOST_FOLLOWED))
    return tuple(_agency_request(row._mapping) for row in rows)


def agency_request_of(connection: Connection, delivery: str) -> AgencyRequest | None:
    """The request of a delivery, while it is followed."""
    query = select(agency_request).where(_followed.delivery == delivery, _followed.over == 0)
    row = connection.execute(query).one_or_none()
    return None if row is None else _agency_request(row._mapping)


def note_over(connection: Connection, deliveries: Collection[str]) -> None:
    """These are followed no more."""
    connection.execute(update(agency_request).where(_followed.delivery.in_(tuple(deliveries))).values(over=1))


def note_request(connection: Connection, delivery: str, **values: str | int) -> None:
    """Set ``number``, ``heard`` or ``over``."""
    connection.execute(update(agency_request).where(_followed.delivery == delivery).values(**values))


def note_asked(connection: Connection, deliveries: Collection[str], now: datetime) -> None:
    """That their system was asked about these, and answered."""
    some = update(agency_request).where(_followed.delivery.in_(tuple(deliveries)))
    connection.execute(some.values(asked_at=to_micros(now)))


def _agency_request(row: RowMapping) -> AgencyRequest:
    return AgencyRequest(
        delivery=row["delivery"],
        agency=row["agency"],
        complaint=row["complaint"],
        number=row["number"],
        token=row["token"],
        sent_at=from_micros(row["sent_at"]),
        asked_at=None if row["asked_at"] is None else from_micros(row["asked_at"]),
        heard=row["heard"],
    )
