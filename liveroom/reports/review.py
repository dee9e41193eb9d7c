"""The figures of the weekly report of an agency and of the monthly one for leadership: an evaluation, and what is late.

The measures are those of `liveroom.evaluation`, read at the position that the report names: docs/measures.md defines
each. What is late and what waits is as it stands at that position, whatever the period.
"""

from collections.abc import Mapping
from functools import partial
from typing import Literal

import msgspec

from liveroom.evaluation.evaluator import Evaluator, Inquiry
from liveroom.evaluation.measures import Evaluation
from liveroom.evaluation.periods import Period
from liveroom.projection import reports
from liveroom.projection.stay_counts import Cut
from liveroom.reports.brief import (
    LateCase,
    LateRest,
    NotBegun,
    ReportMoment,
    ReportPosition,
    decided_at,
    named_cases,
    read_late,
    rest_of,
)

# Rows of the table of what is late.
SHOWN = 8


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A week or a month of the room, or of one agency.

    ``cuts``: the same period by agency and category, or of an agency by category and area; the first of them has the
    thirteen weeks of the chart.
    """

    position: ReportPosition
    report: Literal["weekly", "monthly"]
    agency: str | None
    cuts: tuple[Evaluation, ...]
    late_n: int
    late: tuple[LateCase, ...]
    rest: LateRest | None
    waiting: Mapping[str, int]
    working_day_s: int


def read_review(
    moment: ReportMoment, evaluator: Evaluator, report: Literal["weekly", "monthly"], period: Period, agency: str | None
) -> Review:
    """The review of a period, at this moment. Raises NotBegun for one that lies ahead."""
    if period.first > moment.today:
        raise NotBegun(f"the period from {period.first} has not begun: the room's day is {moment.today}")
    by = (Cut.AGENCY, Cut.CATEGORY) if agency is None else (Cut.CATEGORY, Cut.AREA)
    filters = () if agency is None else ((Cut.AGENCY, agency),)
    questions = [Inquiry(period=period, by=cut, filters=filters) for cut in by]
    late, from_step = read_late(moment, agency), decided_at(moment.city)
    return Review(
        position=moment.position,
        report=report,
        agency=agency,
        cuts=tuple(evaluator.at(question, moment.slices) for question in questions),
        late_n=len(late),
        late=named_cases(moment, late[:SHOWN], from_step),
        rest=rest_of(late[SHOWN:]),
        waiting=moment.read(partial(reports.waiting_by_area, agency=agency)),
        working_day_s=moment.working_day_s(),
    )
