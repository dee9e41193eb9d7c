"""Notices: what every screen shows beside complaints and alarms, one row each.

A flood of alarms, surges of complaints, a stuck outbox, the handover, and what a desk ordered for the room (sound test,
scene, silence, visit). Three kinds are about one complaint or screen and are read by id: released pictures, open
questions, frozen screens. What lasts a stretch of real time stays here until something takes its place: whoever reads
it calculates its end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select

from liveroom.domain.clock_repair import ClockRepair, repair_of
from liveroom.domain.complaints.model import Complaint, Status
from liveroom.domain.events import Event, Kind, LoggedEvent
from liveroom.domain.events.room_payloads import ClockRepaired, OutboxCause, SurgeEnded, SurgeState
from liveroom.domain.room import LINE as HANDOVER
from liveroom.domain.room import ROOM_SPECS, LineName, in_force
from liveroom.domain.surge import Recent, Surge
from liveroom.domain.timestamps import from_micros, from_text, to_micros, to_text
from liveroom.log import event_log, schema
from liveroom.log.rows import upsert
from liveroom.log.schema import listing
from liveroom.log.uploads import UploadState, upload_of
from liveroom.projection import complaints
from liveroom.projection.projector import Projector

FLOOD, SURGE, STUCK, RELEASED, QUESTION, FROZEN = "flood", "surge", "stuck", "proof", "question", "frozen"
# About one complaint or one screen: read by id, never sent to every screen.
OF_ONE = (RELEASED, QUESTION, FROZEN)
# The fields of a notice that are moments of room time, and of real time.
_MOMENTS, _REAL_MOMENTS = ("at", "since", "until"), ("until_real",)
_NOTICE_OF: Mapping[Kind, str] = {
    Kind.FLOOD_BEGAN: FLOOD,
    Kind.FLOOD_ENDED: FLOOD,
    Kind.SURGE_BEGAN: SURGE,
    Kind.SURGE_GROWN: SURGE,
    Kind.SURGE_ENDED: SURGE,
    Kind.SOUND_ASKED: LineName.SOUND_TEST.value,
    Kind.SOUND_MISSED: LineName.SOUND_TEST.value,
    Kind.HANDOVER_OFFERED: HANDOVER,
    Kind.HANDOVER_CONFIRMED: HANDOVER,
    Kind.OUTBOX_STUCK: STUCK,
    Kind.OUTBOX_COUNTED: STUCK,
    Kind.OUTBOX_RECOVERED: STUCK,
    Kind.PROOF_RELEASED: RELEASED,
    Kind.PROOF_WITHDRAWN: RELEASED,
    Kind.SCREEN_FROZEN: FROZEN,
    Kind.SCREEN_UNFROZEN: FROZEN,
    **{spec.kind: spec.line.value for spec in ROOM_SPECS.values()},
}
_ENDS = frozenset(
    {Kind.FLOOD_ENDED, Kind.SURGE_ENDED, Kind.OUTBOX_RECOVERED, Kind.PROOF_WITHDRAWN, Kind.SCREEN_UNFROZEN}
) | {spec.kind for spec in ROOM_SPECS.values() if spec.ends}


class NoticeProjector(Projector):
    """The notices as one transaction sees and leaves them."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._read: dict[str, dict[str, Any] | None] = {}
        self._begun: dict[str, dict[str, Any]] = {}
        self._ended: set[str] = set()

    def apply(self, logged: LoggedEvent, before: Complaint | None, after: Complaint | None, /) -> None:
        """Fold one event; most are about no notice."""
        event = logged.event
        if event.kind in _NOTICE_OF:
            self._note(logged)
        elif isinstance(event.payload, ClockRepaired):
            self._move_back(repair_of(event.payload, event.at))
        if after is not None and after.questions != (before.questions if before else ()):
            self._ask(after)

    def _note(self, logged: LoggedEvent) -> None:
        event, id_ = logged.event, _id_of(logged.event)
        if event.kind in _ENDS:
            self._begun.pop(id_, None)
            self._ended.add(id_)
        else:
            self._ended.discard(id_)
            self._begun[id_] = {"id": id_, "seq": logged.seq, "body": event_log.encode(body_of(logged, id_))}

    def _ask(self, after: Complaint) -> None:
        """Show a complaint's open questions, with the first that is due."""
        id_ = notice_id(QUESTION, after.id)
        if not after.questions:
            self._begun.pop(id_, None)
            self._ended.add(id_)
            return
        first = min(after.questions, key=lambda one: one.answer_by)
        body = {
            "kind": QUESTION,
            "id": after.id,
            "n": len(after.questions),
            "at": to_text(first.at),
            "until": to_text(first.answer_by),
        }
        self._ended.discard(id_)
        self._begun[id_] = {"id": id_, "seq": after.seq, "body": event_log.encode(body)}

    def _move_back(self, repair: ClockRepair) -> None:
        """Move back the moments that notices got from a wrong clock; an open question keeps the time it was given."""
        table = schema.notice
        found = self._connection.execute(select(table).where(table.c.seq >= repair.first)).mappings()
        rows = {row["id"]: dict(row) for row in found if row["id"] not in self._ended} | self._begun
        for id_, row in rows.items():
            if row["seq"] >= repair.first and not id_.startswith(f"{QUESTION}:"):
                body = moved_body(event_log.decode_payload(row["body"]), repair)
                self._begun[id_] = {**row, "body": event_log.encode(body)}

    def get(self, id_: str) -> dict[str, Any] | None:
        """The notice with this id, as this transaction leaves it; None without one."""
        if id_ in self._begun:
            return event_log.decode_payload(self._begun[id_]["body"])
        if id_ in self._ended:
            return None
        if id_ not in self._read:
            self._read[id_] = notice(self._connection, id_)
        return self._read[id_]

    @property
    def flooding_since(self) -> datetime | None:
        """When the flood of alarms in force began, as this transaction leaves it; None without one."""
        return _since(self.get(FLOOD))

    def flush(self) -> None:
        """Write what began, grew or ended."""
        if self._ended:
            gone = delete(schema.notice).where(schema.notice.c.id.in_(sorted(self._ended)))
            self._connection.execute(gone)
        upsert(self._connection, schema.notice, list(self._begun.values()))
        self._read, self._begun, self._ended = {}, {}, set()


