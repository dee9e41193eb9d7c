"""Words about a complaint; none of it moves the complaint."""

from liveroom.domain.case import Case
from liveroom.domain.events import Event, Kind


def comment(case: Case) -> tuple[Event, ...]:
    """A note among ourselves."""
    return (case.event(Kind.COMMENTED, {"text": case.field("text")}),)


def reply(case: Case) -> tuple[Event, ...]:
    """An answer to the citizen; ends the reply's deadline."""
    return (case.event(Kind.REPLIED, {"text": case.field("text")}),)


def rate(case: Case) -> tuple[Event, ...]:
    """The citizen's judgement, 1 to 5; the last one counts."""
    payload = {"score": int(case.field("score")), "text": case.field("text")}
    return (case.event(Kind.RATED, payload),)
