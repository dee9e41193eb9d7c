"""The complaints behind a number of leadership's: finished, in time or late, without proof, opened again, asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from display.figures.closings import Closing
from display.figures.frame import Frame
from display.figures.lead import Parts, is_opened
from liveroom.domain.complaints.model import Complaint
from liveroom.log.engine import Connection
from liveroom.projection import complaints as complaint_rows
from liveroom.projection.notices import questions

PAGE = 50
# (id, agency), in the order of the list.
Listed = Sequence[tuple[str, str]]


def _closed(test: Callable[[Closing, Parts], bool]) -> Callable[[Frame, Parts], Listed]:
    """Last finished first."""
    return lambda _, parts: [(one.id, one.agency) for one in reversed(parts.closings) if test(one, parts)]


def _reopened(_frame: Frame, parts: Parts) -> Listed:
    """Those that are open again first."""
    return [*parts.again, *((one.id, one.agency) for one in reversed(parts.closings) if is_opened(one, parts.since))]


def _asked(frame: Frame, _parts: Parts) -> Listed:
    """What is to be answered first, first."""
    return frame.read(_questioned)


def _questioned(connection: Connection) -> Listed:
    ids = [one["id"] for one in sorted(questions(connection), key=lambda one: one["until"])]
    found = {one.id: one.agency or "" for one in complaint_rows.complaints(connection, ids[:500])}
    return [(id_, found[id_]) for id_ in ids if id_ in found]


LISTS: Mapping[str, Callable[[Frame, Parts], Listed]] = {
    "finished": _closed(lambda _, __: True),
    "on_time": _closed(lambda one, _: one.kept is True),
    "finished_late": _closed(lambda one, _: one.kept is False),
    "unproved": _closed(lambda one, _: one.unproved),
    "reopened": _reopened,
    "asked": _asked,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of the ``n`` complaints of a list; ``next``: the place from which it goes on, None at its end."""

    n: int
    complaints: tuple[Complaint, ...]
    next: int | None


def page(frame: Frame, parts: Parts, what: str, agency: str | None, start: int) -> Page:
    """The list ``what`` from place ``start`` on; of one ``agency``, "" for nobody's, None for everybody's."""
    listed = [id_ for id_, key in LISTS[what](frame, parts) if agency is None or key == agency]
    ids = listed[start : start + PAGE]
    found = {one.id: one for one in frame.read(lambda c: complaint_rows.complaints(c, ids))}
    left = start + PAGE
    complaints = tuple(found[id_] for id_ in ids if id_ in found)
    return Page(n=len(listed), complaints=complaints, next=left if left < len(listed) else None)
