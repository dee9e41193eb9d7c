"""What today brought: finished, on time against all that was promised, and how long it took."""

from typing import Any

from display.figures.cases import CaseBook, median_of, spans_of, together
from display.figures.frame import Frame
from display.figures.ranks import share
from liveroom.domain.complaints.model import Stage
from liveroom.projection import figures


def visit(frame: Frame, book: CaseBook) -> dict[str, Any]:
    """The figure ``visit`` of docs/figures.md."""
    today = book.day(frame, Stage.FINISH, frame.today)
    clocks = sorted({clock for _, clock in today})
    merged = {clock: together(cases for (_, on), cases in today.items() if on == clock) for clock in clocks}
    everything = together(today.values())
    stock = frame.read(figures.stock)
    late = sum(number for (what, _), number in stock.items() if what == "overdue")
    return {
        "day": frame.today.isoformat(),
        "finished": len(everything.seconds),
        "on_time": everything.within,
        "overdue": late,
        "on_time_share": share(everything.within, everything.judged + late),
        "median": median_of(spans_of(merged, Stage.FINISH, frame.city.policy)),
    }
