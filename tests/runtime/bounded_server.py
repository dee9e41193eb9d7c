"""A server of one async mode with a patience of so many seconds, for a whole body and for silence:
`python -m tests.runtime.bounded_server MODE PORT WHOLE_S SILENT_S HEAD_S`, the last for the whole head of a request.

`/read` reads the body and says how long it was, or 408; `/much` answers with LONG bytes in one piece;
every other path answers without a look at it.
"""

import sys

from liveroom.runtime.async_mode import patch

patch(sys.argv[1])

from collections.abc import Iterable  # noqa: E402
from typing import Any  # noqa: E402

from liveroom.runtime.async_mode import runtime_of  # noqa: E402
from liveroom.runtime.server import http_bounds  # noqa: E402
from liveroom.runtime.server.connections import ConnectionLimits, Connections  # noqa: E402
from liveroom.runtime.server.http_bounds import listen  # noqa: E402

http_bounds.WHOLE_S = http_bounds.UNREAD_S = int(sys.argv[3])
http_bounds.NO_LENGTH = http_bounds.LARGEST = 0
http_bounds.SILENT_S = int(sys.argv[4])
http_bounds.HEAD_S = int(sys.argv[5])
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
