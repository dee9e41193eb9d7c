"""The life of a complaint in the drill, squeezed into a day but judged by the pack's real deadlines.

Most are handled well; the rest is what a control room is there for: late, declined, doubled, in question, come back.
The shares are guesses that keep every colour and a few overdue on the wall; docs/drill.md lists them.
"""

from datetime import datetime, timedelta

from ingest.drill.chance import about, chance
from ingest.drill.programme import Draft
from ingest.drill.steps import Pen, Setting, Step
from liveroom.domain.complaints.model import Stage
from liveroom.domain.requests import Name, Role
from liveroom.domain.timestamps import to_text

# Working seconds in which a complaint of rank 1, 2, ... ends in the drill, and the median share of it that is used.
ALLOWED = (7200, 10800, 18000, 25200, 36000)
USED = (0.45, 0.30, 0.28, 0.36, 0.50)
SLOWEST = timedelta(days=9)

FATES = (
    ("prank", 0.02),
    ("referred", 0.02),
    ("declined", 0.04),
    ("unaccepted", 0.02),
    ("slow", 0.018),
    ("asked", 0.05),
    ("held", 0.04),
    ("sent_back", 0.04),
    ("closed", 0.03),
    ("reopened", 0.015),
)
SLIPPED, CRITICAL_LATE, MERGED, REPLIED = 0.03, 0.15, 0.85, 0.6


def plan(draft: Draft, setting: Setting) -> tuple[Step, ...]:
    """Every step of a complaint's handling in order of time; a pure function of the drill's seed and the draft."""
    pen = Pen(draft, setting, chance(setting.seed, draft.source_id, "plan"))
    drawn, merged = pen.rng.random(), pen.rng.random() < MERGED
    if draft.first is not None and merged:
        # Should the first be over by then, the rest of the plan is there to handle it alone.
        pen.desk(_to_forward(pen) + pen.some(400, 120, 1800), Name.MERGE, into_draft=draft.first)
        drawn = 1.0
    _write(pen, "plain" if pen.critical else _fate(drawn))
    return tuple(pen.steps)


def lingers(draft: Draft, setting: Setting) -> bool:
    """Whether the plan may run for days; costs a tenth of the plan itself. The others are over within two."""
    return _fate(chance(setting.seed, draft.source_id, "plan").random()) in ("slow", "unaccepted")


def _fate(drawn: float) -> str:
    """Which of the FATES a draw means; the rest is plain."""
    for name, share in FATES:
        if drawn < share:
            return name
        drawn -= share
    return "plain"


def _write(pen: Pen, fate: str) -> None:
    """A whole life with its fate in its place."""
    outside = pen.city.categories[pen.draft.category].outside
    if fate == "prank":
        pen.desk(_to_forward(pen), Name.REJECT, reason=pen.say("reject"))
        return
    if fate == "referred" and outside:
        pen.desk(_to_forward(pen), Name.REFER_OUTSIDE, outside=pen.rng.choice(outside), reason=pen.say("refer"))
        return
    _taken_on(pen, fate)
    if fate == "closed":
        pen.add(pen.later(pen.some(3000, 600, 9000)), Name.CLOSE, Role.SUPERVISOR, reason=pen.say("close"))
        return
    _under_way(pen, fate)
    _finished(pen, _finish(pen, fate), fate)


def _to_forward(pen: Pen) -> float:
    """Seconds until the duty room has looked at it: two minutes in an emergency, thirty otherwise, with slips."""
    if pen.critical:
        late = pen.rng.random() < CRITICAL_LATE
        return pen.rng.uniform(130, 420) if late else about(pen.rng, 32, 0.3, 12, 110)
    if pen.draft.burst:
        return about(pen.rng, 700, 0.55, 120, 2700)
    slipped = pen.rng.random() < SLIPPED
    return pen.rng.uniform(1900, 4500) if slipped else about(pen.rng, 330, 0.75, 45, 1750)


