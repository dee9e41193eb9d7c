"""Free texts, people and media of a subject: rows apart from the events, erasable without touching one."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select
from uuid_utils import uuid7

from liveroom.domain.complaints.intake import Report
from liveroom.domain.phones import phone_key
from liveroom.log import schema

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


class Texts:
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

    def absorb(self, draft: "Texts") -> None:
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
