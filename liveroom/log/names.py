"""Who they are that act, for other people's eyes; also people who were removed since."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from liveroom.log.schema_people import user
from liveroom.log.users import who_of
from liveroom.people import Who


def people_of(connection: Connection, actors: Collection[str]) -> Mapping[str, Who]:
    """By actor, each that is a person who could once log in (at most 500 actors)."""
    if not actors:
        return {}
    return {row.id: who_of(row) for row in connection.execute(select(user).where(user.c.id.in_(actors)))}


def names_of(connection: Connection, actors: Collection[str]) -> Mapping[str, str]:
    """By actor, the name of each that is a person who could once log in (at most 500 actors)."""
    return {actor: who.name for actor, who in people_of(connection, actors).items()}
