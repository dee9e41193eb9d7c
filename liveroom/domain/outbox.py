"""Commands on the outbox, for supervisors and admins: resend, note a failure as known until a moment, release.

A release sends what is held back after a restore or a clock repair.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from liveroom.domain.complaints.commands import LEADERS
from liveroom.domain.fields import CommandSpec, given_by, moment_field, text
from liveroom.domain.requests import Code, Refused, Role

# As long as an alarm may be suppressed (CR-22, our own choice there).
KNOWN_LONGEST = timedelta(days=7)


class OutboxCommandName(StrEnum):
    """Every command on the outbox; the last one is about all of it."""

    RESEND = "resend"
    KNOW = "know"
    RELEASE = "release"


OUTBOX_SPECS: Mapping[OutboxCommandName, CommandSpec] = {
    OutboxCommandName.RESEND: CommandSpec(roles=LEADERS),
    OutboxCommandName.KNOW: CommandSpec(roles=LEADERS, fields=(moment_field("until"), text("reason", required=True))),
    OutboxCommandName.RELEASE: CommandSpec(roles=LEADERS),
}


def allowed(role: Role, *, sent: bool) -> tuple[str, ...]:
    """The commands that this role could give on a delivery now; ``sent``: it is through."""
    beside = {OutboxCommandName.RELEASE, *((OutboxCommandName.KNOW,) if sent else ())}
    return tuple(name for name in given_by(OUTBOX_SPECS, role) if name not in beside)


def refuse_known(until: datetime, now: datetime, *, sent: bool) -> None:
    """Why a failure cannot be noted as known until this moment; ``sent``: the delivery is through by now.

    Raises Refused, also for a moment in the past or too far ahead.
    """
    if until <= now:
        raise Refused(Code.PAST, "lies in the past", "until")
    if until > now + KNOWN_LONGEST:
        raise Refused(Code.LIMIT, f"at most {KNOWN_LONGEST.days} days ahead", "until")
    if sent:
        raise Refused(Code.STATE, "it is through")
