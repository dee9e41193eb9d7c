"""Who they are that act, for other people's eyes; also people who were removed since."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from liveroom.log.schema import user
from liveroom.log.users import may_enter, who_of
from liveroom.people import AT_DESKS, Who


def people_of(connection: Connection, actors: Collection[str]) -> Mapping[str, Who]:
    """By actor, each that is a person who could once log in (at most 500 actors)."""
    if not actors:
        return {}
    return {row.id: who_of(row) for row in connection.execute(select(user).where(user.c.id.in_(actors)))}


def at_desks(connection: Connection) -> list[Who]:
    """Whoever may log in to a desk now, by name."""
    query = select(user).where(may_enter(), user.c.role.in_([role.value for role in AT_DESKS]))
    return [who_of(row) for row in connection.execute(query.order_by(user.c.name, user.c.id).limit(500))]


def names_of(connection: Connection, actors: Collection[str]) -> Mapping[str, str]:
    """By actor, the name of each that is a person who could once log in (at most 500 actors)."""
    return {actor: who.name for actor, who in people_of(connection, actors).items()}
