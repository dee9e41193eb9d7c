"""Who acts and what can be done: the closed sets of words that commands are made of, and who belongs together."""

from enum import StrEnum


class Role(StrEnum):
    """Who acts; agency roles act for one agency, ``system`` is the clock, the importer, a citizen's page."""

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
# Actors of the log that are no officers; a source acts under its own id.
MACHINES = frozenset({"system", "clock", "courier", "retention", "source", "citizen", "room"})


# Whoever works on the machine itself; rooms of before also hold it as ``console``.
COMMAND_LINE = "command-line"


class Name(StrEnum):
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
