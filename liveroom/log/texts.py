"""What others said: of a complaint texts, persons and links to pictures, and warnings; in rows apart from the events.

Events name these rows by id, so that erasure empties a row and touches no event; `erased_at` is then set. `TextRows`
queues rows inside a write, `Dossier` is everything kept of one complaint, and the log of accesses says who was shown
whose personal data.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from uuid_utils import uuid7

from liveroom.domain.complaints.intake import Report, Reporter
from liveroom.domain.phones import phone_key
from liveroom.domain.timestamps import from_micros, to_micros
from liveroom.log import schema
from liveroom.log.event_log import EventLog, database_now, encode
from liveroom.log.rows import insert_rows
from liveroom.log.schema import access

# The texts of a report; what is searched is made of them.
REPORT_TEXTS = ("description", "address")
# What is kept of whoever reported, as the log of accesses names it.
REPORTER_FIELDS = ("name", "phone", "email")


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
    """Whether its texts were erased, and its exact place with them; not only the person who reported."""
    table = schema.text.c
    query = select(table.id).where(table.subject_id == subject_id, table.erased_at.is_not(None)).limit(1)
    return connection.execute(query).first() is not None


def knows_person(connection: Connection, subject_id: str, report: Report) -> bool:
    """Whether the subject has the report's person already, with the same name, phone and email."""
    table, person = schema.person, report.person
    if person is None:
        return True
    same = [table.c[name].is_not_distinct_from(getattr(person, name)) for name in ("name", "phone", "email")]
    query = select(table.c.id).where(table.c.subject_id == subject_id, *same).limit(1)
    return connection.execute(query).first() is not None


def new_media(connection: Connection, subject_id: str, urls: Sequence[str]) -> tuple[str, ...]:
    """Those of ``urls`` that the subject does not have yet."""
    query = select(schema.media.c.url).where(schema.media.c.subject_id == subject_id)
    have = set(connection.execute(query).scalars())
    return tuple(url for url in urls if url not in have)


class TextRows:
    """Rows to add in one write.

    A draft is filled before its events are decided and absorbed after; a refusal drops it unwritten.
    """

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {"text": [], "person": [], "media": []}
        self.reported: dict[str, dict[str, str]] = {}

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
        """Queue who reported; None when nobody was named. ``region``: how phone numbers are dialled there."""
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
        """Write the queued rows; ``reported`` then has the description and address that each subject got."""
        for row in self.rows["text"]:
            if row["kind"] in REPORT_TEXTS:
                self.reported.setdefault(row["subject_id"], {})[row["kind"]] = row["body"]
        for name, rows in self.rows.items():
            if rows:
                insert_rows(connection, schema.metadata.tables[name], rows)
                rows.clear()


# ---- reads: nothing of these is erased ----


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything kept of one complaint beside its events.

    ``texts`` by id as (kind, body), in the order in which they came; ``erased``: whether anything was.
    """

    texts: dict[str, tuple[str, str]]
    person: Reporter | None
    media: tuple[dict[str, str | None], ...]
    erased: bool


def dossier_of(connection: Connection, subject_id: str, *, people: bool) -> Dossier:
    """The dossier of a complaint; its person only for those who may see ``people``."""
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
    """The person whom the source named last."""
    table = schema.person.c
    query = select(table.name, table.phone, table.email).where(
        table.subject_id == subject_id, table.erased_at.is_(None)
    )
    row = connection.execute(query.order_by(table.id.desc()).limit(1)).one_or_none()
    return None if row is None else Reporter(name=row.name, phone=row.phone, email=row.email)


def reporters(connection: Connection, ids: Collection[str]) -> Mapping[str, Mapping[str, str | None]]:
    """By complaint (at most 500), the REPORTER_FIELDS of whom its source named last, where nothing is erased."""
    table = schema.person.c
    columns = (table.subject_id, *(table[name] for name in REPORTER_FIELDS))
    query = select(*columns).where(table.subject_id.in_(list(ids)), table.erased_at.is_(None)).order_by(table.id)
    rows = connection.execute(query).mappings() if ids else ()
    return {row["subject_id"]: {name: row[name] for name in REPORTER_FIELDS} for row in rows}


def current_texts(connection: Connection, subject: str) -> dict[str, str]:
    """The newest body of each kind of text of a subject, without what was erased."""
    text = schema.text.c
    query = select(text.kind, text.body).where(text.subject_id == subject, text.erased_at.is_(None)).order_by(text.id)
    return {row.kind: row.body for row in connection.execute(query)}


def current_text(connection: Connection, id_: str) -> str | None:
    """One text, unless it was erased."""
    text = schema.text.c
    return connection.execute(select(text.body).where(text.id == id_, text.erased_at.is_(None))).scalar_one_or_none()


def current_links(connection: Connection, subject: str) -> tuple[str, ...]:
    """The links to a subject's pictures as reported, without what was erased."""
    media = schema.media.c
    mine = (media.subject_id == subject, media.kind == "report", media.erased_at.is_(None), media.url.is_not(None))
    return tuple(connection.execute(select(media.url).where(*mine).order_by(media.id)).scalars())


