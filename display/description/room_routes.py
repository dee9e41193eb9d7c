"""What is known of the routes for people, screens and programs: the API of desks, commands, feed, figures, health.

One `Operation` a method and address; that each is there, and answers so, is tried by tests/display/description.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta

from display.description import complaint_shapes as complaints
from display.description import feed_shapes as feed
from display.description import room_shapes as rooms
from display.figures.lead import LISTS
from display.figures.routes import SCENES
from liveroom.accounts.imports import LARGEST
from liveroom.accounts.quarantine import QuarantineState
from liveroom.accounts.screens import SETTINGS
from liveroom.domain.alarms.commands import ALARM_SPECS
from liveroom.domain.complaints.commands import SPECS
from liveroom.domain.fields import CODE_MAX, CommandSpec
from liveroom.domain.outbox import OUTBOX_SPECS
from liveroom.domain.requests import OF_PEOPLE, Role
from liveroom.domain.room import HANDOVER_SPECS, ROOM_SPECS
from liveroom.domain.screens import ScreenCommandName, screen_specs
from liveroom.domain.users import UserCommandName, user_specs
from liveroom.interface import BYTES, Body, Chapter, Day, Moment, Operation, Parameter, Reply, Seq, ok
from liveroom.log.outbox import STATES
from liveroom.projection.agencies import BY
from liveroom.room.room import AT_ONCE

_UUID: Mapping[str, Any] = {"type": "string", "format": "uuid"}
_PAGE = (
    Parameter(name="limit", shape=Annotated[int, Meta(ge=1, le=100)]),
    Parameter(name="cursor"),
)
_NO_STORE: Mapping[str, Any] = {"Cache-Control": {"type": "string"}}

# ---- commands ----

# What every command brings; who acts is said on trusted loopback alone.
_ENVELOPE: Mapping[str, Mapping[str, Any]] = {
    "command_id": {"type": "string", "minLength": 1, "maxLength": CODE_MAX},
    "actor": {"type": "string", "minLength": 1, "maxLength": CODE_MAX},
    "role": {"title": "PersonRole", "type": "string", "enum": [role.value for role in OF_PEOPLE]},
    "actor_agency": {"type": "string", "maxLength": CODE_MAX},
}
_SEEN: Mapping[str, Any] = {"type": "integer", "minimum": 0, "exclusiveMaximum": 1 << 53}
_ITEMS: Mapping[str, Any] = {
    "type": "array",
    "minItems": 1,
    "maxItems": AT_ONCE,
    "items": {
        "title": "BulkItem",
        "type": "object",
        "properties": {"id": {"type": "string", "minLength": 1, "maxLength": CODE_MAX}, "seen_seq": _SEEN},
        "required": ["id", "seen_seq"],
    },
}


def _command_body(title: str, spec: CommandSpec, more: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of a command's body, its fields from the table of commands."""
    fields = {one.name: one.schema for one in spec.fields}
    required = ["command_id", *more, *(one.name for one in spec.fields if one.required)]
    properties = {**_ENVELOPE, **more, **fields}
    return {"title": title, "type": "object", "properties": properties, "required": required}


def _commands() -> Iterator[Operation]:
    """Every command that a person may give, one address each."""
    seen: Mapping[str, Any] = {"seen_seq": _SEEN}
    yield from _commands_on("complaint", "/api/v1/complaints", SPECS, seen, many=True)
    yield from _commands_on("alarm", "/api/v1/alarms", ALARM_SPECS, seen, many=True)
    room: Mapping[Any, CommandSpec] = {**ROOM_SPECS, **HANDOVER_SPECS}
    yield from _commands_on("room", "/api/v1/room", room, {}, without_id=frozenset(room))
    screens = screen_specs(SETTINGS)
    yield from _commands_on("screen", "/api/v1/screens", screens, {}, without_id=frozenset({ScreenCommandName.PAIR}))
    yield from _commands_on("outbox", "/api/v1/outbox", OUTBOX_SPECS, {}, without_id=frozenset({"release"}))
    people = user_specs(())
    yield from _commands_on("user", "/api/v1/people", people, {}, without_id=frozenset({UserCommandName.ADD}))


