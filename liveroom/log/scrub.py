"""Lets nothing of what was erased linger in files beside the rows: in the log of changes, or in rows called dead."""

from sqlalchemy import Engine

from liveroom.log import schema
from liveroom.log.schema_outbox import delivery_attempt
from liveroom.log.schema_search import searched
from liveroom.log.schema_uploads import upload

OF_THE_LOG = (schema.event, schema.complaint, schema.alarm, schema.notice)
EMPTIED = (*OF_THE_LOG, schema.text, schema.person, schema.media, searched, upload, delivery_attempt)


def scrub(engine: Engine) -> bool:
    """Works beside everybody else; False when readers kept the log of changes from being emptied just now.

    SQLite zeroes what it frees (secure_delete) and the log of changes is cut to nothing; PostgreSQL drops dead rows.
    """
    return _truncate(engine) if engine.dialect.name == "sqlite" else _vacuum(engine)


def _truncate(engine: Engine) -> bool:
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # waits for readers as long as the busy time-out
        told = cursor.fetchone()
        return told is not None and not told[0]
    finally:
        connection.close()


def _vacuum(engine: Engine) -> bool:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SET statement_timeout = 0")
        for table in EMPTIED:
            connection.exec_driver_sql(f'VACUUM "{table.name}"')
        connection.invalidate()  # its setting is its own
    return True
