"""Words about a complaint; none of it moves the complaint."""

from datetime import timedelta

from liveroom.domain.case import Case
from liveroom.domain.events import Event, Kind
from liveroom.domain.moments import written
from liveroom.domain.refusals import Code, Refused
from liveroom.domain.specs import ASKERS, STAFF

LONGEST = timedelta(days=366)


def comment(case: Case) -> tuple[Event, ...]:
    """A note among ourselves: a question where it names a time to answer by, else an answer to whatever others asked.

    No deadline of the complaint moves. Raises Refused for a time that lies in the past or more than 366 days ahead.
    """
    text, answer_by = case.field("text"), case.field("answer_by")
    if answer_by is None:
        answers = _answered(case)
        return (case.event(Kind.COMMENTED, {"text": text} | ({"answers": answers} if answers else {})),)
    if case.command.role not in ASKERS:
        raise Refused(Code.FIELD, "is for leadership, heads of agencies and supervisors", "answer_by")
    if answer_by <= case.now:
        raise Refused(Code.PAST, "lies in the past", "answer_by")
    if answer_by > case.now + LONGEST:
        raise Refused(Code.FIELD, "is more than 366 days ahead", "answer_by")
    return (case.event(Kind.COMMENTED, {"text": text, "answer_by": written(answer_by)}),)


def _answered(case: Case) -> list[str]:
    """The open questions of others, by id; leadership asks and does not answer."""
    if case.command.role not in STAFF:
        return []
    return [one.id for one in case.complaint.questions if one.by != case.command.actor]


def reply(case: Case) -> tuple[Event, ...]:
    """An answer to the citizen; ends the reply's deadline."""
    return (case.event(Kind.REPLIED, {"text": case.field("text")}),)


def rate(case: Case) -> tuple[Event, ...]:
    """The citizen's judgement, 1 to 5; the last one counts."""
    payload = {"score": int(case.field("score")), "text": case.field("text")}
    return (case.event(Kind.RATED, payload),)
