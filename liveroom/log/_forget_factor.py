"""Carved."""

from sqlalchemy import Connection, delete

from liveroom.log.schema import recovery_code, second_factor


def forget_factor(connection: Connection, actor: str) -> bool:
    """Take key and recovery codes away; False for whoever has none."""
    connection.execute(delete(recovery_code).where(recovery_code.c.user_id == actor))
    return bool(connection.execute(delete(second_factor).where(second_factor.c.user_id == actor)).rowcount)
