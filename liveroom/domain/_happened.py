"""Carved."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from liveroom.domain.events import Event, Kind, Subject


def happened(kind: Kind, complaint: str, *, at: datetime, payload: Mapping[str, Any]) -> Event:
    """An event about a complaint."""
    return Event(kind=kind, subject=Subject.COMPLAINT, id=complaint, at=at, payload=payload)
