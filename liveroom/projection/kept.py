"""Which closed complaints still hold what was to be kept for so long only: looked through in slices, by closing day."""

from sqlalchemy import Connection, or_, select

from liveroom.log import schema
from liveroom.log.erasure import What
from liveroom.log.schema import upload
from liveroom.log.uploads import UploadState

Key = tuple[str, str]
FIRST: Key = ("", "")


def still_held(connection: Connection, what: What, until: str, after: Key, limit: int) -> tuple[list[str], Key | None]:
    """Of the next ``limit`` closed on or before the day ``until``: ids that hold some of it, and the key to go on from.

    The key is None after the last.
    """
    table = schema.complaint.c
    beyond = (table.closed_day > after[0]) | ((table.closed_day == after[0]) & (table.id > after[1]))
    query = select(table.closed_day, table.id).where(table.closed_day <= until, beyond)
    rows = connection.execute(query.order_by(table.closed_day, table.id).limit(limit)).all()
    ids = [row.id for row in rows]
    held = _holders(connection, what, ids)
    key = (rows[-1].closed_day, rows[-1].id) if len(rows) == limit else None
    return [id_ for id_ in ids if id_ in held], key


def _holders(connection: Connection, what: What, ids: list[str]) -> set[str]:
    tables = (schema.person,) if what is What.PERSON else (schema.person, schema.text, schema.media)
    found: set[str] = set()
    for table in tables:
        query = select(table.c.subject_id).where(table.c.subject_id.in_(ids), table.c.erased_at.is_(None))
        found.update(connection.execute(query).scalars())
    if what is What.ALL:
        gone = or_(upload.c.state == UploadState.ERASED, upload.c.subject_id == "")
        query = select(upload.c.subject_id).where(upload.c.subject_id.in_(ids), ~gone)
        found.update(connection.execute(query).scalars())
    return found
