"""The handing over of a shift: one offers it with what is open and a note, another takes it; both are named."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from liveroom.domain.events import Event, Kind, Subject
from liveroom.domain.fields import CODE_MAX, Field, read, text
from liveroom.domain.names import Role
from liveroom.domain.refusals import Code, Malformed, Refused
from liveroom.domain.room_orders import ROOM
from liveroom.domain.specs import DESK, LEADERS

LINE = "handover"
OFFERED = "offered"


class HandoverName(StrEnum):
    """The two orders of a handover."""

    HANDOVER = "handover"
    CONFIRM_HANDOVER = "confirm_handover"


def _person(path: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > CODE_MAX or not value.isprintable():
        raise Malformed(path, f"must be the key of a person, at most {CODE_MAX} characters")
    return value


FIELDS: Mapping[HandoverName, tuple[Field, ...]] = {
    HandoverName.HANDOVER: (text("note"), Field(name="to", read=_person)),
    HandoverName.CONFIRM_HANDOVER: (),
}
TEXTS: Mapping[HandoverName, tuple[str, ...]] = {HandoverName.HANDOVER: ("note",), HandoverName.CONFIRM_HANDOVER: ()}


def parse_handover(name: HandoverName, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The typed fields of an order. Raises Malformed naming the field."""
    return read(FIELDS[name], raw)


def may(role: Role) -> bool:
    """Whether a role hands over and takes over."""
    return role in DESK


def offered(fields: Mapping[str, Any], alarms: Sequence[str], counts: Mapping[str, int], now: datetime) -> Event:
    """The shift is offered; a newer offer takes the place of one that nobody took."""
    payload = {"to": fields.get("to"), "note": fields.get("note"), "alarms": list(alarms), "counts": dict(counts)}
    return _event(Kind.HANDOVER_OFFERED, payload, now)


def confirmed(line: Mapping[str, Any] | None, actor: str, role: Role, now: datetime) -> Event:
    """Somebody else takes it: the one it was offered to, or a supervisor. ``line``: the notice as it stands.

    Raises Refused when nothing is offered, to who offered it, and to a third person.
    """
    if line is None or line["state"] != OFFERED:
        raise Refused(Code.STATE, "no shift is offered")
    if actor == line["by"]:
        raise Refused(Code.SAME_PERSON, "somebody else has to take the shift")
    if line.get("to") not in (None, actor) and role not in LEADERS:
        raise Refused(Code.STATE, f"it is offered to {line['to']}")
    payload = {"from": line["by"], "to": line.get("to"), "counts": line.get("counts")}
    return _event(Kind.HANDOVER_CONFIRMED, payload, now)


def _event(kind: Kind, payload: Mapping[str, Any], now: datetime) -> Event:
    return Event(kind=kind, subject=Subject.ROOM, id=ROOM, at=now, payload=payload)
