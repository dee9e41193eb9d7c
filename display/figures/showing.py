"""What a wall adds to today's results for its guests: the welcome, and before and after of released work.

Read anew for each answer, since it may be taken back at any moment; codes and addresses of pictures, and the one line.
"""

from collections.abc import Mapping
from typing import Any

from display.feed.guests import visit_now
from liveroom.domain.policy import Policy
from liveroom.domain.room import ROOM
from liveroom.domain.timestamps import to_text
from liveroom.log.engine import Connection
from liveroom.log.texts import papers_of
from liveroom.projection.notices import Shown, released


def showing(connection: Connection, policy: Policy) -> dict[str, Any]:
    """``{welcome, shown}`` of docs/figures.md."""
    return {
        "welcome": _welcome(connection),
        "shown": [_told(one) for one in released(connection) if not policy.is_private(one.complaint.category)],
    }


def _welcome(connection: Connection) -> str | None:
    id_ = (visit_now(connection) or {}).get("welcome")
    return papers_of(connection, ROOM, people=False).texts.get(id_, ("", None))[1] if id_ else None


def _told(one: Shown) -> Mapping[str, Any]:
    complaint = one.complaint
    return {
        "complaint": complaint.id,
        "category": complaint.category,
        "area": complaint.area,
        "agency": complaint.agency,
        "received_at": to_text(complaint.received_at),
        "closed_at": to_text(complaint.closed_at) if complaint.closed_at else None,
        "before": _address(one.before) if one.before else None,
        "after": _address(one.after),
    }


def _address(upload: str) -> str:
    return f"/api/v1/media/{upload}/clean"
