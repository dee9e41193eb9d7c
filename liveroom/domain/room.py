"""Commands on the room as a whole: silence, freeze, held scenes, sound tests, visits, and the handover of a shift.

``decide_room``: command + the notice as it stands -> one event. A notice is what an event leaves in the feed's lines
(`LineName`, at most one of each). Silence, freeze, hold, test, show and visit last real time, for people hear and see
them; the confirmation of the sound at the start of a shift is due in room time (CR-96).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec import UNSET

from liveroom.domain.complaints.commands import DESK, LEADERS
from liveroom.domain.events import Event, Kind, Subject
from liveroom.domain.events import room_payloads as payloads
from liveroom.domain.events.room_payloads import OrderPayload, RoomPayload
from liveroom.domain.fields import CODE_MAX, CommandSpec, Field, choice, code, line, text
from liveroom.domain.requests import Code, Malformed, Refused, Role
from liveroom.domain.timestamps import read as moment_of
from liveroom.domain.timestamps import to_text

# The id of the room as the subject of an event.
ROOM = "room"
# The last is for guests: it can be held only while they are here, and ends with the visit.
GUESTS_SCENE = "visit"
# The scenes of a wall, in the order of their turns; the browser's list is in static/js/wall/scenes/registry.js.
SCENES = ("map", "board", "overdue", "agencies", "trend", GUESTS_SCENE)
# Real time: CR-19, CR-42, CR-74; a test sound older than that is not played by a screen that comes late.
SILENCE, FREEZE, HOLD, TEST = timedelta(seconds=30), timedelta(minutes=10), timedelta(minutes=15), timedelta(seconds=10)
SHOW = timedelta(seconds=60)
VISIT = timedelta(hours=4)  # CR-81
WELCOME_MAX = 80
# Room time, from the start of a shift: CR-96.
CONFIRM_WITHIN = timedelta(minutes=15)


class RoomCommandName(StrEnum):
    """Every command on the room itself."""

    SILENCE = "silence"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    HOLD_SCENE = "hold_scene"
    RELEASE_SCENE = "release_scene"
    TEST_SOUND = "test_sound"
    CONFIRM_SOUND = "confirm_sound"
    SHOW = "show"
    BEGIN_VISIT = "begin_visit"
    END_VISIT = "end_visit"


class LineName(StrEnum):
    """The notices that these commands leave in the feed's lines."""

    SILENCE = "silence"
    FREEZE = "freeze"
    SCENE = "scene"
    SOUND = "sound"
    SOUND_TEST = "sound_test"
    SHOW = "show"
    VISIT = "visit"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSpec(CommandSpec):
    """One row of the table: ``kind`` is the event, ``line`` the notice that it begins, or ``ends``.

    ``lasts``: real time.
    """

    roles: frozenset[Role] = DESK
    kind: Kind
    line: LineName
    lasts: timedelta | None = None
    ends: bool = False


_SCENE = choice("scene", *SCENES, required=True)

ROOM_SPECS: Mapping[RoomCommandName, RoomSpec] = {
    RoomCommandName.SILENCE: RoomSpec(kind=Kind.SILENCE_BEGAN, line=LineName.SILENCE, lasts=SILENCE),
    RoomCommandName.FREEZE: RoomSpec(kind=Kind.FREEZE_BEGAN, line=LineName.FREEZE, lasts=FREEZE),
    RoomCommandName.UNFREEZE: RoomSpec(kind=Kind.FREEZE_ENDED, line=LineName.FREEZE, ends=True),
    RoomCommandName.HOLD_SCENE: RoomSpec(kind=Kind.SCENE_HELD, line=LineName.SCENE, lasts=HOLD, fields=(_SCENE,)),
    RoomCommandName.RELEASE_SCENE: RoomSpec(kind=Kind.SCENE_RELEASED, line=LineName.SCENE, ends=True),
    RoomCommandName.TEST_SOUND: RoomSpec(kind=Kind.SOUND_TESTED, line=LineName.SOUND, lasts=TEST),
    RoomCommandName.CONFIRM_SOUND: RoomSpec(kind=Kind.SOUND_CONFIRMED, line=LineName.SOUND_TEST),
    RoomCommandName.SHOW: RoomSpec(
        kind=Kind.SHOW_BEGAN,
        line=LineName.SHOW,
        lasts=SHOW,
        fields=(code("complaint", required=True),),
        roles=LEADERS,
    ),
    RoomCommandName.BEGIN_VISIT: RoomSpec(
        kind=Kind.VISIT_BEGAN,
        line=LineName.VISIT,
        lasts=VISIT,
        fields=(line("welcome", WELCOME_MAX),),
        roles=LEADERS,
    ),
    RoomCommandName.END_VISIT: RoomSpec(kind=Kind.VISIT_ENDED, line=LineName.VISIT, ends=True, roles=LEADERS),
}


def decide_room(
    name: RoomCommandName,
    fields: Mapping[str, Any],
    line: Callable[[str], Mapping[str, Any] | None],
    now: datetime,
    real: datetime,
) -> Event:
    """The one event of a command. ``line``: a notice as it stands, by its name; its ``until_real`` may be over.

    The same command again begins its time anew. Raises Refused when there is nothing to end, and for the scene of
    guests when there are none.
    """
    spec = ROOM_SPECS[name]
    own = line(spec.line)
    if spec.ends and not in_force(own, real):
        raise Refused(Code.STATE, f"there is no {spec.line} to end")
    if fields.get("scene") == GUESTS_SCENE and not in_force(line(LineName.VISIT), real):
        raise Refused(Code.STATE, f"scene {GUESTS_SCENE} is held only while guests are here")
    return about_room(_order(name, fields, own or {}, to_text(real + (spec.lasts or timedelta()))), at=now)


