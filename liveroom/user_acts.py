"""What is done to the people who log in, each act an event with its actor, written beside what it changes."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from liveroom.accounts import second_factor, users
from liveroom.accounts.credentials import add_token, give_link, holder_of, revoke_token
from liveroom.accounts.users import Who, forget_factor
from liveroom.domain.events import Event, Kind, Subject
from liveroom.domain.timestamps import to_text
from liveroom.room import Room
from liveroom.working_set import WorkingSet

T = TypeVar("T")


class UserActs:
    """The people of a room as ``by`` handles them: the command line, a provider's answer, or the person themselves."""

    def __init__(self, room: Room, by: str) -> None:
        self._room = room
        self._by = by

    def add(self, who: Who, password_hash: str | None, *, known_as: tuple[str, str] | None = None) -> None:
        """Let a person log in. Raises Taken for a name that is, or was, somebody's."""
        self._act(lambda work: add(work, who, self._by, password_hash=password_hash, known_as=known_as))

    def change(self, who: Who) -> None:
        """Another name, role or agency for ``who.actor``; log-ins end. Raises NoUser."""
        self._act(lambda work: change(work, who, self._by))

    def set_password(self, name: str, password_hash: str) -> None:
        """Another password; log-ins and tokens end. Raises NoUser."""
        self._act(lambda work: set_password(work, name, password_hash, self._by))

    def disable(self, name: str, *, disabled: bool = True) -> None:
        """Let a person in no more, or again. Raises NoUser."""
        self._act(lambda work: disable(work, name, self._by, disabled=disabled))

    def remove_factor(self, name: str) -> bool:
        """Take a lost second factor away; log-ins end. False when the person has none. Raises NoUser."""
        return self._act(lambda work: remove_factor(work, name, self._by))

    def remove(self, name: str) -> None:
        """End log-ins, tokens and every later log-in. Raises NoUser."""
        self._act(lambda work: remove(work, name, self._by))

    def give_token(self, name: str) -> str:
        """A bearer token for the person's own programs, shown once. Raises NoUser."""
        return self._act(lambda work: give_token(work, name, self._by))

    def revoke_token(self, name: str, id_: str) -> bool:
        """End one token, at once; False when the person has none of this id that holds. Raises NoUser."""
        return self._act(lambda work: end_token(work, name, id_, self._by))

    def _act(self, act: Callable[[WorkingSet], T]) -> T:
        return self._room.unit(act)


def add(
    work: WorkingSet,
    who: Who,
    by: str,
    *,
    password_hash: str | None = None,
    known_as: tuple[str, str] | None = None,
) -> None:
    """Create a person. Raises Taken."""
    users.create_user(work.unit.connection, who, password_hash, known_as=known_as)
    _tell(work, Kind.USER_ADDED, who.actor, by, role=who.role.value, agency=who.agency)


def change(work: WorkingSet, who: Who, by: str) -> None:
    """Set name, role and agency. Raises NoUser."""
    before = users.user_of(work.unit.connection, who.actor).who
    users.change_user(work.unit.connection, who)
    changed = [name for name in ("name", "role", "agency") if getattr(before, name) != getattr(who, name)]
    _tell(work, Kind.USER_CHANGED, who.actor, by, changed=changed, role=who.role.value, agency=who.agency)


def invite(work: WorkingSet, actor: str, by: str) -> str:
    """Void password, log-ins and tokens of a person; the token of a link by which they set another one."""
    users.set_password(work.unit.connection, actor, None)
    token, ends = give_link(work.unit.connection, actor)
    _tell(work, Kind.USER_INVITED, actor, by, until_real=to_text(ends))
    return token


def set_password(work: WorkingSet, name: str, password_hash: str, by: str) -> None:
    """Another password. Raises NoUser."""
    actor = users.user_of(work.unit.connection, name).who.actor
    users.set_password(work.unit.connection, actor, password_hash)
    _tell(work, Kind.USER_PASSWORD_SET, actor, by)