def _commands_on(
    about: str,
    root: str,
    specs: Mapping[Any, CommandSpec],
    more: Mapping[str, Any],
    *,
    many: bool = False,
    without_id: frozenset[Any] = frozenset(),
) -> Iterator[Operation]:
    done = complaints.PersonCommandDone if about == "user" else complaints.CommandDone
    for name, spec in specs.items():
        # The citizen's own are given by their page.
        roles = frozenset(role.value for role in spec.roles if role is not Role.SYSTEM)
        if not roles:
            continue
        title = "".join(part.title() for part in f"{name}_{about}_command".split("_"))
        common: dict[str, Any] = {
            "endpoint": f"commands.{about}",
            "method": "POST",
            "group": Chapter.COMMANDS,
            "fills": {"name": str(name)},
            "errors": (404, 409),
            "may": roles,
        }
        yield Operation(
            **common,
            path=f"{root}/{name}" if name in without_id else f"{root}/{{id}}/{name}",
            id=f"{about}_{name}",
            word=f"command_{about}",
            answers=ok(done),
            body=Body(shape=_command_body(title, spec, more)),
        )
        if many:
            bulk = _command_body(f"{title}ForMany", spec, {"items": _ITEMS})
            yield Operation(
                **{**common, "endpoint": f"commands.{about}s"},
                path=f"{root}/{name}",
                id=f"{about}s_{name}",
                word=f"command_{about}s",
                answers=ok(complaints.BulkDone),
                body=Body(shape=bulk),
            )


# ---- the API of desks ----


def _get(
    endpoint: str, path: str, shape: Any, *query: Parameter, group: Chapter = Chapter.DESK, **more: Any
) -> Operation:
    answers = ok(shape)
    return Operation(endpoint=endpoint, method="GET", path=path, group=group, answers=answers, query=query, **more)


_SEARCH = (
    Parameter(name="q", shape=Annotated[str, Meta(max_length=200)]),
    Parameter(name="status"),
    Parameter(name="state"),
    Parameter(name="category"),
    Parameter(name="area"),
    Parameter(name="district"),
    Parameter(name="priority"),
    Parameter(name="agency"),
    Parameter(name="overdue", shape=Literal["true", "false", "1", "0"]),
    Parameter(name="claimed", shape=Literal["true", "false", "1", "0", "me"]),
    Parameter(name="since", shape=Moment),
    Parameter(name="until", shape=Moment),
    Parameter(name="near", shape=Annotated[str, Meta(pattern=r"^-?[0-9.]+,-?[0-9.]+,[0-9.]+$")]),
    *_PAGE,
)


def _desk() -> Iterator[Operation]:
    yield _get("reading.list", "/api/v1/complaints", complaints.ComplaintPage, *_SEARCH, practice=True)
    one = "/api/v1/complaints/{id}"
    yield _get("reading.whole", one, complaints.WholeComplaint, practice=True, errors=(404,))
    yield _get("suggestions.suggest", f"{one}/suggestions", complaints.SuggestionList, errors=(404,))
    yield _get(
        "lead.whole", "/api/v1/lead/complaints/{id}", complaints.WholeComplaint, Parameter(name="as"), errors=(404,)
    )
    yield Operation(
        endpoint="taking.take",
        method="POST",
        path="/api/v1/desk/complaints",
        group=Chapter.DESK,
        answers=ok(complaints.ReportTakenDown, 201),
        body=Body(shape=complaints.PhoneReport),
        errors=(409,),
    )
    yield _get("loads.agency", "/api/v1/agencies/{key}", complaints.AgencyLoad, practice=True, errors=(404,))
    by = Parameter(name="by", shape={"type": "string", "enum": list(BY)}, required=True)
    yield _get("loads.drilldown", "/api/v1/drilldown", complaints.Drilldown, by)
    yield _get("names.call", "/api/v1/names", complaints.Names, Parameter(name="of", repeated=True))
    yield _get("handover.look", "/api/v1/handover", complaints.Handover)
    state = Parameter(name="state", shape={"type": "string", "enum": list(STATES)})
    yield _get("outbox.list", "/api/v1/outbox", rooms.OutboxRows, state, Parameter(name="to"), *_PAGE, practice=True)
    yield _get("screens.list", "/api/v1/screens", rooms.ScreenList, practice=True)
    yield Operation(
        endpoint="screens.picture",
        method="GET",
        path="/api/v1/screens/{id}/picture",
        group=Chapter.DESK,
        answers={200: Reply(media=("image/jpeg",))},
        errors=(404,),
    )
    yield _get("users.list", "/api/v1/people", rooms.StaffList, group=Chapter.PEOPLE, practice=True)
    yield _get("session.tell", "/api/v1/session", rooms.SessionState, group=Chapter.PEOPLE)
    yield Operation(
        endpoint="session.extend",
        method="POST",
        path="/api/v1/session/extend",
        group=Chapter.PEOPLE,
        answers=ok(rooms.SessionState),
        errors=(422,),
    )


