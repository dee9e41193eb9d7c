"""Private links as rows, and whom a citizen's letter may go to now: nobody once the person was erased."""

from collections.abc import Collection

from sqlalchemy import Connection, insert, select

from liveroom.log import schema
from liveroom.log.head import database_now
from liveroom.log.schema_citizens import citizen_link
from liveroom.log.sources import key_hash
from liveroom.moments import to_micros


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


def reachable(connection: Connection, complaints: Collection[str]) -> frozenset[str]:
    """Those of these complaints that came by the citizens' page with an e-mail address."""
    if not complaints:
        return frozenset()
    person, link = schema.person.c, citizen_link.c
    query = select(link.complaint).join(schema.person, person.subject_id == link.complaint)
    mine = (link.complaint.in_(list(complaints)), person.email.is_not(None), person.erased_at.is_(None))
    return frozenset(connection.execute(query.where(*mine)).scalars())


def email_of(connection: Connection, complaint: str) -> str | None:
    """The address that the citizen left last, unless the person was erased."""
    person = schema.person.c
    query = select(person.email).where(person.subject_id == complaint, person.erased_at.is_(None))
    return connection.execute(query.order_by(person.id.desc()).limit(1)).scalar_one_or_none()
