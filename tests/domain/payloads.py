"""Payloads from plain data, and events as they come back from the log."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from liveroom.domain.events import PAYLOADS, Event, Payload

# Lines `KIND JSON`, recorded when every payload of the kind was a plain mapping: one of each set of keys.
EXAMPLES = Path(__file__).with_name("recorded_payloads.txt").read_text().splitlines()
# The last recorded one of each kind.
RECORDED: Mapping[str, Mapping[str, Any]] = {
    kind: json.loads(fields) for kind, fields in (line.split(" ", 1) for line in EXAMPLES)
}


def payload_of(kind: str, fields: Mapping[str, Any]) -> Payload | Mapping[str, Any]:
    """What an event of the kind says, typed where the kind is; keys as they stand in JSON."""
    return msgspec.convert(fields, PAYLOADS[kind]) if kind in PAYLOADS else fields


def stored(event: Event) -> Event:
    """The event with its payload written as JSON and read back."""
    return replace(event, payload=payload_of(event.kind, json.loads(json.dumps(event.fields, allow_nan=False))))