def _sources() -> Iterator[Operation]:
    root, group = "/api/v1/sources", Chapter.SOURCES
    yield _get("sources.list", root, rooms.SourceList, group=group)
    for order in ("pause", "resume", "rotate"):
        yield Operation(
            endpoint="sources.order",
            method="POST",
            path=f"{root}/{{id}}/{order}",
            group=group,
            id=f"source_{order}",
            word=f"source_{order}",
            answers=ok(rooms.SourceOrdered),
            body=Body(shape=rooms.Practice),
            errors=(404, 409),
        )
    state = Parameter(name="state", shape=QuarantineState)
    entries, entry = f"{root}/quarantine", f"{root}/quarantine/{{id}}"
    yield _get("sources.entries", entries, rooms.QuarantineList, Parameter(name="source"), state, *_PAGE, group=group)
    yield _get("sources.entry", entry, rooms.QuarantineWhole, group=group, errors=(404,), practice=True)
    for act in ("try", "accept", "accept_same", "drop"):
        yield Operation(
            endpoint="sources.decide",
            method="POST",
            path=f"{entry}/{act}",
            group=group,
            id=f"quarantine_{act}",
            word=f"quarantine_{act}",
            answers=ok(rooms.TrialResult if act == "try" else rooms.QuarantineDone),
            body=Body(shape=rooms.QuarantineAct),
            errors=(404, 409),
        )


def _imports() -> Iterator[Operation]:
    root, one, group = "/api/v1/imports", "/api/v1/imports/{id}", Chapter.SOURCES
    yield _get("imports.list", root, rooms.ImportList, group=group)
    name, source = Parameter(name="name", required=True), Parameter(name="source", required=True)
    yield Operation(
        endpoint="imports.receive",
        method="POST",
        path=root,
        group=group,
        answers=ok(rooms.ImportWhole, 201),
        query=(name, source),
        body=Body(shape={"type": "string", "format": "binary", "maxLength": LARGEST}, media=(BYTES,)),
        errors=(400, 408, 411, 413, 415, 429, 507),
        practice=True,
    )
    yield _get("imports.show", one, rooms.ImportWhole, Parameter(name="whole"), group=group, errors=(404,))
    for order in ("plan", "start", "cancel"):
        yield Operation(
            endpoint="imports.order",
            method="POST",
            path=f"{one}/{order}",
            group=group,
            id=f"import_{order}",
            word=f"import_{order}",
            answers=ok(rooms.ImportWhole),
            body=Body(shape=rooms.ImportOrderBody),
            errors=(404, 409),
        )
    yield Operation(
        endpoint="imports.rejects",
        method="GET",
        path=f"{one}/rejects.csv",
        group=group,
        answers={200: Reply(media=("text/csv; charset=utf-8",))},
        errors=(404,),
        practice=True,
    )


# ---- feed, figures, health ----

