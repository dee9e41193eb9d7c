"""Who asks at the desk's doors: a person by log-in or token, or on trusted loopback whoever the request names."""

from collections.abc import Mapping
from typing import Any

from flask import Request

from display.trust import Visitors
from liveroom.accounts.users import AT_DESKS, Who
from liveroom.domain.fields import choice
from liveroom.domain.requests import OF_AGENCIES, OF_PEOPLE, Malformed, Role

NAMELESS = "loopback"
_ROLE = choice("role", *OF_PEOPLE)


def asker(visitors: Visitors, asked: Request) -> Who:
    """The person; the table of permissions let nobody else in but trusted loopback.

    There ``?role=``, ``?actor=`` and ``?actor_agency=`` say who asks, else it is a duty officer. Raises Malformed for a
    role that no person has.
    """
    return visitors.standing(asked, {}).who or named(asked.args)


def named(said: Mapping[str, Any]) -> Who:
    """The person that a request on trusted loopback names. Raises Malformed."""
    actor = str(said.get("actor") or NAMELESS)[:128]
    role = _ROLE.read("role", said.get("role") or Role.DUTY.value)
    agency = said.get("actor_agency") if Role(role) in OF_AGENCIES else None
    if Role(role) in OF_AGENCIES and not isinstance(agency, str):
        raise Malformed("actor_agency", "is required for an agency's role")
    return Who(actor=actor, name=actor, role=Role(role), agency=agency)


def sees_people(who: Who) -> bool:
    """Whether this person may read who reported."""
    return who.role in AT_DESKS
