"""Files whose content is to go: erased or given up, they name it until it is out of the media store."""

from sqlalchemy import Connection, delete, or_, select, update

from liveroom.log.schema_uploads import upload
from liveroom.log.uploads import KEPT, Upload, UploadState, others_keep, upload_from

NAMES = tuple(upload.c[name] for name in KEPT)


def to_empty(connection: Connection, subject: str | None, limit: int) -> tuple[Upload, ...]:
    """The next ``limit`` of all complaints or one, oldest first."""
    named = or_(*(name.is_not(None) for name in NAMES))
    query = select(upload).where(upload.c.state == UploadState.ERASED, named)
    if subject is not None:
        query = query.where(upload.c.subject_id == subject)
    return tuple(map(upload_from, connection.execute(query.order_by(upload.c.id).limit(limit))))


def nobody_elses(connection: Connection, one: Upload) -> tuple[str, ...]:
    """Of its content, what no other file holds."""
    return tuple(dict.fromkeys(name for name in one.kept.values() if not others_keep(connection, name, one.id)))


def emptied(connection: Connection, one: Upload) -> None:
    """Its content is out of the store; one that belongs to no complaint is forgotten."""
    connection.execute(update(upload).where(upload.c.id == one.id).values(dict.fromkeys(KEPT)))
    connection.execute(delete(upload).where(upload.c.id == one.id, upload.c.subject_id == ""))


def on_its_way_out(connection: Connection, names: tuple[str, ...]) -> bool:
    """Whether some of this content is being taken out just now."""
    held = or_(*(name.in_(names) for name in NAMES))
    query = select(upload.c.id).where(upload.c.state == UploadState.ERASED, held).limit(1)
    return connection.execute(query).first() is not None
