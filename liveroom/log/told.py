"""What may be told of a subject now: the event that is the reason, and texts and pictures that were not erased."""

from sqlalchemy import Connection, select

from liveroom.domain.events import Logged
from liveroom.log import schema
from liveroom.log.codec import logged_of


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
