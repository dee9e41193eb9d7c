"""Files of proof that are whole and that no order ever named: somebody sent them and left, or sent a better one."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, literal, select, tuple_, update

from liveroom.domain.complaints.proof import PROOF
from liveroom.domain.fields import UPLOAD
from liveroom.domain.timestamps import to_micros
from liveroom.log import schema
from liveroom.log.head import database_now
from liveroom.log.schema_uploads import upload
from liveroom.log.uploads import Upload, UploadState, upload_from

Key = tuple[int, str]
FIRST: Key = (0, "")
_row = upload.c


def unused_after(connection: Connection, key: Key, older: timedelta, limit: int) -> tuple[Sequence[Upload], Key, bool]:
    """Of the next ``limit`` that became ready longer ago than ``older``: those not named, the key to go on from, and
    whether there may be more. What was named once stays named, so nobody has to look behind the key again."""
    before = to_micros(database_now(connection) - older)
    beyond = tuple_(_row.changed_at, _row.id) > tuple_(literal(key[0]), literal(key[1]))
    query = select(upload).where(_row.state == UploadState.READY, beyond, _row.changed_at < before)
    rows = connection.execute(query.order_by(_row.changed_at, _row.id).limit(limit)).all()
    proofs = [row for row in rows if row.kind == PROOF]
    named = _named(connection, [row.subject_id for row in proofs]) if proofs else frozenset()
    last = (rows[-1].changed_at, rows[-1].id) if rows else key
    unused = [upload_from(row) for row in proofs if f"{UPLOAD}{row.id}" not in named]
    return unused, last, len(rows) == limit


def give_up_unused(connection: Connection, one: Upload) -> bool:
    """It is to go with its content, unless it was named meanwhile; give this under the head's lock, as orders are."""
    if f"{UPLOAD}{one.id}" in _named(connection, [one.subject]):
        return False
    # Of no complaint any more: whoever empties the store forgets such a row.
    gone = {"state": UploadState.ERASED, "subject_id": "", "facts": None, "alike": None}
    mine = (_row.id == one.id, _row.state == UploadState.READY)
    return connection.execute(update(upload).where(*mine).values(**gone)).rowcount == 1


def _named(connection: Connection, subjects: Sequence[str]) -> frozenset[str]:
    media = schema.media.c
    query = select(media.url).where(media.subject_id.in_(subjects), media.url.startswith(UPLOAD))
    return frozenset(connection.execute(query).scalars())
