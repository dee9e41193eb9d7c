"""Commands on the outbox, for supervisors and admins: resend, note a failure as known until a moment, release.

A release sends what is held back after a restore or a clock repair.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from liveroom.domain.complaints.commands import LEADERS
from liveroom.domain.fields import Field, moment_field, read, text
from liveroom.domain.requests import Code, Refused, Role

# As long as an alarm may be suppressed (CR-22, our own choice there).
KNOWN_LONGEST = timedelta(days=7)


class OutboxCommandName(StrEnum):
    """Every command on the outbox; the last one is about all of it."""

    RESEND = "resend"
    KNOW = "know"
    RELEASE = "release"


FIELDS: Mapping[OutboxCommandName, tuple[Field, ...]] = {
    OutboxCommandName.RESEND: (),
    OutboxCommandName.KNOW: (moment_field("until"), text("reason", required=True)),
    OutboxCommandName.RELEASE: (),
}


def may(role: Role) -> bool:
    """Whether a role may give these commands."""
    return role in LEADERS


def parse_outbox(name: OutboxCommandName, raw: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The typed fields of a command. Raises Malformed, and Refused for a moment in the past or too far ahead."""
    fields = read(FIELDS[name], raw)
    until = fields.get("until")
    if until is not None and until <= now:
        raise Refused(Code.PAST, "lies in the past", "until")
    if until is not None and until > now + KNOWN_LONGEST:
        raise Refused(Code.LIMIT, f"at most {KNOWN_LONGEST.days} days ahead", "until")
    return fields
