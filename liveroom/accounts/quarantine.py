"""The quarantine: what sources sent and the room refused, kept whole for 30 days until somebody corrects or drops it.

It may hold personal data: whoever looks at an entry is noted (`look`), an erasure takes the entries of its complaint
along, and the retention job deletes what is old. All times are the database's real time, aware UTC.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from liveroom.domain.requests import Malformed
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log.event_log import EventLog, database_now
from liveroom.log.rows import insert_or_not
from liveroom.log.schema import quarantine
from liveroom.log.texts import access_row, new_id

KEPT = timedelta(days=30)
# Bytes of UTF-8 of one entry; what came in more is cut, and the entry says how much.
LONGEST = 64 * 1024
# Entries of one source that nobody has looked after yet; further ones are only counted, so that no client fills a disk.
MOST_OPEN = 10_000
_FIELD, _MESSAGE, _NUMBER = 200, 500, 128
# What a row of `access` says was shown.
SHOWN = "quarantine"

_row = quarantine.c


# The kinds of reasons, by how the message of a fault begins; what is none of these is "other".
REASONS = (
    ("is required", "required"),
    ("must be text", "text"),
    ("may have at most", "long"),
    ("must not contain NUL", "signs"),
    ("must be Unicode", "signs"),
    ("must be RFC 3339", "time"),
    ("must be a time", "time"),
    ("must not be before", "before"),
    ("lies in the future", "future"),
    ("must be between", "range"),
    ("must be a finite number", "number"),
    ("must be one of", "choice"),
    ("must be an object", "object"),
    ("must be an http", "address"),
    ("lat and lon come", "point"),
    ("a real room takes no drill", "drill"),
    ("not JSON", "json"),
    ("is from a robot", "robot"),
    ("is from a mailing list", "robot"),
    ("is larger than", "large"),
)


def reason_of(message: str) -> str:
    """The kind of a fault: one of a closed set, whatever a source has sent."""
    return next((kind for begins, kind in REASONS if message.startswith(begins)), "other")


class QuarantineState(StrEnum):
    """What became of an entry."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """One thing that was refused: ``raw`` as it came, ``value`` the JSON that was made of it (None: nothing)."""

    raw: str
    fault: Malformed
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineEntry:
    """One entry without its content. ``times``: how often the same came; ``complaint``: what it became."""

    id: str
    source: str
    source_id: str | None
    at: datetime
    last_at: datetime
    times: int
    field: str
    message: str
    state: QuarantineState
    decided_at: datetime | None
    decided_by: str | None
    complaint: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineContent:
    """An entry with its content: ``raw`` as it came but for ``cut`` bytes at its end, ``value`` as JSON text."""

    entry: QuarantineEntry
    raw: str
    cut: int
    value: str | None

    @property
    def draft(self) -> str:
        """The JSON text that a correction starts from."""
        return self.raw if self.value is None else self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedReject:
    """A reject as its row has it: ``hash`` of all that came, ``values`` of the columns that say what it is."""

    hash: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepResult:
    """How what was refused was kept: ``beyond`` is counted alone, for too much is open; ``cut`` is not kept whole."""

    beyond: int = 0
    cut: int = 0


class Decided(Exception):
    """Somebody was faster: the entry is not open any more, or not there."""


def encoded(rejects: Iterable[Reject]) -> tuple[EncodedReject, ...]:
    """Rejects as ``keep`` takes them: to write them as JSON may take long, and no transaction is to wait for that."""
    return tuple(EncodedReject(hash=_hash_of(one.raw), values=_values(one)) for one in rejects)


def _hash_of(raw: str) -> str:
    return hashlib.sha256(raw.encode("utf-8", "backslashreplace")).hexdigest()


def keep(connection: Connection, source: str, rejects: Sequence[EncodedReject]) -> KeepResult:
    """Keep what was refused, each thing once.

    What came before is counted again and keeps its state: who dropped it need not do so at each resend.
    """
    now = to_micros(database_now(connection))
    room = MOST_OPEN - _open_of(connection, source)
    beyond = 0
    for reject in rejects:
        same = (_row.source == source, _row.hash == reject.hash)
        again = update(quarantine).where(*same).values(times=_row.times + 1, last_at=now)
        if connection.execute(again).rowcount:
            continue
        if room <= 0:
            beyond += 1
            continue
        values = {**reject.values, "id": new_id(), "source": source, "hash": reject.hash, "at": now, "last_at": now}
        if insert_or_not(connection, quarantine, **values):
            room -= 1
        else:
            connection.execute(again)
    return KeepResult(beyond=beyond, cut=sum(one.values["cut"] > 0 for one in rejects))


def _open_of(connection: Connection, source: str) -> int:
    query = select(func.count()).where(_row.state == QuarantineState.OPEN, _row.source == source)
    return int(connection.execute(query).scalar_one())


def _values(reject: Reject) -> dict[str, Any]:
    raw, cut = bounded(reject.raw)
    value = None if reject.value is None else as_json(reject.value)
    if value is not None and (value == reject.raw or len(value.encode()) > LONGEST):
        value = None
    return {
        "source_id": _number_of(reject.value),
        "times": 1,
        "raw": raw,
        "cut": cut,
        "value": value,
        "field": storable(reject.fault.field)[:_FIELD],
        "message": storable(reject.fault.message)[:_MESSAGE],
        "state": QuarantineState.OPEN.value,
    }


def _number_of(value: Any) -> str | None:
    """The source's own number, by which an erasure of its complaint finds the entry."""
    number = value.get("source_id") if isinstance(value, dict) else None
    return storable(number.strip())[:_NUMBER] if isinstance(number, str) and number.strip() else None


