"""JSON body -> `Command`, its execution with refusals in their order, and who makes a request of the API.

Here only the envelope is checked (command id, seen seq, actor, role); a command's own fields are checked by the domain.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Request

from display.auth.visitor import Visitors
from liveroom.accounts.users import AT_DESKS, Person
from liveroom.domain.fields import choice
from liveroom.domain.requests import OF_AGENCIES, OF_PEOPLE, Command, CommandResult, Malformed, Role
from liveroom.room.room import Room

ENVELOPE = ("command_id", "seen_seq", "actor", "role", "actor_agency", "items", "id")
_LONGEST_TEXT = 128
# Commands on these are never stale, so they need no seen_seq: the last one counts.
_WITHOUT_SEEN_SEQ = ("room", "screen", "outbox", "user")
_SEQ_END = 1 << 53  # what a number of JavaScript holds exactly


def command_of(body: Any, about: str, subject: str, name: str) -> Command:
    """The command in a request's body. Raises Malformed naming the field."""
    if not isinstance(body, dict):
        raise Malformed("", "the body must be an object")
    return Command(
        command_id=short_text(body, "command_id"),
        name=name,
        subject=subject,
        actor=short_text(body, "actor"),
        role=short_text(body, "role"),
        actor_agency=short_text(body, "actor_agency") if body.get("actor_agency") is not None else None,
        seen_seq=0 if about in _WITHOUT_SEEN_SEQ else seen_seq(body),
        about=about,
        fields={key: value for key, value in body.items() if key not in ENVELOPE},
    )


def command_outline(body: Any, about: str, subject: str, name: str) -> Command:
    """The part of a malformed command that can be read all the same: who would do what to which subject."""
    fields = body if isinstance(body, dict) else {}
    known = {key: fields[key] for key in ("role", "actor_agency") if isinstance(fields.get(key), str)}
    return Command(
        command_id="", name=name, subject=subject, actor="", seen_seq=0, about=about, **{"role": "", **known}
    )


def execute_body(room: Room, outline: Command, read: Callable[[], Command]) -> CommandResult:
    """Execute the command that ``read`` makes of a request's body; raises as `Room.execute` does.

    Of a body that is no command, and of an id that is used, an unknown subject and a role that may not are said first.
    """
    try:
        return room.execute(read())
    except Malformed:
        room.refuse_strangers(outline)
        raise


def seen_seq(body: dict[str, Any], where: str = "") -> int:
    """The ``seen_seq`` of a body or item. Raises Malformed."""
    seen = body.get("seen_seq")
    if not isinstance(seen, int) or isinstance(seen, bool) or not 0 <= seen < _SEQ_END:
        raise Malformed(f"{where}seen_seq", "must be the seq of the card as shown")
    return seen


def short_text(body: dict[str, Any], name: str, where: str = "") -> str:
    """A short text of a body or item. Raises Malformed."""
    value = body.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_TEXT or "\x00" in value:
        raise Malformed(f"{where}{name}", f"must be text of 1 to {_LONGEST_TEXT} characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Malformed(f"{where}{name}", "holds half a character (a lone surrogate)") from error
    return value


# ---- who makes the request ----

_LOOPBACK_ACTOR = "loopback"
_ROLE = choice("role", *OF_PEOPLE)


def requester(visitors: Visitors, asked: Request) -> Person:
    """The person; the permission table lets nobody else in but trusted loopback.

    There ``?role=``, ``?actor=`` and ``?actor_agency=`` name the person, else it is a duty officer. Raises Malformed
    for a role that no person has.
    """
    return visitors.who(asked) or person_named(asked.args)


def person_named(fields: Mapping[str, Any]) -> Person:
    """The person that a request on trusted loopback names. Raises Malformed."""
    actor = str(fields.get("actor") or _LOOPBACK_ACTOR)[:128]
    role = _ROLE.read("role", fields.get("role") or Role.DUTY.value)
    agency = fields.get("actor_agency") if Role(role) in OF_AGENCIES else None
    if Role(role) in OF_AGENCIES and not isinstance(agency, str):
        raise Malformed("actor_agency", "is required for an agency's role")
    return Person(actor=actor, name=actor, role=Role(role), agency=agency)


def sees_people(who: Person) -> bool:
    """Whether this person may read who reported."""
    return who.role in AT_DESKS
