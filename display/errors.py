"""What Flask itself refuses, told in the one shape wherever a program is asking; pages keep their plain answer."""

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from liveroom.problems import problem

FOR_PROGRAMS = ("/api/", "/feed/")


def tell_errors(app: Flask) -> None:
    """Answer 404, 405, 500 and their like under /api and /feed with problem details."""

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response | AnyResponse:
        if not request.path.startswith(FOR_PROGRAMS):
            return error.get_response()
        status = error.code or 500
        code = error.name.lower().replace(" ", "_")
        response = problem(status, code, f"{request.method} {request.path[:200]}: {error.name}")
        if status == 405:
            response.headers["Allow"] = error.get_response().headers.get("Allow", "")
        return response
