"""An audience to send to: `python -m tests.display.feed.audience_server MODE PORT SLICE`.

It serves the real connections of the feed without a room, SLICE clients at once. Everybody who connects to the
namespace is in the audience.
`POST /say` with `{way, messages: [{…}], pages, every_s, stamped, most}` sends each message: by `way` "audience" as the
tail does, by "plain" through the library's own emit. With `pages` every fourth goes to each client singly, and what
runs in between changes from message to message. Nothing is sent while a client has more than `most` waiting.
`GET /state` tells who is connected and what they wait for.
"""

import itertools
import sys

from liveroom.runtime.async_mode import patch

if __name__ == "__main__":
    patch(sys.argv[1])

import time
from typing import Any

from flask import Flask, request
from flask_socketio import Namespace, SocketIO, join_room

from display.feed import broadcast
from display.feed.limits import FeedConnections, FeedPacket
from display.feed.server import NAMESPACE
from liveroom.runtime import Runtime, runtime_of
from liveroom.runtime.metrics import CUT_OFF, SENT
from liveroom.runtime.server.connections import ConnectionLimits, Connections, raise_open_files
from liveroom.runtime.server.garbage import GarbagePolicy
from liveroom.runtime.server.http_bounds import listen

AUDIENCE, PING_S = "wall", 10
LIMITS = ConnectionLimits(total=20_000, per_address=20_000)


class Everybody(Namespace):  # type: ignore[misc]  # flask_socketio is untyped
    """Lets everybody in."""

    def __init__(self, connections: FeedConnections) -> None:
        super().__init__(NAMESPACE)
        self._connections = connections

    def on_connect(self, auth: object = None) -> None:
        sid = request.sid  # type: ignore[attr-defined]  # set by flask_socketio
        join_room(AUDIENCE)
        self._connections.joined(self.socketio.server.manager.eio_sid_from_sid(sid, NAMESPACE))


class Speaker:
    """Sends what it is asked to."""

    def __init__(self, socketio: SocketIO, runtime: Runtime) -> None:
        self._server, self._runtime = socketio.server, runtime
        self._emit = broadcast.audience_emitter(socketio.server, runtime)
        # Nothing, a moment for whoever is ready, and time for some to have finished: the writers are met in any state.
        self._rests = itertools.cycle((None, 0, None, 0.001, 0, None, 0.003))

    def say(self, asked: dict[str, Any]) -> None:
        due, every_s = time.monotonic(), asked.get("every_s", 0)
        most = asked.get("most")
        for index, message in enumerate(asked["messages"]):
            while most and self.waiting() > most:
                self._runtime.sleep(0.005)
            if asked.get("stamped"):
                message["sent"] = f"{time.monotonic_ns():020d}"
            if asked.get("pages") and index % 4 == 3:
                for sid, _ in list(self._server.manager.get_participants(NAMESPACE, AUDIENCE)):
                    self._server.emit("batch", message, to=sid, namespace=NAMESPACE)
            elif asked["way"] == "audience":
                self._emit(AUDIENCE, "batch", message)
            else:
                self._server.emit("batch", message, to=AUDIENCE, namespace=NAMESPACE)
            due += every_s
            rest = max(0.0, due - time.monotonic()) if every_s else next(self._rests)
            if rest is not None:
                self._runtime.sleep(rest)

    def waiting(self) -> int:
        """The most messages that a client has waiting."""
        return max((one.queue.qsize() for one in list(self._server.eio.sockets.values())), default=0)

    def state(self) -> dict[str, Any]:
        sent = {way: SENT.labels(way)._value.get() for way in ("straight", "queue")}
        joined = len(list(self._server.manager.get_participants(NAMESPACE, AUDIENCE)))
        clients, cut_off = len(self._server.eio.sockets), CUT_OFF._value.get()
        return {"waiting": self.waiting(), "joined": joined, "clients": clients, "cut_off": cut_off, **sent}


def web(runtime: Runtime) -> Flask:
    """The application."""
    app = Flask("audience")
    socketio = SocketIO(
        app,
        async_mode=runtime.mode,
        async_handlers=False,
        cors_allowed_origins="*",
        serializer=FeedPacket,
        namespaces=[NAMESPACE],
        ping_interval=PING_S,
        ping_timeout=PING_S,
    )
    connections = FeedConnections(socketio.server, LIMITS, proxied=False)
    connections.watch(runtime)
    socketio.on_namespace(Everybody(connections))
    speaker = Speaker(socketio, runtime)

    @app.post("/say")
    def say() -> dict[str, Any]:
        speaker.say(request.get_json())
        return speaker.state()

    @app.get("/state")
    def state() -> dict[str, Any]:
        return speaker.state()

    return app


if __name__ == "__main__":
    broadcast.SLICE = int(sys.argv[3])
    raise_open_files()
    serving = runtime_of(sys.argv[1], "sqlite://")
    application = web(serving)
    garbage = GarbagePolicy()  # as a web process has it
    garbage.begin()
    serving.spawn(garbage.run, serving)
    serving.serve(application, listen("127.0.0.1", int(sys.argv[2])), Connections(LIMITS))