def _order(  # noqa: C901 - one case a command: what each says
    name: RoomCommandName, fields: Mapping[str, Any], own: Mapping[str, Any], until: str
) -> OrderPayload:
    match name:
        case RoomCommandName.SILENCE:
            return payloads.SilenceBegan(until_real=until)
        case RoomCommandName.FREEZE:
            return payloads.FreezeBegan(until_real=until)
        case RoomCommandName.UNFREEZE:
            return payloads.FreezeEnded()
        case RoomCommandName.HOLD_SCENE:
            return payloads.SceneHeld(scene=fields["scene"], until_real=until)
        case RoomCommandName.RELEASE_SCENE:
            return payloads.SceneReleased()
        case RoomCommandName.TEST_SOUND:
            return payloads.SoundTested(until_real=until)
        case RoomCommandName.CONFIRM_SOUND:
            return payloads.SoundConfirmed(shift=own.get("shift"), since=own.get("since"))
        case RoomCommandName.SHOW:
            return payloads.ShowBegan(complaint=fields["complaint"], until_real=until)
        case RoomCommandName.BEGIN_VISIT:
            return payloads.VisitBegan(welcome=fields.get("welcome", UNSET), until_real=until)
        case RoomCommandName.END_VISIT:
            return payloads.VisitEnded()


def in_force(line: Mapping[str, Any] | None, real: datetime) -> bool:
    """Whether a notice that lasts real time still holds: calculated, never an event."""
    return line is not None and real < moment_of(line["until_real"])


def asked(shift: str, start: datetime) -> Event:
    """A shift began: somebody must hear the sound and confirm it. Rule: CR-96."""
    return about_room(payloads.SoundAsked(shift=shift, until=to_text(start + CONFIRM_WITHIN)), at=start)


def missing_at(line: Mapping[str, Any] | None) -> datetime | None:
    """When the confirmation that is asked for becomes overdue; None when none is asked for."""
    return moment_of(line["until"]) if line is not None and line["state"] == "asked" else None


def missed(line: Mapping[str, Any]) -> Event:
    """Nobody confirmed the sound in time; dated when the time was over."""
    return about_room(payloads.SoundMissed(shift=line["shift"], since=line["since"]), at=moment_of(line["until"]))


# Handover of a shift: one offers it with what is open and a note, somebody else takes it; the log names both.

LINE = "handover"
OFFERED = "offered"


class HandoverCommandName(StrEnum):
    """The two commands of a handover."""

    HANDOVER = "handover"
    CONFIRM_HANDOVER = "confirm_handover"


_PERSON_SCHEMA: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": CODE_MAX}


def _person(path: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > CODE_MAX or not value.isprintable():
        raise Malformed(path, f"must be the key of a person, at most {CODE_MAX} characters")
    return value


HANDOVER_SPECS: Mapping[HandoverCommandName, CommandSpec] = {
    HandoverCommandName.HANDOVER: CommandSpec(
        roles=DESK, fields=(text("note"), Field(name="to", read=_person, schema=_PERSON_SCHEMA))
    ),
    HandoverCommandName.CONFIRM_HANDOVER: CommandSpec(roles=DESK),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The events in (``since``, ``up_to``], which two signatures are under; ``offer``: the event that offered it."""

    since: int
    up_to: int
    offer: int | None = None


def offered(
    fields: Mapping[str, Any], alarms: Sequence[str], counts: Mapping[str, int], stretch: Stretch, now: datetime
) -> Event:
    """The shift is offered; a newer offer replaces one that nobody took."""
    offer = payloads.HandoverOffered(
        to=fields.get("to"),
        note=fields.get("note"),
        alarms=alarms,
        counts=counts,
        since_seq=stretch.since,
        up_to_seq=stretch.up_to,
    )
    return about_room(offer, at=now)


def confirmed(line: Mapping[str, Any] | None, actor: str, role: Role, stretch: Stretch, now: datetime) -> Event:
    """Somebody else takes the shift: whoever it was offered to, or a supervisor. ``line``: the notice as it stands.

    Raises Refused when no shift is offered, for the person who offered it, and for a third person.
    """
    if line is None or line["state"] != OFFERED:
        raise Refused(Code.STATE, "no shift is offered")
    if actor == line["by"]:
        raise Refused(Code.SAME_PERSON, "somebody else has to take the shift")
    if line.get("to") not in (None, actor) and role not in LEADERS:
        raise Refused(Code.STATE, f"it is offered to {line['to']}")
    taken = payloads.HandoverConfirmed(
        from_=line["by"],
        to=line.get("to"),
        counts=line.get("counts"),
        offer_seq=UNSET if stretch.offer is None else stretch.offer,
        since_seq=stretch.since,
        up_to_seq=stretch.up_to,
    )
    return about_room(taken, at=now)


def about_room(payload: RoomPayload, *, at: datetime) -> Event:
    """An event about the room."""
    return Event(kind=payload.KIND, subject=Subject.ROOM, id=ROOM, at=at, payload=payload)
