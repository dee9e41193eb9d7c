"""Alembic's entry: migrates the connection that `liveroom.log.engine` hands over, or the URL given by -x url=…."""

from alembic import context
from sqlalchemy import Connection

from liveroom.log.engine import open_engine
from liveroom.log.schema import metadata


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    with open_engine(context.get_x_argument(as_dictionary=True)["url"]).connect() as opened:
        _run(opened)
        opened.commit()
