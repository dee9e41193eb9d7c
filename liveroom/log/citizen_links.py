"""Private links as rows, and whom a citizen's letter may go to now: nobody once the person was erased."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from liveroom.domain.timestamps import to_micros
from liveroom.log import schema
from liveroom.log.event_log import database_now
from liveroom.log.schema import citizen_link
from liveroom.log.sources import key_hash


def add_link(connection: Connection, token: str, complaint: str) -> None:
    """Let this token, 256 random bits, open a complaint."""
    values = {"token_hash": key_hash(token), "complaint": complaint, "created_at": to_micros(database_now(connection))}
    connection.execute(insert(citizen_link).values(**values))


def linked(connection: Connection, token: str) -> str | None:
    """The id of the complaint that a token opens."""
    query = select(citizen_link.c.complaint).where(citizen_link.c.token_hash == key_hash(token))
    found: str | None = connection.execute(query).scalar_one_or_none()
    return found


def has_link(connection: Connection, complaint: str) -> bool:
    """Whether a complaint came by the citizens' page."""
    query = select(citizen_link.c.complaint).where(citizen_link.c.complaint == complaint).limit(1)
    return connection.execute(query).first() is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What a citizen left last: an ``email`` address, a ``phone`` number as ``phone_key`` has it; None: no such one.

    Whether a machine may call it is asked when it does, so that what is not called is seen.
    """

    email: str | None = None
    phone: str | None = None


def contacts(connection: Connection, complaints: Collection[str]) -> dict[str, Contact]:
    """Of those of these complaints that came by the citizens' page, and whose person was not erased."""
    if not complaints:
        return {}
    person, link = schema.person.c, citizen_link.c
    query = select(link.complaint, person.email, person.phone_key)
    query = query.join(schema.person, person.subject_id == link.complaint)
    mine = (link.complaint.in_(list(complaints)), person.erased_at.is_(None))
    rows = connection.execute(query.where(*mine).order_by(person.id))
    return {row.complaint: Contact(email=row.email, phone=row.phone_key) for row in rows}


def contact_of(connection: Connection, complaint: str) -> Contact:
    """The same of one complaint; an empty one for nobody."""
    return contacts(connection, (complaint,)).get(complaint, Contact())
