"""Free text, people, media rows; phone keys; access log."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from uuid_utils import uuid7

from liveroom.domain.complaints.intake import Report, Reporter
from liveroom.domain.complaints.model import Stage
from liveroom.domain.events import Kind, Logged
from liveroom.domain.phones import phone_key
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import event_log, schema
from liveroom.log.event_log import EventLog, database_now, logged_of
from liveroom.log.schema import access

# Free texts, people and media of a subject: rows apart from the events, erasable without touching one.

REPORT_TEXTS = ("description", "address")


def new_id() -> str:
    """A fresh UUIDv7 as text."""
    return str(uuid7())


def known_texts(connection: Connection, subject_id: str) -> dict[str, str]:
    """The newest body of each kind of text of a subject."""
    table = schema.text
    query = select(table.c.kind, table.c.body).where(table.c.subject_id == subject_id).order_by(table.c.id)
    return {row.kind: row.body for row in connection.execute(query)}


def erased(connection: Connection, subject_id: str) -> bool:
    """Whether this subject's texts, people or media were erased: a resend may then bring none of them back."""
    for table in (schema.text, schema.person, schema.media):
        query = select(table.c.id).where(table.c.subject_id == subject_id, table.c.erased_at.is_not(None)).limit(1)
        if connection.execute(query).first() is not None:
            return True
    return False


def words_erased(connection: Connection, subject_id: str) -> bool:
    """Whether what was said of it was erased, and where it was with that; not only who reported."""
    table = schema.text.c
    query = select(table.id).where(table.subject_id == subject_id, table.erased_at.is_not(None)).limit(1)
    return connection.execute(query).first() is not None


def knows_person(connection: Connection, subject_id: str, report: Report) -> bool:
    """Whether the subject has the report's person already, told with the same name, phone and email."""
    table, person = schema.person, report.person
    if person is None:
        return True
    told = (table.c.name.is_not_distinct_from(person.name), table.c.phone.is_not_distinct_from(person.phone))
    query = select(table.c.id).where(table.c.subject_id == subject_id, *told)
    return (
        connection.execute(query.where(table.c.email.is_not_distinct_from(person.email)).limit(1)).first() is not None
    )


def new_media(connection: Connection, subject_id: str, urls: Sequence[str]) -> tuple[str, ...]:
    """Those of ``urls`` that the subject does not have yet."""
    query = select(schema.media.c.url).where(schema.media.c.subject_id == subject_id)
    have = set(connection.execute(query).scalars())
    return tuple(url for url in urls if url not in have)


class TextRows:
    """Rows to add. A draft is filled before its events are decided and absorbed after; a refusal drops it unwritten."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {"text": [], "person": [], "media": []}
        self.reported: set[str] = set()

    def add(self, subject_id: str, kind: str, body: str) -> str:
        """Queue one text; returns its id."""
        row = {"id": new_id(), "subject_id": subject_id, "kind": kind, "body": body}
        self.rows["text"].append(row)
        return row["id"]

    def add_report(self, subject_id: str, report: Report, known: Mapping[str, str]) -> dict[str, str]:
        """Queue the report's texts that differ from ``known``; returns kind to text id."""
        bodies = {kind: getattr(report, kind) for kind in REPORT_TEXTS}
        changed = {kind: body for kind, body in bodies.items() if body and body != known.get(kind)}
        return {kind: self.add(subject_id, kind, body) for kind, body in changed.items()}

    def add_person(self, subject_id: str, report: Report, region: str) -> str | None:
        """Queue who reported, from where numbers are dialled as in ``region``; None when nobody was named."""
        if report.person is None:
            return None
        who = {"name": report.person.name, "phone": report.person.phone, "email": report.person.email}
        who["phone_key"] = phone_key(report.person.phone or "", region)
        row = {"id": new_id(), "subject_id": subject_id, **who}
        self.rows["person"].append(row)
        return str(row["id"])

    def add_media(self, subject_id: str, urls: Sequence[str], kind: str = "report") -> tuple[str, ...]:
        """Queue links to pictures; returns their ids."""
        rows = [{"id": new_id(), "subject_id": subject_id, "kind": kind, "url": url} for url in urls]
        self.rows["media"].extend(rows)
        return tuple(row["id"] for row in rows)

    def absorb(self, draft: "TextRows") -> None:
        """Take over the rows of a draft whose events are logged."""
        for name, rows in draft.rows.items():
            self.rows[name].extend(rows)

    def write(self, connection: Connection) -> None:
        """Write the queued rows; ``reported`` names those whose description or address is another now."""
        self.reported |= {row["subject_id"] for row in self.rows["text"] if row["kind"] in REPORT_TEXTS}
        for name, rows in self.rows.items():
            if rows:
                connection.execute(insert(schema.metadata.tables[name]), rows)
                rows.clear()


# All that is kept of one complaint beside its events: texts by id, who reported, pictures; without what was erased.


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """``texts`` by id as (kind, body), in the order in which they came; ``erased`` whether anything was."""

    texts: dict[str, tuple[str, str]]
    person: Reporter | None
    media: tuple[dict[str, str | None], ...]
    erased: bool


