"""The person whom an OpenID provider confirmed, as the room keeps them: one for each subject, under one name for ever.

All of it in one unit: two first log-ins of one person at once are one person.
"""

import secrets
from dataclasses import dataclass, replace

from liveroom import user_acts
from liveroom.accounts.sources import Taken
from liveroom.accounts.users import Known, Who, is_logged_in, known_by
from liveroom.domain.users import RESERVED
from liveroom.room import Room
from liveroom.working_set import WorkingSet

LONGEST_FIRST = 56


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the provider says today; ``who`` is under the name that a new person would get, None for no role here.

    ``shown`` is whether it told a name to show; without one a person keeps theirs.
    """

    issuer: str
    subject: str
    who: Who | None
    shown: bool


def came(room: Room, told: Told) -> Who | None:
    """Who they are here, as told today; None for whoever has no role, or was removed or disabled here."""
    return room.unit(lambda work: _came(work, told))


def _came(work: WorkingSet, told: Told) -> Who | None:
    known = known_by(work.unit.connection, told.issuer, told.subject)
    if known is None:
        return None if told.who is None else _new(work, told.who, (told.issuer, told.subject))
    if not known.enters:
        return None
    if told.who is None:
        # The role was taken away at the provider: what was opened with it does not stay open.
        if is_logged_in(work.unit.connection, known.who.actor):
            user_acts.log_out(work, known.who.actor, known.who.actor)
        return None
    return _today(work, known, told.who, shown=told.shown)


def _today(work: WorkingSet, known: Known, who: Who, *, shown: bool) -> Who:
    now = replace(who, actor=known.who.actor, name=who.name if shown else known.who.name)
    if now != known.who:
        user_acts.change(work, now, now.actor)
    return now


def _new(work: WorkingSet, who: Who, known_as: tuple[str, str]) -> Who:
    """Under a name of their own, though somebody has it or it means the room itself."""
    try:
        if who.actor.casefold() in RESERVED:
            raise Taken(who.actor)
        user_acts.add(work, who, who.actor, known_as=known_as)
    except Taken:
        other = replace(who, actor=f"{who.actor[:LONGEST_FIRST]}-{secrets.token_hex(3)}")
        user_acts.add(work, other, other.actor, known_as=known_as)
        return other
    return who