_AUDIENCE = Parameter(name="audience")
_POSITION = (
    Parameter(name="epoch", shape=Annotated[str, Meta(pattern="^[0-9A-Za-z_-]{1,64}$")], required=True),
    Parameter(name="from", shape=Seq, required=True),
    Parameter(name="mark", shape=Annotated[str, Meta(pattern="^[0-9A-Za-z_-]{1,64}$")], required=True),
    Parameter(name="to", shape=Seq, required=True),
)


def _feed() -> Iterator[Operation]:
    group = Chapter.FEED
    then = (Parameter(name="at", shape=Moment), Parameter(name="seq", shape=Seq))
    snapshots = (feed.FeedSnapshot, feed.RoomSnapshot)
    yield _get("feed.snapshot", "/feed/snapshot", snapshots, _AUDIENCE, *then, group=group)
    day = Parameter(name="date", shape=Day, required=True)
    yield _get("past.day", "/feed/past/day", feed.PastDay, day, _AUDIENCE, group=group)
    steps = (
        Parameter(name="from", shape=Seq, required=True),
        Parameter(name="until", shape=Moment, required=True),
        Parameter(name="step_s", shape=Annotated[int, Meta(ge=1, le=86_400)]),
    )
    yield _get("past.batches", "/feed/past/batches", feed.PastBatches, *steps, _AUDIENCE, group=group)
    answer = Reply(shape=(feed.ResumeBatches, feed.RoomResumeBatches, feed.ResumeSnapshot))
    yield Operation(
        endpoint="feed.resume",
        method="GET",
        path="/feed/resume",
        group=group,
        answers={200: answer},
        query=(*_POSITION, _AUDIENCE),
    )
    yield _get("feed.calendar", "/feed/calendar/{hash}", feed.Calendar, group=group, errors=(404,))
    stalled: Mapping[str, Any] = {
        "title": "StalledPage",
        "type": "object",
        "properties": {"silent_s": {"type": "integer", "minimum": 1, "maximum": 86_400}},
        "required": ["silent_s"],
    }
    yield Operation(
        endpoint="feed.stalled",
        method="POST",
        path="/feed/stalled",
        group=group,
        answers={204: Reply()},
        body=Body(shape=stalled),
    )
    yield Operation(
        endpoint="feed.turn",
        method="POST",
        path="/feed/turn",
        group=group,
        answers={204: Reply()},
        errors=(409,),
    )
    scene = Parameter(name="scene", shape={"type": "string", "enum": list(SCENES)}, required=True)
    yield Operation(
        endpoint="figures.figures",
        method="GET",
        path="/feed/figures",
        group=Chapter.FIGURES,
        answers={200: Reply(shape=feed.FIGURES)},
        query=(scene, _AUDIENCE),
    )
    what = Parameter(name="what", shape={"type": "string", "enum": list(LISTS)}, required=True)
    after = Parameter(name="after", shape=Annotated[int, Meta(ge=0, le=1_000_000)])
    agency = Parameter(name="agency", shape=Annotated[str, Meta(max_length=64)])
    asked = (what, agency, after, _AUDIENCE)
    yield _get("figures.list", "/feed/figures/list", feed.LeadListPage, *asked, group=Chapter.FIGURES)


def _health() -> Iterator[Operation]:
    health = Reply(shape=rooms.HealthState)
    for name in ("healthz", "readyz"):
        media = ("application/json", "text/html; charset=utf-8") if name == "readyz" else ()
        answer = Reply(shape=rooms.HealthState, media=media) if media else health
        yield Operation(
            endpoint=f"health.{name}",
            method="GET",
            path=f"/{name}",
            group=Chapter.HEALTH,
            answers={200: answer, 503: answer},
            plain=True,
        )
    yield Operation(
        endpoint="health.metrics",
        method="GET",
        path="/metrics",
        group=Chapter.HEALTH,
        answers={200: Reply(media=("text/plain; version=1.0.0; charset=utf-8",))},
        plain=True,
    )


def operations() -> tuple[Operation, ...]:
    """Every operation of these routes."""
    return (*_desk(), *_sources(), *_imports(), *_commands(), *_feed(), *_health())
