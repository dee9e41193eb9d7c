"""Who asks for what, and the answers: roles, commands as given, results, and every typed error.

The errors: `Refused` (a rule says no, with a closed code), `Malformed` (a wrong shape, with the field's path),
`Unknown` (no such complaint or alarm) and `Stale` (somebody was faster). docs/commands.md lists the codes.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from liveroom.domain.alarms.model import Alarm
from liveroom.domain.complaints.model import Complaint


class Role(StrEnum):
    """The role somebody acts in: agency roles for one agency, ``system`` the clock, the importer, a citizen's page."""

    DUTY = "duty"
    SUPERVISOR = "supervisor"
    AGENCY = "agency"
    AGENCY_HEAD = "agency_head"
    LEADERSHIP = "leadership"
    ADMIN = "admin"
    SYSTEM = "system"


OF_AGENCIES = frozenset({Role.AGENCY, Role.AGENCY_HEAD})
# The clock and the importer act as ``system``; no person does.
OF_PEOPLE = tuple(role for role in Role if role is not Role.SYSTEM)
# The actor of what time alone makes true.
CLOCK = "clock"
# The actor of what an agency's own system says of a request that was forwarded to it; the event names the agency.
AGENCY_SYSTEM = "agency_system"
# Actors of the log that are no officers; a source acts under its own id.
MACHINES = frozenset({"system", CLOCK, "courier", "retention", "source", "citizen", "room", AGENCY_SYSTEM})
# The actor: whoever works on the machine itself; rooms of before also hold it as ``console``.
COMMAND_LINE = "command-line"


class CommandName(StrEnum):
    """Every command on a complaint."""

    TRIAGE = "triage"
    FORWARD = "forward"
    ACCEPT = "accept"
    DECLINE = "decline"
    START = "start"
    ASK = "ask"
    ANSWER = "answer"
    HOLD = "hold"
    RESUME = "resume"
    COORDINATE = "coordinate"
    SUBMIT_PROOF = "submit_proof"
    VALIDATE = "validate"
    SEND_BACK = "send_back"
    RELEASE_PROOF = "release_proof"
    WITHDRAW_PROOF = "withdraw_proof"
    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"
    SPLIT = "split"
    REFER_OUTSIDE = "refer_outside"
    REJECT = "reject"
    COMMENT = "comment"
    REPLY = "reply"
    CLAIM = "claim"
    RELEASE = "release"
    EXTEND = "extend"
    RATE = "rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command as a person gave it, ``about`` a complaint or an alarm with the id ``subject``, or the room.

    ``fields`` are not parsed yet; ``seen_seq`` is the seq of the card or alarm that the giver saw. ``bulk``: one of
    many that were given at once.
    """

    command_id: str
    name: str
    subject: str
    actor: str
    role: str
    seen_seq: int
    actor_agency: str | None = None
    about: str = "complaint"
    bulk: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)

    def hash(self) -> str:
        """Hash of all that makes a repeated command the same command."""
        parts = [self.about, self.name, self.subject, self.role, self.actor_agency, self.seen_seq, dict(self.fields)]
        try:
            body = msgspec.json.encode(parts)
        except (UnicodeEncodeError, OverflowError):  # fields that nobody reads may hold what only ASCII can write
            body = json.dumps(parts).encode()
        return hashlib.sha256(body).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """The command is in the log; ``id``, ``seq``, ``status`` and ``state`` are those of its subject after it."""

    id: str
    seq: int
    status: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserResult(CommandResult):
    """As above, of a command on a user; ``token``: that of a one-time link, sent once and stored only as a hash."""

    token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeResult:
    """A report is in the log: ``created`` for a new complaint, ``changed`` when a known one was amended.

    ``lags``: how many seconds ago it was reported, where a source's JSON was read and says so.
    """

    id: str
    seq: int
    status: str
    created: bool
    changed: bool
    lags: tuple[float, ...] = ()


class Code(StrEnum):
    """Every reason a command can be refused for; docs/commands.md lists them."""

    STATE = "state"
    ROLE = "role"
    FIELD = "field"
    UNKNOWN_AGENCY = "unknown_agency"
    UNKNOWN_CATEGORY = "unknown_category"
    UNKNOWN_COMPLAINT = "unknown_complaint"
    NOT_YOUR_COMPLAINT = "not_your_complaint"
    SAME_PERSON = "same_person"
    CLAIMED = "claimed"
    PAST = "past"
    CYCLE = "cycle"
    WINDOW = "window"
    DRILL = "drill"
    LIMIT = "limit"
    LAST_ADMIN = "last_admin"


class Refused(Exception):
    """A rule says no; ``field`` names the offending field, and ``by`` the person in the way, where there is one.

    No dataclass: Python itself writes to a raised exception (traceback, context, notes), so it cannot be frozen.
    """

    def __init__(self, code: Code, message: str, field: str | None = None, *, by: str | None = None) -> None:
        super().__init__(code, message, field)
        self.code = code
        self.message = message
        self.field = field
        self.by = by

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Malformed(Exception):
    """A report or command has the wrong shape; ``field`` is its path, ``message`` says what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(field, message)
        # A path may hold a key of the sender's own, and half of a surrogate pair cannot be sent back.
        self.field = field.encode("utf-8", "backslashreplace").decode()
        self.message = message

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class CommandIdConflict(Malformed):
    """The command id was used before, by somebody else or for another command."""

    def __init__(self) -> None:
        super().__init__("command_id", "this id was used for another command")


def role_of(word: str) -> Role:
    """The role of this name. Raises Malformed."""
    try:
        return Role(word)
    except ValueError as error:
        raise Malformed("role", f"{word!r} is not known") from error


class Unknown(Exception):
    """There is no complaint or alarm with this id."""


class Stale(Exception):
    """Somebody was faster: ``actor`` logged ``kind`` after the giver saw the subject; ``current`` is what it is now."""

    def __init__(self, current: Complaint | Alarm, *, actor: str, kind: str) -> None:
        super().__init__(f"{actor} logged {kind} first")
        self.current, self.actor, self.kind = current, actor, kind
