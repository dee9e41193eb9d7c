"""Users: each change of a person with an account as an event with its actor, in the transaction that makes the change.

Functions that take a ``work`` make one change; ``UserActs`` gives each a transaction of its own, for the command line.
``user_handler`` has an admin's commands, ``admit_provider_user`` keeps the person whom an OpenID provider confirmed.
"""

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from liveroom.accounts import second_factor, users
from liveroom.accounts.credentials import add_token, create_password_link, person_by_password_link, revoke_token
from liveroom.accounts.sources import NameTaken
from liveroom.accounts.users import (
    NoUser,
    Person,
    ProviderUser,
    UserRecord,
    admins,
    forget_factor,
    is_logged_in,
    user_of,
    user_of_provider,
)
from liveroom.domain.events import Event, Subject
from liveroom.domain.events import account_payloads as payloads
from liveroom.domain.events.account_payloads import UserPayload
from liveroom.domain.requests import Code, Command, Refused, Role, Unknown, UserResult
from liveroom.domain.timestamps import to_text
from liveroom.domain.users import RESERVED, UserAccount, UserCommandName, refusal, user_specs
from liveroom.log.engine import Connection
from liveroom.room.pipeline import Handler, ParsedCommand
from liveroom.room.transaction import UnitOfWork, Writer

T = TypeVar("T")


class UserActs:
    """Changes of users by one actor, ``by``, each in a transaction of its own."""

    def __init__(self, room: Writer, by: str) -> None:
        self._room = room
        self._by = by

    def add(self, who: Person, password_hash: str | None, *, known_as: tuple[str, str] | None = None) -> None:
        """Add a user. Raises NameTaken for a name that is, or was, somebody's."""
        self._act(lambda work: add(work, who, self._by, password_hash=password_hash, known_as=known_as))

    def change(self, who: Person) -> None:
        """Set name, role and agency of ``who.actor``; log-ins end. Raises NoUser."""
        self._act(lambda work: change(work, who, self._by))

    def set_password(self, name: str, password_hash: str) -> None:
        """Set a password; log-ins and tokens end. Raises NoUser."""
        self._act(lambda work: set_password(work, name, password_hash, self._by))

    def disable(self, name: str, *, disabled: bool = True) -> None:
        """Disable or enable a user; log-ins and tokens end. Raises NoUser."""
        self._act(lambda work: disable(work, name, self._by, disabled=disabled))

    def remove_factor(self, name: str) -> bool:
        """Remove a lost second factor; log-ins end. False if there is none. Raises NoUser."""
        return self._act(lambda work: remove_factor(work, name, self._by))

    def remove(self, name: str) -> None:
        """Remove a user for good; log-ins and tokens end. Raises NoUser."""
        self._act(lambda work: remove(work, name, self._by))

    def give_token(self, name: str) -> str:
        """A new personal token, shown once. Raises NoUser."""
        return self._act(lambda work: give_token(work, name, self._by))

    def revoke_token(self, name: str, id_: str) -> bool:
        """Revoke a personal token; False if the person has no valid one with this id. Raises NoUser."""
        return self._act(lambda work: end_token(work, name, id_, self._by))

    def _act(self, act: Callable[[UnitOfWork], T]) -> T:
        return self._room.unit(act)


def add(
    work: UnitOfWork,
    who: Person,
    by: str,
    *,
    password_hash: str | None = None,
    known_as: tuple[str, str] | None = None,
) -> None:
    """Add a user; ``known_as``: issuer and subject of an OpenID provider. Raises NameTaken."""
    users.create_user(work.transaction.connection, who, password_hash, known_as=known_as)
    _tell(work, payloads.UserAdded(role=who.role.value, agency=who.agency), who.actor, by)


def change(work: UnitOfWork, who: Person, by: str) -> None:
    """Set name, role and agency; log-ins end. Raises NoUser."""
    before = users.user_of(work.transaction.connection, who.actor).who
    users.change_user(work.transaction.connection, who)
    changed = [name for name in ("name", "role", "agency") if getattr(before, name) != getattr(who, name)]
    payload = payloads.UserChanged(changed=changed, role=who.role.value, agency=who.agency)
    _tell(work, payload, who.actor, by)


def invite(work: UnitOfWork, actor: str, by: str) -> str:
    """Void password, log-ins and tokens of a user; returns the token of a link by which they set a new password."""
    users.set_password(work.transaction.connection, actor, None)
    token, ends = create_password_link(work.transaction.connection, actor)
    _tell(work, payloads.UserInvited(until_real=to_text(ends)), actor, by)
    return token


def set_password(work: UnitOfWork, name: str, password_hash: str, by: str) -> None:
    """Set a password; log-ins and tokens end. Raises NoUser."""
    actor = users.user_of(work.transaction.connection, name).who.actor
    users.set_password(work.transaction.connection, actor, password_hash)
    _tell(work, payloads.UserPasswordSet(), actor, by)


