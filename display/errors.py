"""What no door expects, told in the one shape; only a browser that asks for a page gets a plain page."""

import errno
import logging

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from liveroom.log.engine import Unavailable
from liveroom.runtime.disk import AGAIN_S, DiskFull
from liveroom.runtime.http_input import problem

FOR_PROGRAMS = ("/api/", "/feed/", "/lapor/files")
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DATABASE_AGAIN_S = 5
log = logging.getLogger(__name__)


def tell_errors(app: Flask) -> None:
    """Answer 404, 405, 500 and their like with problem details: always under /api and /feed, elsewhere to whoever does
    not say, as every browser does, that they take HTML.

    A database that is away and a disk that is full are no bugs: 503 and 507, and when to come again. Most doors say so
    in words of their own.
    """

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response | AnyResponse:
        if not request.path.startswith(FOR_PROGRAMS) and "text/html" in request.headers.get("Accept", ""):
            return error.get_response()
        status = error.code or 500
        code = error.name.lower().replace(" ", "_")
        response = problem(status, code, f"{request.method} {request.path[:200]}: {error.name}")
        if status == 405:
            response.headers["Allow"] = error.get_response().headers.get("Allow", "")
        return response

    @app.errorhandler(Unavailable)
    def away(_error: Unavailable) -> Response:
        return problem(503, "unavailable", "the database does not answer", retry_after=DATABASE_AGAIN_S)

    @app.errorhandler(DiskFull)
    def no_room(_error: DiskFull) -> Response:
        return problem(507, "disk_full", "the server has no room for files just now", retry_after=AGAIN_S)

    @app.errorhandler(OSError)
    def full(error: OSError) -> Response:
        if error.errno not in FULL:
            raise error
        log.warning("a disk is full: %s", error.strerror)
        return no_room(DiskFull(str(error.strerror)))
