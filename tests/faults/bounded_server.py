"""A server of one async mode with a patience of so many seconds, for a whole body and for silence:
`python -m tests.faults.bounded_server MODE PORT WHOLE_S SILENT_S HEAD_S`, the last for the whole head of a request.

`/read` reads the body and says how long it was, or 408; `/much` answers with LONG bytes in one piece;
every other path answers without a look at it.
"""

import sys

from liveroom.runtime.start import patch

patch(sys.argv[1])

from collections.abc import Iterable  # noqa: E402
from typing import Any  # noqa: E402

from liveroom.runtime import bodies  # noqa: E402
from liveroom.runtime.connections import ConnectionLimits, Connections  # noqa: E402
from liveroom.runtime.listening import listen  # noqa: E402
from liveroom.runtime.start import runtime_of  # noqa: E402

bodies.WHOLE_S = bodies.UNREAD_S = int(sys.argv[3])
bodies.NO_LENGTH = bodies.LARGEST = 0
bodies.SILENT_S = int(sys.argv[4])
bodies.HEAD_S = int(sys.argv[5])
MOST = 5_000
LONG = 6_000_000


def app(environ: dict[str, Any], respond: Any) -> Iterable[bytes]:
    """One answer of a line."""
    status, said = "200 OK", b"unread"
    if environ["PATH_INFO"] == "/read":
        try:
            length = min(int(environ.get("CONTENT_LENGTH") or MOST), MOST)
            said = str(len(environ["wsgi.input"].read(length))).encode()
        except TimeoutError:
            status, said = "408 Request Timeout", b"slow"
    if environ["PATH_INFO"] == "/much":
        said = b"a" * LONG
    respond(status, [("Content-Length", str(len(said)))])
    return [said]


runtime_of(sys.argv[1], "sqlite://").serve(
    app, listen("127.0.0.1", int(sys.argv[2])), Connections(ConnectionLimits(total=500, per_address=500))
)