def notice_id(kind: str, subject: str) -> str:
    """The id of a notice about one complaint or screen (OF_ONE)."""
    return f"{kind}:{subject}"


def _id_of(event: Event) -> str:
    """One of each kind; but surges and causes have ids of their own, and OF_ONE are named by their subject."""
    kind = _NOTICE_OF[event.kind]
    if isinstance(event.payload, SurgeState | SurgeEnded | OutboxCause):
        return event.payload.id
    return notice_id(kind, event.id) if kind in OF_ONE else kind


# Of a handover: read at the desk alone, not sent to every screen.
_DESK_ONLY = ("alarms", "note")


def notice_for_all(event: Event) -> tuple[str, bool] | None:
    """The id of the notice to every screen that an event is about, and whether it ends it; None for other events."""
    if event.kind not in _NOTICE_OF or _NOTICE_OF[event.kind] in OF_ONE:
        return None
    return _id_of(event), event.kind in _ENDS


def moved_body(body: Mapping[str, Any], repair: ClockRepair) -> dict[str, Any]:
    """What a notice says, its moments moved back by a repair of the clock."""
    moments = {key: repair.moved_text(body[key]) for key in _MOMENTS if key in body}
    return {**body, **moments, **{key: repair.moved_text(body[key], real=True) for key in _REAL_MOMENTS if key in body}}


def body_of(logged: LoggedEvent, id_: str) -> Mapping[str, Any]:
    """What the notice with this id says after the event that began or changed it."""
    event, payload = logged.event, logged.event.fields
    since = payload.get("since") or to_text(event.at)
    areas = payload.get("areas") or [None]
    kind = _NOTICE_OF[event.kind]
    body = {"kind": kind, "category": None, "area": areas[0], "n": payload.get("count")}
    if kind not in (FLOOD, SURGE, STUCK):
        body |= {"state": event.kind.value.partition(".")[2], "by": logged.actor, "at": to_text(event.at)}
    public = {name: value for name, value in payload.items() if kind != HANDOVER or name not in _DESK_ONLY}
    return {**body, **public, "since": since, "id": id_}


_BODY = select(schema.notice.c.body).where(schema.notice.c.id == bindparam("of"))


def notice(connection: Connection, id_: str) -> dict[str, Any] | None:
    """The notice with this id; None without one."""
    body = connection.execute(_BODY, {"of": id_}).scalar_one_or_none()
    return None if body is None else event_log.decode_payload(body)


def flooding_since(connection: Connection) -> datetime | None:
    """When the flood of alarms in force began; None without one."""
    return _since(notice(connection, FLOOD))


def _since(line: Mapping[str, Any] | None) -> datetime | None:
    return None if line is None else from_text(line["since"])