def papers_of(connection: Connection, subject_id: str, *, people: bool) -> Dossier:
    """The papers of a complaint; its person only for those who may see ``people``."""
    text, media = schema.text.c, schema.media.c
    rows = connection.execute(select(schema.text).where(text.subject_id == subject_id).order_by(text.id)).all()
    pictures = connection.execute(select(schema.media).where(media.subject_id == subject_id).order_by(media.id)).all()
    return Dossier(
        texts={row.id: (row.kind, row.body) for row in rows if row.erased_at is None},
        person=_person(connection, subject_id) if people else None,
        media=tuple({"id": p.id, "kind": p.kind, "url": p.url} for p in pictures if p.erased_at is None),
        erased=any(row.erased_at is not None for row in (*rows, *pictures)),
    )


def _person(connection: Connection, subject_id: str) -> Reporter | None:
    """Whom the source named last."""
    table = schema.person.c
    query = select(table.name, table.phone, table.email).where(
        table.subject_id == subject_id, table.erased_at.is_(None)
    )
    row = connection.execute(query.order_by(table.id.desc()).limit(1)).one_or_none()
    return None if row is None else Reporter(name=row.name, phone=row.phone, email=row.email)


# What may be told of a subject now: the event that is the reason, and texts and pictures that were not erased.


def event_at(connection: Connection, seq: int) -> Logged | None:
    """The event with this number."""
    row = connection.execute(select(schema.event).where(schema.event.c.seq == seq)).mappings().one_or_none()
    return None if row is None else logged_of(row)


def standing_texts(connection: Connection, subject: str) -> dict[str, str]:
    """The newest body of each kind of text of a subject, without what was erased."""
    text = schema.text.c
    query = select(text.kind, text.body).where(text.subject_id == subject, text.erased_at.is_(None)).order_by(text.id)
    return {row.kind: row.body for row in connection.execute(query)}


def standing_text(connection: Connection, id_: str) -> str | None:
    """One text, unless it was erased."""
    text = schema.text.c
    return connection.execute(select(text.body).where(text.id == id_, text.erased_at.is_(None))).scalar_one_or_none()


def standing_links(connection: Connection, subject: str) -> tuple[str, ...]:
    """The links to a subject's pictures as reported, without what was erased."""
    media = schema.media.c
    mine = (media.subject_id == subject, media.kind == "report", media.erased_at.is_(None), media.url.is_not(None))
    return tuple(connection.execute(select(media.url).where(*mine).order_by(media.id)).scalars())


# Which complaints have a finish that an officer promised: the log alone knows, a deadline does not tell who set it.

# What sets a finish of its own; pauses, splits and reopening only move the one there is.
SETS_FINISH = (Kind.AMENDED, Kind.TRIAGED, Kind.EXTENDED, Kind.REPLANNED)


def extended_of(connection: Connection, ids: Collection[str]) -> frozenset[str]:
    """Those of ``ids`` (at most 500) whose finish was set by ``complaint.extended`` last."""
    event = schema.event.c
    query = select(event.subject_id, event.kind, event.payload).where(
        event.subject_id.in_(sorted(ids)), event.kind.in_([kind.value for kind in SETS_FINISH])
    )
    last: dict[str, str] = {}
    for row in connection.execute(query.order_by(event.seq)):
        if Stage.FINISH.value in event_log.decode_payload(row.payload).get("deadlines", {}):
            last[row.subject_id] = row.kind
    return frozenset(id_ for id_, kind in last.items() if kind == Kind.EXTENDED.value)


# Who read whose personal data: truth, kept as long as the settings say, never in the event log.


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEntry:
    """One reading: ``fields`` names what was shown (``name``, ``phone``), never what stood in it. Real time."""

    at: datetime
    actor: str
    role: str
    subject_id: str
    fields: tuple[str, ...]


def note_access(log: EventLog, *, actor: str, role: str, subject_id: str, fields: Collection[str]) -> None:
    """Note that somebody was shown these fields of a subject's person; nothing to note without fields.

    Call it before the answer leaves: raises Unavailable, and then the data is not to be shown.
    """
    if fields:
        log.touch(lambda c: write_access(c, actor=actor, role=role, subject_id=subject_id, fields=fields))


def write_access(connection: Connection, *, actor: str, role: str, subject_id: str, fields: Collection[str]) -> None:
    """``note_access`` within a transaction of the caller's."""
    values = {"id": new_id(), "at": to_micros(database_now(connection)), "actor": actor, "role": role}
    connection.execute(insert(access).values(**values, subject_id=subject_id, fields=",".join(sorted(fields))))


def accesses_of(log: EventLog, subject_id: str, limit: int = 100) -> Sequence[AccessEntry]:
    """Who read this subject's personal data, the latest first."""
    query = select(access).where(access.c.subject_id == subject_id).order_by(access.c.at.desc()).limit(limit)
    rows = log.read(lambda c: c.execute(query).all())
    return [
        AccessEntry(
            at=from_micros(row.at),
            actor=row.actor,
            role=row.role,
            subject_id=row.subject_id,
            fields=tuple(row.fields.split(",")),
        )
        for row in rows
    ]


def prune_access(log: EventLog, keep: timedelta) -> int:
    """Forget readings older than ``keep``; returns how many."""

    def forget(connection: Connection) -> int:
        old = access.c.at < to_micros(database_now(connection) - keep)
        return connection.execute(delete(access).where(old)).rowcount

    return log.touch(forget)
