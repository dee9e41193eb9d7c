"""A citizen's own report together with those that it was merged into: how it stands follows the one it is part of.

Of those others only what happened while it was part of them, and of that nothing that is their reporters' own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from liveroom.city.city import City
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Kind, Logged
from liveroom.log.engine import Connection
from liveroom.projection.complaints import Detail, detail_at

# What happened to the whole matter. Questions, answers and ratings are between the desk and the other reporter.
SHARED = frozenset(
    {
        Kind.FORWARDED,
        Kind.ACCEPTED,
        Kind.DECLINED,
        Kind.STARTED,
        Kind.HELD,
        Kind.RESUMED,
        Kind.PROOF_SUBMITTED,
        Kind.SENT_BACK,
        Kind.VALIDATED,
        Kind.CLOSED,
        Kind.REOPENED,
        Kind.REFERRED,
        Kind.REJECTED,
        Kind.REPLIED,
        Kind.EXTENDED,
    }
)
APART = frozenset({Kind.SPLIT, Kind.REOPENED})
FOR_EVER = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """From event ``begin`` to event ``end`` it was part of the complaint ``into``."""

    into: str
    begin: int
    end: int = FOR_EVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """``own`` is what was reported, ``others`` by id what it was part of at some time."""

    own: Detail
    others: Mapping[str, Detail]
    passages: Sequence[Passage]

    @property
    def whole(self) -> Detail:
        """The report that says how the matter stands: the one that the citizen's is part of now, else their own."""
        return self.others.get(self.own.complaint.merged_into or "", self.own)

    @property
    def joined(self) -> bool:
        """Whether it is part of another one now."""
        return self.whole is not self.own

    @property
    def standing(self) -> Complaint:
        """What status, state and deadline are shown of."""
        return self.whole.complaint

    @property
    def shared(self) -> list[tuple[Logged, Detail]]:
        """What happened to the others meanwhile, each with the complaint that it happened to."""
        return [
            (logged, self.others[one.into])
            for one in self.passages
            for logged in self.others[one.into].history
            if one.begin < logged.seq < one.end and logged.event.kind in SHARED
        ]


def followed(connection: Connection, city: City, id_: str) -> Followed:
    """A report as its citizen follows it, of one moment. Raises Unknown."""
    own = detail_at(connection, city, id_, people=False)
    passages = _passages(own.history)
    others = {into: detail_at(connection, city, into, people=False) for into in {one.into for one in passages}}
    return Followed(own=own, others=others, passages=passages)


def _passages(history: Sequence[Logged]) -> tuple[Passage, ...]:
    found: list[Passage] = []
    since: tuple[str, int] | None = None
    for logged in history:
        merged = logged.event.kind is Kind.MERGED
        if since is not None and (merged or logged.event.kind in APART):
            found.append(Passage(into=since[0], begin=since[1], end=logged.seq))
            since = None
        if merged:
            since = str(logged.event.payload["into"]), logged.seq
    if since is not None:
        found.append(Passage(into=since[0], begin=since[1]))
    return tuple(found)