def as_json(value: Any) -> str:
    """A value as JSON text that any database takes: half a surrogate pair is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    with suppress(UnicodeEncodeError):
        text.encode()
        return text
    return json.dumps(value)


def storable(text: str) -> str:
    """Text that any database takes: what is NUL or half a character is shown by its escape."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def bounded(text: str) -> tuple[str, int]:
    """Storable text of at most LONGEST bytes, and how many bytes were cut off its end."""
    raw = storable(text).encode()
    kept = raw[:LONGEST].decode("utf-8", "ignore")
    return kept, len(raw) - len(kept.encode())


# What a person sees of it, and decides.


def entries(
    connection: Connection, *, source: str | None, state: QuarantineState | None, cursor: str | None, limit: int
) -> tuple[QuarantineEntry, ...]:
    """Up to ``limit`` entries without their content, the latest first, before the one with the id ``cursor``."""
    query = select(*_WITHOUT_CONTENT).order_by(_row.id.desc()).limit(limit)
    for column, wanted in ((_row.source, source), (_row.state, state)):
        query = query if wanted is None else query.where(column == wanted)
    query = query if cursor is None else query.where(_row.id < cursor)
    return tuple(map(_entry, connection.execute(query)))


def same_entries(connection: Connection, entry: QuarantineEntry, limit: int) -> tuple[str, ...]:
    """Ids of up to ``limit`` open entries of the same source with the same field and reason, this one too, the latest
    first."""
    alike = (_row.source == entry.source, _row.field == entry.field, _row.message == entry.message)
    query = select(_row.id).where(_row.state == QuarantineState.OPEN, *alike).order_by(_row.id.desc()).limit(limit)
    return tuple(connection.execute(query).scalars())


def open_entries(connection: Connection) -> dict[str, int]:
    """How many entries are open, by source."""
    query = select(_row.source, func.count()).where(_row.state == QuarantineState.OPEN).group_by(_row.source)
    return {source: int(n) for source, n in connection.execute(query)}


def look(connection: Connection, id_: str, *, actor: str, role: str) -> QuarantineContent | None:
    """An entry with its content, and a note that this person was shown it; None where there is none."""
    found = content(connection, id_)
    if found is not None:
        note(connection, id_, actor=actor, role=role)
    return found


def content(connection: Connection, id_: str) -> QuarantineContent | None:
    """An entry with its content, for programs; None where there is none."""
    row = connection.execute(select(quarantine).where(_row.id == id_)).one_or_none()
    if row is None:
        return None
    return QuarantineContent(entry=_entry(row), raw=row.raw, cut=row.cut, value=row.value)


def note(connection: Connection, id_: str, *, actor: str, role: str, done: QuarantineState | None = None) -> None:
    """Note that this person was shown an entry, and what they did with it."""
    fields = (SHOWN,) if done is None else (SHOWN, done.value)
    access_row(connection, actor=actor, role=role, subject_id=id_, fields=fields)


def decide(
    connection: Connection, id_: str, state: QuarantineState, *, actor: str, role: str, complaint: str | None = None
) -> None:
    """Write down that an open entry was accepted, as ``complaint``, or dropped. Raises Decided."""
    values = {"decided_at": to_micros(database_now(connection)), "decided_by": actor, "complaint": complaint}
    change = update(quarantine).where(_row.id == id_, _row.state == QuarantineState.OPEN)
    if not connection.execute(change.values(state=state.value, **values)).rowcount:
        raise Decided(id_)
    note(connection, id_, actor=actor, role=role, done=state)


_CONTENT = ("raw", "value", "cut", "hash")
_WITHOUT_CONTENT = tuple(column for column in quarantine.columns if column.name not in _CONTENT)


def _entry(row: Row[Any]) -> QuarantineEntry:
    return QuarantineEntry(
        id=row.id,
        source=row.source,
        source_id=row.source_id,
        at=from_micros(row.at),
        last_at=from_micros(row.last_at),
        times=row.times,
        field=row.field,
        message=row.message,
        state=QuarantineState(row.state),
        decided_at=None if row.decided_at is None else from_micros(row.decided_at),
        decided_by=row.decided_by,
        complaint=row.complaint,
    )


# Its end by age; an erasure ends the entries of its complaint (liveroom.log.erasure).


def forget_old(log: EventLog, at_once: int = 500) -> int:
    """Delete what came last more than KEPT ago, whatever became of it; returns how many. Raises Unavailable."""

    def forget(connection: Connection) -> int:
        before = to_micros(database_now(connection) - KEPT)
        old = select(_row.id).where(_row.at < before).order_by(_row.at).limit(at_once)
        ids: Sequence[str] = connection.execute(old).scalars().all()
        return connection.execute(delete(quarantine).where(_row.id.in_(ids))).rowcount if ids else 0

    found = 0
    while n := log.touch(forget):
        found += n
    return found
