"""JSON -> Command."""

from collections.abc import Mapping
from typing import Any

from flask import Request

from display.auth.visitor import Visitors
from liveroom.accounts.users import AT_DESKS, Person
from liveroom.domain.fields import choice
from liveroom.domain.requests import OF_AGENCIES, OF_PEOPLE, Command, Malformed, Role

# Reads an order from a request's JSON: the envelope checked, the command's own fields left to the rules.

ENVELOPE = ("command_id", "seen_seq", "actor", "role", "actor_agency", "items", "id")
LONGEST = 128
# Nobody is overtaken there: the last order counts.
UNSEEN = ("room", "screen", "outbox", "user")
SAFE = 1 << 53


def order_of(body: Any, about: str, subject: str, name: str) -> Command:
    """The order in a request's body. Raises Malformed naming the field."""
    if not isinstance(body, dict):
        raise Malformed("", "the body must be an object")
    return Command(
        command_id=code(body, "command_id"),
        name=name,
        subject=subject,
        actor=code(body, "actor"),
        role=code(body, "role"),
        actor_agency=code(body, "actor_agency") if body.get("actor_agency") is not None else None,
        seen_seq=0 if about in UNSEEN else seen_seq(body),
        about=about,
        fields={key: value for key, value in body.items() if key not in ENVELOPE},
    )


def sketch_of(body: Any, about: str, subject: str, name: str) -> Command:
    """As much of an order as can be read without complaint: who would do what to which subject."""
    said = body if isinstance(body, dict) else {}
    words = {key: said[key] for key in ("role", "actor_agency") if isinstance(said.get(key), str)}
    return Command(
        command_id="", name=name, subject=subject, actor="", seen_seq=0, about=about, **{"role": "", **words}
    )


def seen_seq(body: dict[str, Any], where: str = "") -> int:
    """The ``seen_seq`` of a body or item. Raises Malformed."""
    seen = body.get("seen_seq")
    if not isinstance(seen, int) or isinstance(seen, bool) or not 0 <= seen < SAFE:
        raise Malformed(f"{where}seen_seq", "must be the seq of the card as shown")
    return seen


def code(body: dict[str, Any], name: str, where: str = "") -> str:
    """A short text of a body or item. Raises Malformed."""
    value = body.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST or "\x00" in value:
        raise Malformed(f"{where}{name}", f"must be text of 1 to {LONGEST} characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Malformed(f"{where}{name}", "holds half a character (a lone surrogate)") from error
    return value


# Who asks at the desk's doors: a person by log-in or token, or on trusted loopback whoever the request names.

NAMELESS = "loopback"
_ROLE = choice("role", *OF_PEOPLE)


def asker(visitors: Visitors, asked: Request) -> Person:
    """The person; the table of permissions let nobody else in but trusted loopback.

    There ``?role=``, ``?actor=`` and ``?actor_agency=`` say who asks, else it is a duty officer. Raises Malformed for a
    role that no person has.
    """
    return visitors.standing(asked, {}).who or named(asked.args)


def named(said: Mapping[str, Any]) -> Person:
    """The person that a request on trusted loopback names. Raises Malformed."""
    actor = str(said.get("actor") or NAMELESS)[:128]
    role = _ROLE.read("role", said.get("role") or Role.DUTY.value)
    agency = said.get("actor_agency") if Role(role) in OF_AGENCIES else None
    if Role(role) in OF_AGENCIES and not isinstance(agency, str):
        raise Malformed("actor_agency", "is required for an agency's role")
    return Person(actor=actor, name=actor, role=Role(role), agency=agency)


def sees_people(who: Person) -> bool:
    """Whether this person may read who reported."""
    return who.role in AT_DESKS