def set_by_link(room: Room, token: str, password_hash: str) -> bool:
    """The password that the holder of a link chose, once; False when the link is good no more."""

    def work(work: WorkingSet) -> bool:
        who = holder_of(work.unit.connection, token)
        if who is not None:
            set_password(work, who.actor, password_hash, who.actor)
        return who is not None

    return room.unit(work)


def log_out(work: WorkingSet, actor: str, by: str) -> None:
    """End every log-in and every token of a person."""
    users.end_log_ins(work.unit.connection, actor)
    users.end_tokens(work.unit.connection, actor)
    _tell(work, Kind.USER_LOGGED_OUT, actor, by)


def disable(work: WorkingSet, name: str, by: str, *, disabled: bool) -> None:
    """Let a person in no more, or again; log-ins and tokens end for good. Raises NoUser."""
    actor = users.user_of(work.unit.connection, name).who.actor
    users.disable_user(work.unit.connection, actor, disabled=disabled)
    _tell(work, Kind.USER_DISABLED if disabled else Kind.USER_ENABLED, actor, by)


def remove(work: WorkingSet, name: str, by: str) -> None:
    """Let a person in never again. Raises NoUser."""
    actor = users.user_of(work.unit.connection, name).who.actor
    users.remove_user(work.unit.connection, actor)
    _tell(work, Kind.USER_REMOVED, actor, by)


def set_factor(work: WorkingSet, actor: str, sealed: str, step: int, codes: Iterable[str]) -> None:
    """The person's own second factor from now on, confirmed by the code of ``step``; other log-ins end."""
    connection = work.unit.connection
    second_factor.keep_factor(connection, actor, sealed, step)
    second_factor.keep_recovery(connection, actor, codes)
    users.end_log_ins(connection, actor)
    _tell(work, Kind.USER_FACTOR_SET, actor, actor)


def remove_factor(work: WorkingSet, name: str, by: str) -> bool:
    """No second factor any more; log-ins end. False when the person has none. Raises NoUser."""
    actor = users.user_of(work.unit.connection, name).who.actor
    removed = forget_factor(work.unit.connection, actor)
    if removed:
        users.end_log_ins(work.unit.connection, actor)
        _tell(work, Kind.USER_FACTOR_REMOVED, actor, by)
    return removed


def renew_recovery(work: WorkingSet, actor: str, codes: Iterable[str]) -> None:
    """These recovery codes and no older ones."""
    second_factor.keep_recovery(work.unit.connection, actor, codes)
    _tell(work, Kind.USER_RECOVERY_RENEWED, actor, actor)


def use_code(work: WorkingSet, actor: str, code: str, keys: second_factor.Keys) -> bool:
    """Whether this is a code by time or an unused recovery code of the person's; each counts once."""
    connection = work.unit.connection
    if second_factor.use_timed(connection, actor, code, keys):
        return True
    if not second_factor.use_recovery(connection, actor, code):
        return False
    kept = second_factor.factor_of(connection, actor)
    _tell(work, Kind.USER_RECOVERY_USED, actor, actor, left=0 if kept is None else kept.left)
    return True


def give_token(work: WorkingSet, name: str, by: str) -> str:
    """A new token. Raises NoUser."""
    actor = users.user_of(work.unit.connection, name).who.actor
    id_, token = add_token(work.unit.connection, actor)
    _tell(work, Kind.USER_TOKEN_GIVEN, actor, by, token=id_)
    return token


def end_token(work: WorkingSet, name: str, id_: str, by: str) -> bool:
    """End one token; False when there is none of this id that holds. Raises NoUser."""
    actor = users.user_of(work.unit.connection, name).who.actor
    ended = revoke_token(work.unit.connection, actor, id_)
    if ended:
        _tell(work, Kind.USER_TOKEN_REVOKED, actor, by, token=id_)
    return ended


def _tell(work: WorkingSet, kind: Kind, user: str, by: str, **payload: object) -> None:
    event = Event(kind=kind, subject=Subject.USER, id=user, at=work.unit.now, payload=payload)
    work.append((event,), actor=by)