def set_by_link(room: Writer, token: str, password_hash: str) -> bool:
    """Set the password that the holder of a password link chose; False if the link is no longer valid."""

    def work(work: UnitOfWork) -> bool:
        who = person_by_password_link(work.transaction.connection, token)
        if who is not None:
            set_password(work, who.actor, password_hash, who.actor)
        return who is not None

    return room.unit(work)


def log_out(work: UnitOfWork, actor: str, by: str) -> None:
    """End every log-in and token of a user."""
    users.end_log_ins(work.transaction.connection, actor)
    users.end_tokens(work.transaction.connection, actor)
    _tell(work, payloads.UserLoggedOut(), actor, by)


def disable(work: UnitOfWork, name: str, by: str, *, disabled: bool) -> None:
    """Disable or enable a user; log-ins and tokens end for good. Raises NoUser."""
    actor = users.user_of(work.transaction.connection, name).who.actor
    users.disable_user(work.transaction.connection, actor, disabled=disabled)
    _tell(work, payloads.UserDisabled() if disabled else payloads.UserEnabled(), actor, by)


def remove(work: UnitOfWork, name: str, by: str) -> None:
    """Remove a user for good. Raises NoUser."""
    actor = users.user_of(work.transaction.connection, name).who.actor
    users.remove_user(work.transaction.connection, actor)
    _tell(work, payloads.UserRemoved(), actor, by)


def set_factor(work: UnitOfWork, actor: str, sealed: str, step: int, codes: Iterable[str]) -> None:
    """Set the user's second factor and recovery codes, confirmed by the code of ``step``; other log-ins end."""
    connection = work.transaction.connection
    second_factor.keep_factor(connection, actor, sealed, step)
    second_factor.keep_recovery(connection, actor, codes)
    users.end_log_ins(connection, actor)
    _tell(work, payloads.UserFactorSet(), actor, actor)


def remove_factor(work: UnitOfWork, name: str, by: str) -> bool:
    """Remove the second factor; log-ins end. False if there is none. Raises NoUser."""
    actor = users.user_of(work.transaction.connection, name).who.actor
    removed = forget_factor(work.transaction.connection, actor)
    if removed:
        users.end_log_ins(work.transaction.connection, actor)
        _tell(work, payloads.UserFactorRemoved(), actor, by)
    return removed


def renew_recovery(work: UnitOfWork, actor: str, codes: Iterable[str]) -> None:
    """Replace the recovery codes."""
    second_factor.keep_recovery(work.transaction.connection, actor, codes)
    _tell(work, payloads.UserRecoveryRenewed(), actor, actor)


def use_code(work: UnitOfWork, actor: str, code: str, keys: second_factor.FactorKeys) -> bool:
    """Whether this is a time code or an unused recovery code of the user; each counts once."""
    connection = work.transaction.connection
    if second_factor.use_timed(connection, actor, code, keys):
        return True
    if not second_factor.use_recovery(connection, actor, code):
        return False
    kept = second_factor.factor_of(connection, actor)
    _tell(work, payloads.UserRecoveryUsed(left=0 if kept is None else kept.left), actor, actor)
    return True


def give_token(work: UnitOfWork, name: str, by: str) -> str:
    """A new personal token. Raises NoUser."""
    actor = users.user_of(work.transaction.connection, name).who.actor
    id_, token = add_token(work.transaction.connection, actor)
    _tell(work, payloads.UserTokenGiven(token=id_), actor, by)
    return token


def end_token(work: UnitOfWork, name: str, id_: str, by: str) -> bool:
    """Revoke a personal token; False if there is no valid one with this id. Raises NoUser."""
    actor = users.user_of(work.transaction.connection, name).who.actor
    ended = revoke_token(work.transaction.connection, actor, id_)
    if ended:
        _tell(work, payloads.UserTokenRevoked(token=id_), actor, by)
    return ended


def _tell(work: UnitOfWork, payload: UserPayload, user: str, by: str) -> None:
    event = Event(kind=payload.KIND, subject=Subject.USER, id=user, at=work.transaction.now, payload=payload)
    work.append((event,), actor=by)


# Commands of an admin.

STATES: Mapping[UserCommandName, str] = {
    UserCommandName.ADD: "added",
    UserCommandName.CHANGE: "changed",
    UserCommandName.RESET: "reset",
    UserCommandName.LOG_OUT: "logged_out",
    UserCommandName.DISABLE: "disabled",
    UserCommandName.ENABLE: "enabled",
    UserCommandName.RESET_FACTOR: "factor_reset",
}


def user_handler(agencies: Collection[str]) -> Handler[UserRecord | None]:
    """An admin's commands on users; the subject of an addition is None. ``agencies``: keys of the city's."""
    return Handler(
        specs=user_specs(agencies),
        load=lambda connection, _fold, command: _load(connection, command),
        decide=_decide,
    )


