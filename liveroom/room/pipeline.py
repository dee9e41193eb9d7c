"""The pipeline: the steps from a command to its answer, once for every kind of subject.

They are taken in one order, which is that of the refusals (docs/desk-api.md):

1. answered: the same command again gets the answer that it got before, and does nothing; Malformed for a used id
2. known: its subject is loaded, or there is none: Unknown, 404
3. may: its role gives it, on this subject: Refused, 403
4. fields: typed and bounded: Malformed, 422
5. stale: nothing was logged that it conflicts with and its giver has not seen: Stale, 409
6. settled: what was due by now is logged
7. decided: the rules of the subject say what follows: Refused, 422; that is logged
8. remembered: the answer is stored under the command's id

A refusal leaves nothing of the command. What differs by subject is a `Handler`, made in `commands`.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from liveroom.domain.alarms.model import Alarm
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.fields import CommandSpec
from liveroom.domain.requests import Command, CommandResult, Malformed, Refused, Role, Stale, role_of
from liveroom.log.engine import Connection
from liveroom.log.event_log import answer_of, first_of_kinds, remember
from liveroom.log.texts import TextRows
from liveroom.projection.fold import Fold
from liveroom.room.transaction import UnitOfWork

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedCommand(Generic[S]):
    """A command that its giver may give: ``subject`` is loaded and settled, ``fields`` are typed.

    Free texts in ``fields`` are ids of rows in ``texts``, which are stored once the command is decided.
    """

    command: Command
    role: Role
    subject: S
    fields: dict[str, Any]
    texts: TextRows = field(default_factory=TextRows)

    @property
    def name(self) -> str:
        """The command's name."""
        return self.command.name

    @property
    def actor(self) -> str:
        """Who gives it."""
        return self.command.actor


def _everybody(_subject: Any, _command: Command, _role: Role) -> Refused | None:
    return None


def _settled(_work: UnitOfWork, subject: S) -> S:
    return subject


def _subject_id(_subject: Any, command: Command) -> str:
    return command.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler(Generic[S]):
    """The commands on one kind of subject: their table, and the steps that only this kind takes in its own way.

    ``load``: the subject as the transaction sees it; raises Unknown. ``decide``: logs what follows and answers; raises
    Refused, or Malformed for what only stored rows tell. ``outsider``: why a role that gives the command does not give
    it on this subject. ``settle``: log what was due on the subject, and return it anew. ``owner``: the id of whatever
    free texts belong to and are erased with.
    """

    specs: Mapping[Any, CommandSpec]
    load: Callable[[Connection, Fold, Command], S]
    decide: Callable[[UnitOfWork, ParsedCommand[S]], CommandResult]
    outsider: Callable[[S, Command, Role], Refused | None] = _everybody
    settle: Callable[[UnitOfWork, S], S] = _settled
    owner: Callable[[S, Command], str] = _subject_id

    def execute(self, work: UnitOfWork, command: Command) -> CommandResult:
        """Execute one command. Raises Unknown, Refused, Malformed or Stale with nothing logged of the command."""
        connection = work.transaction.connection
        if (before := answer_of(connection, command)) is not None:
            return before
        subject, role = self._admitted(connection, work.fold, command)
        spec = self.specs[command.name]
        raw = spec.parse(command.fields)
        if command.seen_seq > work.transaction.head.seq:  # from before a restore, after which the numbers began lower
            raise Malformed("seen_seq", "is beyond the end of this log")
        self._refuse_stale(connection, subject, command, spec)
        subject = self.settle(work, subject)
        first, texts = work.transaction.seq + 1, TextRows()
        fields = _with_text_ids(raw, spec.texts, self.owner(subject, command), texts)
        parsed = ParsedCommand(command=command, role=role, subject=subject, fields=fields, texts=texts)
        done = self.decide(work, parsed)
        work.texts.absorb(texts)
        remember(connection, command, done, first_seq=first, real=work.transaction.real)
        return done

    def refuse_strangers(self, connection: Connection, command: Command) -> None:
        """Raises Unknown or Refused as ``execute`` would; names and roles that there are not are left to it."""
        with suppress(Malformed):
            self._admitted(connection, Fold(connection), command)

    def _admitted(self, connection: Connection, fold: Fold, command: Command) -> tuple[S, Role]:
        """The subject, and the role that may give the command on it."""
        if command.name not in self.specs:
            raise Malformed("command", f"{command.name!r} is not known")
        subject, role = self.load(connection, fold, command), role_of(command.role)
        no = self.specs[command.name].role_refusal(command.name, role) or self.outsider(subject, command, role)
        if no is not None:
            raise no
        return subject, role

    @staticmethod
    def _refuse_stale(connection: Connection, subject: S, command: Command, spec: CommandSpec) -> None:
        if not spec.conflicts:
            return
        assert isinstance(subject, Complaint | Alarm), "no other subject has commands that conflict"
        if subject.seq <= command.seen_seq:
            return
        found = first_of_kinds(connection, command.subject, command.seen_seq, spec.conflicts)
        if found is not None:
            raise Stale(subject, actor=found.actor, kind=found.event.kind.value)


def _with_text_ids(raw: Mapping[str, Any], names: tuple[str, ...], owner: str, texts: TextRows) -> dict[str, Any]:
    """The fields with every free text replaced by its id in ``texts``, so that events carry no text."""
    return {**raw, **{name: texts.add(owner, name, raw[name]) for name in names if raw.get(name)}}


def once(work: UnitOfWork, command: Command, act: Callable[[], CommandResult]) -> CommandResult:
    """The earlier answer to this command; else that of ``act``, remembered beside the events it causes.

    For what is executed once although it is about no subject yet: reports of citizens and officers. Raises
    CommandIdConflict.
    """
    if (before := answer_of(work.transaction.connection, command)) is not None:
        return before
    first = work.transaction.seq + 1
    done = act()
    remember(work.transaction.connection, command, done, first_seq=first, real=work.transaction.real)
    return done
