"""The least that could take a complaint: Flask, one INSERT, one synced commit; what the room adds stands beside it.

Run as ``python -m bench.peer PORT FILE``; on the same server as the room, so that only the work inside differs.
"""

import sqlite3
import sys

import eventlet
import eventlet.wsgi
from flask import Flask, Response, request


def peer(file: str) -> Flask:
    """The application on a SQLite file."""
    app = Flask("peer")
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("pragma journal_mode=wal")
    database.execute("pragma synchronous=full")
    database.execute("create table complaint (id integer primary key, source_id text unique, category text, body text)")

    @app.post("/complaints")
    def take() -> Response:
        body = request.get_json()
        values = (body["source_id"], body["category"], request.get_data(as_text=True))
        database.execute("insert into complaint (source_id, category, body) values (?, ?, ?)", values)
        return Response('{"ok":true}', 201, content_type="application/json")

    return app


if __name__ == "__main__":
    eventlet.wsgi.server(eventlet.listen(("127.0.0.1", int(sys.argv[1]))), peer(sys.argv[2]), log_output=False)