def _load(connection: Connection, command: Command) -> UserRecord | None:
    if command.name == UserCommandName.ADD:
        return None
    try:
        return user_of(connection, command.subject)
    except NoUser as error:
        raise Unknown(command.subject) from error


def _decide(work: UnitOfWork, given: ParsedCommand[UserRecord | None]) -> UserResult:
    name, person, there_were = UserCommandName(given.name), given.subject, admins(work.transaction.connection)
    actor = _add(work, given) if person is None else person.who.actor
    token = invite(work, actor, given.actor) if person is None else _act(work, given, person)
    if there_were and not admins(work.transaction.connection):
        raise Refused(Code.LAST_ADMIN, "without this person no admin could log in")
    return UserResult(id=actor, seq=work.transaction.seq, status=STATES[name], state=STATES[name], token=token)


def _add(work: UnitOfWork, given: ParsedCommand[UserRecord | None]) -> str:
    who = _who(given.fields["login"], given.fields["name"], given.fields)
    try:
        add(work, who, given.actor)
    except NameTaken as error:
        raise Refused(Code.FIELD, "is, or was, somebody's: events name actors for ever", "login") from error
    return who.actor


def _act(work: UnitOfWork, given: ParsedCommand[UserRecord | None], person: UserRecord) -> str | None:
    """Do what the command says; returns the token of a new password link. Raises Refused."""
    name, actor, by = UserCommandName(given.name), person.who.actor, given.actor
    if (no := refusal(name, _account(work.transaction.connection, person, by))) is not None:
        raise no
    match name:
        case UserCommandName.CHANGE:
            change(work, _who(actor, given.fields.get("name", person.who.name), given.fields), by)
        case UserCommandName.RESET:
            return invite(work, actor, by)
        case UserCommandName.LOG_OUT:
            log_out(work, actor, by)
        case UserCommandName.DISABLE | UserCommandName.ENABLE:
            disable(work, actor, by, disabled=name is UserCommandName.DISABLE)
        case UserCommandName.RESET_FACTOR:
            remove_factor(work, actor, by)
        case UserCommandName.ADD:
            raise AssertionError("an addition has no person yet")
    return None


def _account(connection: Connection, person: UserRecord, by: str) -> UserAccount:
    actor = person.who.actor
    return UserAccount(
        disabled=person.disabled,
        by_provider=person.by_provider,
        second_factor=second_factor.factor_of(connection, actor) is not None,
        own=actor == by,
    )


def _who(actor: str, name: str, fields: Mapping[str, Any]) -> Person:
    return Person(actor=actor, name=name, role=Role(fields["as_role"]), agency=fields["agency"])


# People whom an OpenID provider confirms: one user per subject, under one name for ever. All in one transaction, so
# that two first log-ins of one person at the same time make one user.

# Longest part of a wanted name that is kept when it is taken and gets a suffix.
LONGEST_STEM = 56


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderClaims:
    """What the provider says about a person at this log-in.

    ``who``: with the name that a new user would get; None for somebody without a role here. ``shown``: whether the
    provider gave a display name; without one a user keeps theirs.
    """

    issuer: str
    subject: str
    who: Person | None
    shown: bool


def admit_provider_user(room: Writer, claims: ProviderClaims) -> Person | None:
    """The user of these claims, added or changed if need be; None for somebody without a role, removed or disabled."""
    return room.unit(lambda work: _admit(work, claims))


def _admit(work: UnitOfWork, claims: ProviderClaims) -> Person | None:
    known = user_of_provider(work.transaction.connection, claims.issuer, claims.subject)
    if known is None:
        return None if claims.who is None else _add_confirmed(work, claims.who, (claims.issuer, claims.subject))
    if not known.enters:
        return None
    if claims.who is None:
        # The role was taken away at the provider: what was opened with it does not stay open.
        if is_logged_in(work.transaction.connection, known.who.actor):
            log_out(work, known.who.actor, known.who.actor)
        return None
    return _update(work, known, claims.who, shown=claims.shown)


def _update(work: UnitOfWork, known: ProviderUser, who: Person, *, shown: bool) -> Person:
    now = replace(who, actor=known.who.actor, name=who.name if shown else known.who.name)
    if now != known.who:
        change(work, now, now.actor)
    return now


def _add_confirmed(work: UnitOfWork, who: Person, known_as: tuple[str, str]) -> Person:
    """Add a user; a suffix makes the name unique if it is taken or reserved."""
    try:
        if who.actor.casefold() in RESERVED:
            raise NameTaken(who.actor)
        add(work, who, who.actor, known_as=known_as)
    except NameTaken:
        other = replace(who, actor=f"{who.actor[:LONGEST_STEM]}-{secrets.token_hex(3)}")
        add(work, other, other.actor, known_as=known_as)
        return other
    return who
