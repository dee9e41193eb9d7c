"""Reports that were made and sent, ``/api/v1/reports``: the list, and each as the PDF that its readers got.

Desks and leadership see all of them, an agency its own and nothing of the others.
"""

import logging
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request

from display.api.complaints import limit_of
from display.api.requests import requester
from display.api.responses import handle_errors, json_response
from display.auth.visitor import Visitors
from display.feed.cards import Cards
from liveroom.accounts.users import Person
from liveroom.domain.notifications import REPORT
from liveroom.domain.requests import OF_AGENCIES, Unknown
from liveroom.domain.timestamps import to_text
from liveroom.log.engine import Connection
from liveroom.media.store import MediaStore, NotStored, StoreUnavailable
from liveroom.projection import reports
from liveroom.projection.reports import KeptReport
from liveroom.room.room import Room
from liveroom.runtime.http_input import problem

_AGAIN_S = 30
log = logging.getLogger(__name__)


def reports_blueprint(room: Room, visitors: Visitors, store: MediaStore) -> Blueprint:
    """The routes; the permission table says for whom."""
    blueprint = Blueprint("reports", __name__, url_prefix="/api/v1/reports")
    handled = handle_errors(Cards(room.city.policy, "desk"))

    def listed() -> Response:
        """``?cursor=&limit=``: the newest first."""
        who, limit, cursor = requester(visitors, request), limit_of(request.args), request.args.get("cursor")
        return json_response(room.log.read(lambda c: _page(c, who, cursor, limit)))

    def file(id: str) -> Response:
        who = requester(visitors, request)
        found = room.log.read(lambda c: reports.report_of(c, id))
        # What is not an agency's own is not there for it: whether it exists is nothing that it learns.
        if found is None or (who.role in OF_AGENCIES and found.agency != who.agency):
            raise Unknown(id)
        return _sent(found, store)

    blueprint.add_url_rule("", "list", handled(listed), methods=["GET"])
    blueprint.add_url_rule("/<id>.pdf", "file", handled(file), methods=["GET"])
    return blueprint


def _page(connection: Connection, who: Person, cursor: str | None, limit: int) -> dict[str, Any]:
    agency = who.agency if who.role in OF_AGENCIES else None
    found = reports.listed(connection, agency=agency, cursor=cursor, limit=limit)
    sent = reports.deliveries_of(connection, [one.id for one in found], REPORT)
    return {
        "items": [_row(one, *sent.get(one.id, (0, 0))) for one in found],
        "next": found[-1].id if len(found) == limit else None,
    }


def _row(one: KeptReport, readers: int, reached: int) -> dict[str, Any]:
    return {
        "id": one.id,
        "report": one.report,
        "first": one.first,
        "last": one.last,
        "language": one.language,
        "agency": one.agency or None,
        "made_at": to_text(one.made_at),
        "due_at": to_text(one.due),
        "late": one.late,
        "seq": one.position,
        "fingerprint": one.fingerprint,
        "bytes": one.size,
        "file": f"/api/v1/reports/{one.id}.pdf",
        "readers": readers,
        "reached": reached,
    }


def _sent(one: KeptReport, store: MediaStore) -> Response:
    try:
        size = store.size(one.file)
    except NotStored as error:
        raise Unknown(one.id) from error
    except StoreUnavailable as error:
        log.warning("%s", error)
        return problem(503, "store", "the store of files does not answer", retry_after=_AGAIN_S)
    name = "-".join(part for part in (one.report, one.last, one.agency) if part)
    headers = {
        "Content-Disposition": f'inline; filename="{name}.pdf"',
        "Content-Length": str(size),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(_blocks(store, one.file), 200, headers, content_type="application/pdf")


def _blocks(store: MediaStore, name: str) -> Iterator[bytes]:
    """The bytes, or fewer if the store fails meanwhile: the reader sees it by Content-Length."""
    try:
        yield from store.read(name)
    except (NotStored, StoreUnavailable) as error:
        log.warning("the rest of a report was not sent: %s", error)
