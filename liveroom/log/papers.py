"""All that is kept of one complaint beside its events: texts by id, who reported, pictures; without what was erased."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from liveroom.domain.complaints.intake import Person
from liveroom.log import schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """``texts`` by id as (kind, body), in the order in which they came; ``erased`` whether anything was."""

    texts: dict[str, tuple[str, str]]
    person: Person | None
    media: tuple[dict[str, str | None], ...]
    erased: bool


def papers_of(connection: Connection, subject_id: str, *, people: bool) -> Papers:
    """The papers of a complaint; its person only for those who may see ``people``."""
    text, media = schema.text.c, schema.media.c
    rows = connection.execute(select(schema.text).where(text.subject_id == subject_id).order_by(text.id)).all()
    pictures = connection.execute(select(schema.media).where(media.subject_id == subject_id).order_by(media.id)).all()
    return Papers(
        texts={row.id: (row.kind, row.body) for row in rows if row.erased_at is None},
        person=_person(connection, subject_id) if people else None,
        media=tuple({"id": p.id, "kind": p.kind, "url": p.url} for p in pictures if p.erased_at is None),
        erased=any(row.erased_at is not None for row in (*rows, *pictures)),
    )


def _person(connection: Connection, subject_id: str) -> Person | None:
    """Whom the source named last."""
    table = schema.person.c
    query = select(table.name, table.phone, table.email).where(
        table.subject_id == subject_id, table.erased_at.is_(None)
    )
    row = connection.execute(query.order_by(table.id.desc()).limit(1)).one_or_none()
    return None if row is None else Person(name=row.name, phone=row.phone, email=row.email)
