"""How an admin's order about a person is done: 403, 404, 422 (fields), 422 (code), in this order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from liveroom import user_acts
from liveroom.accounts.sources import Taken
from liveroom.accounts.users import Kept, NoUser, Who, admins, user_of
from liveroom.domain import users as user_commands
from liveroom.domain.requests import Code, Done, Order, Refused, Role, Unknown
from liveroom.domain.users import UserName
from liveroom.log.engine import Connection
from liveroom.ordering import answered, known, remembered
from liveroom.room import Room
from liveroom.working_set import WorkingSet

STATES: Mapping[UserName, str] = {
    UserName.ADD: "added",
    UserName.CHANGE: "changed",
    UserName.RESET: "reset",
    UserName.LOG_OUT: "logged_out",
    UserName.DISABLE: "disabled",
    UserName.ENABLE: "enabled",
    UserName.RESET_FACTOR: "factor_reset",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What an order came to; ``token`` of a one-time link is told once and kept nowhere, None where there is none."""

    done: Done
    token: str | None = None


class UserOrdering:
    """The people of a room as an admin handles them."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def do(self, order: Order) -> Given:
        """Do what was ordered. Raises Unknown, Refused, Malformed or Unavailable, all unwritten."""
        name = known(UserName, order.name, "command")
        self.refuse_strangers(order)
        known(Role, order.role, "role")
        fields = user_commands.parse_user(name, order.fields, self._room.city.agencies)
        return self._room.unit(lambda work: _decide(work, order, name, fields))

    def refuse_strangers(self, order: Order) -> None:
        """What can be said before the fields are looked at, a role that never may first: it learns of no id.

        Raises Refused or Unknown.
        """
        if order.role in set(Role) and not user_commands.may(UserName(order.name), Role(order.role)):
            raise Refused(Code.ROLE, f"{order.name} is not for {order.role}")
        if order.name != UserName.ADD:
            self._room.log.read(lambda c: _person(c, order.subject))


def _decide(work: WorkingSet, order: Order, name: UserName, fields: Mapping[str, Any]) -> Given:
    if (before := answered(work, order)) is not None:
        return Given(done=before)
    first = work.unit.seq + 1
    actor, token = _add(work, order, fields) if name is UserName.ADD else _handle(work, order, name, fields)
    done = Done(id=actor, seq=work.unit.seq, status=STATES[name], state=STATES[name])
    return Given(done=remembered(work, order, done, first), token=token)


def _add(work: WorkingSet, order: Order, fields: Mapping[str, Any]) -> tuple[str, str | None]:
    who = _who(fields["login"], fields["name"], fields)
    try:
        user_acts.add(work, who, order.actor)
    except Taken as error:
        raise Refused(Code.FIELD, "is, or was, somebody's: events name actors for ever", "login") from error
    return who.actor, user_acts.invite(work, who.actor, order.actor)


def _handle(work: WorkingSet, order: Order, name: UserName, fields: Mapping[str, Any]) -> tuple[str, str | None]:
    connection = work.unit.connection
    person = _person(connection, order.subject)
    actor, there_were = person.who.actor, admins(connection)
    token = _acts(work, order, person, fields)[name]()
    if there_were and not admins(connection):
        raise Refused(Code.LAST_ADMIN, "without this person no admin could log in")
    return actor, token


def _person(connection: Connection, name: str) -> Kept:
    try:
        return user_of(connection, name)
    except NoUser as error:
        raise Unknown(name) from error


def _acts(
    work: WorkingSet, order: Order, person: Kept, fields: Mapping[str, Any]
) -> Mapping[UserName, Callable[[], str | None]]:
    actor, by = person.who.actor, order.actor
    return {
        UserName.CHANGE: lambda: _change(work, person, fields, by),
        UserName.RESET: lambda: _reset(work, person, by),
        UserName.LOG_OUT: lambda: user_acts.log_out(work, actor, by),
        UserName.DISABLE: lambda: _disable(work, person, by, disabled=True),
        UserName.ENABLE: lambda: _disable(work, person, by, disabled=False),
        UserName.RESET_FACTOR: lambda: _reset_factor(work, person, by),
    }


def _change(work: WorkingSet, person: Kept, fields: Mapping[str, Any], by: str) -> None:
    if person.by_provider:
        raise Refused(Code.STATE, "name, role and agency are taken from the provider at each log-in", "as_role")
    user_acts.change(work, _who(person.who.actor, fields.get("name", person.who.name), fields), by)


def _reset(work: WorkingSet, person: Kept, by: str) -> str:
    if person.by_provider:
        raise Refused(Code.STATE, "this person logs in at the provider, not by a password")
    if person.disabled:
        raise Refused(Code.STATE, "a disabled person has no password to set")
    return user_acts.invite(work, person.who.actor, by)


def _reset_factor(work: WorkingSet, person: Kept, by: str) -> None:
    # Else whoever sits down at an admin's open page could make their second factor the first one.
    if person.who.actor == by:
        raise Refused(Code.STATE, "your own is taken away on /account, by password and code")
    if not user_acts.remove_factor(work, person.who.actor, by):
        raise Refused(Code.STATE, "this person has no second factor")


def _disable(work: WorkingSet, person: Kept, by: str, *, disabled: bool) -> None:
    if person.disabled is disabled:
        raise Refused(Code.STATE, f"is {'disabled' if disabled else 'not disabled'} already")
    user_acts.disable(work, person.who.actor, by, disabled=disabled)


def _who(actor: str, name: str, fields: Mapping[str, Any]) -> Who:
    return Who(actor=actor, name=name, role=Role(fields["as_role"]), agency=fields["agency"])
