"""Erases what was said, who said it and where: rows stay, emptied and dated, so that every event leads somewhere."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from liveroom.domain.events import Kind
from liveroom.domain.timestamps import to_micros
from liveroom.log import schema
from liveroom.log.blanking import blank_events, subjects_of
from liveroom.log.erasures import What
from liveroom.log.schema_citizens import citizen_link
from liveroom.log.schema_outbox import delivery_attempt, outbox
from liveroom.log.schema_search import searched
from liveroom.log.schema_uploads import upload
from liveroom.log.texts import erased, new_id, words_erased
from liveroom.log.uploads import UploadState

MARK = "erased"


def holds(connection: Connection, subject: str, what: What) -> bool:
    """Whether some of it is still to be erased."""
    tables = (schema.person,) if what is What.PERSON else (schema.person, schema.text, schema.media)
    for table in tables:
        query = select(table.c.id).where(table.c.subject_id == subject, table.c.erased_at.is_(None)).limit(1)
        if connection.execute(query).first() is not None:
            return True
    return what is What.ALL and not words_erased(connection, subject)


def erase_rows(connection: Connection, subject: str, what: What, at: datetime, listed: Collection[str]) -> None:
    """Empty the rows of a complaint; its files name their content until that is out of the store. Idempotent.

    ``listed``: the city's categories; another one is a source's own words and goes too.
    """
    real = to_micros(at)
    person, rows = schema.person.c, (schema.person.c.subject_id == subject, schema.person.c.erased_at.is_(None))
    nobody = dict.fromkeys(("name", "phone", "email", "phone_key"))
    connection.execute(update(person.id.table).where(*rows).values(**nobody, erased_at=real))
    _forget_answers(connection, subject)
    if what is What.PERSON:
        return
    _erase_texts(connection, subject, real)
    blank_events(connection, subject, listed)
    links = (schema.media.c.subject_id == subject, schema.media.c.erased_at.is_(None))
    connection.execute(update(schema.media).where(*links).values(url=None, erased_at=real))
    connection.execute(delete(citizen_link).where(citizen_link.c.complaint == subject))
    if not erased(connection, subject):  # nothing was ever said: what a resend says later is not kept either
        marker = {"id": new_id(), "subject_id": subject, "kind": MARK, "body": "", "erased_at": real}
        connection.execute(insert(schema.text), [marker])
    _erase_files(connection, subject, real)


def _erase_texts(connection: Connection, subject: str, real: int) -> None:
    """Its own, those of its alarms, and the words by which it is found."""
    if connection.dialect.name == "sqlite":  # else what the index holds of a word would only be called deleted
        connection.exec_driver_sql("INSERT INTO searched_words(searched_words, rank) VALUES ('secure-delete', 1)")
    connection.execute(delete(searched).where(searched.c.id == subject))
    text = schema.text.c
    its = text.subject_id.in_(subjects_of(subject))
    connection.execute(update(schema.text).where(its, text.erased_at.is_(None)).values(body="", erased_at=real))


def _forget_answers(connection: Connection, subject: str) -> None:
    """What a mail server said of an address is no business of anybody any more."""
    its = select(outbox.c.id).where(outbox.c.subject == subject)
    connection.execute(update(delivery_attempt).where(delivery_attempt.c.delivery.in_(its)).values(reason=""))


def _erase_files(connection: Connection, subject: str, real: int) -> None:
    its = (upload.c.subject_id == subject, upload.c.state != UploadState.ERASED)
    values = {"facts": None, "alike": None, "state": UploadState.ERASED, "erased_at": real}
    connection.execute(update(upload).where(*its).values(**values))


def subjects_erased(connection: Connection) -> frozenset[str]:
    """Ids of the complaints of which this log says that something was erased."""
    query = select(schema.event.c.subject_id).where(schema.event.c.kind == Kind.ERASED.value).distinct()
    return frozenset(connection.execute(query).scalars())


def uploads_under_way(connection: Connection, subject: str) -> Sequence[str]:
    """Ids of its files, of which a part may still lie in the folder of arrivals."""
    return connection.execute(select(upload.c.id).where(upload.c.subject_id == subject)).scalars().all()
