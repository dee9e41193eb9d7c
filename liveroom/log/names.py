"""The names of those who act, for other people's eyes; also of people who were removed since."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from liveroom.log.schema_people import user


def names_of(connection: Connection, actors: Collection[str]) -> Mapping[str, str]:
    """By actor, the name of each that is a person who could once log in (at most 500 actors)."""
    if not actors:
        return {}
    return {row.id: row.name for row in connection.execute(select(user.c.id, user.c.name).where(user.c.id.in_(actors)))}
