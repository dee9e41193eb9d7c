"""Events and complaints as rows: JSON text in, typed values out."""

from typing import Any

import msgspec
from sqlalchemy import RowMapping

from liveroom.domain.alarms.model import Alarm
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Event, Kind, Logged, Subject
from liveroom.domain.timestamps import from_micros, to_micros

VERSION = 1

_KINDS = {kind.value: kind for kind in Kind}
_SUBJECTS = {subject.value: subject for subject in Subject}
# The same value is the same text, whichever process wrote it: sets have no order of their own.
_encoder = msgspec.json.Encoder(order="deterministic")
_complaint = msgspec.json.Decoder(Complaint)
_alarm = msgspec.json.Decoder(Alarm)


def encode(value: object) -> str:
    """Compact JSON text of plain data or a dataclass."""
    return _encoder.encode(value).decode()


def decode_complaint(body: str) -> Complaint:
    """The complaint of a projection row's ``body``."""
    return _complaint.decode(body)


def decode_alarm(body: str) -> Alarm:
    """The alarm of a projection row's ``body``."""
    return _alarm.decode(body)


def row_of(logged: Logged) -> dict[str, Any]:
    """The ``event`` row of a logged event."""
    fact = logged.event
    return {
        "seq": logged.seq,
        "kind": fact.kind.value,
        "subject": fact.subject.value,
        "subject_id": fact.id,
        "at": to_micros(fact.at),
        "logged_at": to_micros(logged.logged_at),
        "mark": logged.mark,
        "actor": logged.actor,
        "version": VERSION,
        "payload": encode(fact.payload),
    }


def logged_of(row: RowMapping) -> Logged:
    """The logged event of an ``event`` row; a type that only a later version knows keeps its plain name."""
    fact = Event(
        kind=_KINDS.get(row["kind"], row["kind"]),
        subject=_SUBJECTS.get(row["subject"], row["subject"]),
        id=row["subject_id"],
        at=from_micros(row["at"]),
        payload=msgspec.json.decode(row["payload"]),
    )
    return Logged(
        seq=row["seq"],
        mark=row["mark"],
        logged_at=from_micros(row["logged_at"]),
        actor=row["actor"],
        event=fact,
    )


def decode_payload(text: str) -> dict[str, Any]:
    """The payload of an event row."""
    return msgspec.json.decode(text, type=dict[str, Any])