def _taken_on(pen: Pen, fate: str) -> None:
    """Forwarded, perhaps to the wrong agency first, accepted and begun."""
    forward = _to_forward(pen)
    if fate == "declined":
        wrong = pen.rng.choice([key for key in pen.city.agencies if key != pen.agency] or [pen.agency])
        pen.desk(forward, Name.FORWARD, agency=wrong)
        pen.theirs(pen.some(1500, 300, 5400), Name.DECLINE, reason=pen.say("decline"))
        forward = pen.some(300, 60, 1200)
    pen.desk(forward, Name.FORWARD, agency=pen.agency)
    pen.theirs(_to_accept(pen, fate), Name.ACCEPT)
    pen.theirs(pen.some(150, 60, 300) if pen.critical else pen.some(400, 60, 3600), Name.START)


def _to_accept(pen: Pen, fate: str) -> float:
    """Working seconds until the agency accepts; an unaccepted one waits past its deadline."""
    if pen.critical:
        return pen.some(150, 40, 540)
    promised = pen.policy.deadline(pen.class_, Stage.ACCEPT, pen.now) if fate == "unaccepted" else None
    if promised is not None:
        overrun = pen.rng.uniform(2, 20) * 3600
        pen.now = max(pen.now, promised.due)
        return overrun
    return pen.some(1500, 180, 5400)


def _under_way(pen: Pen, fate: str) -> None:
    """What happens while it is in work."""
    if pen.rng.random() < REPLIED:
        pen.desk(pen.some(200, 60, 900), Name.REPLY, text=pen.say("reply"))
    if fate == "asked":
        pen.theirs(pen.some(600, 120, 1800), Name.ASK, text=pen.say("ask"))
        pen.desk(pen.some(3600, 600, 10800), Name.ANSWER, text=pen.say("answer"))
    if fate == "held":
        until = pen.later(pen.some(7200, 1800, 14400))
        begin = pen.later(pen.some(600, 120, 1800))
        pen.add(begin, Name.HOLD, Role.SUPERVISOR, reason=pen.say("hold"), until=to_text(max(until, begin + _MINUTE)))
        pen.add(max(until, begin + _MINUTE), Name.RESUME, Role.DUTY)


_MINUTE = timedelta(minutes=1)


def _finish(pen: Pen, fate: str) -> datetime:
    """When the agency has done its part."""
    rank = min(pen.policy.classes[pen.class_].rank, len(ALLOWED)) - 1
    used = about(pen.rng, USED[rank], 0.55, 0.05, 0.95)
    if pen.critical and pen.rng.random() < CRITICAL_LATE:
        used = pen.rng.uniform(1.05, 1.9)
    usual = max(pen.later(used * ALLOWED[rank], since=pen.draft.at), pen.later(300))
    if fate != "slow":
        return usual
    promised = pen.policy.deadline(pen.class_, Stage.FINISH, pen.draft.at)
    if promised is None or promised.due - pen.draft.at > SLOWEST:
        return usual
    return max(usual, pen.later(pen.rng.uniform(3, 28) * 3600, since=promised.due))


def _finished(pen: Pen, at: datetime, fate: str) -> None:
    """Proof and its judgement by somebody else, with what may go wrong there."""
    done = pen.setting.script.categories[pen.draft.category].done or pen.words.note
    pen.add(at, Name.SUBMIT_PROOF, Role.AGENCY, note=pen.rng.choice(done))
    if fate == "sent_back":
        pen.desk(pen.some(600, 120, 1800), Name.SEND_BACK, reason=pen.say("send_back"))
        pen.theirs(pen.some(2400, 600, 7200), Name.SUBMIT_PROOF, note=pen.rng.choice(done))
    pen.desk(pen.some(600, 120, 2400), Name.VALIDATE)
    if fate == "reopened":
        pen.desk(pen.some(5400, 1800, 14400), Name.REOPEN, reason=pen.say("reopen"))
        pen.theirs(pen.some(1200, 180, 3600), Name.ACCEPT)
        pen.theirs(pen.some(400, 60, 1800), Name.START)
        pen.theirs(pen.some(5400, 1200, 14400), Name.SUBMIT_PROOF, note=pen.rng.choice(done))
        pen.desk(pen.some(600, 120, 2400), Name.VALIDATE)