def lines(connection: Connection) -> list[dict[str, Any]]:
    """The notices, oldest first, as the feed carries them."""
    for_all = (schema.notice.c.id.not_like(f"{kind}:%") for kind in OF_ONE)
    query = select(schema.notice.c.body).where(*for_all).order_by(schema.notice.c.seq)
    return [event_log.decode_payload(body) for body in connection.execute(query).scalars()]


def questions(connection: Connection) -> list[dict[str, Any]]:
    """Complaints with an open question, ``{id, n, at, until}``; ``until`` is when the first is to be answered."""
    query = select(schema.notice.c.body).where(schema.notice.c.id.like(f"{QUESTION}:%"))
    found = [event_log.decode_payload(body) for body in connection.execute(query).scalars()]
    return [{name: value for name, value in body.items() if name != "kind"} for body in found]


def frozen_screens(connection: Connection, real: datetime) -> dict[str, str]:
    """The screens on which nothing flashes now, each with the real time at which that ends."""
    query = select(schema.notice.c.body).where(schema.notice.c.id.like(f"{FROZEN}:%"))
    found = [event_log.decode_payload(body) for body in connection.execute(query).scalars()]
    return {str(one["id"]).partition(":")[2]: str(one["until_real"]) for one in found if in_force(one, real)}


# ---- released pictures: the ones that guests may see ----

MOST_RELEASED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedProof:
    """Pictures of one complaint; ``before`` (None without one) and ``after`` are ids of uploads that are still kept."""

    complaint: Complaint
    before: str | None
    after: str


def released(connection: Connection) -> tuple[ReleasedProof, ...]:
    """Up to six complaints that are done with the pictures a supervisor released, the newest first."""
    body, table = schema.notice.c.body, schema.notice.c
    query = select(body).where(table.id.startswith(RELEASED + ":")).order_by(table.seq.desc()).limit(MOST_RELEASED)
    lines = [event_log.decode_payload(one) for one in connection.execute(query).scalars()]
    found = {one.id: one for one in complaints.complaints(connection, [line["id"].partition(":")[2] for line in lines])}
    shown = []
    for line in lines:
        complaint, after = found.get(line["id"].partition(":")[2]), _kept(connection, line["after"])
        if complaint is not None and complaint.status is Status.DONE and after is not None:
            shown.append(ReleasedProof(complaint=complaint, before=_kept(connection, line.get("before")), after=after))
    return tuple(shown)


def is_released(connection: Connection, subject: str, upload: str) -> bool:
    """Whether guests may see this picture of this complaint."""
    done = next(iter(complaints.complaints(connection, (subject,))), None)
    return names_picture(connection, subject, upload) and done is not None and done.status is Status.DONE


def names_picture(connection: Connection, subject: str, upload: str) -> bool:
    """Whether a supervisor released this picture, though perhaps nothing is done yet."""
    line = notice(connection, notice_id(RELEASED, subject))
    return line is not None and upload in (line["after"], line.get("before"))


def _kept(connection: Connection, id_: str | None) -> str | None:
    one = None if id_ is None else upload_of(connection, id_)
    return id_ if one is not None and one.state is UploadState.READY else None


# ---- surges: complaints of the last minutes, and what is in force ----


def recent_complaints(connection: Connection, since: datetime, until: datetime) -> tuple[Recent, ...]:
    """What was received in (since, until] and lies in an area, counted by category and area.

    Found by index and counted by the database: in a rush these are thousands, and the clock asks every second.
    """
    table = listing.c
    first, at, n = func.min(table.id), func.min(table.received_at), func.count()
    within = (table.received_at > to_micros(since), table.received_at <= to_micros(until), table.area != "")
    query = select(table.category, table.area, first, at, n).where(*within).group_by(table.category, table.area)
    return tuple(
        Recent(id=id_, category=category, area=area, at=from_micros(moment), n=count)
        for category, area, id_, moment, count in connection.execute(query)
    )


def may_surge(connection: Connection, since: datetime, least: int) -> bool:
    """Whether enough came in since a moment to look closer, or a surge is in force and may end."""
    received = select(schema.complaint.c.id).where(schema.complaint.c.received_at > to_micros(since)).limit(least)
    return len(connection.execute(received).all()) >= least or bool(known_surges(connection))


def known_surges(connection: Connection) -> tuple[Surge, ...]:
    """The surges in force, oldest first."""
    query = select(schema.notice.c.body).where(schema.notice.c.id.like(f"{SURGE}:%")).order_by(schema.notice.c.seq)
    bodies = (event_log.decode_payload(body) for body in connection.execute(query).scalars())
    return tuple(
        Surge(
            id=body["id"],
            category=body["category"],
            areas=tuple(body["areas"]),
            n=body["n"],
            since=from_text(body["since"]),
        )
        for body in bodies
    )
