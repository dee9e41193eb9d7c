"""Who acts and what can be done: the two closed sets of words that commands are made of."""

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