# ---- accesses: who was shown whose personal data; truth, kept as long as the settings say, and no event ----


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEntry:
    """One reading: ``fields`` names what was shown (``name``, ``phone``), never what stood in it. Real time."""

    at: datetime
    actor: str
    role: str
    fields: tuple[str, ...]


def note_access(log: EventLog, *, actor: str, role: str, subject_id: str, fields: Collection[str]) -> None:
    """Note that somebody is shown these fields of a subject's person; nothing to note without fields.

    Call it before the answer leaves. Raises Unavailable: the data must then not be shown.
    """
    if fields:
        log.touch(lambda c: access_row(c, actor=actor, role=role, subject_id=subject_id, fields=fields))


def access_row(connection: Connection, *, actor: str, role: str, subject_id: str, fields: Collection[str]) -> None:
    """As ``note_access``, in a transaction that does other things as well."""
    values = {"id": new_id(), "at": to_micros(database_now(connection)), "actor": actor, "role": role}
    connection.execute(insert(access).values(**values, subject_id=subject_id, fields=",".join(sorted(fields))))


def note_accesses(log: EventLog, *, actor: str, role: str, shown: Mapping[str, Collection[str]]) -> None:
    """As ``note_access``, of many subjects at once: ``shown`` has the fields by subject."""
    fields = {subject: ",".join(sorted(names)) for subject, names in shown.items() if names}
    if not fields:
        return

    def note(connection: Connection) -> None:
        values = {"at": to_micros(database_now(connection)), "actor": actor, "role": role}
        rows = [{"id": new_id(), "subject_id": one, "fields": names, **values} for one, names in fields.items()]
        insert_rows(connection, access, rows)

    log.touch(note)


def accesses_of(log: EventLog, subject_id: str) -> Sequence[AccessEntry]:
    """Who read this subject's personal data, the latest first."""
    query = select(access).where(access.c.subject_id == subject_id).order_by(access.c.at.desc())
    rows = log.read(lambda c: c.execute(query).all())
    return [
        AccessEntry(at=from_micros(row.at), actor=row.actor, role=row.role, fields=tuple(row.fields.split(",")))
        for row in rows
    ]


def prune_access(log: EventLog, keep: timedelta) -> int:
    """Forget readings older than ``keep``; returns how many."""

    def forget(connection: Connection) -> int:
        old = access.c.at < to_micros(database_now(connection) - keep)
        return connection.execute(delete(access).where(old)).rowcount

    return log.touch(forget)


# ---- documents of warnings: public, and of no person; kept until some time after they are over ----


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """A document of warnings as it is kept; ``words``: of each hazard in it; ``ends``: ids of those it ends."""

    id: str
    series: str
    source: str
    sent: datetime
    ends_at: datetime
    message: str
    counts: bool
    words: Sequence[Mapping[str, str]]
    ends: Sequence[str] = ()


def keep_document(connection: Connection, row: DocumentRow, heard_at: datetime) -> None:
    """Write a document that was not heard before, and which ones it ends."""
    values = {"id": row.id, "series": row.series, "source": row.source, "message": row.message}
    times = {"sent": to_micros(row.sent), "heard_at": to_micros(heard_at), "ends_at": to_micros(row.ends_at)}
    words = encode(row.words)
    document = {**values, **times, "counts": int(row.counts), "words": words}
    connection.execute(insert(schema.hazard_document).values(**document))
    if row.counts:
        insert_rows(connection, schema.hazard_reference, [{"document": one, "by": row.id} for one in set(row.ends)])


def knows_document(connection: Connection, id_: str) -> bool:
    """Whether it was heard before."""
    table = schema.hazard_document.c
    return connection.execute(select(table.id).where(table.id == id_)).first() is not None


def is_superseded(connection: Connection, row: DocumentRow) -> bool:
    """Whether a document that counts ends this one: it names it, or was sent later under the same identifier."""
    named, table = schema.hazard_reference.c, schema.hazard_document.c
    by_name = select(named.by).where(named.document == row.id).limit(1)
    later = select(table.id).where(table.series == row.series, table.sent > to_micros(row.sent), table.counts == 1)
    return any(connection.execute(query).first() is not None for query in (by_name, later.limit(1)))


def earlier_documents(connection: Connection, row: DocumentRow) -> tuple[str, ...]:
    """The documents that were sent earlier under the same identifier."""
    table = schema.hazard_document.c
    query = select(table.id).where(table.series == row.series, table.sent < to_micros(row.sent))
    return tuple(connection.execute(query).scalars())


def prune_documents(connection: Connection, before: datetime) -> int:
    """Forget documents that were over by a moment, room time; returns how many. None that is in force is."""
    table, named = schema.hazard_document.c, schema.hazard_reference.c
    old = select(table.id).where(table.ends_at < to_micros(before))
    connection.execute(delete(schema.hazard_reference).where(named.by.in_(old)))
    return connection.execute(delete(schema.hazard_document).where(table.ends_at < to_micros(before))).rowcount
