"""What a supervisor orders about the outbox: send again, note until when it is known, let leave what is held."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from liveroom.domain.complaints.commands import LEADERS
from liveroom.domain.fields import Field, moment_field, read, text
from liveroom.domain.requests import Code, Refused, Role

# As long as an alarm may be suppressed (CR-22, our own choice there).
KNOWN_LONGEST = timedelta(days=7)


class OutboxName(StrEnum):
    """Every order about the outbox; the last one is about all of it."""

    RESEND = "resend"
    KNOW = "know"
    RELEASE = "release"


FIELDS: Mapping[OutboxName, tuple[Field, ...]] = {
    OutboxName.RESEND: (),
    OutboxName.KNOW: (moment_field("until"), text("reason", required=True)),
    OutboxName.RELEASE: (),
}


def may(role: Role) -> bool:
    """Whether a role may give any of them."""
    return role in LEADERS


def parse_outbox(name: OutboxName, raw: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The typed fields of an order. Raises Malformed, or Refused for a moment that is no use."""
    fields = read(FIELDS[name], raw)
    until = fields.get("until")
    if until is not None and until <= now:
        raise Refused(Code.PAST, "lies in the past", "until")
    if until is not None and until > now + KNOWN_LONGEST:
        raise Refused(Code.LIMIT, f"at most {KNOWN_LONGEST.days} days ahead", "until")
    return fields
