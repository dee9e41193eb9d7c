"""Pictures that a source only links to, and which of them were fetched: an upload that bears the link's name."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from liveroom.log import schema
from liveroom.log.schema_uploads import upload

FETCHED = "fetch:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A link of a complaint; ``id`` of its row, which is in the order of coming."""

    id: str
    subject: str
    url: str

    @property
    def by(self) -> str:
        """Whose upload the fetched picture is."""
        return f"{FETCHED}{self.id}"


def not_fetched(connection: Connection, last: str, limit: int) -> tuple[Linked, ...]:
    """Links of reports after the row ``last`` that were neither fetched nor given up nor erased, oldest first."""
    media = schema.media.c
    asked = (media.kind == "report", media.erased_at.is_(None), media.url.like("https://%"), media.id > last)
    known = select(upload.c.id).where(upload.c.by == FETCHED + media.id).exists()
    rows = connection.execute(select(schema.media).where(*asked, ~known).order_by(media.id).limit(limit))
    return tuple(Linked(id=row.id, subject=row.subject_id, url=row.url) for row in rows)


def id_at(moment: datetime) -> str:
    """What the ids of rows that came after a moment (aware, real time) are greater than."""
    drawn = f"{int(moment.timestamp() * 1000):012x}"
    return f"{drawn[:8]}-{drawn[8:]}"
