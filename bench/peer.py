"""The least that could take a complaint: Flask, one INSERT by SQLAlchemy, one synced commit.

What the room takes beyond that is its own work.

Run as ``python -m bench.peer PORT FILE``; on the same server as the room, so that only the work inside differs.
"""

import sys
from typing import Any

import eventlet
import eventlet.wsgi
from flask import Flask, Response, request
from sqlalchemy import Column, Integer, MetaData, Table, Text, create_engine, event, insert


def peer(file: str) -> Flask:
    """The application on a SQLite file."""
    app = Flask("peer")
    engine = create_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", _configure)
    table = Table(
        "complaint",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("source_id", Text, unique=True),
        Column("category", Text),
        Column("body", Text),
    )
    table.metadata.create_all(engine)
    statement = insert(table)

    @app.post("/complaints")
    def take() -> Response:
        body = request.get_json()
        row = {"source_id": body["source_id"], "category": body["category"], "body": request.get_data(as_text=True)}
        with engine.begin() as connection:
            connection.execute(statement, row)
        return Response('{"ok":true}', 201, content_type="application/json")

    return app


def _configure(connection: Any, _record: Any) -> None:
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=full")


if __name__ == "__main__":
    eventlet.wsgi.server(eventlet.listen(("127.0.0.1", int(sys.argv[1]))), peer(sys.argv[2]), log_output=False)
