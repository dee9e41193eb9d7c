"""`/desk/handover`: what happened in the shift, to be read, printed and signed for; with `?seq=` one that was taken.

Of now: since the last shift was taken, with what is late and what ends soon. Of one that was taken: what stands under
its two signatures, made anew from the same events of the log, so that it says the same whenever it is printed. While
guests are here no name, no note and no private matter stands on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from display.feed.cards import visit_now
from display.pages.page import closed_page, language_of, page, page_context
from liveroom.city.city import City
from liveroom.courier.content import category_in, moment_in
from liveroom.domain.alarms.model import Alarm
from liveroom.domain.events import LoggedEvent
from liveroom.domain.timestamps import from_micros
from liveroom.log.engine import Unavailable
from liveroom.projection.notices import taken_shifts
from liveroom.room.commands.desk import COUNTED, RungAlarm, ShiftCourse, ShiftReport, SignedShift, shift, signed_shift
from liveroom.room.room import Room
from liveroom.runtime.language import text, written_moment

# Shifts that were taken, of which the page lists links.
_PAST = 12
_LONGEST_SEQ = 15
# Whose names these begin are played by a drill.
_PLAYED = {"latihan-": "duty", "drill-duty-": "duty", "drill-supervisor-": "supervisor"}


def handover_page_blueprint(room: Room, build: str) -> Blueprint:
    """``/desk/handover``."""
    handover = Blueprint("handover_page", __name__, url_prefix="/desk")

    @handover.get("/handover")
    def look() -> Response:
        try:
            context = _context(room, request.args.get("seq", ""))
        except Unavailable:
            return closed_page(room.city, "away", 503)
        answer = page("handover.html", {**page_context(room, build), **context})
        answer.status_code = 404 if context["missing"] else 200
        return answer

    return handover


def _context(room: Room, asked: str) -> dict[str, object]:
    language = language_of(room.city)
    seq = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= _LONGEST_SEQ else 0
    guests = room.log.read(visit_now) is not None
    signed = signed_shift(room.log, seq) if seq else None
    now = shift(room.log) if not asked else None
    told = signed or now
    say = _Words(room.city, language, told.names if told else {}, hidden=guests)
    past = room.log.read(partial(taken_shifts, limit=_PAST))
    return {
        "missing": bool(asked) and signed is None,
        "guests": guests,
        "past": [{"seq": one.seq, "at": say.moment(from_micros(one.at)), "current": one.seq == seq} for one in past],
        "signed": signed is not None,
        "signatures": _signatures(signed, now, say),
        "note": None if guests else signed.note if signed else now.note if now and _open_offer(now) else None,
        "stock": dict(signed.confirmed.event.fields.get("counts") or {}) if signed else dict(now.counts) if now else {},
        "alarms_now": None if now is None else len(now.alarms),
        **(_course(told.course, say) if told else {}),
    }


@dataclass(frozen=True, slots=True, kw_only=False)
class _Words:
    """How the page names people, moments and matters."""

    city: City
    language: str
    names: Mapping[str, str]
    hidden: bool = False

    def who(self, actor: str | None) -> str:
        """A person's name, of a drill's staff the role; a sign in its place while guests are here."""
        if actor is None or self.hidden:
            return "–"
        role = next((role for start, role in _PLAYED.items() if actor.startswith(start)), None)
        return self.names.get(actor, actor if role is None else text(f"page.role.{role}", self.language))

    def moment(self, at: datetime) -> str:
        """``Kamis 26 Nov 2026 16.00``, by the city's clock."""
        return written_moment(at.astimezone(self.city.zone), self.language)

    def matter(self, category: str | None, area: str | None) -> str:
        """Category and area, as far as they are known; no private matter while guests are here."""
        found = self.city.areas.get(area or "")
        if category and self.hidden and self.city.policy.is_private(category):
            return "–"
        parts = (category and category_in(self.city, category, self.language), found and found.name)
        return ", ".join(part for part in parts if part)

    def about(self, alarm: Alarm) -> str:
        """What an alarm is about."""
        agency = self.city.agencies.get(alarm.agency or "")
        several = text("page.handover.several", self.language, n=alarm.count) if alarm.grouped else ""
        whole = ", ".join(part for part in (agency and agency.short, several) if part)
        return self.matter(alarm.category, alarm.area) or alarm.source or whole or "–"


def _open_offer(now: ShiftReport) -> bool:
    return now.offered is not None and (now.confirmed is None or now.confirmed.seq < now.offered.seq)


def _signatures(signed: SignedShift | None, now: ShiftReport | None, say: _Words) -> list[dict[str, str]]:
    """Who gives and who takes, each with moment and position; empty where nobody has signed yet."""
    offered = signed.offered if signed else now.offered if now and _open_offer(now) else None
    confirmed = signed.confirmed if signed else None
    return [_signature("gives", offered, say), _signature("takes", confirmed, say)]


def _signature(side: str, event: LoggedEvent | None, say: _Words) -> dict[str, str]:
    signed = (
        {} if event is None else {"who": say.who(event.actor), "at": say.moment(event.event.at), "seq": str(event.seq)}
    )
    return {"side": text(f"page.handover.{side}", say.language), "who": "", "at": "", "seq": "", **signed}


def _course(course: ShiftCourse, say: _Words) -> dict[str, Any]:
    return {
        "course": course,
        "since": None if course.since_at is None else moment_in(say.city, course.since_at, say.language),
        "numbers": [(text(f"page.handover.n_{name}", say.language), course.counts[name]) for name in COUNTED],
        "alarms": [_alarm_row(one, say) for one in course.alarms],
        "more": course.rang - len(course.alarms),
        "holds": [{"id": one.complaint, "until": say.moment(from_micros(one.until))} for one in course.holds],
        "shelved": [
            {"kind": _kind(one, say), "about": say.about(one), "until": say.moment(one.shelved_until)}
            for one in course.shelved
            if one.shelved_until is not None
        ],
        "late": [
            {"id": one.id, "about": say.matter(one.category, one.area), "received": say.moment(one.received_at)}
            for one in course.late
        ],
    }


def _kind(alarm: Alarm, say: _Words) -> str:
    return text(f"record.{alarm.kind.value}.name", say.language)


def _alarm_row(one: RungAlarm, say: _Words) -> dict[str, str | None]:
    taken = None if one.taken_at is None else f"{say.who(one.taken_by)}, {say.moment(one.taken_at)}"
    about = say.about(one.alarm)
    return {"kind": _kind(one.alarm, say), "about": about, "at": say.moment(one.at), "taken": taken}
