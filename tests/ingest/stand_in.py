"""An in-memory room for the doors in: keeps reports by source and source_id as the real one does, and can be down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from liveroom.accounts.sources import UnknownKey, key_hash
from liveroom.city.areas import Area
from liveroom.city.categories import Category
from liveroom.domain.complaints.intake import Report, report_of
from liveroom.domain.requests import IntakeResult, Malformed
from liveroom.log.engine import Unavailable

NOW = datetime(2026, 11, 24, 0, 10, tzinfo=UTC)
KEY = "k" * 43


class Aliases:
    """A city that calls "Flood" banjir, with no categories of its own and no land beyond its box."""

    zone = ZoneInfo("Asia/Jakarta")
    categories: Mapping[str, Category] = {}
    areas: Mapping[str, Area] = {}
    bounds = ((-6.3, 106.5), (-6.1, 106.8))

    def in_city(self, lat: float, lon: float) -> bool:
        return -6.3 <= lat <= -6.1 and 106.5 <= lon <= 106.8

    def category_key(self, text: str) -> str:
        return {"Flood": "banjir"}.get(text, text)


@dataclass
class StandIn:
    """``down_after``: reports it takes before its database fails; ``refuses``: source_ids it finds malformed.

    ``ended``: whether the key is no longer good, as a transaction sees it.
    """

    kind: str = "real"
    down_after: int | None = None
    refuses: frozenset[str] = frozenset()
    ended: bool = False
    kept: dict[tuple[str, str], tuple[str, Report]] = field(default_factory=dict)
    batches: list[int] = field(default_factory=list)
    city: Aliases = field(default_factory=Aliases)

    def now(self) -> datetime:
        return NOW

    def take(self, sent: Any, *, key: str) -> IntakeResult:
        if self.ended or key != key_hash(KEY):
            raise UnknownKey
        return self.accept(report_of(sent, NOW, self.kind), source="app")

    def accept(self, report: Report, *, source: str) -> IntakeResult:
        if self.down_after is not None and len(self.kept) >= self.down_after:
            raise Unavailable
        if report.source_id in self.refuses:
            raise Malformed("category", "the room says no")
        key = (source, report.source_id)
        created = key not in self.kept
        id_ = f"id-{len(self.kept)}" if created else self.kept[key][0]
        self.kept[key] = (id_, report)
        return IntakeResult(id=id_, seq=len(self.kept), status="waiting", created=created, changed=True)

    def accept_many(self, reports: Sequence[Report], *, source: str) -> tuple[IntakeResult | Malformed, ...]:
        self.batches.append(len(reports))
        before = dict(self.kept)
        try:
            return tuple(self._or_fault(report, source) for report in reports)
        except Unavailable:
            self.kept = before
            raise

    def _or_fault(self, report: Report, source: str) -> IntakeResult | Malformed:
        try:
            return self.accept(report, source=source)
        except Malformed as fault:
            return fault


@dataclass(frozen=True, slots=True)
class App:
    id: str = "app"
    now: datetime = NOW
    paused: bool = False


@dataclass
class Register:
    """One source with the key KEY."""

    calls: list[str] = field(default_factory=list)
    ended: bool = False

    def admit(self, key: str) -> App | None:
        return App() if key == KEY and not self.ended else None

    def heard(self, source: str) -> None:
        self.calls.append(source)
