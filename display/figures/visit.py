"""The figure `visit`, shown to guests: today's results, and the released before-and-after pictures.

The results are cached like every figure. The welcome and the pictures are read for each answer, since they may be taken
back at any moment; they hold codes, addresses of pictures and the one line of welcome, no other text.
"""

from collections.abc import Mapping
from typing import Any

from display.feed.cards import visit_now
from display.figures.measure import (
    FEW,
    ONE_DAY,
    CaseCache,
    Frame,
    Window,
    median_of,
    merge_cases,
    share,
    spans_of,
    window_of,
)
from liveroom.domain.complaints.model import Stage
from liveroom.domain.policy import Policy
from liveroom.domain.room import ROOM
from liveroom.domain.timestamps import to_text
from liveroom.log.engine import Connection
from liveroom.log.texts import dossier_of
from liveroom.projection import figures
from liveroom.projection.notices import ReleasedProof, released


def visit(frame: Frame, cache: CaseCache) -> dict[str, Any]:
    """The figure ``visit`` of docs/figures.md."""
    today = cache.day(frame, Stage.FINISH, frame.today)
    clocks = sorted({clock for _, clock in today})
    merged = {clock: merge_cases(cases for (_, on), cases in today.items() if on == clock) for clock in clocks}
    everything = merge_cases(today.values())
    stock = frame.read(figures.stock)
    late = sum(number for (what, _), number in stock.items() if what == "overdue")
    window = window_of(frame)
    return {
        "day": frame.today.isoformat(),
        "finished": len(everything.seconds),
        "on_time": everything.within,
        "overdue": late,
        "on_time_share": share(everything.within, everything.judged + late),
        "window": {"working_days": window.working_days, "on_time_share": _window_share(frame, cache, window, late)},
        "median": median_of(spans_of(merged, Stage.FINISH, frame.city.policy)),
    }


def _window_share(frame: Frame, cache: CaseCache, window: Window, late: int) -> float | None:
    """What today's share is compared with: the same sum over the window; None for a room of one day or few cases."""
    if window.first >= frame.today:
        return None
    days = [window.first + ONE_DAY * number for number in range((frame.today - window.first).days + 1)]
    cases = merge_cases(found for day in days for found in cache.day(frame, Stage.FINISH, day).values())
    number = cases.judged + late
    return None if number < FEW else share(cases.within, number)


def guest_additions(connection: Connection, policy: Policy) -> dict[str, Any]:
    """``{welcome, shown}`` of docs/figures.md; nothing of private matters."""
    return {
        "welcome": _welcome(connection),
        "shown": [_proof_json(one) for one in released(connection) if not policy.is_private(one.complaint.category)],
    }


def _welcome(connection: Connection) -> str | None:
    id_ = (visit_now(connection) or {}).get("welcome")
    return dossier_of(connection, ROOM, people=False).texts.get(id_, ("", None))[1] if id_ else None


def _proof_json(one: ReleasedProof) -> Mapping[str, Any]:
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
