"""The outbox over HTTP, ``/api/v1/outbox``: deliveries with their last attempts.

The list holds codes and times alone, no words of a complaint and no address of a citizen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request

from display.api.complaints import limit_of
from display.api.requests import requester
from display.api.responses import handle_errors, json_response
from display.auth.visitor import Visitors
from display.feed.cards import Cards, visit_now
from liveroom.city.city import City
from liveroom.domain.alarms.model import way_out
from liveroom.domain.fields import given_by
from liveroom.domain.notifications import RecipientKind
from liveroom.domain.outbox import KNOWN_LONGEST, OUTBOX_SPECS, OutboxCommandName, allowed
from liveroom.domain.requests import Role
from liveroom.domain.timestamps import to_text, to_text_or_none
from liveroom.log import outbox
from liveroom.log.engine import Connection
from liveroom.log.event_log import read_head, room_now
from liveroom.log.outbox import BY_HAND, STATES, Attempt, Delivery
from liveroom.projection import complaints
from liveroom.projection.notices import STUCK, lines
from liveroom.room.recipients import Recipients
from liveroom.room.room import Room
from liveroom.runtime.config import OutboxSettings
from liveroom.runtime.http_input import problem

_LAST_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """At most ``limit`` deliveries in ``state`` to the receiver ``to`` (None: any), after the one with the id
    ``cursor`` (None: from the first)."""

    state: str | None
    to: str | None
    cursor: str | None
    limit: int


class OutboxList:
    """Lists the deliveries of one room, with the names of its city."""

    def __init__(self, city: City, routes: Recipients, settings: OutboxSettings) -> None:
        self._city = city
        self._routes = routes
        self._after = timedelta(minutes=settings.stuck_minutes)
        self._tries = settings.stuck_tries

    def of(self, connection: Connection, asked: OutboxPage, role: Role) -> dict[str, Any]:
        """``{items, next, now, waiting, held_since, stuck, guests, allowed, known_days}``.

        ``next``: the next cursor; ``now``: room time; ``known_days``: how many days ahead a failure may be noted as
        known. ``role``: the reader's, of whom ``allowed`` of each item and of the list says which commands they could
        give.
        """
        now, head = room_now(connection), read_head(connection)
        among = None if asked.to is None else self._routes.behind(asked.to)
        kind, key = self._receiver(None if among is not None else asked.to)
        query = outbox.OutboxQuery(now=now, state=asked.state, recipient_kind=kind, key=key, among=among)
        late = outbox.is_stuck(now, self._after, self._tries)
        found = outbox.listed(connection, query, late=late, cursor=asked.cursor, limit=asked.limit)
        numbers = self._numbers(connection, found)
        tried = outbox.attempts(connection, [one.id for one in found], _LAST_ATTEMPTS)
        return {
            "items": [
                {
                    **self._item(one, numbers, tried.get(one.id, []), now),
                    "allowed": allowed(role, sent=one.state == outbox.SENT),
                }
                for one in found
            ],
            "next": found[-1].id if len(found) == asked.limit else None,
            "now": to_text(now),
            "waiting": outbox.waiting(connection),
            "held_since": to_text_or_none(outbox.held_since(connection, head.epoch)),
            "guests": visit_now(connection) is not None,
            "stuck": [line for line in lines(connection) if line["kind"] == STUCK],
            "allowed": [name for name in given_by(OUTBOX_SPECS, role) if name == OutboxCommandName.RELEASE],
            "known_days": KNOWN_LONGEST.days,
        }

    def _receiver(self, to: str | None) -> tuple[str | None, str | None]:
        """Kind and key of a receiver as `way_out` writes it (``KIND-KEY``, an agency by its key alone)."""
        if to is None:
            return None, None
        kind, _, key = to.partition("-")
        if to in self._city.agencies or kind not in set(RecipientKind):
            return RecipientKind.AGENCY, to
        return kind, key or None

    def _item(self, one: Delivery, numbers: Mapping[str, str], tried: list[Attempt], now: datetime) -> dict[str, Any]:
        known = one.known_until is not None and one.known_until > now
        by_hand = one.state == outbox.WAITING and one.next_at >= BY_HAND
        return {
            "id": one.id,
            "to": way_out(one.recipient_kind, one.key),
            "whom": one.recipient_kind,
            "name": self._name(one),
            "channel": self._routes.channel(one.receiver).value,
            "cause": one.cause,
            "complaint": one.subject if one.of_complaint else None,
            "number": numbers.get(one.subject),
            "state": "known" if known and one.state == outbox.WAITING else one.state,
            "at": to_text(one.at),
            "sent_at": to_text_or_none(one.sent_at),
            "next_at": None if one.state != outbox.WAITING or by_hand else to_text(one.next_at),
            "by_hand": by_hand,
            "tries": one.tries,
            "refused": one.refused if one.state == outbox.WAITING else None,
            "digest": one.digest is not None,
            "known_until": to_text_or_none(one.known_until),
            "known_by": one.known_by,
            "attempts": [_attempt_json(attempt) for attempt in tried],
        }

    def _name(self, one: Delivery) -> str:
        match RecipientKind(one.recipient_kind):
            case RecipientKind.AGENCY | RecipientKind.READER:
                agency = self._city.agencies.get(one.key)
                return one.key if agency is None else agency.short
            case RecipientKind.OFFICE:
                office = self._city.recipients.get(one.key)
                return one.key if office is None else office.name
            case RecipientKind.SOURCE | RecipientKind.SUBSCRIBER:
                return one.key
            case RecipientKind.SUPERVISOR | RecipientKind.CITIZEN | RecipientKind.PHONE:
                return one.key

    @staticmethod
    def _numbers(connection: Connection, found: tuple[Delivery, ...]) -> dict[str, str]:
        ids = sorted({one.subject for one in found if one.of_complaint})
        return {complaint.id: complaint.source_id for complaint in complaints.complaints(connection, ids)}


def _attempt_json(attempt: Attempt) -> dict[str, Any]:
    return {
        "at": to_text(attempt.at),
        "channel": attempt.channel,
        "outcome": attempt.outcome,
        "code": attempt.code,
        "reason": attempt.reason,
        "took_ms": attempt.took_ms,
    }


def outbox_blueprint(room: Room, visitors: Visitors, settings: OutboxSettings) -> Blueprint:
    """``/api/v1/outbox``; the permission table says for whom."""
    outbox = Blueprint("outbox", __name__, url_prefix="/api/v1/outbox")
    rows, handled = OutboxList(room.city, room.routes, settings), handle_errors(Cards(room.city.policy, "desk"))
    outbox.add_url_rule("", "list", handled(lambda: _listed(room, rows, visitors)))
    return outbox


def _listed(room: Room, rows: OutboxList, visitors: Visitors) -> Response:
    """``?state=waiting|stuck|refused|known|sent&to=RECEIVER&cursor=&limit=``."""
    state, to = request.args.get("state"), request.args.get("to")
    if state is not None and state not in STATES:
        return problem(422, "malformed", f"must be one of {', '.join(STATES)}", "state")
    asked = OutboxPage(state, to, request.args.get("cursor"), limit_of(request.args))
    role = requester(visitors, request).role
    return json_response(room.log.read(lambda c: rows.of(c, asked, role)))
